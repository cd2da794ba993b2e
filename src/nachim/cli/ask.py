"""query: metrics as cells."""

import csv
import json
import sys
from datetime import UTC, date, datetime

import click

from nachim.cli.start import begin
from nachim.cli.words import command, locale, option, padded, say, width, wrong
from nachim.core.period import Grain


class Day(click.ParamType):
    name = "date"

    def convert(self, value, param, ctx):
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(say(f"“{value}”: 2026-11-24처럼 적으세요.", f"“{value}”: write it like 2026-11-24."), param, ctx)


@command("query", "METRIC…을 기간과 조각별로 계산합니다.", "Compute METRIC… by period and slice.")
@click.argument("metrics", nargs=-1, required=True, metavar="METRIC…")
@option("--grain", type=click.Choice([grain.value for grain in Grain]), default="month", show_default=True,
        ko="기간의 크기.", en="Size of a period.")  # fmt: skip
@option("--from", "start", type=Day(), ko="첫날(포함).", en="First day, included.")
@option("--to", "end", type=Day(), ko="끝날(포함하지 않음).", en="Last day, not included.")
@option("--by", multiple=True, metavar="DIM", ko="나누어 볼 차원. 여럿이면 거듭 적습니다.",
        en="Slice by a dimension; repeat it for more.")  # fmt: skip
@option(
    "--where",
    metavar="COND",
    ko="조건에 맞는 행만: \"채널 = '앱'\".",
    en="Only rows that meet a condition: \"channel = 'app'\".",
)
@option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True,
        ko="나오는 꼴.", en="Form of the output.")  # fmt: skip
@option("--explain", is_flag=True, ko="계획, SQL, 표의 버전, 기본값을 보여 줍니다.",
        en="Print plan, SQL, table versions and the defaults taken.")  # fmt: skip
def query(metrics, grain, start, end, by, where, form, explain):
    if start and end and end <= start:
        raise wrong("--to는 --from보다 뒤여야 합니다.", "--to has to be after --from.")
    begin()
    from nachim.app import language
    from nachim.app.engines import opened
    from nachim.app.queries.ask import ask, plain, split

    model = language.model()
    slices = split(by)
    with opened() as engine:
        result = ask(metrics, Grain(grain), start, end, by, where, engine=engine, model=model)
        ran = {table: place(engine, table, version) for table, version in result.versions.items()} if explain else {}
    if explain:
        click.echo(result.plan)
        click.echo(f"\n{result.sql}\n")
        for table, where in ran.items():
            click.echo(f"{table}: {where}")
        for note in result.notes:
            click.echo(f"- {note.text(locale())}")
        return
    rows = [plain(cell) for cell in result.cells]
    if form == "json":
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    elif form == "csv":
        names = ["metric", "period", *slices, "value", "numerator", "denominator", "n", "state"]
        writer = csv.DictWriter(sys.stdout, names)
        writer.writeheader()
        writer.writerows(rows)
    else:
        aligned(result.cells, slices, {name: metric.unit for name, metric in model.metrics.items()})


def place(engine, table: str, version: int) -> str:
    """Which engine a table was read on, and in which state."""
    from nachim.metrics.dialects import TITLES
    from nachim.metrics.engine import connection_of

    name = connection_of(table)
    title = TITLES.get(engine.at(name).dialect, engine.at(name).dialect)
    if not name:
        return f"{say('버전', 'version')} {version}, {title}"
    when = datetime.fromtimestamp(version, UTC)
    return f"{say('읽은 때', 'read at')} {when:%Y-%m-%d %H:%M:%S} UTC, {title}"


def aligned(cells, slices, units) -> None:
    """Aligned for people, with formatted numbers; what is not ok says so."""
    from nachim.core.number import format_value

    head = [say("지표", "metric"), say("기간", "period"), *slices, say("값", "value"), "n", ""]
    rows = [
        [cell.metric, cell.period, *(value or "—" for _name, value in cell.slices),
         format_value(cell.value, units.get(cell.metric, "count"), locale()), f"{cell.n:,}",
         "" if cell.state.value == "ok" else cell.state.value]
        for cell in cells
    ]  # fmt: skip
    widths = [max(width(row[at]) for row in [head, *rows]) for at in range(len(head))]
    for row in [head, *rows]:
        click.echo("  ".join(padded(text, widths[at], at >= len(head) - 3) for at, text in enumerate(row)).rstrip())
