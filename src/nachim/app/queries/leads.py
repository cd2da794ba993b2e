"""Which metric leads which, as the map shows it: from what was stored."""

from dataclasses import dataclass
from datetime import datetime

from nachim.app import leads
from nachim.app.language import spoken
from nachim.app.models import Metric


@dataclass(frozen=True)
class Evidence:
    """`sentences`, strongest first: none is the usual answer. `pairs`: the same by (leader, follower) names. `at` is
    None until it was looked at."""

    sentences: tuple[str, ...]
    pairs: dict[tuple[str, str], str]
    tested: int
    at: datetime | None


def evidence() -> Evidence:
    """What the latest look found."""
    last, found = leads.known()
    if last is None:
        return Evidence((), {}, 0, None)
    locale = spoken()
    labels = {metric.name: metric.label for metric in Metric.objects.all()}
    said = {(one.link.leader, one.link.follower): one.sentence(locale, labels) for one in found}
    return Evidence(tuple(said.values()), said, last.tested, last.at)
