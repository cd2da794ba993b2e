"""refresh and doctor."""

import click

from nachim.cli.words import begin, locale, say


@click.command()
def refresh():
    """Compute the observations that are stale, and nothing else."""
    begin()
    from nachim.app.actions.refresh import refresh as bring_up

    done = bring_up()
    click.echo(say(f"시리즈 {done.series}개, 측정값 {done.cells:,}개, {done.seconds:.1f}초",
                   f"{done.series} series, {done.cells:,} observations, {done.seconds:.1f} s"))  # fmt: skip
    if done.problems:
        click.echo(say(f"계산하지 못한 시리즈 {done.problems}개. nachim doctor로 까닭을 보세요.",
                       f"{done.problems} series could not be computed; nachim doctor says why."), err=True)  # fmt: skip
        raise click.exceptions.Exit(1)


@click.command()
@click.option("--audit", is_flag=True, help="Also verify the hash chain of the audit trail.")
@click.option("--fix", is_flag=True, help="Remove what stopped imports left behind.")
def doctor(audit, fix):
    """Check that home, database, lake and mart are sound."""
    begin()
    from nachim.app.doctor import checks

    bad = 0
    for check in checks(audit=audit, fix=fix):
        click.echo(f"{'✓' if check.ok else '✗'} {check.text(locale())}")
        bad += not check.ok
    if bad:
        raise click.exceptions.Exit(1)
