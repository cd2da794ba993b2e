"""A sheet of agreed goals with how each line is doing, and every version of it."""

from dataclasses import dataclass

from nachim.app import policy
from nachim.app.models import Kpi, Sheet, SheetVersion
from nachim.app.queries.scorecard import KpiRow, kpi_rows
from nachim.core.replay import Part, rolled
from nachim.core.rollup import Child, Rollup, RollupError, roll_up


@dataclass(frozen=True)
class Line:
    label: str
    aim: str
    weight: float
    kpi: Kpi | None
    row: KpiRow | None
    before: float | None


@dataclass(frozen=True)
class SheetPage:
    """`agreed` holds; `waiting` is proposed and not decided."""

    sheet: Sheet
    agreed: SheetVersion | None
    waiting: SheetVersion | None
    lines: list[Line]
    waiting_lines: list[Line]
    rolled: Rollup | None
    inputs: str
    versions: list[SheetVersion]


def sheet_page(sheet: Sheet, *, user=policy.SYSTEM) -> SheetPage:
    versions = list(sheet.versions.select_related("author", "decided_by"))
    agreed = next((one for one in versions if one.state == SheetVersion.State.AGREED), None)
    waiting = versions[0] if versions and versions[0].state == SheetVersion.State.PROPOSED else None
    names = {item["kpi"] for one in (agreed, waiting) if one for item in one.items}
    kpis = policy.visible(user, Kpi.objects.filter(name__in=names).select_related("metric"))
    rows = {row.kpi.name: row for row in kpi_rows(kpis, user=user)}
    known = {kpi.name: kpi for kpi in kpis}
    lines = _lines(agreed, None, known, rows)
    return SheetPage(
        sheet, agreed, waiting, lines, _lines(waiting, agreed, known, rows), _rolled(lines), _inputs(lines), versions
    )


def _lines(version: SheetVersion | None, before: SheetVersion | None, kpis, rows) -> list[Line]:
    old = {(item["kpi"], item["label"]): item["weight"] for item in before.items} if before else {}
    return [
        Line(
            item["label"] or str(kpis.get(item["kpi"], item["kpi"])), item["aim"], item["weight"],
            kpis.get(item["kpi"]), rows.get(item["kpi"]), old.get((item["kpi"], item["label"])),
        )
        for item in (version.items if version else [])
    ]  # fmt: skip


def _rolled(lines: list[Line]) -> Rollup | None:
    children = [
        Child(line.label, line.weight, line.row.score.capped if line.row and line.row.score else None) for line in lines
    ]
    try:
        return roll_up(children) if children else None
    except RollupError:
        return None


def _inputs(lines: list[Line]) -> str:
    """What `nachim replay` computes the whole score from again."""
    return rolled([Part(line.label, line.weight, line.row.score_inputs if line.row else "") for line in lines])
