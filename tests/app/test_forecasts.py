"""Odds: forecast after a refresh, said once, kept with their outcome, and withheld when they do not keep their word."""

from datetime import date, timedelta

import numpy as np
import pytest
from django.core.exceptions import ValidationError

from nachim.app.actions import goals, workspace
from nachim.app.actions.forecasts import _keep_standings, look_ahead
from nachim.app.language import calendar
from nachim.app.models import Call, Forecast, Kpi, KpiStanding, Series, Workspace
from nachim.app.queries import judgements
from nachim.app.queries.odds import past_of
from nachim.app.queries.record import records
from nachim.app.queries.scorecard import kpi_rows
from nachim.app.workdays import days
from nachim.core.period import Grain
from tests import company as made
from tests.planted import noon, plant

TODAY = date(2026, 7, 10)


def monthly(count=36, level=10_000.0, growth=100.0, seed=3):
    chance = np.random.default_rng(seed)
    return [level + growth * at + 300 * chance.standard_normal() for at in range(count)]


@pytest.fixture
def kpi(company, orders):
    return made.kpi(company.bob, made.goal(company.bob), made.revenue(company.bob), target=False)


def aim(company, kpi, level, **more):
    spec = {"kind": "reach", "direction": "up", "level": level, "start": date(2026, 1, 1), "due": date(2026, 12, 31)}
    return goals.set_target(company.bob, kpi, **{**spec, **more})


def row_of(kpi, day=TODAY):
    return kpi_rows(Kpi.objects.filter(pk=kpi.pk), now=noon(day))[0]


def test_odds_are_said_once_and_decide_the_status(company, kpi):
    plant(kpi, monthly(), date(2026, 6, 30), partial=900.0)
    aim(company, kpi, 14_100.0)
    first = look_ahead(noon(TODAY))
    again = look_ahead(noon(TODAY))
    assert (first.forecasts, first.calls) == (1, 1) and (again.forecasts, again.calls) == (0, 0)
    call = Call.objects.get()
    assert call.steps == 6 and call.first == "2026-07-01" and call.low <= call.p <= call.high
    row = row_of(kpi)
    assert row.verdict.reading.kind == "odds" and row.verdict.reading.value == call.p


def test_a_harder_target_has_poorer_odds_from_the_same_forecast(company, kpi):
    plant(kpi, monthly(), date(2026, 6, 30))
    said = []
    for level in (13_000.0, 14_200.0, 16_500.0):
        aim(company, kpi, level, reason="harder")
        look_ahead(noon(TODAY))
        said.append(Call.objects.first().p)
    assert said == sorted(said, reverse=True) and said[0] > 0.9 and said[-1] < 0.1
    assert Forecast.objects.count() == 1 and Call.objects.count() == 3


def test_a_short_history_has_no_odds_and_says_why(company, kpi):
    plant(kpi, monthly(8), date(2026, 6, 30))
    aim(company, kpi, 14_000.0, baseline=9_000.0)
    look_ahead(noon(TODAY))
    call, row = Call.objects.get(), row_of(kpi)
    assert call.p is None and call.doubt["code"] == "too_short"
    assert row.verdict.reading.kind == "pace" and "기록이 짧아" in row.verdict.sentence("ko")


def test_odds_about_months_that_have_closed_since_are_not_used(company, kpi):
    values = monthly()
    plant(kpi, values, date(2026, 6, 30))
    aim(company, kpi, 14_100.0, baseline=9_000.0)
    look_ahead(noon(TODAY))
    plant(kpi, [*values, 13_500.0], date(2026, 7, 31))
    assert row_of(kpi, date(2026, 8, 2)).call is None
    look_ahead(noon(date(2026, 8, 2)))
    assert row_of(kpi, date(2026, 8, 2)).call.first == "2026-08-01" and Call.objects.count() == 2


