"""What the command line says, in the reader's language, and how it begins."""

import fcntl
import os
import sys

import click


def english() -> bool:
    """English when NACHIM_LANG or the locale says so; Korean otherwise."""
    chosen = os.environ.get("NACHIM_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return chosen.lower().startswith("en")


def locale() -> str:
    return "en" if english() else "ko"


def say(korean: str, in_english: str) -> str:
    return in_english if english() else korean


def on_terminal() -> bool:
    return sys.stdout.isatty() and sys.stdin.isatty()


def wrong(korean: str, in_english: str) -> click.UsageError:
    """The call was wrong: exit code 2."""
    return click.UsageError(say(korean, in_english))


def failure(error: Exception) -> int:
    """Print an error as a sentence; its exit code."""
    text, code = _sentence(error)
    click.secho(text, fg="red" if sys.stderr.isatty() else None, err=True)
    return code


def _sentence(error: Exception) -> tuple[str, int]:
    from django.core.exceptions import ValidationError

    from nachim.app.policy import NotAllowed
    from nachim.lake.errors import LakeError
    from nachim.metrics.messages import DuplicateKeys, MetricError

    if isinstance(error, LakeError):
        return error.text(locale()), 1
    if isinstance(error, MetricError):
        return error.text(locale()), 1 if isinstance(error, DuplicateKeys) else 2
    if isinstance(error, ValidationError):
        return "\n".join(error.messages), 1
    if isinstance(error, NotAllowed):
        return say(f"권한이 없습니다: {error}", f"Not allowed: {error}"), 1
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or ''}: {error.strerror}".lstrip(": "), 1
    return (
        say(f"예상하지 못한 문제입니다: {type(error).__name__}: {error}. --debug를 붙이면 자세히 나옵니다.",
            f"Something unexpected: {type(error).__name__}: {error}. Add --debug for the details."),
        1,
    )  # fmt: skip


def begin() -> None:
    """Start Django and bring the database of this home up to date; processes take turns."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nachim.web.settings")
    import django

    django.setup()
    from django.utils import translation

    translation.activate(locale())
    from nachim.app.home import home

    stamp, wanted = home() / "schema", schema()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    with open(home() / "schema.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == wanted:
            return
        from django.core.management import call_command

        call_command("migrate", verbosity=0, skip_checks=True)
        stamp.write_text(wanted)


def schema() -> str:
    """Names this code's migrations; differs when there is something to migrate."""
    from django.apps import apps

    from nachim import __version__

    files = [
        f"{app.label}.{path.stem}"
        for app in apps.get_app_configs()
        for path in sorted((__import__("pathlib").Path(app.path) / "migrations").glob("0*.py"))
    ]
    return f"{__version__} {' '.join(files)}"
