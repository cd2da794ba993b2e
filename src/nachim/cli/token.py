"""token: what lets programs use the API."""

import click

from nachim.cli.connect import Group
from nachim.cli.start import begin
from nachim.cli.words import command, option, padded, say, width, wrong

HELP = say("프로그램이 API를 쓰게 하는 토큰을 만들고, 보고, 거둡니다.", "Make, list and revoke tokens for the API.")


@click.group("token", cls=Group, help=HELP)
def token():
    """Its commands are below."""


@command("make", "NAME이 쓸 토큰을 만듭니다. 비밀은 이때 한 번만 보입니다.",
         "Make a token that NAME will use. The secret is shown this once.")  # fmt: skip
@click.argument("name")
@option("--as", "person", required=True, metavar="EMAIL", ko="이 사람으로서 일합니다.", en="The person it acts as.")
@option("--scope", "scopes", multiple=True, required=True, metavar="SCOPE",
        ko="read, write, ingest, 또는 권한의 이름. 여럿이면 거듭 적습니다.",
        en="read, write, ingest, or a permission by name; repeat it for more.")  # fmt: skip
@option("--days", default=90, show_default=True, type=click.IntRange(1, 366), ko="며칠 동안.", en="For how many days.")
def make(name, person, scopes, days):
    begin()
    from django.core.exceptions import ValidationError

    from nachim.app import policy
    from nachim.app.actions import tokens
    from nachim.app.models import User

    user = User.objects.filter(email=person.lower(), is_active=True, membership__isnull=False).first()
    if user is None:
        raise wrong(f"{person}: 이 회사에 없는 사람입니다.", f"{person}: nobody here has this e-mail address.")
    try:
        made, secret = tokens.make_token(policy.SHELL, name=name, scopes=list(scopes), days=days, user=user)
    except ValidationError as error:
        raise wrong(" ".join(error.messages), " ".join(error.messages)) from None
    click.echo(secret)
    if "ingest" in made.scopes:
        click.echo(say(f"서명 열쇠: {tokens.signing_key(made)}", f"Signing key: {tokens.signing_key(made)}"), err=True)


@command("list", "살아 있는 토큰을 봅니다.", "List the tokens that open something.")
def list_():
    begin()
    from django.utils import timezone

    from nachim.app.models import ApiToken

    live = ApiToken.objects.filter(revoked_at=None, expires_at__gt=timezone.now()).select_related("user")
    rows = [
        [one.prefix, one.name, one.user.email, ",".join(one.scopes), f"{one.expires_at:%Y-%m-%d}",
         f"{one.last_used_at:%Y-%m-%d}" if one.last_used_at else "—"]
        for one in live
    ]  # fmt: skip
    head = [say("시작", "begins"), say("이름", "name"), say("누구", "as"), say("범위", "scopes"), say("까지", "until"),
            say("마지막", "last used")]  # fmt: skip
    widths = [max(width(row[at]) for row in [head, *rows]) for at in range(len(head))]
    for row in [head, *rows]:
        click.echo("  ".join(padded(text, widths[at]) for at, text in enumerate(row)).rstrip())


@command("revoke", "PREFIX로 시작하는 토큰을 거둡니다.", "Revoke the token that begins with PREFIX.")
@click.argument("prefix")
def revoke(prefix):
    begin()
    from nachim.app import policy
    from nachim.app.actions import tokens
    from nachim.app.models import ApiToken

    found = ApiToken.objects.filter(prefix=prefix).first()
    if found is None:
        raise wrong(f"{prefix}: 이런 토큰이 없습니다. nachim token list로 보세요.",
                    f"{prefix}: there is no such token; see nachim token list.")  # fmt: skip
    tokens.revoke_token(policy.SHELL, found)
    click.echo(say(f"{found}: 거두었습니다.", f"{found}: revoked."))


for one in (make, list_, revoke):
    token.add_command(one)
