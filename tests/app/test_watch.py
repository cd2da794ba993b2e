"""What is watched and told: reasons of a rate, prices that move, and one thing told once."""

from datetime import date, timedelta

import numpy as np
import pytest

from nachim.app.lines import Line
from nachim.app.watch import sightings
from nachim.core.period import Grain

FIRST, DAYS, FROM = date(2026, 1, 5), 240, 212


def line(metric, values, *, family="orders", part=(), **more):
    step = 7 if more.get("grain") is Grain.WEEK else 1
    days = {FIRST + timedelta(days=step * at): float(value) for at, value in enumerate(values)}
    return Line(metric, part, days, family=family, **more)


def noisy(seed, factor=1.0, level=1000.0):
    """A year of noise about a level; `factor` times as much in the last weeks."""
    values = np.random.default_rng(seed).normal(level, 0.05 * level, DAYS)
    values[FROM + 3 :] *= factor
    return values


@pytest.mark.parametrize("joint, told", [(True, 1), (False, 2)], ids=["joined", "apart"])
def test_what_begins_on_one_day_is_told_once_where_a_metric_joins_the_tables(joint, told):
    some = [line("revenue", noisy(1, 1.5)), line("visits", noisy(2, 1.5), family="sessions")]
    some.append(line("conversion", noisy(3), family="orders sessions" if joint else "surveys"))
    some += [line(f"other{at}", noisy(10 + at), family=f"t{at}") for at in range(8)]
    seen, _faults = sightings(some, FIRST + timedelta(days=FROM))
    mine = [one for one in seen if {one.metric, *(also.metric for also in one.also)} & {"revenue", "visits"}]
    assert len(mine) == told
    if joint:
        assert {mine[0].metric, *(also.metric for also in mine[0].also)} >= {"revenue", "visits"}


def test_a_price_that_had_stood_still_is_told_from_its_first_day():
    price = line("arpu", [29_000] * 220 + [33_000] * 20, part=(("plan", "team"),), family="paid", still=True)
    seen, _faults = sightings([price, *(line(f"m{at}", noisy(at)) for at in range(3))], FIRST + timedelta(days=FROM))
    found = next(one for one in seen if one.metric == "arpu")
    assert (found.episode.since, found.episode.up) == (FIRST + timedelta(days=220), True)
    assert (found.episode.usual, found.episode.seen) == (29_000, 33_000)


def test_twice_as_many_of_few_is_seen_within_weeks():
    """Four in a hundred come back, then nine: by the log of the rate the noise of small weeks would hide it."""
    rng, found = np.random.default_rng(4), 0
    for _run in range(20):
        of = rng.integers(50, 90, 70)
        chance = np.where(np.arange(70) < 62, 0.04, 0.16)
        rate = rng.binomial(of, chance) / of
        behind = {FIRST + timedelta(days=7 * at): float(n) for at, n in enumerate(of)}
        others = [line(f"o{at}", rng.normal(100, 8, 70), grain=Grain.WEEK) for at in range(10)]
        some = [line("return_rate", rate, grain=Grain.WEEK, behind=behind, family="returns"), *others]
        seen, _faults = sightings(some, FIRST + timedelta(days=7 * 62))
        found += any(one.metric == "return_rate" and one.episode.up for one in seen)
    assert found >= 18
