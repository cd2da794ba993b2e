"""Which metric leads which: looked for once a week over whole metrics by the week, and read from what was stored."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from nachim.analysis.lead_lag import Link, lead_lag
from nachim.app.lines import WEEK, cells_of
from nachim.app.models import LeadLook
from nachim.core.period import Grain
from nachim.metrics.bind import Binder

WEEKS, MOST_LAG, EVERY = 182, 8, timedelta(days=7)


def look(binder: Binder, metrics: Collection[str], today: date, now: datetime) -> LeadLook:
    """Look at all pairs, at most once in seven days."""
    last = LeadLook.objects.first()
    if last is not None and now - last.at < EVERY:
        return last
    begin = today - WEEKS * WEEK
    begin -= timedelta(days=begin.weekday())
    weeks = [begin + WEEK * at for at in range((today - begin) // WEEK)]
    rows: dict[str, np.ndarray] = {name: np.full(len(weeks), math.nan) for name in metrics}
    for name in metrics:
        for cell in cells_of(binder, (name,), (), begin, today, now, grain=Grain.WEEK):
            at = (date.fromisoformat(cell.period[:10]) - begin) // WEEK
            if 0 <= at < len(weeks) and cell.value is not None:
                rows[name][at] = cell.value
    found = lead_lag(np.array(list(rows.values())), list(rows), grain="week", max_lag=MOST_LAG)
    links = [
        {"leader": one.leader, "follower": one.follower, "weeks": one.lag, "correlation": one.correlation, "q": one.q,
         "gain": one.gain}
        for one in found.links
    ]  # fmt: skip
    return LeadLook.objects.create(at=now, links=links, tested=found.tested, too_short=list(found.too_short))


@dataclass(frozen=True)
class Lead:
    """A stored link: `link` with names as definitions have them."""

    link: Link

    def sentence(self, locale: str, labels: dict[str, str]) -> str:
        """The link by the names that people read."""
        one = self.link
        leader, follower = (labels.get(name, name) for name in (one.leader, one.follower))
        return Link(leader, follower, one.lag, one.correlation, one.q, one.gain).sentence(locale, grain="week")


def known() -> tuple[LeadLook | None, list[Lead]]:
    """The latest look and its links."""
    last = LeadLook.objects.first()
    if last is None:
        return None, []
    return last, [
        Lead(Link(one["leader"], one["follower"], one["weeks"], one["correlation"], one["q"], one["gain"]))
        for one in last.links
    ]


__all__ = ["Lead", "known", "look"]
