"""backup, restore, move: the workspace as files, and from one database to another."""

import os
from pathlib import Path

import click

from nachim.cli.start import begin
from nachim.cli.words import command, complain, locale, option, padded, say, stopped, wrong


@command("backup", "쓰는 중에도 온전한 백업을 만듭니다.", "Make a whole backup, also while people work.")
@option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    ko="둘 폴더. 기본은 홈의 backups.",
    en="Where to keep it; default: backups in the home.",
)
@option(
    "--keep",
    type=click.IntRange(1),
    ko="이만큼만 남기고 오래된 백업을 지웁니다.",
    en="Keep so many; older backups are removed.",
)
def backup(folder, keep):
    begin()
    from nachim.app.backup.write import write
    from nachim.app.home import home

    folder = folder or home() / "backups"
    done = write(folder, keep=keep or 0)
    size = f"{done.size / 1e6:,.1f} MB"
    click.echo(
        say(
            f"{done.path}: 행 {done.rows:,}개, 파일 {done.files:,}개, {size}",
            f"{done.path}: {done.rows:,} rows, {done.files:,} files, {size}",
        )
    )
    for path in done.removed:
        click.echo(say(f"오래된 백업을 지웠습니다: {path.name}", f"Removed an old one: {path.name}"))
    if done.keys:
        complain(
            say(
                f"열쇠는 따로 두었습니다: {done.keys}. "
                "백업과 이것이 함께 있으면 연결의 비밀번호를 읽을 수 있습니다. 다른 곳으로 옮기세요.",
                f"The keys are apart: {done.keys}. "
                "Whoever has both can read the passwords of connections. Keep it elsewhere.",
            )
        )


@command("restore", "백업을 빈 홈에 되돌립니다.", "Restore a backup into an empty home.")
@click.argument("path", metavar="BACKUP", type=click.Path(exists=True, file_okay=False, path_type=Path))
@option(
    "--keys",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    ko="따로 둔 열쇠 파일.",
    en="The file of keys that was kept apart.",
)
def restore(path, keys):
    from nachim.app.database import place

    _django()
    from django.conf import settings

    from nachim.app.backup.read import Refused
    from nachim.app.backup.read import restore as put_back

    try:
        done = put_back(path, keys)
    except Refused as error:
        raise click.ClickException(error.text(locale())) from None
    where = place(settings.DATABASES["default"])
    click.echo(
        say(
            f"{where}: 표 {done.tables}개의 행 {done.rows:,}개, 파일 {done.files:,}개를 되돌리고 맞추어 보았습니다.",
            f"{where}: {done.rows:,} rows of {done.tables} tables and {done.files:,} files, all compared.",
        )
    )
    if not done.audit_whole:
        complain(
            say(
                "감사 기록의 사슬이 끊겨 있습니다. 백업 전에 누군가 고친 것입니다.",
                "The audit chain is broken: somebody changed it before the backup.",
            )
        )
        raise stopped()
    if keys is None:
        complain(
            say(
                "열쇠 없이 되돌렸습니다. 연결의 비밀번호는 다시 적어야 합니다.",
                "Restored without keys: the passwords of connections have to be typed again.",
            )
        )
    click.echo(say("모두 다시 로그인해야 합니다.", "Everybody signs in again."))


@command("move", "워크스페이스를 다른 데이터베이스로 옮깁니다.", "Carry the workspace to another database.")
@option(
    "--to",
    "address",
    required=True,
    ko="postgres://사용자:비밀번호@호스트:5432/이름, 또는 sqlite.",
    en="postgres://user:password@host:5432/name, or sqlite.",
)
def move(address):
    begin()
    from django.conf import settings

    from nachim.app.backup import move as moving
    from nachim.app.backup.places import NotEmpty
    from nachim.app.database import database, place
    from nachim.app.present import workers

    there = place(database(address))
    if there == place(settings.DATABASES["default"]):
        raise wrong(f"{there}: 지금 쓰고 있는 데이터베이스입니다.", f"{there} is the database in use.")
    if workers():
        raise click.ClickException(
            say(
                "작업자가 돌고 있습니다. 나침을 멈춘 뒤 옮기세요.",
                "A worker is running. Stop nachim first: what changes meanwhile stays behind.",
            )
        )
    count = 0
    try:
        for table in moving.move(address):
            count += table.after.rows
            click.echo(f"  {padded(table.label, 44)} {table.after.rows:>10,}  {table.after.sha256[:16]}  ✓")
    except NotEmpty as error:
        raise click.ClickException(
            say(
                f"{there}: 비어 있지 않습니다 ({error.table}). 빈 데이터베이스로만 옮깁니다.",
                f"{there} is not empty ({error.table}). Only an empty one is filled.",
            )
        ) from None
    except moving.Differs as error:
        one = error.table
        raise click.ClickException(
            say(
                f"{one.label}: {one.before.rows:,}행이 {one.after.rows:,}행이 되었거나 달라져 옮기지 않았습니다.",
                f"{one.label}: {one.before.rows:,} rows became {one.after.rows:,}, or differ. Nothing was moved.",
            )
        ) from None
    except moving.BrokenTrail:
        raise click.ClickException(
            say(
                "감사 기록의 사슬이 끊겨 옮기지 않았습니다. nachim doctor --audit을 보세요.",
                "The audit chain does not hold. Nothing was moved; see nachim doctor --audit.",
            )
        ) from None
    setting = "NACHIM_DATABASE=" if address == "sqlite" else "NACHIM_DATABASE=postgres://…"
    click.echo(
        say(
            f"{there}: {count:,}행을 옮기고 하나씩 맞추어 보았습니다. 감사 기록의 사슬도 이어집니다.\n"
            f"이제 {setting} 로 켜세요. 옛 데이터베이스는 그대로 남아 있습니다.",
            f"{there}: {count:,} rows, compared one by one; the audit chain holds.\n"
            f"Now start with {setting}. The old database stays as it was.",
        )
    )


def _django() -> None:
    """Django without bringing the database up to date: what is restored says how its tables are."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nachim.web.settings")
    import django

    django.setup()
