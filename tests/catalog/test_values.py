"""Every KPI of the catalogue gives the numbers that pandas finds on its own."""

from datetime import UTC, date, datetime

import pytest

from nachim.catalog import catalogue
from nachim.core.period import Grain
from nachim.metrics.cells import State
from nachim.metrics.run import Query, evaluate
from nachim.metrics.spec import Model
from tests.catalog import company, oracle
from tests.metrics.company import Tables

NOW = datetime(2026, 3, 31, 15, tzinfo=UTC)  # midnight of April 1st in Seoul
FEW = {"ltv": 3, "revenue_growth_yoy": 3}  # a year must have passed


@pytest.fixture(scope="module")
def engine():
    return Tables(**{name: company.arrow(frame) for name, frame in company.frames().items()})


def months(name, model, engine):
    """Closed months and their values."""
    query = Query((name,), Grain.MONTH, date(2025, 1, 1), date(2026, 4, 1))
    cells = evaluate(model, query, engine, as_of=NOW).cells
    return {cell.period: cell.value for cell in cells if cell.state is State.OK}


@pytest.mark.parametrize("name", catalogue().entries)
def test_every_month_is_what_pandas_finds(name, engine):
    found = months(name, Model.load(catalogue().model(name)), engine)
    expected = oracle.KNOWN[name]()
    assert len(found) >= FEW.get(name, 10)
    for period, value in found.items():
        assert value == pytest.approx(expected[period], rel=1e-9), period


def test_pandas_knows_every_kpi():
    assert set(oracle.KNOWN) == set(catalogue().entries)


@pytest.mark.parametrize("name", catalogue().entries)
def test_the_company_lies_where_values_usually_lie(name):
    low, high = catalogue().entries[name].typical
    values = oracle.KNOWN[name]().dropna()
    middle = values.median()
    assert len(values) >= 3
    assert (low is None or low <= middle) and (high is None or middle <= high), middle
