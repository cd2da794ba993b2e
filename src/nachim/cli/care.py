"""refresh and doctor."""

import click

from nachim.cli.start import begin, missing_migrations
from nachim.cli.words import command, complain, locale, option, say, stopped


@command("refresh", "낡은 측정값만 다시 계산합니다.", "Compute the observations that are stale, and nothing else.")
def refresh():
    begin()
    from nachim.app.actions.forecasts import look_ahead
    from nachim.app.actions.refresh import refresh as bring_up

    done = bring_up(patient=False)
    look_ahead()
    click.echo(say(f"지표 {done.series}개, 측정값 {done.cells:,}개, {done.seconds:.1f}초",
                   f"{done.series} series, {done.cells:,} observations, {done.seconds:.1f} s"))  # fmt: skip
    if done.problems:
        complain(say(f"계산하지 못한 지표 {done.problems}개. nachim doctor로 까닭을 보세요.",
                     f"{done.problems} series could not be computed; nachim doctor says why."))  # fmt: skip
        raise stopped()


@command(
    "doctor", "홈, 데이터베이스, 표, 측정값이 온전한지 살핍니다.", "Check that home, database, lake and mart are sound."
)
@option(
    "--audit", is_flag=True, ko="감사 기록의 사슬도 확인합니다.", en="Also verify the hash chain of the audit trail."
)
@option("--fix", is_flag=True, ko="멈춘 가져오기가 남긴 것을 치웁니다.", en="Remove what stopped imports left behind.")
def doctor(audit, fix):
    begin()
    from nachim.app.doctor import Check, checks

    bad = 0
    behind = missing_migrations()
    found = [
        Check(not behind, "데이터베이스가 최신입니다." if not behind else f"구조가 뒤졌습니다: {', '.join(behind)}",
              "The database is up to date." if not behind else f"Migrations not applied: {', '.join(behind)}"),
    ]  # fmt: skip
    for check in [*checks(audit=audit, fix=fix), *found]:
        click.echo(f"{'✓' if check.ok else '✗'} {check.text(locale())}")
        bad += not check.ok
    if bad:
        raise stopped()
