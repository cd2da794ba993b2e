"""How a command begins, and how it ends when something goes wrong."""

import contextlib
import errno
import getpass
import os
import sys
import traceback
from pathlib import Path

import click

from nachim.cli.words import complain, english, locale, say

SCHEMA = 0x736368656D61  # "schema"


def begin() -> None:
    """Start Django and bring the database of this home up to date; processes take turns."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nachim.web.settings")
    import django

    django.setup()
    from django.utils import translation

    translation.activate(locale())
    _tell_audit()
    if not missing_migrations():
        return
    import fcntl

    from nachim.app.home import home

    with open(home() / "schema.lock", "a") as lock, _alone():
        fcntl.flock(lock, fcntl.LOCK_EX)
        if missing_migrations():
            from django.core.management import call_command

            call_command("migrate", verbosity=0, skip_checks=True, interactive=False)


@contextlib.contextmanager
def _alone():
    """Machines that share a PostgreSQL take turns too."""
    from django.db import connection

    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [SCHEMA])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [SCHEMA])


def _tell_audit() -> None:
    """Whose command it is: the user of the system and the command's name. What follows it may be secret."""
    from nachim.app import audit

    with contextlib.suppress(OSError, KeyError):
        name = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
        audit.this_process(via="command line", user=getpass.getuser(), command=f"nachim {name}".strip())


def missing_migrations() -> list[str]:
    """Migrations of this code that the database does not have. One query, without loading the migrations."""
    from django.apps import apps
    from django.db import connection
    from django.db.utils import OperationalError, ProgrammingError

    wanted = {
        (app.label, path.stem)
        for app in apps.get_app_configs()
        for path in (Path(app.path) / "migrations").glob("0*.py")
    }
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            have = set(cursor.fetchall())
    except (OperationalError, ProgrammingError) as error:
        if "django_migrations" not in str(error):
            raise
        have = set()
    return sorted(f"{app}.{name}" for app, name in wanted - have)


def failure(error: Exception, *, debug: bool) -> int:
    """Say what went wrong as a sentence; the exit code. What nobody expected leaves its traceback in a file."""
    found = _expected(error)
    if debug:
        traceback.print_exception(error)
    if found is None:
        place = say("--debug를 붙이면 자세히 나옵니다.", "Add --debug for the details.")
        with contextlib.suppress(OSError):
            log = _write_down(error)
            place = say(f"자세한 내용은 {log} 에 있습니다.", f"The details are in {log}.")
        what = f"{type(error).__name__}: {error}".strip().rstrip(".")
        found = say(f"예상하지 못한 문제입니다: {what}. {place}", f"Something unexpected: {what}. {place}"), 1
    text, code = found
    complain(text)
    return code


def _expected(error: Exception) -> tuple[str, int] | None:
    """The sentence and exit code of an error we know."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return say("디스크가 가득 찼습니다. 들어 있던 것은 그대로입니다. 자리를 만든 뒤 다시 하세요.",
                   "The disk is full. What was there is as it was. Make room and do it again."), 1  # fmt: skip
    if isinstance(error, OSError) and error.strerror:
        return ": ".join(filter(None, [str(error.filename or ""), error.strerror])), 1
    if isinstance(error, UnicodeDecodeError):
        return say("UTF-8 글자로 읽을 수 없습니다.", "This is not UTF-8 text."), 1
    if "django" not in sys.modules:
        return None
    from django.core.exceptions import ValidationError
    from django.db import DatabaseError

    from nachim.app.database import BadAddress

    if isinstance(error, BadAddress):
        return error.text(locale()), 2
    from nachim.app.policy import NotAllowed
    from nachim.lake.errors import LakeError
    from nachim.metrics.messages import DuplicateKeys, EngineFailed, MetricError

    if isinstance(error, LakeError):
        return error.text(locale()), 1
    if isinstance(error, MetricError):
        return error.text(locale()), 1 if isinstance(error, DuplicateKeys | EngineFailed) else 2
    if isinstance(error, ValidationError):
        return "\n".join(error.messages), 1
    if isinstance(error, NotAllowed):
        return say(f"권한이 없습니다: {error.permission}", f"Not allowed: {error.permission}"), 1
    if isinstance(error, DatabaseError):
        return _database_sentence(str(error)), 1
    return None


def _database_sentence(detail: str) -> str:
    from django.conf import settings

    from nachim.app.database import place

    path, detail = place(settings.DATABASES["default"]), " ".join(detail.split())
    if "locked" in detail or "lock timeout" in detail:
        return say(
            f"{path}: 다른 일이 오래 쓰고 있습니다. 잠시 뒤 다시 하세요.", f"{path} is busy. Try again in a moment."
        )
    return say(f"{path}: 데이터베이스를 쓸 수 없습니다 ({detail}).", f"{path}: the database cannot be used ({detail}).")


def _write_down(error: Exception) -> Path:
    from nachim.app.home import home

    path = home() / "errors.log"
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as log:
        traceback.print_exception(error, file=log)
    return path


def usage(error: click.ClickException) -> str:
    """click's own complaints in the reader's language, with the way to help."""
    text = error.format_message()
    if not english():
        text = _usage_in_korean(error) or text
    ctx = getattr(error, "ctx", None)
    if isinstance(error, click.UsageError) and ctx is not None:
        text += "\n" + say(f"도움말: {ctx.command_path} --help", f"Help: {ctx.command_path} --help")
    return text


def _usage_in_korean(error: click.ClickException) -> str:
    near = getattr(error, "possibilities", None)
    hint = f" 혹시 {near[0]}인가요?" if near else ""
    if isinstance(error, click.NoSuchOption):
        return f"{error.option_name} 옵션은 없습니다.{hint}"
    if isinstance(error, click.NoSuchCommand):
        return f"{error.command_name} 명령은 없습니다.{hint}"
    name = ""
    if isinstance(error, click.BadParameter) and error.param is not None:
        name = error.param.get_error_hint(error.ctx).strip("'")
    if isinstance(error, click.MissingParameter):
        return f"{name}: 빠졌습니다. 꼭 필요합니다."
    if isinstance(error, click.BadParameter):
        return f"{name}: {_value_in_korean(error)}"
    if isinstance(error, click.BadOptionUsage):
        return f"{error.option_name}: 값이 필요합니다."
    return ""


def _value_in_korean(error: click.BadParameter) -> str:
    kind = getattr(error.param, "type", None)
    if isinstance(kind, click.Choice):
        return f"{', '.join(map(str, kind.choices))} 가운데 하나여야 합니다."
    if isinstance(kind, click.Path) and "does not exist" in error.message:
        return f"{error.message.split(chr(39))[1]} 파일이 없습니다."
    if isinstance(kind, click.types.IntParamType):
        return "숫자여야 합니다."
    return error.message
