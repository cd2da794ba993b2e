"""Every KPI of the catalogue on every engine that runs here: the cells that DuckDB gives, on one generated company."""

from datetime import UTC, date, datetime

import pytest

from nachim.catalog import catalogue
from nachim.core.period import Grain
from nachim.metrics.run import Query, evaluate
from nachim.metrics.spec import Model
from tests.engines.cells import same
from tests.engines.company import KPIS, kpi_tables
from tests.engines.test_same_cells import ENGINES
from tests.metrics.company import Tables

NOW = datetime(2026, 3, 31, 15, tzinfo=UTC)  # midnight of April 1st in Seoul
EVERY = tuple(catalogue().entries)
WINTER, MARCH = (date(2025, 10, 1), date(2026, 4, 1)), (date(2026, 3, 1), date(2026, 4, 1))
QUERIES = {
    "months": Query(EVERY, Grain.MONTH, date(2025, 1, 1), date(2026, 4, 1)),
    "weeks": Query(
        ("aov", "conversion", "reorder_30d", "repeat_purchase_rate", "ltv", "followers", "stickiness", "response_time"),
        Grain.WEEK, *WINTER,
    ),
    "days": Query(("revenue", "conversion", "mau", "wau", "dau", "csat", "return_rate"), Grain.DAY, *MARCH),
    "by channel": Query(
        ("revenue_growth", "aov", "conversion", "new_customers", "customer_retention", "churn", "spend_per_customer",
         "ltv", "mau", "stickiness", "followers", "first_contact_resolution", "delivery_time"),
        Grain.MONTH, *WINTER, by=("channel",),
    ),
    "by plan": Query(("subscription_churn", "revenue_churn", "mrr", "arpu"), Grain.QUARTER, by=("plan",)),
    "of one region": Query(("aov", "reorder_30d", "ltv"), Grain.MONTH, *WINTER, where="region = '부산'"),
}  # fmt: skip


def known() -> Model:
    """The catalogue's definitions over the tables as the engines hold them."""
    data = catalogue().model(*EVERY)
    for source in data["sources"].values():
        source["lake"] = KPIS + source["lake"]
    return Model.load(data)


@pytest.fixture(scope="module")
def expected():
    engine = Tables(**kpi_tables())
    return {name: evaluate(known(), query, engine, as_of=NOW).cells for name, query in QUERIES.items()}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", QUERIES)
def test_an_engine_gives_the_cells_that_duckdb_gives(name, engine, expected, request):
    found = evaluate(known(), QUERIES[name], request.getfixturevalue(engine), as_of=NOW)
    same(found.cells, expected[name])


def test_every_kpi_has_numbers_to_compare(expected):
    valued = {cell.metric for cell in expected["months"] if cell.value is not None}
    assert valued == set(EVERY) and len(EVERY) >= 58
    for name, query in QUERIES.items():
        assert {cell.metric for cell in expected[name] if cell.value is not None} == set(query.metrics), name