@pytest.mark.parametrize(("level", "came"), [(14_000.0, True), (15_500.0, False)])
def test_an_outcome_is_written_when_the_last_month_is_closed(company, kpi, level, came):
    values = monthly()
    plant(kpi, values, date(2026, 6, 30))
    aim(company, kpi, level)
    look_ahead(noon(TODAY))
    plant(kpi, [*values, 13_700.0, 13_800.0, 13_900.0, 14_000.0, 14_100.0], date(2026, 11, 30))
    assert look_ahead(noon(date(2026, 12, 10))).settled == 0
    plant(kpi, [*values, 13_700.0, 13_800.0, 13_900.0, 14_000.0, 14_100.0, 14_200.0], date(2026, 12, 31))
    assert look_ahead(noon(date(2027, 1, 3))).settled == 2
    assert {call.came for call in Call.objects.all()} == {came}
    assert {call.value for call in Call.objects.all()} == {14_200.0}
    assert look_ahead(noon(date(2027, 1, 4))).settled == 0


def test_a_total_counts_what_was_there_already(company, kpi):
    values = monthly()
    plant(kpi, values, date(2026, 6, 30))
    done = sum(values[-6:])
    aim(company, kpi, done + 6 * 13_900.0, total=True)
    look_ahead(noon(TODAY))
    call = Call.objects.get()
    assert call.needed == pytest.approx(13_900.0) and 0.05 < call.p < 0.95
    rest = [13_950.0] * 6
    plant(kpi, [*values, *rest], date(2026, 12, 31))
    look_ahead(noon(date(2027, 1, 3)))
    call.refresh_from_db()
    assert call.came and call.value == pytest.approx(done + sum(rest))


def test_kinds_without_odds_get_none(company, kpi):
    plant(kpi, monthly(), date(2026, 6, 30))
    aim(company, kpi, None, kind="range", low=1.0, high=20_000.0) if False else goals.set_target(
        company.bob, kpi, kind="range", low=1.0, high=20_000.0, start=date(2026, 1, 1), due=date(2026, 12, 31)
    )
    look_ahead(noon(TODAY))
    assert not Call.objects.exists() and row_of(kpi).status == "met"


def settled_calls(kpi, target, said, came, grain="month"):
    """Calls about as many targets' ends as there are, settled."""
    Call.objects.bulk_create([
        Call(kpi=kpi, target=target, grain=grain, first="2026-01-01", steps=3, due=date(2026, 3, 31), p=p, came=c,
             pace=p > 0.5, value=1.0)
        for p, c in zip(said, came, strict=True)
    ])  # fmt: skip


def test_odds_that_did_not_keep_their_word_are_withheld_and_still_scored(company, kpi):
    plant(kpi, monthly(), date(2026, 6, 30))
    for at in range(10):
        target = aim(company, kpi, 14_000.0 + at, reason="r")
        settled_calls(kpi, target, [0.9] * 5, [False] * 4 + [True])
    assert records()["month"].bar.below
    aim(company, kpi, 14_100.0, baseline=9_000.0, reason="last")
    look_ahead(noon(TODAY))
    call, row = Call.objects.first(), row_of(kpi)
    assert call.withheld and call.p is not None
    assert row.verdict.reading.kind == "pace" and "검증되지 않아" in row.verdict.sentence("ko")


def test_few_settled_calls_are_no_record_yet(company, kpi):
    target = aim(company, kpi, 14_000.0)
    settled_calls(kpi, target, [0.9] * 5, [False] * 5)
    assert records()["month"].bar.code == "few"


# --- what must never be red


def seollal_weeks(last: date, count=112):
    """Weekly sales; the week of 설날 and of 추석 sells less than half, each year alike."""
    feasts = [date(2024, 2, 10), date(2024, 9, 17), date(2025, 1, 29), date(2025, 10, 6), date(2026, 2, 17)]
    chance = np.random.default_rng(5)
    monday = last - timedelta(days=last.weekday())
    values = []
    for back in range(count - 1, -1, -1):
        first = monday - timedelta(weeks=back)
        usual = 1_000.0 * (1 + 0.02 * chance.standard_normal())
        values.append(usual * (0.45 if any(first <= feast < first + timedelta(days=7) for feast in feasts) else 1))
    return values


