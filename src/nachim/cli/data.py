"""import: a file into a table; sample: a file to try it with."""

from pathlib import Path

import click

from nachim.cli.start import begin
from nachim.cli.words import command, complain, locale, on_terminal, option, padded, say, stopped, width, wrong

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@command("import", "FILE(CSV, TSV, XLSX, JSON lines, Parquet; gzip도)을 표로 가져옵니다.",
         "Bring FILE (CSV, TSV, XLSX, JSON lines, Parquet; gzipped too) into a table.")  # fmt: skip
@click.argument("file", type=FILE)
@option("--table", required=True, metavar="NAME", ko="행이 들어갈 표. 없으면 만듭니다.",
        en="The table the rows go into; made when it is not there.")  # fmt: skip
@option("--key", multiple=True, metavar="COL", ko="행을 가려 주는 열. 여럿이면 거듭 적습니다.",
        en="Column that tells rows apart; repeat it for a compound key.")  # fmt: skip
@option("--time", "time_", metavar="COL", ko="일이 일어난 시각의 열.", en="Column that says when a row happened.")
@option("--entity", multiple=True, metavar="NAME=COL", ko="누구의 행인지: customer=고객ID.",
        en="Who or what a row is about: customer=customer_id.")  # fmt: skip
@option("--dim", multiple=True, metavar="COL", ko="나누어 볼 열.", en="Column to slice by.")
@option("--map", "renames", multiple=True, metavar="OLD=NEW", ko="열 이름을 바꿉니다.",
        en="Give a column another name in the table.")  # fmt: skip
@option(
    "--accept-drift", is_flag=True, ko="열이 표와 달라도 가져옵니다.", en="Go on when columns differ from the table's."
)
@option("--yes", is_flag=True, ko="묻지 않습니다.", en="Ask nothing.")
def import_(file, table, key, time_, entity, dim, renames, accept_drift, yes):
    begin()
    from nachim.app.actions.tables import look
    from nachim.cli.mapping import remapped

    preview = look(file, file.name, table)
    mapping = remapped(preview.mapping, key, time_, entity, dim, renames)
    if not yes:
        if not on_terminal():
            raise wrong("무엇을 가져올지 물어볼 수 없습니다. 그대로 가져오려면 --yes를 붙이세요.",
                        "There is no terminal to ask on. Add --yes to import as proposed.")  # fmt: skip
        show(preview, mapping)
        click.confirm(say("이대로 가져올까요?", "Import like this?"), abort=True, default=True)
    run = carry_out(file, table, mapping, accept_drift=accept_drift, ask=not yes)
    report(run)
    bring_up_to_date()
    if run.read and run.quarantined == run.read:
        complain(say("읽을 수 있는 행이 하나도 없었습니다.", "Not one row could be read."))
        raise stopped()


def carry_out(file, table, mapping, *, accept_drift, ask):
    """Import with a progress bar; columns that differ from the table's need a yes."""
    from nachim.app import policy
    from nachim.app.actions.tables import import_now
    from nachim.lake.errors import DriftFound

    try:
        with Bar() as tell:
            drift = "accept" if accept_drift else "ask"
            return import_now(policy.SHELL, file, table, mapping, drift=drift, progress=tell)
    except DriftFound as error:
        complain(error.text(locale()))
        if not ask:
            complain(say("그래도 가져오려면 --accept-drift를 붙이세요.", "Add --accept-drift to go on."))
            raise stopped() from None
        click.confirm(say("그래도 가져올까요?", "Go on?"), abort=True)
        with Bar() as tell:
            return import_now(policy.SHELL, file, table, mapping, drift="accept", progress=tell)


def show(preview, mapping):
    """What was found in the file and what will become of it."""
    more = "" if preview.complete else "+"
    click.echo(f"{preview.format} {preview.encoding or ''} {say('행', 'rows')} {preview.rows:,}{more}")
    rows = [row(found, mapping) for found in preview.columns]
    widths = [max(width(cells[at]) for cells in rows) for at in range(len(rows[0]))]
    for cells in rows:
        click.echo("  " + "  ".join(padded(text, widths[at]) for at, text in enumerate(cells)).rstrip())
    for warning in [*preview.warnings, *preview.drift]:
        click.echo(f"  ! {warning.text(locale())}")


