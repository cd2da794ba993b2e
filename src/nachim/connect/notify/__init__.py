"""Messages out of the house: one digest to each channel. A new kind of channel is a function in `KINDS`."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from nachim.connect.client import NotSent, post
from nachim.connect.hosts import Entry

__all__ = ["KINDS", "MAY", "NEEDS", "Digest", "NotSent", "quiet", "send"]
BLUE = "#2a6fdb"
MOST_TITLE, MOST_TEXT = 50, 800  # a template with its values has a thousand characters


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
Keys = Mapping[str, str]
Message = tuple[Body, Mapping[str, str]]


def webhook(digest: Digest, keys: Keys) -> Message:
    """Anybody's own receiver: the digest as it is."""
    items = [{"title": head, "text": body} for head, body in digest.items]
    return {"title": digest.title, "items": items, "link": digest.link}, {}


def slack(digest: Digest, keys: Keys) -> Message:
    """Slack's incoming webhook; what could be read as mark-up is written out."""
    said = digest.text().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"text": said}, {}


def teams(digest: Digest, keys: Keys) -> Message:
    """Teams by a Power Automate workflow: an adaptive card."""
    blocks = [{"type": "TextBlock", "text": digest.title, "weight": "Bolder", "wrap": True}]
    blocks += [{"type": "TextBlock", "text": f"{head}: {body}", "wrap": True} for head, body in digest.items]
    card: Body = {"type": "AdaptiveCard", "version": "1.4", "body": blocks}
    if digest.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": digest.title, "url": digest.link}]
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [content]}, {}


def jandi(digest: Digest, keys: Keys) -> Message:
    """잔디's incoming webhook."""
    info = [{"title": head, "description": body} for head, body in digest.items]
    body = digest.title + (f"\n{digest.link}" if digest.link else "")
    return {"body": body, "connectColor": BLUE, "connectInfo": info}, {
        "Accept": "application/vnd.tosslab.jandi-v2+json"
    }


def naverworks(digest: Digest, keys: Keys) -> Message:
    """네이버웍스's incoming webhook: title, text and a button."""
    text = "\n".join(f"• {head}\n  {body}" for head, body in digest.items)
    body: Body = {"title": digest.title, "body": {"text": text}}
    if digest.link:
        body["button"] = {"label": digest.title[:20], "url": digest.link}
    return body, {}


def alimtalk(digest: Digest, keys: Keys) -> Message:
    """카카오 알림톡 by NHN Cloud's KakaoTalk Bizmessage (v2.3): a template that Kakao has approved, with the variables
    #{title}, #{text} and #{link}. `keys`: secret, sender, template, to (numbers with commas between)."""
    text = "\n".join(f"• {head}: {body}" for head, body in digest.items)
    values = {"title": digest.title[:MOST_TITLE], "text": _cut(text), "link": digest.link or "-"}
    numbers = [number for one in keys["to"].split(",") if (number := "".join(filter(str.isdigit, one)))]
    to = [{"recipientNo": number, "templateParameter": values} for number in numbers]
    body = {"senderKey": keys["sender"], "templateCode": keys["template"], "recipientList": to}
    return body, {"X-Secret-Key": keys["secret"]}


def _cut(text: str) -> str:
    return text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 1]}…"


KINDS: dict[str, Callable[[Digest, Keys], Message]] = {
    "webhook": webhook, "slack": slack, "teams": teams, "jandi": jandi, "naverworks": naverworks, "alimtalk": alimtalk,
}  # fmt: skip
NEEDS = {"alimtalk": ("secret", "sender", "template", "to")}
# What may be given besides: the key that signs.
MAY = {"webhook": ("secret",)}


def send(kind: str, url: str, digest: Digest, listed: Sequence[Entry], keys: Keys | None = None) -> None:
    """Send one digest to one channel. KeyError on an unknown kind or a missing key of NEEDS; NotSent where it did not
    arrive."""
    body, headers = KINDS[kind](digest, keys or {})
    answer = post(url, body, listed, headers, key=(keys or {}).get("secret", "") if kind in MAY else "")
    if kind == "alimtalk":
        _taken(answer)


def _taken(answer: bytes) -> None:
    """Bizmessage answers 200 to what it refuses and says so inside."""
    try:
        head = json.loads(answer)["header"]
        taken, reason = bool(head["isSuccessful"]), str(head.get("resultMessage", ""))[:100]
    except (ValueError, KeyError, TypeError):
        taken, reason = False, "an answer of another form"
    if not taken:
        raise NotSent(f"refused: {reason}", permanent=True)


def quiet(at: time, begins: time, ends: time) -> bool:
    """Whether a time of day lies in the quiet hours, which may run over midnight; none where both are the same."""
    if begins == ends:
        return False
    return begins <= at < ends if begins < ends else at >= begins or at < ends
