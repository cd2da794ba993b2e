"""people: the people of the company as a CSV, out and in."""

from pathlib import Path

import click

from nachim.cli.connect import Group
from nachim.cli.start import begin
from nachim.cli.words import command, option, say

HELP = say("회사의 사람들을 CSV로 내보내고 들입니다.", "The people of the company as a CSV, out and in.")
MARKS = {"invite": "+", "join": "+", "deactivate": "-"}


@click.group("people", cls=Group, help=HELP)
def people():
    """Its commands are below."""


@command("export", "사람, 역할, 팀과 기간을 CSV로 씁니다.", "Write people, roles, teams and their days as CSV.")
def export():
    begin()
    from nachim.app.definition.roster import export as written

    click.echo(written(), nl=False)


@command("apply", "CSV FILE을 적용합니다. 계획을 보여 준 뒤, 모두 적용하거나 아무것도 바꾸지 않습니다.",
         "Apply a CSV FILE: shows its plan, then everything in one transaction or nothing.")  # fmt: skip
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option("--dry-run", is_flag=True, ko="무엇이 바뀔지만 보여 줍니다.", en="Only show what would happen.")
def apply(file, dry_run):
    begin()
    from nachim.app import policy
    from nachim.app.definition import roster

    lines = roster.read(file.read_text(encoding="utf-8-sig"))
    steps = roster.plan(lines)
    for step in steps:
        arrow = " → ".join(filter(None, [step.before, step.after]))
        click.echo(f"{MARKS.get(step.verb, '~')} {step.email} {arrow}")
    if dry_run:
        click.echo(say(f"바뀔 것 {len(steps)}개. 아직 아무것도 바꾸지 않았습니다.",
                       f"{len(steps)} to change. Nothing has been changed yet."))  # fmt: skip
        return
    done, invitations = roster.apply(policy.SHELL, lines)
    click.echo(say(f"바뀐 것 {len(done)}개.", f"{len(done)} changed."))
    for email, token in invitations.items():
        click.echo(say(f"{email}: 나침 주소 뒤에 /invite/{token}/ 를 붙여 보내세요. 한 번, 이레 동안 씁니다.",
                       f"{email}: send them nachim's address with /invite/{token}/ (once, 7 days)."))  # fmt: skip


for each in (export, apply):
    people.add_command(each)