def test_the_week_of_seollal_is_not_red_when_the_year_before_explains_it(company, orders):
    kpi = made.kpi(company.bob, made.goal(company.bob), made.revenue(company.bob), target=False, cadence="week")
    plant(kpi, seollal_weeks(date(2026, 2, 22)), date(2026, 2, 22))
    aim(company, kpi, 950.0)
    look_ahead(noon(date(2026, 2, 24)))
    row = row_of(kpi, date(2026, 2, 24))
    assert row.closed.value < 500
    assert row.status == "on_pace", row.verdict.sentence("ko")


def test_a_month_three_days_old_is_not_red(company, kpi):
    plant(kpi, monthly(), date(2026, 6, 30), partial=1_200.0)
    aim(company, kpi, 13_000.0)
    look_ahead(noon(date(2026, 7, 3)))
    assert row_of(kpi, date(2026, 7, 3)).status in ("on_pace", "met")


def test_a_daily_target_for_this_month_is_not_red_on_its_third_day(company, orders):
    kpi = made.kpi(company.bob, made.goal(company.bob), made.revenue(company.bob), target=False, cadence="day")
    plant(kpi, [1_000.0 + 5 * (at % 7) for at in range(200)], date(2026, 7, 2))
    aim(company, kpi, 31 * 1_400.0, total=True, start=date(2026, 7, 1), due=date(2026, 7, 31))
    look_ahead(noon(date(2026, 7, 3)))
    row = row_of(kpi, date(2026, 7, 3))
    assert row.status not in ("behind", "unhealthy"), row.verdict.sentence("ko")


def test_above_target_is_never_red_because_it_fell(company, kpi):
    plant(kpi, [*monthly(35), 9_000.0], date(2026, 6, 30))
    aim(company, kpi, 8_500.0)
    look_ahead(noon(TODAY))
    row = row_of(kpi)
    assert row.previous.value > row.closed.value and row.status == "met"


# --- hysteresis: a colour does not flicker


def test_a_colour_changes_at_the_second_update_that_finds_the_same(company, kpi):
    values = monthly()
    plant(kpi, values, date(2026, 6, 30))
    aim(company, kpi, 14_100.0)
    look_ahead(noon(TODAY))
    call = Call.objects.get()
    statuses = []
    for p in (0.8, 0.72, 0.69, 0.69, 0.71, 0.69, 0.2):
        call.pk, call.p, call._state.adding = None, p, True
        call.save()
        statuses.append(row_of(kpi).status.value)
        # Looking twice is no second update.
        assert row_of(kpi).status.value == statuses[-1]
        _keep_standings(noon(TODAY))
        assert row_of(kpi).status.value == statuses[-1]
    assert statuses == ["on_pace", "on_pace", "on_pace", "at_risk", "at_risk", "at_risk", "behind"]


def test_who_has_just_crossed_the_border_is_told_so(company, kpi):
    plant(kpi, monthly(), date(2026, 6, 30))
    aim(company, kpi, 14_100.0)
    look_ahead(noon(TODAY))
    call = Call.objects.get()
    for p in (0.75, 0.68):
        call.pk, call.p, call._state.adding = None, p, True
        call.save()
        _keep_standings(noon(TODAY))
    row = row_of(kpi)
    assert row.status == "on_pace" and row.verdict.status == "at_risk" and row.shown.knocking == "at_risk"
    assert "‘주의’" in row.why["ko"] and "at risk" in row.why["en"]
    # Another target begins anew.
    KpiStanding.objects.update(target=aim(company, kpi, 14_150.0, reason="more"))
    assert row_of(kpi).status == "at_risk" and row_of(kpi).shown.knocking is None


