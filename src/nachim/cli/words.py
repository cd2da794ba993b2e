"""What the command line says, in the reader's language: Korean, or English where NACHIM_LANG or LANG says en."""

import os
import sys
from unicodedata import east_asian_width

import click


def english() -> bool:
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


def stopped() -> click.exceptions.Exit:
    """The work failed, and why has been said: exit code 1."""
    return click.exceptions.Exit(1)


def complain(text: str) -> None:
    """A sentence to stderr."""
    click.secho(text, fg="red" if sys.stderr.isatty() else None, err=True)


def width(text: str) -> int:
    """Columns on a terminal: Hangul takes two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def padded(text: str, to: int, right: bool = False) -> str:
    space = " " * (to - width(text))
    return space + text if right else text + space


class Told(click.Command):
    """A command whose help speaks the reader's language."""

    def format_usage(self, ctx, formatter):
        usage = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, usage, prefix=say("쓰는 법: ", "Usage: "))

    def collect_usage_pieces(self, ctx):
        pieces = super().collect_usage_pieces(ctx)
        return [say("[옵션]", "[OPTIONS]") if piece == "[OPTIONS]" else piece for piece in pieces]

    def format_options(self, ctx, formatter):
        params = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        rows = [row for row in (param.get_help_record(ctx) for param in params) if row]
        with formatter.section(say("옵션", "Options")):
            formatter.write_dl([(left, _in_korean(right)) for left, right in rows])

    def get_help_option(self, ctx):
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = say("이 도움말을 보여 줍니다.", "Show this help.")
        return option


def command(name: str, korean: str, in_english: str):
    """Declare a command with its help in both languages."""
    return click.command(name, cls=Told, help=say(korean, in_english))


def option(*names, ko: str, en: str, **attributes):
    """Declare an option with its help in both languages."""
    return click.option(*names, help=say(ko, en), **attributes)


def _in_korean(help_text: str) -> str:
    if english():
        return help_text
    return (
        help_text.replace("[default: ", "[기본값: ")
        .replace("[required]", "[꼭 필요]")
        .replace("; required]", "; 꼭 필요]")
    )
