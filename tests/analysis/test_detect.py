"""Detection: planted events are found and dated, faults come first, budgets hold, and the future does not leak."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nachim.analysis.detect import detect
from nachim.analysis.detect_alert import begins, count, spans, threshold
from nachim.analysis.detect_calendar import AFTER, BEFORE, FEAST, FEAST_WEEKEND, HOLIDAY, NONE, korean_days
from nachim.analysis.detect_model import LOG, PLAIN, ROOT, back, fit, transform
from nachim.analysis.detect_result import FAULTS, DataFault

DAYS = [date(2023, 1, 2) + timedelta(at) for at in range(500)]
WEEK = np.array([1, 1.1, 0.9, 1, 1.2, 1.6, 0.5])[np.arange(len(DAYS)) % 7]


def panel(seed=1, series=8, noise=0.05):
    rng = np.random.default_rng(seed)
    return 10_000 * np.exp(noise * rng.standard_normal((series, len(DAYS)))) * WEEK


def of(found, series):
    return [one for one in found.episodes if one.series == series]


def test_a_spike_a_fall_and_a_drift_are_found_dated_and_told_apart():
    values = panel()
    values[1, 400] *= 1.5
    values[2, 420:] *= 0.8
    values[3, 380:] *= np.exp(0.01 * np.arange(120))
    names = [f"s{at}" for at in range(8)]
    found = detect(values, DAYS, names, budget_per_week=0.3, rarest=0.001, judged_from=DAYS[365])
    spike, fall, drift = (max(of(found, name), key=lambda one: one.one_in) for name in ("s1", "s2", "s3"))
    assert (spike.kind, spike.since, spike.last, spike.up) == ("spike", DAYS[400], DAYS[400], True)
    assert spike.seen == pytest.approx(1.5 * spike.usual, rel=0.12)
    assert (fall.kind, fall.up) == ("shift", False) and abs((fall.since - DAYS[420]).days) <= 2
    assert fall.change == pytest.approx(-0.2, abs=0.05)
    assert (drift.kind, drift.up) == ("trend", True) and drift.since < DAYS[430]
    assert len(found.episodes) <= 8


def test_sentences_say_when_and_which_way():
    values = panel()
    values[0, 420:] *= 0.7
    values[1, 400] *= 2
    found = detect(values[:2], DAYS, ["매출", "방문"], rarest=0.001)
    fall, spike = of(found, "매출")[0], of(found, "방문")[0]
    assert fall.sentence(unit="KRW").startswith("매출이 2월 26일부터 평소(₩")
    assert "낮습니다" in fall.sentence(unit="KRW") and "below its usual" in fall.sentence("en", unit="KRW")
    assert spike.sentence().startswith("방문이 2월 6일에 평소")


def test_faults_of_the_data_come_first_and_are_not_judged():
    values = panel()
    values[0, 300:303] = np.nan
    values[1, 480:] = np.nan
    values[2, 350:360] = values[2, 350]
    values[3, 370] = 0
    values[4, :200] = np.nan
    found = detect(values, DAYS, [f"s{at}" for at in range(8)])
    assert {(one.series, one.kind, one.first, one.last) for one in found.faults} == {
        ("s0", "missing", DAYS[300], DAYS[302]),
        ("s1", "stale", DAYS[480], DAYS[-1]),
        ("s2", "frozen", DAYS[351], DAYS[359]),
        ("s3", "zero", DAYS[370], DAYS[370]),
    }
    assert not [one for one in of(found, "s3") if one.noticed == DAYS[370]]
    for one in found.faults:
        assert "{" not in one.sentence() + one.sentence("en", name="Orders")
    assert set(FAULTS) == {one.kind for one in found.faults}
    assert DataFault("매출", "stale", DAYS[0], DAYS[1]).sentence() == "1월 2일부터 매출 데이터가 들어오지 않습니다."


def test_what_a_weekday_or_a_feast_always_lacks_is_no_fault():
    values = panel()
    values[0, 6::7] = np.nan
    special = korean_days(DAYS)
    values[1, np.isin(special, (FEAST, FEAST_WEEKEND))] = 0
    assert detect(values, DAYS).faults == ()


def test_series_with_too_little_history_are_named():
    values = panel()
    values[2, :450] = np.nan
    assert detect(values, DAYS, list("abcdefgh")).too_short == ("c",)
    assert detect(values[2:3], DAYS).episodes == ()


def test_a_shock_to_everything_is_one_alert():
    rng = np.random.default_rng(3)
    common = rng.standard_normal(len(DAYS)) * 0.05
    common[430] = -0.6
    values = panel(series=60) * np.exp(common * rng.uniform(0.5, 1.5, (60, 1)))
    found = detect(values, DAYS, judged_from=DAYS[365], budget_per_week=1)
    struck = [one for one in found.episodes if one.noticed == DAYS[430]]
    assert [one.shared for one in struck][:1] == [True] and len(struck) <= 6
    assert "함께 내렸습니다" in struck[0].sentence() and "down together" in struck[0].sentence("en")


def test_holidays_seen_before_raise_no_alert():
    special = korean_days(DAYS)
    off = np.isin(special, (HOLIDAY, FEAST, FEAST_WEEKEND))
    values = panel() * np.where(off, 0.4, 1)
    found = detect(values, DAYS, judged_from=DAYS[300], budget_per_week=0.3, rarest=0.001)
    assert not [one for one in found.episodes if special[DAYS.index(one.noticed)]]


def test_classes_of_korean_days():
    said = dict(zip(DAYS, korean_days(DAYS).tolist(), strict=True))
    assert said[date(2023, 3, 1)] == HOLIDAY and said[date(2023, 3, 2)] == NONE
    # 설날 2023 fell on Sunday 22 January; the 24th was its substitute.
    assert said[date(2023, 1, 20)] == BEFORE and said[date(2023, 1, 22)] == FEAST_WEEKEND
    assert said[date(2023, 1, 23)] == FEAST and said[date(2023, 1, 24)] == FEAST and said[date(2023, 1, 25)] == AFTER
    assert said[date(2023, 10, 2)] == HOLIDAY or said[date(2023, 10, 2)] == FEAST
    assert len(korean_days([])) == 0


def test_the_future_does_not_change_what_was_said():
    values = panel(series=30, noise=0.1)
    values[3, 420:] *= 0.7
    values[7, 460] *= 3
    whole = detect(values, DAYS, judged_from=DAYS[365], budget_per_week=2)
    cut = detect(values[:, :440], DAYS[:440], judged_from=DAYS[365], budget_per_week=2)
    assert cut.threshold == whole.threshold
    early = {(one.series, one.noticed) for one in whole.episodes if one.noticed < DAYS[440]}
    assert early == {(one.series, one.noticed) for one in cut.episodes}


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.floats(1e-2, 1e4))
def test_order_of_series_and_the_unit_of_money_do_not_matter(seed, scale):
    values = panel(seed, series=30, noise=0.1)
    values[5, 400:] *= 0.8
    order = np.random.default_rng(seed).permutation(30)
    names = [f"s{at}" for at in range(30)]
    one = detect(values, DAYS, names, budget_per_week=1)
    other = detect(values[order] * scale, DAYS, [names[at] for at in order], budget_per_week=1)
    kept = {(x.series, x.noticed, x.kind) for x in one.episodes}
    assert kept and kept == {(x.series, x.noticed, x.kind) for x in other.episodes}


def test_a_larger_budget_never_says_less_and_the_budget_binds():
    values = panel(series=40, noise=0.1)
    said = [detect(values, DAYS, budget_per_week=budget) for budget in (0.2, 1, 3)]
    assert [len(one.episodes) for one in said] == sorted(len(one.episodes) for one in said)
    assert all(one.expected_per_week <= budget for one, budget in zip(said, (0.2, 1, 3), strict=True))
    assert said[0].threshold > said[1].threshold > said[2].threshold


def test_weeks_and_months_are_judged_too():
    weeks = [date(2020, 1, 6) + timedelta(7 * at) for at in range(120)]
    rng = np.random.default_rng(2)
    values = 100 * np.exp(0.05 * rng.standard_normal((5, 120)))
    values[0, 100:] *= 0.7
    found = detect(values, weeks, list("abcde"), grain="week", budget_per_week=0.2)
    assert found.episodes[0].series == "a" and abs((found.episodes[0].since - weeks[100]).days) <= 7
    months = [date(2018 + at // 12, at % 12 + 1, 1) for at in range(72)]
    values = 100 * np.exp(0.03 * rng.standard_normal((5, 72)))
    values[1, 60] *= 1.5
    assert detect(values, months, list("abcde"), grain="month", budget_per_week=0.02).episodes[0].series == "b"


def test_a_perfect_rhythm_leaves_no_residual():
    values = np.tile(1000 * WEEK, (2, 1))
    season = np.arange(len(DAYS)) % 7
    model = fit(values, season, np.zeros(len(DAYS), int), 56, len(DAYS))
    assert np.nanmax(np.abs(model.values - model.season - np.log(1000)), initial=0) < 1
    assert not np.isfinite(model.residual).any() or np.nanmax(np.abs(model.residual)) < 1e-6
    assert detect(values, DAYS).episodes == ()


def test_scales_of_values_go_there_and_back():
    values = np.array([[1.5, 2.5, 900.0], [0.0, 3.0, 4.0], [-1.0, 2.0, 3.0]])
    how, changed = transform(values)
    assert how.tolist() == [LOG, ROOT, PLAIN]
    for row in range(3):
        assert back(changed[row], int(how[row])) == pytest.approx(values[row], abs=1e-9)


def slowly(flags, gap):
    found = []
    for row, days in enumerate(flags):
        first = last = None
        for day in np.flatnonzero(days).tolist():
            if last is not None and day - last > gap:
                found.append((row, first, last))
                first = None
            first, last = day if first is None else first, day
        if first is not None:
            found.append((row, first, last))
    return found


@given(st.lists(st.lists(st.booleans(), min_size=12, max_size=12), min_size=1, max_size=4), st.integers(0, 5))
def test_episodes_are_runs_with_gaps_bridged(rows, gap):
    flags = np.array(rows)
    expected = slowly(flags, gap)
    assert spans(flags, gap) == expected
    assert count(flags, gap) == len(expected) == begins(flags, gap).sum()


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 30))
def test_the_threshold_is_the_lowest_within_the_budget(seed, budget):
    level = np.random.default_rng(seed).exponential(1, (5, 60))
    limit, episodes = threshold(level, budget, 3, 0.5)
    assert episodes == len(slowly(level > limit, 3)) <= budget
    # Lower by more than the search's step would have been over the budget, or below the least.
    assert limit == 0.5 or len(slowly(level > limit - 2e-3, 3)) >= episodes


def test_calls_that_do_not_fit_are_errors():
    with pytest.raises(ValueError, match="grain"):
        detect(panel(), DAYS, grain="hour")
    with pytest.raises(ValueError, match="one column a day"):
        detect(panel(), DAYS[:10])
    with pytest.raises(ValueError, match="as many names"):
        detect(panel(), DAYS, ["a"])


def test_a_slice_that_lacks_days_by_chance_has_no_fault_but_a_week_without_it_is_one():
    values = panel()
    values[0, np.random.default_rng(3).random(len(DAYS)) < 0.05] = np.nan
    assert detect(values, DAYS).faults == ()
    values[0, 300:307] = np.nan
    assert [(one.kind, one.last >= DAYS[306]) for one in detect(values, DAYS).faults] == [("missing", True)]


def test_an_event_that_ends_is_one_episode_told_by_how_it_began():
    values = panel()
    values[2, 400:410] *= 1.5
    found = of(detect(values, DAYS, [f"s{at}" for at in range(8)], judged_from=DAYS[365], rarest=0.001), "s2")
    assert len(found) == 1
    assert (found[0].up, found[0].since, found[0].noticed) == (True, DAYS[400], DAYS[400])
    assert DAYS[409] <= found[0].last <= DAYS[417] and not found[0].ongoing
    assert found[0].change == pytest.approx(0.5, abs=0.08)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_what_is_said_to_be_above_is_above(seed):
    rng = np.random.default_rng(seed)
    common = rng.standard_t(4, len(DAYS)) * 0.05
    values = panel(seed, series=30) * np.exp(common * rng.uniform(0.5, 1.5, (30, 1)))
    for one in detect(values, DAYS, budget_per_week=5, rarest=0.05).episodes:
        assert one.shared or (one.seen > one.usual) == one.up
        assert one.since <= one.noticed <= one.last


def test_what_always_has_one_value_has_not_stopped():
    rng = np.random.default_rng(5)
    days = [date(2025, 1, 6) + timedelta(days=at) for at in range(200)]
    always = np.where(np.arange(200) < 4, rng.normal(100, 5, 200), 100.0)
    stopped = np.where(np.arange(200) < 170, rng.normal(100, 5, 200), 100.0)
    found = detect(np.array([always, stopped]), days, ["always", "stopped"])
    assert {(one.series, one.kind) for one in found.faults} == {("stopped", "frozen")}
