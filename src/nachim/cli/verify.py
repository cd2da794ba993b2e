"""test and validate: whether metrics come out as expected, and whether a file can be applied."""

from datetime import UTC, datetime
from pathlib import Path

import click

from nachim.cli.start import begin
from nachim.cli.words import command, locale, say


@command("test", "정의의 tests에 적은 값이 나오는지 봅니다. 하나라도 다르면 1로 끝납니다.",
         "Check the values that the definitions' tests expect; ends with 1 where one differs.")  # fmt: skip
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def test(file):
    begin()
    from nachim.app import language
    from nachim.app.engines import opened
    from nachim.core.number import format_value
    from nachim.metrics.expected import run_tests
    from nachim.metrics.spec import Model

    model = language.model()
    if file is not None:
        from nachim.app.definition.form import read

        wanted = read(file.read_text(encoding="utf-8-sig"), file.name)
        tests = [one.model_dump(mode="json") for one in wanted.tests]
        model = Model.load({**model.dump(), "tests": tests})
    if not model.tests:
        korean = "적어 둔 시험이 없습니다. 정의 파일의 tests에 지표와 기대하는 값을 적으세요."
        click.echo(
            say(korean, "There are no tests. Write what you expect of metrics under tests of a definition file.")
        )
        return 0
    failed = 0
    with opened() as engine:
        for outcome in run_tests(model, engine, as_of=datetime.now(UTC)):
            one, unit = outcome.test, model.metrics[outcome.test.metric].unit
            failed += not outcome.passed
            named = ", ".join([one.period, *(f"{key} {value}" for key, value in one.slice.items())])
            value = format_value(outcome.value, unit, locale())
            told = "" if outcome.passed else say(
                f" — 기대한 값 {one.expect}, 나온 값 {outcome.value} ({outcome.state})",
                f" — expected {one.expect}, got {outcome.value} ({outcome.state})",
            )  # fmt: skip
            click.echo(f"{'✓' if outcome.passed else '✗'} {one.metric} [{named}] {value}{told}")
    passed = len(model.tests) - failed
    click.echo(say(f"{passed}개 맞음, {failed}개 틀림.", f"{passed} passed, {failed} failed."))
    return 1 if failed else 0


@command("validate", "정의 FILE을 적용하지 않고 살핍니다. 잘못마다 줄과 고칠 말을 보여 줍니다.",
         "Check a definition FILE without applying it: each mistake with its line and what to do.")  # fmt: skip
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def validate(file):
    begin()
    from nachim.app import policy
    from nachim.app.definition.apply import apply, plan, warnings
    from nachim.app.definition.form import read

    wanted = read(file.read_text(encoding="utf-8-sig"), file.name)
    for warning in warnings(wanted):
        click.echo(f"! {warning.text(locale())}", err=True)
    apply(policy.SHELL, wanted, dry_run=True)
    count = sum(step.verb != "keep" for step in plan(wanted))
    click.echo(say(f"이상 없습니다. 적용하면 {count}개가 바뀝니다.", f"All is well. Applying it would change {count}."))
