"""What a screen on a wall shows: the company at a glance, then its teams, in pages that take turns.

KPIs and nothing of persons: no owner, no sheet, no name.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from nachim.app import policy
from nachim.app.models import Kpi, Screen, Team
from nachim.app.queries.now import ATTENTION, total
from nachim.app.queries.scorecard import KpiRow, kpi_rows
from nachim.app.sight import below
from nachim.core.rollup import Rollup
from nachim.core.status import Status

ON_A_PAGE = 6


@dataclass(frozen=True)
class Slide:
    """One page. `title` empty: the whole company. `rows` are those of this page, `counts` of all its pages."""

    title: str
    rows: list[KpiRow]
    counts: list[tuple[str, int]]
    score: Rollup | None = None
    part: int = 1
    parts: int = 1


@dataclass(frozen=True)
class Shown:
    """The page whose turn it is."""

    slide: Slide | None
    at: int = 0
    of: int = 0


def shown(screen: Screen, now: datetime) -> Shown:
    """The clock says whose turn it is, so that every screen of a company shows the same, and none has to remember."""
    every = slides(screen)
    if not every:
        return Shown(None)
    at = int(now.timestamp() // screen.seconds) % len(every)
    return Shown(every[at], at + 1, len(every))


def slides(screen: Screen) -> list[Slide]:
    """All pages, of what the maker of the link sees now."""
    live = Kpi.objects.filter(archived_at=None, goal__archived_at=None).prefetch_related("teams", "goal__teams")
    rows = kpi_rows(live, user=screen.user)
    teams = list(policy.visible(screen.user, Team.objects.filter(archived_at=None)))
    if screen.team_id is not None:
        within = below([screen.team_id], teams)
        teams = [team for team in teams if team.pk in within]
        rows = [row for row in rows if within & _teams(row)]
    found = []
    if screen.team_id is None and rows:
        worst = sorted(rows, key=lambda row: ATTENTION.index(row.status) if row.status in ATTENTION else len(ATTENTION))
        found.append(Slide("", worst[:ON_A_PAGE], _counts(rows), total(rows)[0]))
    for team in teams:
        found += _pages(team.label, [row for row in rows if team.pk in _teams(row)])
    known = {team.pk for team in teams}
    rest: dict[str, list[KpiRow]] = {}
    for row in rows:
        if not known & _teams(row):
            rest.setdefault(row.kpi.goal.title, []).append(row)
    for title, some in rest.items():
        found += _pages(title, some)
    return found


def _teams(row: KpiRow) -> set[int]:
    """Who answers for a KPI: its own teams, or those of its goal."""
    return {team.pk for team in row.kpi.teams.all()} or {team.pk for team in row.kpi.goal.teams.all()}


def _pages(title: str, rows: list[KpiRow]) -> Iterator[Slide]:
    if not rows:
        return
    parts, counts, score = -(-len(rows) // ON_A_PAGE), _counts(rows), total(rows)[0]
    for part in range(parts):
        some = rows[part * ON_A_PAGE : (part + 1) * ON_A_PAGE]
        yield Slide(title, some, counts, score, part + 1, parts)


def _counts(rows: list[KpiRow]) -> list[tuple[str, int]]:
    found = Counter(row.status for row in rows)
    return [(status.value, found[status]) for status in Status if found[status]]
