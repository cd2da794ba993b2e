"""The same definitions and rows give the same cells on every engine, or a sentence that says why not."""

from datetime import date

import pytest

from nachim.core.period import Grain
from nachim.metrics.messages import MetricError
from nachim.metrics.run import Query, evaluate
from nachim.metrics.spec import Model
from tests.engines.cells import same
from tests.engines.company import CLOCKS, FRAMES, MADE, METRICS, NOW, duck, model

ENGINES = ["postgres", "clickhouse", pytest.param("spark", marks=pytest.mark.xdist_group("spark"))]
NEW_YORK = {"tz": "America/New_York", "day_start": "05:00", "week_start": "sunday", "fiscal_year_start": 4}
EVERY = tuple(METRICS)
ORDERS = tuple(
    name for name in EVERY if name not in ("visits", "conversion", "nothing", "nothing_counted", "one", "하나", "고객")
)
WINTER = (date(2025, 10, 25), date(2026, 3, 15))
QUERIES = {
    "all": ({}, Query(EVERY, Grain.ALL)),
    "months": ({}, Query(EVERY, Grain.MONTH)),
    "weeks of Seoul": ({}, Query(("orders", "revenue", "buyers", "one", "하나"), Grain.WEEK, *WINTER)),
    "days": ({}, Query(("orders", "revenue", "middle", "conversion"), Grain.DAY, *WINTER)),
    "hours of New York": (
        NEW_YORK,
        Query(("orders", "paid_revenue"), Grain.HOUR, date(2025, 11, 1), date(2025, 11, 4)),
    ),
    "days of New York": (NEW_YORK, Query(("orders", "revenue", "since"), Grain.DAY, *WINTER)),
    "weeks from Sunday": (NEW_YORK, Query(("orders", "average"), Grain.WEEK)),
    "fiscal quarters": (NEW_YORK, Query(("orders", "units"), Grain.QUARTER)),
    "fiscal years": (NEW_YORK, Query(("orders", "units", "visits"), Grain.YEAR)),
    "by channel": ({}, Query(ORDERS, Grain.MONTH, *WINTER, by=("채널",))),
    "two facts by channel": ({}, Query(("orders", "visits", "conversion"), Grain.WEEK, *WINTER, by=("채널",))),
    "by what is looked up": ({}, Query(("orders", "average", "buyers"), Grain.QUARTER, by=("city", "name"))),
    "by true and false": ({}, Query(("orders", "revenue"), Grain.ALL, by=("paid",))),
    "by whole numbers": ({}, Query(("orders", "revenue"), Grain.ALL, by=("quantity",))),
    "by customer": ({}, Query(("orders", "aov"), Grain.YEAR, by=("customer",))),
    "by decimals": ({}, Query(("orders",), Grain.ALL, by=("결제 금액(원)",))),
    "only": ({}, Query(ORDERS, Grain.MONTH, *WINTER, where="채널 <> 'web' and not paid")),
}
FEW = (date(2025, 12, 1), date(2026, 3, 1))
DST = (date(2025, 10, 1), date(2026, 4, 1))
BY_CHANNEL = ("ordered", "step_two", "buyers_28", "middle_28", "each_sum", "each_middle", "last_units", "share")
QUERIES |= {
    "made by month": ({}, Query(tuple(MADE), Grain.MONTH, *DST)),
    "made in all": ({}, Query(tuple(MADE), Grain.ALL)),
    "frames by month": ({}, Query(tuple(FRAMES), Grain.MONTH, *DST)),
    "frames by week of New York": (NEW_YORK, Query(tuple(FRAMES), Grain.WEEK, *FEW)),
    "frames by day": ({}, Query(("buyers_28", "app_buyers_28", "middle_28", "each_sum_28"), Grain.DAY, *FEW)),
    "made in New York": (NEW_YORK, Query(("returned", "longest", "step_three", "kept", "came_back"), Grain.WEEK, *DST)),
    "clocks": (NEW_YORK, Query(("returned",), Grain.MONTH, *DST, by=("customer",))),
    "weeks since the first": ({}, Query(("kept", "kept_units"), Grain.MONTH, *DST, by=("k",))),
    "made by channel": ({}, Query(BY_CHANNEL, Grain.MONTH, *FEW, by=("채널",))),
    "made, only": ({}, Query(BY_CHANNEL, Grain.MONTH, *FEW, where="채널 = 'app'")),
}
AS_WRITTEN = {"made by month", "frames by week of New York", "made by channel"}  # also without rewrites
REFUSED = {"by decimals"}


def answered(data, query, engine, rewrites=True):
    return evaluate(Model.load(data), query, engine, as_of=NOW, rewrites=rewrites).cells


@pytest.fixture(scope="module")
def expected():
    engine = duck()
    return {name: answered(model(calendar), query, engine) for name, (calendar, query) in QUERIES.items()}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", QUERIES)
def test_an_engine_gives_the_cells_that_duckdb_gives(name, engine, expected, request):
    calendar, query = QUERIES[name]
    data = model(calendar)
    engine = request.getfixturevalue(engine)
    if name in REFUSED:
        with pytest.raises(MetricError) as refusal:
            answered(data, query, engine)
        assert refusal.value.issues[0].code == "engine_cannot" and "결제 금액" in refusal.value.text("ko")
        return
    for rewrites in (True, False) if name in AS_WRITTEN else (True,):
        same(answered(data, query, engine, rewrites), expected[name])


def test_a_month_later_on_the_clock_is_one_moment(expected):
    """Shown twice it is the later one, skipped it is as far from midnight, and no month is longer than its days."""
    found = {
        who: cell.value
        for cell in expected["clocks"]
        for _name, who in cell.slices
        if who in CLOCKS and cell.period == f"{CLOCKS[who][0][:7]}-01"
    }
    assert found == {who: float("inside" in who or "after" in who or "longer" in who) for who in CLOCKS}


def test_the_company_has_what_the_engines_disagree_about(expected):
    months = [cell for cell in expected["months"] if cell.metric == "zero"]
    assert {cell.state.value for cell in months} >= {"undefined"}
    assert any(cell.value == 0 and cell.metric == "never_count" for cell in expected["months"])
    assert any(cell.value is None and cell.metric == "never_middle" for cell in expected["months"])
    assert {"1969-07-01"} <= {cell.period for cell in expected["months"]}