# --- a feast that the year before explains


FEASTS = [
    date(2024, 2, 10), date(2024, 9, 17), date(2025, 1, 29), date(2025, 10, 6), date(2026, 2, 17), date(2026, 9, 25),
]  # fmt: skip


def keep(company, kpi, level, **more):
    spec = {"kind": "keep", "direction": "up", "level": level, "start": date(2025, 1, 1), "due": date(2026, 12, 31)}
    return goals.set_target(company.bob, kpi, **{**spec, **more})


def feast_weeks(last: date, share=0.45, ordinary=1_000.0, count=112):
    monday = last - timedelta(days=last.weekday())
    firsts = [monday - timedelta(weeks=back) for back in range(count - 1, -1, -1)]
    return [
        ordinary * (share if any(first <= feast < first + timedelta(days=7) for feast in FEASTS) else 1)
        for first in firsts
    ]


@pytest.mark.parametrize("last", [date(2026, 2, 22), date(2026, 9, 27)])
def test_what_is_to_be_kept_is_not_red_in_a_feast_week_like_last_years(company, orders, last):
    kpi = made.kpi(company.bob, made.goal(company.bob), made.revenue(company.bob), target=False, cadence="week")
    plant(kpi, feast_weeks(last), last)
    keep(company, kpi, 950.0)
    row = row_of(kpi, last + timedelta(days=2))
    assert row.closed.value < 500 and row.status == "on_pace" and row.verdict.code == "feast"
    assert "45%" in row.verdict.sentence("ko")
    assert judgements.pasts(kpi, now=noon(last + timedelta(days=2)))[0].status == "on_pace"


def test_a_feast_week_far_worse_than_last_years_is_red(company, orders):
    last = date(2026, 2, 22)
    kpi = made.kpi(company.bob, made.goal(company.bob), made.revenue(company.bob), target=False, cadence="week")
    plant(kpi, [*feast_weeks(last)[:-1], 250.0], last)
    keep(company, kpi, 950.0)
    assert row_of(kpi, last + timedelta(days=2)).status == "behind"


def test_an_ordinary_week_is_not_excused(company, orders):
    last = date(2026, 4, 19)
    kpi = made.kpi(company.bob, made.goal(company.bob), made.revenue(company.bob), target=False, cadence="week")
    plant(kpi, [*feast_weeks(last)[:-1], 450.0], last)
    keep(company, kpi, 950.0)
    assert row_of(kpi, last + timedelta(days=2)).status == "behind"


def test_the_day_of_chuseok_is_not_red_when_last_years_was_as_quiet(company, orders):
    kpi = made.kpi(company.bob, made.goal(company.bob), made.revenue(company.bob), target=False, cadence="day")
    last = FEASTS[-1]
    days = [last - timedelta(days=back) for back in range(500, -1, -1)]
    plant(kpi, [200.0 if day in FEASTS else 1_000.0 for day in days], last)
    keep(company, kpi, 950.0)
    assert row_of(kpi, last + timedelta(days=1)).verdict.code == "feast"


# --- days the company is closed


def test_days_off_of_the_company_move_the_path_and_the_forecast(company, kpi):
    plant(kpi, [1_000.0 + at % 7 for at in range(120)], date(2026, 6, 30), grain="day")
    assert days(2026, 2026).works(date(2026, 5, 4))
    workspace.edit(company.alice, closed=["2026-05-04", "2026-07-20", "2026-05-04"])
    assert Workspace.current().closed == ["2026-05-04", "2026-07-20"]
    assert not days(2026, 2026).works(date(2026, 5, 4))
    known = past_of(Series.objects.get(), Grain.DAY, calendar())
    assert known.history.company == (date(2026, 5, 4), date(2026, 7, 20))
    with pytest.raises(ValidationError):
        workspace.edit(company.alice, closed=["내일"])
