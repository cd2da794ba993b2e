"""apply and export: the definitions as a file."""

from pathlib import Path

import click

from nachim.cli.start import begin
from nachim.cli.words import command, locale, option, say

MARKS = {"create": "+", "change": "~"}
MOST = 160


@command("apply", "정의 FILE을 적용합니다. 계획을 보여 준 뒤, 모두 적용하거나 아무것도 바꾸지 않습니다.",
         "Apply a definition FILE: shows its plan, then everything in one transaction or nothing.")  # fmt: skip
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option("--dry-run", is_flag=True, ko="무엇이 바뀔지만 보여 줍니다.", en="Only show what would happen.")
def apply(file, dry_run):
    begin()
    from nachim.app import policy
    from nachim.app.definition.apply import apply as carry_out
    from nachim.app.definition.apply import plan, unnamed, warnings
    from nachim.app.definition.form import read
    from nachim.cli.data import bring_up_to_date

    wanted = read(file.read_text(encoding="utf-8-sig"), file.name)
    for warning in warnings(wanted):
        click.echo(f"! {warning.text(locale())}", err=True)
    steps = plan(wanted)
    for step in steps:
        if step.verb in MARKS:
            show(step)
    kept = sum(step.verb == "keep" for step in steps)
    changed, others = len(steps) - kept, unnamed(wanted)
    click.echo(say(f"= 그대로 {kept}개. 파일에 없는 {others}개는 건드리지 않습니다.",
                   f"= {kept} as they are. {others} that the file does not name are left alone."))  # fmt: skip
    done = carry_out(policy.SHELL, wanted, dry_run=dry_run)
    for issue in done.unchecked:
        click.echo(f"! {issue.text(locale())}", err=True)
    if dry_run:
        click.echo(say(f"바뀔 것 {changed}개. 아직 아무것도 바꾸지 않았습니다.",
                       f"{changed} to change. Nothing has been changed yet."))  # fmt: skip
        return
    if changed:
        bring_up_to_date()
    click.echo(say(f"바뀐 것 {changed}개.", f"{changed} changed."))
    for email, token in done.invitations.items():
        click.echo(say(f"{email}: 나침 주소 뒤에 /invite/{token}/ 를 붙여 보내세요. 한 번, 이레 동안 씁니다.",
                       f"{email}: send them nachim's address with /invite/{token}/ (once, 7 days)."))  # fmt: skip


def show(step) -> None:
    """One object of the plan with its fields."""
    click.echo(f"{MARKS[step.verb]} {step.kind} {step.name}")
    for name, (before, after) in step.fields.items():
        if step.verb == "change":
            click.echo(f"    {name}: {short(before)} → {short(after)}")
        elif name not in ("name", "mapping"):
            click.echo(f"    {name}: {short(after)}")


def short(value) -> str:
    text = "—" if value is None else str(value)
    return text if len(text) <= MOST else f"{text[:MOST]}…"


@command("export", "여기에 정의된 모든 것을 YAML로 FILE이나 화면에 씁니다.",
         "Write everything defined here as YAML, to FILE or the terminal.")  # fmt: skip
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
def export(file):
    begin()
    from nachim.app.definition.export import current, to_yaml

    text = to_yaml(current())
    if file:
        file.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)
