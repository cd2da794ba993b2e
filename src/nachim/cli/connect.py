"""connect: databases that hold tables of their own."""

import json
import sys

import click

from nachim.cli.start import begin
from nachim.cli.words import Told, command, complain, locale, on_terminal, option, padded, say, stopped, width, wrong

ENGINES = ("postgres", "clickhouse", "spark")


class Group(Told, click.Group):
    """A command with commands of its own, whose help speaks the reader's language."""

    def format_options(self, ctx, formatter):
        Told.format_options(self, ctx, formatter)
        with formatter.section(say("명령", "Commands")):
            formatter.write_dl([(name, one.help) for name, one in self.commands.items()])


HELP = say(
    "표가 있는 곳에서 읽는 PostgreSQL, ClickHouse, Spark를 연결합니다.",
    "Connect PostgreSQL, ClickHouse or Spark: their tables are read where they are.",
)


@click.group("connect", cls=Group, help=HELP)
def connect():
    """Its commands are below."""


@command("add", "NAME 연결을 더하거나, 있으면 적은 것만 바꿉니다. 비밀번호는 터미널에서 묻습니다.",
         "Add the connection NAME, or change what is given of it. The password is asked for.")  # fmt: skip
@click.argument("name")
@option("--engine", type=click.Choice(ENGINES), ko="어떤 엔진인지.", en="Which engine it is.")
@option("--host", metavar="HOST", ko="호스트 이름이나 주소.", en="Host name or address.")
@option(
    "--port", type=click.IntRange(0, 65535), ko="포트. 0은 엔진의 보통 포트.", en="Port; 0 is the engine's usual one."
)
@option("--database", metavar="NAME", ko="데이터베이스.", en="Database.")
@option("--user", metavar="NAME", ko="사용자. 읽기만 할 수 있으면 됩니다.", en="User; reading is all it needs.")
@option("--schema", metavar="NAME", ko="이름만 적은 표의 스키마.", en="Schema of tables that name none.")
@option("--zone", metavar="ZONE", ko="시간대 없이 저장된 시각을 읽는 시간대. 처음에는 UTC.",
        en="Time zone that reads times stored without one; UTC at first.")  # fmt: skip
@option("--secure/--insecure", default=None, ko="TLS로만 잇습니다(처음 값). --insecure는 암호화하지 않습니다.",
        en="TLS or nothing, as at first; --insecure does not encrypt.")  # fmt: skip
@option("--seconds", type=click.IntRange(1, 3600), ko="이보다 오래 걸리는 질의는 멈춥니다. 처음에는 120.",
        en="Stop a query that takes longer; 120 at first.")  # fmt: skip
@option("--every-minutes", type=click.IntRange(1, 10080), ko="이보다 젊은 숫자는 다시 묻지 않습니다. 처음에는 60.",
        en="Numbers younger than this are not asked again; 60 at first.")  # fmt: skip
@option("--password-stdin", is_flag=True, ko="비밀번호를 표준 입력의 첫 줄에서 읽습니다.",
        en="Read the password from the first line of standard input.")  # fmt: skip
@option("--password-env", metavar="VARIABLE", ko="비밀번호를 담은 환경 변수. 비밀번호를 저장하지 않습니다.",
        en="Environment variable that holds the password; none is stored.")  # fmt: skip
def add(name, password_stdin, password_env, **given):
    if password_stdin and password_env:
        raise wrong(
            "--password-stdin과 --password-env 가운데 하나만 쓰세요.", "Use one of --password-stdin and --password-env."
        )
    begin()
    from nachim.app import policy
    from nachim.app.actions.connections import save_connection
    from nachim.app.models import Connection

    known = Connection.objects.filter(name=name).first()
    fields = {key: value for key, value in given.items() if value is not None}
    if known is None and not (given["engine"] and given["host"]):
        raise wrong("새 연결에는 --engine과 --host가 필요합니다.", "A new connection needs --engine and --host.")
    secret = {"variable": password_env} if password_env else {}
    if password_stdin:
        secret = {"password": sys.stdin.readline().rstrip("\r\n")}
    elif not secret and known is None and given["engine"] != "spark" and on_terminal():
        secret = {
            "password": click.prompt(say("비밀번호", "Password"), hide_input=True, default="", show_default=False)
        }
    saved = save_connection(policy.SHELL, known, name=name, **fields, **secret)
    click.echo(
        say(f"{name}: {'바꾸었습니다' if known else '더했습니다'}.", f"{name}: {'changed' if known else 'added'}.")
    )
    if not report(saved):
        raise stopped()


