"""The command line. Exit codes: 0 done, 1 the work failed, 2 the call was wrong."""

import os
import sys

import click

from nachim import __version__
from nachim.cli.words import Told, complain, english, say

# Each command lives in a module of its own and is imported when it is called, so that --help stays quick.
COMMANDS = {
    "demo": ("nachim.cli.serve", "demo", "Open a simulated company", "가상 회사 열어 보기"),
    "up": ("nachim.cli.serve", "up", "Start nachim", "나침 시작하기"),
    "check": ("nachim.cli.check", "check", "Check a goal in one sentence", "목표 문장 살펴보기"),
    "import": ("nachim.cli.data", "import_", "Bring a file into a table", "파일을 표로 가져오기"),
    "sample": ("nachim.cli.data", "sample", "Write a file of orders to try things with", "연습용 주문 파일 만들기"),
    "query": ("nachim.cli.ask", "query", "Compute metrics", "지표 계산하기"),
    "forecast": (
        "nachim.cli.forecast",
        "forecast",
        "Say what series will do, with intervals",
        "시계열을 구간과 함께 예측하기",
    ),
    "replay": (
        "nachim.cli.replay",
        "replay",
        "Compute a score again from its inputs",
        "내보낸 입력으로 점수 다시 셈하기",
    ),
    "apply": ("nachim.cli.define", "apply", "Apply a definition file", "정의 파일 적용하기"),
    "export": ("nachim.cli.define", "export", "Write the definitions as a file", "정의를 파일로 내보내기"),
    "validate": ("nachim.cli.verify", "validate", "Check a definition file", "정의 파일 살피기"),
    "test": ("nachim.cli.verify", "test", "Check the values metrics are expected to have", "지표가 기대한 값인지 보기"),
    "refresh": ("nachim.cli.care", "refresh", "Bring the numbers on the pages up to date", "화면의 숫자를 최신으로"),
    "connect": ("nachim.cli.connect", "connect", "Connect a database of yours", "우리 데이터베이스 연결하기"),
    "people": ("nachim.cli.roster", "people", "The people of the company as a CSV", "사람들을 CSV로"),
    "token": ("nachim.cli.token", "token", "Tokens for the API", "API 토큰"),
    "doctor": ("nachim.cli.care", "doctor", "Check that everything is sound", "이상이 없는지 살피기"),
    "backup": ("nachim.cli.keep", "backup", "Make a backup", "백업 만들기"),
    "restore": ("nachim.cli.keep", "restore", "Restore a backup", "백업 되돌리기"),
    "move": ("nachim.cli.keep", "move", "Carry the workspace to another database", "다른 데이터베이스로 옮기기"),
    "worker": ("nachim.cli.serve", "worker", "Run the jobs (`up` starts one)", "작업 돌리기 (`up`이 함께 켭니다)"),
}


class Commands(Told, click.Group):
    def list_commands(self, ctx):
        return list(COMMANDS)

    def get_command(self, ctx, name):
        if name not in COMMANDS:
            return None
        from importlib import import_module

        module, attribute, _english, _korean = COMMANDS[name]
        return getattr(import_module(module), attribute)

    def resolve_command(self, ctx, args):
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            raise click.NoSuchCommand(error.command_name, possibilities=COMMANDS, ctx=ctx) from None

    def format_options(self, ctx, formatter):
        Told.format_options(self, ctx, formatter)
        with formatter.section(say("명령", "Commands")):
            formatter.write_dl([(name, entry[2] if english() else entry[3]) for name, entry in COMMANDS.items()])


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=say("나침: 목표를 몇 개의 좋은 KPI로, 우리 회사의 데이터로 셈합니다.",
             "nachim: goals become a few good KPIs, computed from your own data."),
)  # fmt: skip
@click.version_option(__version__, prog_name="nachim", help=say("버전을 보여 줍니다.", "Show the version."))
@click.option(
    "--debug", is_flag=True, help=say("예상하지 못한 문제를 자세히 보여 줍니다.", "Show tracebacks of errors.")
)
def nachim(debug):
    """Every command is found by name in COMMANDS."""


def main():
    """Run a command; whatever goes wrong is one clear sentence and an exit code."""
    arguments = [one for one in sys.argv[1:] if one != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1
    try:
        result = nachim.main(arguments, prog_name="nachim", standalone_mode=False)
        sys.exit(result if isinstance(result, int) else 0)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(2)
    except click.ClickException as error:
        from nachim.cli.start import usage

        complain(usage(error))
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        complain(say("멈추었습니다.", "Stopped."))
        sys.exit(1)
    except BrokenPipeError:
        # The reader of the pipe has seen enough; what is left to flush goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        from nachim.cli.start import failure

        sys.exit(failure(error, debug=debug))
