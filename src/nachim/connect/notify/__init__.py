"""Messages out of the house: one digest to each channel. A new kind of channel is a function in `KINDS`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from nachim.connect.client import NotSent, post
from nachim.connect.hosts import Entry

__all__ = ["KINDS", "Digest", "NotSent", "quiet", "send"]
BLUE = "#2a6fdb"


@dataclass(frozen=True)
class Digest:
    """Several things to say, as one message. `items`: a heading and a paragraph each; `link` leads to the page."""

    title: str
    items: tuple[tuple[str, str], ...]
    link: str = ""

    def text(self) -> str:
        """All of it as plain text."""
        said = [self.title, *(f"• {head}\n  {body}" for head, body in self.items)]
        return "\n".join([*said, *([self.link] if self.link else [])])


Body = dict[str, Any]


def webhook(digest: Digest) -> tuple[Body, Mapping[str, str]]:
    """Anybody's own receiver: the digest as it is."""
    items = [{"title": head, "text": body} for head, body in digest.items]
    return {"title": digest.title, "items": items, "link": digest.link}, {}


def slack(digest: Digest) -> tuple[Body, Mapping[str, str]]:
    """Slack's incoming webhook; what could be read as mark-up is written out."""
    said = digest.text().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"text": said}, {}


def teams(digest: Digest) -> tuple[Body, Mapping[str, str]]:
    """Teams by a Power Automate workflow: an adaptive card."""
    blocks = [{"type": "TextBlock", "text": digest.title, "weight": "Bolder", "wrap": True}]
    blocks += [{"type": "TextBlock", "text": f"{head}: {body}", "wrap": True} for head, body in digest.items]
    card: Body = {"type": "AdaptiveCard", "version": "1.4", "body": blocks}
    if digest.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": digest.title, "url": digest.link}]
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [content]}, {}


def jandi(digest: Digest) -> tuple[Body, Mapping[str, str]]:
    """잔디's incoming webhook."""
    info = [{"title": head, "description": body} for head, body in digest.items]
    body = digest.title + (f"\n{digest.link}" if digest.link else "")
    return {"body": body, "connectColor": BLUE, "connectInfo": info}, {
        "Accept": "application/vnd.tosslab.jandi-v2+json"
    }


def naverworks(digest: Digest) -> tuple[Body, Mapping[str, str]]:
    """네이버웍스's incoming webhook: title, text and a button."""
    text = "\n".join(f"• {head}\n  {body}" for head, body in digest.items)
    body: Body = {"title": digest.title, "body": {"text": text}}
    if digest.link:
        body["button"] = {"label": digest.title[:20], "url": digest.link}
    return body, {}


KINDS: dict[str, Callable[[Digest], tuple[Body, Mapping[str, str]]]] = {
    "webhook": webhook, "slack": slack, "teams": teams, "jandi": jandi, "naverworks": naverworks,
}  # fmt: skip


def send(kind: str, url: str, digest: Digest, listed: Sequence[Entry]) -> None:
    """Send one digest to one channel. KeyError on an unknown kind; NotSent where it did not arrive."""
    body, headers = KINDS[kind](digest)
    post(url, body, listed, headers)


def quiet(at: time, begins: time, ends: time) -> bool:
    """Whether a time of day lies in the quiet hours, which may run over midnight; none where both are the same."""
    if begins == ends:
        return False
    return begins <= at < ends if begins < ends else at >= begins or at < ends
