"""Metrics people write in: periods without a value are unknown, longer ones are last, sum or mean, and never half."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nachim.core.period import Calendar, Grain
from nachim.metrics.bind import Binder
from nachim.metrics.by_hand import source_of
from nachim.metrics.cells import State
from nachim.metrics.check import check
from nachim.metrics.lineage import spec_hash, tables_of
from nachim.metrics.messages import SpecError
from nachim.metrics.refresh import Staleness, reach_of
from nachim.metrics.run import Query, evaluate
from nachim.metrics.spec import Model
from tests.metrics.company import Tables

SEOUL = Calendar()
NOW = datetime(2026, 11, 27, 3, tzinfo=UTC)


def written(values, calendar=SEOUL):
    """Rows of values by the last day they speak of; None was taken back."""
    days = [calendar.instant(datetime.combine(date.fromisoformat(day), datetime.min.time())) for day in values]
    texts = pa.array([None] * len(days), pa.string())
    return pa.table({
        "day": pa.array(days, pa.timestamp("us", "UTC")), "value": pa.array(list(values.values()), pa.float64()),
        "note": texts, "by": texts, "at": pa.array([None] * len(days), pa.timestamp("us", "UTC")),
    })  # fmt: skip


def model_of(manual, **more):
    return Model.load({
        "sources": {"written_recall": {"lake": "written_recall", "key": "day", "time": "day"}},
        "metrics": {"recall": {"unit": "percent", "manual": manual}, **more},
    })  # fmt: skip


def cells(manual, values, grain, start="2026-01-01", end="2027-01-01", metric="recall", now=NOW, **more):
    query = Query((metric,), Grain(grain), date.fromisoformat(start), date.fromisoformat(end))
    found = evaluate(model_of(manual, **more), query, Tables(written_recall=written(values)), as_of=now).cells
    return {cell.period[:7]: (cell.value, cell.state.value) for cell in found if cell.state is not State.NO_DATA}


# February is missing; May and what follows is not there yet.
GAP = {"2026-01-31": 10.0, "2026-03-31": 30.0, "2026-04-30": 40.0}
WHOLE = {"2026-01-31": 10.0, "2026-02-28": 20.0, "2026-03-31": 30.0, "2026-04-30": 40.0, "2026-05-31": 0.1}


@pytest.mark.parametrize(
    ("manual", "values", "grain", "expected"),
    [
        ({}, GAP, "month", {"2026-01": (10, "ok"), "2026-03": (30, "ok"), "2026-04": (40, "ok")}),
        ({"over_time": "sum"}, GAP, "month", {"2026-01": (10, "ok"), "2026-03": (30, "ok"), "2026-04": (40, "ok")}),
        ({"over_time": "avg"}, GAP, "month", {"2026-01": (10, "ok"), "2026-03": (30, "ok"), "2026-04": (40, "ok")}),
        # the level of a quarter is that of its end; the sum and the mean need every month
        ({}, GAP, "quarter", {"2026-01": (30, "ok"), "2026-04": (40, "partial_period")}),
        ({"over_time": "sum"}, GAP, "quarter", {"2026-01": (40, "partial_period"), "2026-04": (40, "partial_period")}),
        ({"over_time": "avg"}, GAP, "quarter", {"2026-01": (20, "partial_period"), "2026-04": (40, "partial_period")}),
        ({}, WHOLE, "quarter", {"2026-01": (30, "ok"), "2026-04": (0.1, "partial_period")}),
        ({"over_time": "sum"}, WHOLE, "quarter", {"2026-01": (60, "ok"), "2026-04": (40.1, "partial_period")}),
        ({"over_time": "avg"}, WHOLE, "quarter", {"2026-01": (20, "ok"), "2026-04": (20.05, "partial_period")}),
        ({"over_time": "sum"}, WHOLE, "year", {"2026-01": (100.1, "partial_period")}),
        ({}, {"2026-01-31": 1.0, "2026-02-28": 2.0, "2026-04-30": 4.0}, "quarter",
         {"2026-01": (2, "partial_period"), "2026-04": (4, "partial_period")}),
        # a value that was taken back is none
        ({"over_time": "sum"}, {"2026-01-31": 10.0, "2026-02-28": None, "2026-03-31": 30.0}, "quarter",
         {"2026-01": (40, "partial_period")}),
        ({}, {"2026-01-31": 10.0, "2026-02-28": 20.0, "2026-03-31": None}, "quarter",
         {"2026-01": (20, "partial_period")}),
        ({}, {"2026-01-31": None}, "month", {}),
        ({"over_time": "sum"}, {"2026-01-31": None, "2026-02-28": None}, "month", {}),
        ({}, {}, "month", {}),
        # finer than what is written: a value on its last day, and nothing on others
        ({"every": "quarter"}, {"2026-03-31": 5.0}, "month", {"2026-03": (5, "ok")}),
        ({"every": "quarter", "over_time": "sum"}, {"2026-03-31": 5.0, "2026-06-30": 6.0, "2026-09-30": 7.0}, "year",
         {"2026-01": (18, "partial_period")}),
        ({"every": "day", "over_time": "sum"}, {f"2026-02-{day:02}": 0.1 for day in range(1, 29)}, "month",
         {"2026-02": (2.8, "ok")}),
        ({"every": "day", "over_time": "sum"}, {f"2026-02-{day:02}": 0.1 for day in range(1, 29) if day != 7}, "month",
         {"2026-02": (2.7, "partial_period")}),
        # a week belongs to the month in which it ends
        ({"every": "week", "over_time": "sum"}, {f"2026-03-{day:02}": 1.0 for day in (1, 8, 15, 22, 29)}, "month",
         {"2026-03": (5, "partial_period")}),
        ({"every": "week", "over_time": "sum"},
         {f"2026-03-{day:02}": 1.0 for day in (1, 8, 15, 22, 29)} | {"2026-04-05": 1.0}, "month",
         {"2026-03": (5, "ok"), "2026-04": (1, "partial_period")}),
    ],
)  # fmt: skip
def test_what_is_written_makes_these_cells(manual, values, grain, expected):
    found = cells(manual, values, grain)
    assert {key: (pytest.approx(value), state) for key, (value, state) in expected.items()} == found


def test_sums_and_means_are_exact():
    tenths = {f"2026-{month:02}-{day}": 0.1 for month, day in ((1, 31), (2, 28), (3, 31))}
    assert cells({"over_time": "sum"}, tenths, "quarter")["2026-01"] == (0.3, "ok")
    assert cells({"over_time": "avg"}, tenths, "quarter")["2026-01"] == (0.1, "ok")


def test_the_period_under_way_is_written_early_and_closes_by_itself():
    early = {"2026-10-31": 1.0, "2026-11-30": 2.0}
    assert cells({}, early, "month")["2026-11"] == (2, "partial_period")
    later = datetime(2026, 12, 1, 3, tzinfo=UTC)
    assert cells({}, early, "month", now=later)["2026-11"] == (2, "ok")


@pytest.mark.parametrize(
    ("name", "definition", "grain", "expected"),
    [
        ("share", {"calc": "recall / 100"}, "month",
         {"2026-01": (0.1, "ok"), "2026-03": (0.3, "ok"), "2026-04": (0.4, "ok")}),
        ("growth", {"calc": "recall / before - 1", "with": {"before": {"at": "recall", "shift": "-1 month"}}}, "month",
         {"2026-04": (1 / 3, "ok")}),
        ("last", {"at": "recall", "shift": "-1 month"}, "month",
         {"2026-02": (10, "ok"), "2026-04": (30, "ok"), "2026-05": (40, "ok")}),
        ("ytd", {"at": "recall", "to_date": "year"}, "month",
         {"2026-01": (10, "ok"), "2026-02": (10, "partial_period"), "2026-03": (40, "partial_period"),
          "2026-04": (80, "partial_period"), "2026-05": (80, "partial_period")}),
        ("three", {"at": "recall", "window": "3 months"}, "month",
         {"2026-01": (10, "partial_period"), "2026-02": (10, "partial_period"), "2026-03": (40, "partial_period"),
          "2026-04": (70, "partial_period"), "2026-05": (70, "partial_period")}),
    ],
)  # fmt: skip
def test_other_metrics_stand_on_it(name, definition, grain, expected):
    found = cells({"over_time": "sum"}, GAP, grain, end="2026-06-01", metric=name, **{name: definition})
    assert {key: (pytest.approx(value), state) for key, (value, state) in expected.items()} == found


@pytest.mark.parametrize("rules", [{"day_start": "05:00"}, {"tz": "America/New_York"}, {"week_start": "sunday"}])
def test_a_value_lies_on_the_last_business_day_of_its_period(rules):
    model = Model.load(model_of({}).dump() | {"calendar": rules})
    calendar = model.calendar.calendar()
    table = written({"2026-01-31": 1.0, "2026-02-28": 2.0}, calendar)
    query = Query(("recall",), Grain.MONTH, date(2026, 1, 1), date(2026, 4, 1))
    found = evaluate(model, query, Tables(written_recall=table), as_of=NOW).cells
    assert [(cell.value, cell.state) for cell in found] == [(1, State.OK), (2, State.OK), (None, State.NO_DATA)]


def test_without_its_source_it_has_no_value_and_nothing_is_built_on_it():
    model = Model.load({"metrics": {"recall": {"manual": {}}, "half": {"calc": "recall / 2"}}})
    found = evaluate(model, Query(("recall",), Grain.MONTH, date(2026, 1, 1), date(2026, 2, 1)), Tables(), as_of=NOW)
    assert [cell.state for cell in found.cells] == [State.NO_DATA]
    assert [note.code for note in found.notes] == ["manual"]
    with pytest.raises(SpecError, match="written_recall"):
        Binder(model, Tables()).metric("half")


def test_its_table_is_part_of_its_lineage_and_its_reading_is_told():
    model = model_of({"over_time": "sum"}, half={"calc": "recall / 2"})
    tables = Tables(written_recall=written(WHOLE))
    assert check(model, tables) == []
    assert tables_of(model, "recall") == tables_of(model, "half") == {source_of("recall")}
    found = evaluate(model, Query(("recall",)), tables, as_of=NOW)
    told = next(note for note in found.notes if note.code == "by_hand")
    assert "zero" not in [note.code for note in found.notes]
    assert "그 합" in told.text("ko") and "their sum" in told.text("en")
    assert spec_hash(model, "half") != spec_hash(model_of({"over_time": "avg"}, half={"calc": "recall / 2"}), "half")


def test_a_metric_inside_a_calculation_is_nobodys_to_write():
    model = model_of({}, made={"calc": "recall + recall2", "with": {"recall2": {"manual": {}}}})
    with pytest.raises(SpecError, match="recall2"):
        Binder(model, Tables(written_recall=written(GAP))).metric("made")


MISTAKES = [
    ({"over_time": "median"}, "last, sum, avg"),
    ({"over": "sum"}, "over_time, every"),
    ({"every": "months"}, "month"),
    (3, "묶음"),
    (None, "묶음"),
]


@pytest.mark.parametrize(("manual", "said"), MISTAKES)
@pytest.mark.parametrize("plain", [True, False])
def test_what_a_definition_may_not_say(manual, said, plain):
    import yaml

    data = {"metrics": {"recall": {"manual": manual}}}
    with pytest.raises(SpecError) as error:
        Model.load(data if plain else yaml.safe_dump(data))
    assert said in error.value.text("ko")


@pytest.mark.parametrize("manual", [{}, {"over_time": "sum"}, {"every": "week", "over_time": "avg"}])
def test_a_definition_is_written_as_it_was_read(manual):
    model = model_of(manual)
    assert model.dump()["metrics"]["recall"]["manual"] == manual
    assert Model.load(model.dump()) == model


def test_a_value_that_comes_late_makes_its_own_periods_stale():
    model = model_of({"over_time": "sum"})
    binder = Binder(model, Tables(written_recall=written(WHOLE)))
    through = reach_of(binder, "recall", NOW).through
    last = SEOUL.today(through - timedelta(microseconds=1))
    stale = Staleness(binder, "recall", NOW, {"written_recall": [(date(2026, 2, 28), date(2026, 3, 1))]}, last, last)
    assert stale.days(Grain.MONTH, (date(2026, 1, 1), date(2026, 6, 1))) == [
        (date(2026, 2, 1), date(2026, 3, 1)),
        (date(2026, 5, 1), date(2026, 6, 1)),
    ]  # and the last, as time went on
    assert stale.days(Grain.QUARTER, (date(2026, 1, 1), date(2026, 6, 1))) == [(date(2026, 1, 1), date(2026, 6, 1))]


@settings(max_examples=60)
@given(
    st.dictionaries(st.integers(0, 30), st.one_of(st.none(), st.integers(-999, 999)), max_size=20),
    st.sampled_from(["last", "sum", "avg"]), st.sampled_from(["week", "month", "quarter"]),
    st.sampled_from([Grain.MONTH, Grain.QUARTER, Grain.YEAR]), st.integers(0, 6), st.sampled_from([1, 4]),
)  # fmt: skip
def test_cells_are_what_plain_python_makes_of_the_values(chosen, over_time, every, grain, week_start, fiscal):
    """The oracle: values by period; a longer one is whole when every period that ends in it has a value."""
    calendar = Calendar(week_start=week_start, fiscal_year_start=fiscal)
    periods = [calendar.period(Grain(every), date(2025, 1, 15)).moved(at) for at in range(31)]
    last_days = {period: (period.end - timedelta(days=1)).date() for period in periods}
    values = {periods[at]: value for at, value in chosen.items()}
    table = written({str(last_days[period]): value for period, value in values.items()}, calendar)
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    model = Model.load(model_of({"over_time": over_time, "every": every}).dump()
                       | {"calendar": {"week_start": days[week_start], "fiscal_year_start": fiscal}})  # fmt: skip
    now = datetime(2040, 1, 1, tzinfo=UTC)
    query = Query(("recall",), grain, date(2025, 1, 1), date(2028, 1, 1))
    found = evaluate(model, query, Tables(written_recall=table), as_of=now).cells
    through = max((last_days[period] for period in values), default=None)
    first = min((last_days[period] for period in values), default=None)
    for cell in found:
        span = next(
            one for one in calendar.periods(grain, date(2024, 1, 1), date(2028, 12, 31)) if one.key == cell.period
        )
        inside = _ending_in(span, Grain(every), calendar)
        known = [values[one] for one in inside if values.get(one) is not None]
        if not known or first is None:
            assert (cell.value, cell.state) == (None, State.NO_DATA)
            continue
        made = {"last": Fraction(known[-1]), "sum": Fraction(sum(known)), "avg": Fraction(sum(known), len(known))}
        assert cell.value == pytest.approx(float(made[over_time]))
        needed = inside[-1:] if over_time == "last" else inside
        whole = all(values.get(one) is not None for one in needed)
        over = through >= (span.end - timedelta(days=1)).date()
        assert cell.state is (State.OK if whole and over else State.PARTIAL_PERIOD)


def _ending_in(span, every, calendar):
    around = calendar.periods(every, span.start.date() - timedelta(days=100), span.end.date() + timedelta(days=100))
    return [one for one in around if span.start < one.end <= span.end]
