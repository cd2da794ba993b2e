"""replay: a score computed again from the inputs it was exported with."""

import sys
from pathlib import Path

import click

from nachim.cli.words import command, complain, say, stopped, wrong
from nachim.core.replay import ReplayError
from nachim.core.replay import replay as again


@command("replay", "내보낸 입력 FILE로 점수를 다시 셈합니다. 같은 입력은 늘 같은 글자를 냅니다.",
         "Compute a score again from its exported inputs. The same inputs always give the same bytes.")  # fmt: skip
@click.argument("file", metavar="FILE")
def replay(file):
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise wrong(f"{file}: 읽을 수 없는 파일입니다.", f"{file}: this file cannot be read.") from error
    try:
        click.echo(again(text), nl=False)
    except ReplayError as error:
        complain(f"{file}: {say(error.text('ko'), error.text('en'))}")
        raise stopped() from error
