"""forecast: what the series of a file will do, with intervals."""

import csv
import json
import sys

import click

from nachim.cli.words import command, complain, locale, option, say, stopped, wrong

FREQUENCIES = ("H", "D", "W", "M", "Q", "Y")
MOST_STEPS, MOST_NAMED = 2000, 5


class Levels(click.ParamType):
    name = "levels"

    def convert(self, value, param, ctx):
        if isinstance(value, tuple):
            return value
        try:
            found = [float(one.strip().rstrip("%")) for one in value.split(",") if one.strip()]
        except ValueError:
            found = []
        if not found or not all(0 < one < 100 for one in found):
            self.fail(say(f"“{value}”: 0과 100 사이의 수를 80,95처럼 적으세요.",
                          f"“{value}”: write numbers between 0 and 100, like 80,95."), param, ctx)  # fmt: skip
        return tuple(dict.fromkeys(found))


class Steps(click.ParamType):
    name = "number"

    def convert(self, value, param, ctx):
        try:
            number = int(value)
        except (TypeError, ValueError):
            number = 0
        if not 1 <= number <= MOST_STEPS:
            self.fail(say(f"“{value}”: 1과 {MOST_STEPS} 사이의 정수여야 합니다.",
                          f"“{value}”: a whole number between 1 and {MOST_STEPS} is needed."), param, ctx)  # fmt: skip
        return number


@command("forecast", "FILE(series,time,value 열의 CSV)에 있는 시계열을 예측합니다.",
         "Forecast the series of FILE, a CSV of series,time,value.")  # fmt: skip
@click.argument("file", metavar="FILE")
@option("--freq", type=click.Choice(FREQUENCIES, case_sensitive=False), required=True,
        ko="기간: 시간 H, 일 D, 주 W, 월 M, 분기 Q, 연 Y.",
        en="The period: hour H, day D, week W, month M, quarter Q, year Y.")  # fmt: skip
@option("--horizon", type=Steps(), required=True, ko="몇 기간 앞까지.", en="How many periods ahead.")
@option("--levels", type=Levels(), default="80,95", show_default=True, ko="구간의 확률(%).",
        en="Probabilities of the intervals, in percent.")  # fmt: skip
@option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True,
        ko="나오는 꼴.", en="Form of the output.")  # fmt: skip
def forecast(file, freq, horizon, levels, form):
    from nachim.analysis.forecast import forecast_many
    from nachim.cli.forecast_file import FileError, read

    try:
        found = read(file, freq)
    except OSError as error:
        raise wrong(f"{file}: 읽을 수 없는 파일입니다.", f"{file}: this file cannot be read.") from error
    except FileError as error:
        complain(f"{file}: {error}")
        raise stopped() from error
    made = _made(forecast_many, found.histories, horizon)
    rows = _rows(made, found.form, levels)
    if form == "json":
        click.echo(json.dumps(list(rows), ensure_ascii=False, indent=1))
    else:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(["series", "step", "time", "mean", *(f"{end}{level:g}" for level in levels for end in ENDS)])
        writer.writerows([_short(value) for value in list(row.values())[: -len(SAID)]] for row in rows)
    _say_doubts(made)
    for problem in found.problems:
        complain(f"{file}: {problem}")
    if found.problems:
        raise stopped()


ENDS = ("lo", "hi")
# What a row says besides, where there is room for it.
SAID = ("reliable", "reason")


def _made(forecast_many, histories, horizon):
    if not (sys.stderr.isatty() and len(histories) > 50):
        return forecast_many(histories, horizon)
    with click.progressbar(length=len(histories), file=sys.stderr, label=say("예측", "Forecasting")) as bar:
        return forecast_many(histories, horizon, progress=lambda done: bar.update(done - bar.pos))


def _rows(made, form, levels):
    from nachim.cli.forecast_file import said

    for one in made:
        mean = one.mean
        ends = [(f"{end}{level:g}", values) for level in levels
                for end, values in zip(ENDS, one.interval(level / 100), strict=True)]  # fmt: skip
        reason = one.doubt.sentence(locale()) if one.doubt else ""
        for step in range(one.steps):
            yield {
                "series": one.history.name, "step": step + 1, "time": said(one.history, step + 1, form),
                "mean": float(mean[step]), **{name: float(values[step]) for name, values in ends},
                "reliable": one.reliable, "reason": reason,
            }  # fmt: skip


def _short(value):
    return f"{value:.10g}" if isinstance(value, float) else value


def _say_doubts(made) -> None:
    """Which forecasts cannot be relied on, on stderr: the first few by name."""
    doubted = [one for one in made if one.doubt]
    if not doubted:
        return
    named = "\n".join(f"  {one.history.name}: {one.doubt.sentence(locale())}" for one in doubted[:MOST_NAMED])
    more = "\n  …" if len(doubted) > MOST_NAMED else ""
    click.echo(say(f"믿을 수 없는 예측 {len(doubted)}개 / {len(made)}개:",
                   f"Forecasts not to be relied on: {len(doubted)} of {len(made)}.")
               + f"\n{named}{more}", err=True)  # fmt: skip