@command("list", "연결을 보여 줍니다. 비밀번호는 보여 주지 않습니다.", "Show the connections; never a password.")
@option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True,
        ko="나오는 꼴.", en="Form of the output.")  # fmt: skip
def list_(form):
    begin()
    from nachim.app.definition.export import connection_of
    from nachim.app.models import Connection

    found = list(Connection.objects.all())
    if form == "json":
        click.echo(
            json.dumps([{"name": one.name, **connection_of(one)} for one in found], ensure_ascii=False, indent=1)
        )
        return
    head = [say("이름", "name"), say("엔진", "engine"), say("주소", "address"), say("비밀번호", "password"), ""]
    rows = [[one.name, one.get_engine_display(), where(one), one.password or "—", state(one)] for one in found]
    widths = [max(width(row[at]) for row in [head, *rows]) for at in range(len(head))]
    for row in [head, *rows] if rows else []:
        click.echo("  ".join(padded(text, widths[at]) for at, text in enumerate(row)).rstrip())


@command("test", "NAME… 연결(없으면 모두)에 물어봅니다.", "Ask the connections NAME…, or all of them.")
@click.argument("names", nargs=-1, metavar="[NAME…]")
def test(names):
    begin()
    answers = [report(one) for one in chosen(names)]
    if not all(answers):
        raise stopped()


@command("remove", "NAME 연결과 그 비밀번호를 지웁니다.", "Remove the connection NAME and its password.")
@click.argument("name")
@option("--yes", is_flag=True, ko="묻지 않습니다.", en="Ask nothing.")
def remove(name, yes):
    begin()
    from nachim.app import policy
    from nachim.app.actions.connections import remove_connection

    (connection,) = chosen([name])
    if not yes:
        if not on_terminal():
            raise wrong(
                "지워도 되는지 물어볼 수 없습니다. --yes를 붙이세요.", "There is no terminal to ask on. Add --yes."
            )
        click.confirm(say(f"{name} 연결을 지울까요?", f"Remove the connection {name}?"), abort=True)
    remove_connection(policy.SHELL, connection)
    click.echo(say(f"{name}: 지웠습니다.", f"{name}: removed."))


@command("rotate", "저장된 비밀번호를 새 열쇠로 다시 잠급니다.", "Encrypt the stored passwords under a new key.")
def rotate():
    begin()
    from nachim.app import policy
    from nachim.app.actions.connections import renew_keys

    count = renew_keys(policy.SHELL)
    click.echo(say(f"비밀번호 {count}개를 새 열쇠로 잠갔습니다.", f"{count} passwords are under a new key."))


for one in (add, list_, test, remove, rotate):
    connect.add_command(one)


def chosen(names):
    """Connections by name, or all; a name that is not there is a wrong call."""
    from nachim.app.models import Connection
    from nachim.metrics.messages import nearest

    found = {one.name: one for one in Connection.objects.all()}
    for name in names:
        if name not in found:
            near = nearest(name, found)
            hint = (f" 혹시 “{near}”인가요?", f" Did you mean “{near}”?") if near else ("", "")
            raise wrong(f"“{name}” 연결은 없습니다.{hint[0]}", f"There is no connection “{name}”.{hint[1]}")
    return [found[name] for name in names] if names else list(found.values())


def report(connection) -> bool:
    """Try a connection and say how it went."""
    from nachim.app import policy
    from nachim.app.actions.connections import try_connection

    tried = try_connection(policy.SHELL, connection)
    if tried.problem:
        complain(f"✗ {tried.problem[locale()]}")
        return False
    title, seconds = connection.get_engine_display(), f"{tried.seconds:.1f}"
    told = say(f"{title}, {seconds}초 만에 답했습니다. 쓰는 표 {tried.tables}개.",
               f"{title} answered in {seconds} s. Tables in use: {tried.tables}.")  # fmt: skip
    click.echo(f"✓ {connection.name}: {told}")
    return True


def where(connection) -> str:
    port = f":{connection.port}" if connection.port else ""
    database = f"/{connection.database}" if connection.database else ""
    return f"{connection.host}{port}{database}"


def state(connection) -> str:
    if connection.tried_at is None:
        return say("아직 물어보지 않음", "not tried yet")
    return say("답하지 않음", "does not answer") if connection.problem else say("답함", "answers")
