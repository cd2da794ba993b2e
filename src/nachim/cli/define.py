"""apply and export: the definitions as a file."""

from pathlib import Path

import click

from nachim.cli.words import begin, locale, say

MARKS = {"create": "+", "change": "~", "keep": "="}


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only show what would happen.")
def apply(file, dry_run):
    """Apply a definition FILE: shows its plan, then everything in one transaction or nothing."""
    begin()
    from nachim.app import policy
    from nachim.app.actions.refresh import refresh
    from nachim.app.definition.apply import apply as carry_out
    from nachim.app.definition.apply import plan, warnings
    from nachim.app.definition.form import read

    wanted = read(file.read_text(encoding="utf-8-sig"), file.name)
    for warning in warnings(wanted):
        click.echo(f"! {warning.text(locale())}", err=True)
    steps = plan(wanted)
    for step in steps:
        if step.verb == "keep":
            continue
        click.echo(f"{MARKS[step.verb]} {step.kind} {step.name}")
        if step.verb == "change":
            for name, (before, after) in step.fields.items():
                click.echo(f"    {name}: {before} → {after}")
    kept = sum(step.verb == "keep" for step in steps)
    changed = len(steps) - kept
    carry_out(policy.SHELL, wanted, dry_run=dry_run)
    if dry_run:
        click.echo(say(f"바뀔 것 {changed}, 그대로 {kept}. 아직 아무것도 바꾸지 않았습니다.",
                       f"{changed} to change, {kept} as they are. Nothing has been changed yet."))  # fmt: skip
        return
    refresh()
    click.echo(say(f"바뀐 것 {changed}, 그대로 {kept}.", f"{changed} changed, {kept} as they were."))


@click.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
def export(file):
    """Write everything defined here as YAML, to FILE or the terminal."""
    begin()
    from nachim.app.definition.export import current, to_yaml

    text = to_yaml(current())
    if file:
        file.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)