def row(found, mapping) -> list[str]:
    """One column of the file: its name, what it becomes, and what is in it."""
    kept = next((column for column in mapping.columns if column.source == found.name and column.keep), None)
    name = found.name if kept is None or kept.name == found.name else f"{found.name} → {kept.name}"
    becomes = [kept.type.value, kept.role.value] if kept else ["—", say("버림", "left out")]
    low, high = (plain(value) for value in (found.minimum, found.maximum))
    reach = f"{low} … {high}" if low or high else ""
    examples = ", ".join(found.examples[:3])[:40]
    return [name, *becomes, f"{say('빈 값', 'empty')} {found.empty_share:.0%}", reach, examples]


def plain(value) -> str:
    """A value as the company writes it: times in its zone."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from nachim.app import language

    if isinstance(value, datetime):
        return f"{value.astimezone(ZoneInfo(language.calendar().tz)):%Y-%m-%d %H:%M}"
    return "" if value is None else str(value)[:20]


def report(run):
    """How many rows went where."""
    if run.already:
        click.echo(say(f"{run.filename}: 이미 가져온 파일입니다. 바뀐 것이 없습니다.",
                       f"{run.filename} was imported before. Nothing has changed."))  # fmt: skip
    else:
        parts = [(run.inserted, "새로", "new"), (run.updated, "갱신", "updated"),
                 (run.unchanged, "그대로", "unchanged"), (run.quarantined, "격리", "quarantined")]  # fmt: skip
        told = ", ".join(f"{say(korean, english)} {count:,}" for count, korean, english in parts if count)
        read = f"{say('읽음', 'read')} {run.read:,}"
        click.echo(f"{run.filename} → {run.table_name}: {read}" + (f" ({told})" if told else ""))
    if run.quarantine:
        from nachim.app.home import folder

        where = folder("quarantine") / run.quarantine
        click.echo(say(f"읽지 못한 행은 {where} 에 있습니다. 고쳐서 다시 가져오세요.",
                       f"Rows that could not be read are in {where}. Repair them and import that file."))  # fmt: skip


def bring_up_to_date() -> None:
    """Refresh the mart; what a metric cannot compute is said and does not undo what was done before."""
    from nachim.app.actions.forecasts import look_ahead
    from nachim.app.actions.refresh import refresh
    from nachim.metrics.messages import MetricError

    try:
        done = refresh()
        look_ahead()
    except MetricError as error:
        complain(error.text(locale()))
        return
    if done.problems:
        complain(say(f"계산하지 못한 지표 {done.problems}개. nachim doctor로 까닭을 보세요.",
                     f"Metrics that could not be computed: {done.problems}. nachim doctor says why."))  # fmt: skip


class Bar:
    """A progress bar on a terminal, nothing in a pipe."""

    def __enter__(self):
        self.shown = click.progressbar(length=1000, label=say("가져오는 중", "Importing")) if on_terminal() else None
        if self.shown:
            self.shown.__enter__()
        self.at = 0
        return self.tell

    def tell(self, progress):
        if self.shown and progress.bytes_total:
            at = int(1000 * min(1, progress.bytes_done / progress.bytes_total))
            self.shown.update(at - self.at)
            self.at = at

    def __exit__(self, *error):
        if self.shown:
            self.shown.__exit__(*error)


@command("sample", "가상 회사의 주문을 작은 CSV로 씁니다.", "Write a small CSV of orders of the simulated company.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@option("--days", default=180, show_default=True, type=click.IntRange(1, 2000), ko="며칠 치 주문인지.",
        en="How many days of orders.")  # fmt: skip
def sample(file, days):
    if file.exists():
        raise wrong(f"{file} 파일이 이미 있습니다.", f"{file} is already there.")
    from nachim.demo.sample import write_orders

    rows = write_orders(file, days)
    click.echo(say(f"{file}: 주문 {rows:,}건", f"{file}: {rows:,} orders"))
