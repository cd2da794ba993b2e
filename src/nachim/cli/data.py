"""import: a file into a table."""

from pathlib import Path

import click

from nachim.cli.words import begin, locale, on_terminal, say, wrong


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--table", required=True, help="The table the rows go into; made when it is not there.")
@click.option("--key", multiple=True, metavar="COL", help="Column that tells rows apart; give it again for a compound key.")
@click.option("--time", "time_", metavar="COL", help="Column that says when a row happened.")
@click.option("--entity", multiple=True, metavar="NAME=COL", help="Who or what a row is about: customer=고객ID.")
@click.option("--dim", multiple=True, metavar="COL", help="Column to slice by.")
@click.option("--map", "renames", multiple=True, metavar="OLD=NEW", help="Give a column another name in the table.")
@click.option("--accept-drift", is_flag=True, help="Go on when columns differ from the table's.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
def import_(file, table, key, time_, entity, dim, renames, accept_drift, yes):
    """Bring FILE (CSV, TSV, XLSX, JSON lines, Parquet; plain or gzipped) into a table."""
    begin()
    from nachim.app import policy
    from nachim.app.actions.refresh import refresh
    from nachim.app.actions.tables import import_now, look
    from nachim.cli.mapping import remapped
    from nachim.lake.errors import DriftFound

    preview = look(file, file.name, table)
    mapping = remapped(preview.mapping, key, time_, entity, dim, renames)
    if not yes:
        if not on_terminal():
            raise wrong("무엇을 가져올지 물어볼 수 없습니다. 그대로 가져오려면 --yes를 붙이세요.",
                        "There is no terminal to ask on. Add --yes to import as proposed.")  # fmt: skip
        show(preview, mapping)
        click.confirm(say("이대로 가져올까요?", "Import like this?"), abort=True, default=True)
    with bar() as tell:
        try:
            run = import_now(policy.SHELL, file, table, mapping, drift="accept" if accept_drift else "ask", progress=tell)
        except DriftFound as error:
            if yes or not on_terminal():
                click.echo(error.text(locale()), err=True)
                hint = say("그래도 가져오려면 --accept-drift를 붙이세요.", "Add --accept-drift to go on.")
                click.echo(hint, err=True)
                raise click.exceptions.Exit(1) from None
            click.confirm(f"{error.text(locale())}\n{say('그래도 가져올까요?', 'Go on?')}", abort=True)
            run = import_now(policy.SHELL, file, table, mapping, drift="accept", progress=tell)
    report(run)
    refresh()
    if run.read and run.quarantined == run.read:
        raise click.exceptions.Exit(1)


def show(preview, mapping):
    """What was found in the file and what will become of it."""
    click.echo(f"{preview.format} {preview.encoding or ''} {preview.rows:,}{'' if preview.complete else '+'}")
    for found in preview.columns:
        kept = next((column for column in mapping.columns if column.source == found.name), None)
        name = found.name if kept is None or kept.name == found.name else f"{found.name} → {kept.name}"
        what = f"{kept.type.value:8}{kept.role.value:10}" if kept and kept.keep else f"{'—':18}"
        low, high = ("" if value is None else str(value)[:19] for value in (found.minimum, found.maximum))
        click.echo(f"  {name:24}{what} {found.empty_share:5.0%}  {low} … {high}")
    for warning in [*preview.warnings, *preview.drift]:
        click.echo(f"  ! {warning.text(locale())}")


def report(run):
    """How many rows went where."""
    if run.already:
        click.echo(say(f"{run.filename}: 이미 가져온 파일입니다. 바뀐 것이 없습니다.",
                       f"{run.filename} was imported before. Nothing has changed."))  # fmt: skip
        return
    parts = [(run.inserted, "새로", "new"), (run.updated, "갱신", "updated"), (run.unchanged, "그대로", "unchanged"),
             (run.quarantined, "격리", "quarantined")]  # fmt: skip
    told = ", ".join(f"{say(korean, english)} {count:,}" for count, korean, english in parts if count)
    click.echo(f"{run.filename} → {run.table_name}: {say('읽음', 'read')} {run.read:,}" + (f" ({told})" if told else ""))
    if run.quarantine:
        from nachim.app.home import folder

        where = folder("quarantine") / run.quarantine
        click.echo(say(f"읽지 못한 행은 {where} 에 있습니다. 고쳐서 다시 가져오세요.",
                       f"Rows that could not be read are in {where}. Repair them and import that file."))  # fmt: skip


class bar:  # noqa: N801
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


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--days", default=180, show_default=True, help="How many days of orders.")
def sample(file, days):
    """Write a small CSV of orders of the simulated company, to try things with."""
    from nachim.demo.sample import write_orders

    if file.exists():
        raise wrong(f"{file} 파일이 이미 있습니다.", f"{file} is already there.")
    rows = write_orders(file, days)
    click.echo(say(f"{file}: 주문 {rows:,}건", f"{file}: {rows:,} orders"))
