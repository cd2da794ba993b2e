"""people: the people of the company as a CSV, out and in."""

from pathlib import Path

import click

from nachim.cli.connect import Group
from nachim.cli.start import begin
from nachim.cli.words import command, option, say, wrong

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


@command("link", "EMAIL이 비밀번호를 새로 정할 링크를 만듭니다. 하루 안에 한 번 씁니다.",
         "Make a link by which EMAIL chooses a new password: once, within a day.")  # fmt: skip
@click.argument("email")
@option("--forget-factors", is_flag=True, ko="추가 인증을 잃어버렸습니다. 지웁니다.",
        en="They have lost their second proof: forget it.")  # fmt: skip
def link(email, forget_factors):
    begin()
    from nachim.app import policy
    from nachim.app.actions import people as actions

    token = actions.new_link(policy.SHELL, _member(email), forget_factors=forget_factors)
    click.echo(say(f"나침 주소 뒤에 /invite/{token}/ 를 붙여 보내세요.",
                   f"Send them nachim's address with /invite/{token}/"))  # fmt: skip


@command("sign-out", "EMAIL을, 적지 않으면 모두를 모든 브라우저에서 로그아웃시킵니다.",
         "Sign EMAIL out of every browser; everybody, where none is named.")  # fmt: skip
@click.argument("email", required=False)
def sign_out(email):
    begin()
    from nachim.app import policy
    from nachim.app.actions.factors import sign_out as out
    from nachim.app.models import User

    whom = [_member(email)] if email else User.objects.filter(devices__isnull=False).distinct()
    count = sum(out(policy.SHELL, user) for user in whom)
    click.echo(say(f"브라우저 {count}개에서 로그아웃했습니다.", f"Signed out of {count} browsers."))


def _member(email: str):
    from nachim.app.models import User

    user = User.objects.filter(email=email.lower(), is_active=True, membership__isnull=False).first()
    if user is None:
        raise wrong(f"{email}: 이 회사에 없는 사람입니다.", f"{email}: nobody here has this e-mail address.")
    return user


for each in (export, apply, link, sign_out):
    people.add_command(each)
