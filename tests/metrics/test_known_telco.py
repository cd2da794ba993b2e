"""Telco churn with its known answers, from file to number."""

from datetime import UTC, datetime

import pytest

from nachim.core.period import Grain
from nachim.lake.importing import import_file
from nachim.lake.preview import inspect
from nachim.lake.store import Lake
from nachim.metrics.run import Query, evaluate
from nachim.metrics.spec import Model

MODEL = """
sources:
  customers: {lake: customers, key: customerID, dims: [Contract]}
metrics:
  customers: {agg: count(customers)}
  left: {agg: count(customers), where: Churn}
  churn: {calc: left / customers, unit: percent, better: down}
  monthly: {agg: sum(customers.MonthlyCharges)}
"""


@pytest.fixture
def telco(shared, tmp_path):
    files = sorted((shared / "telco_churn").glob("*.csv"))
    if not files:
        pytest.skip("telco_churn is not in the shared data folder")
    lake = Lake(tmp_path / "lake")
    mapping = inspect(files[0]).mapping
    assert import_file(lake, files[0], "customers", mapping).inserted == 7_043
    return lake


def cells(lake, *names, by=()):
    query = Query(names, Grain.ALL, by=by)
    return evaluate(Model.load(MODEL), query, lake.engine(), as_of=datetime(2026, 1, 1, tzinfo=UTC)).cells


def test_telco_totals(telco):
    found = {cell.metric: cell.value for cell in cells(telco, "customers", "left", "churn", "monthly")}
    assert (found["customers"], found["left"]) == (7_043, 1_869)
    assert round(found["churn"] * 100, 2) == 26.54
    assert round(found["monthly"], 2) == 456_116.60


def test_telco_churn_by_contract(telco):
    found = {dict(cell.slices)["Contract"]: cell for cell in cells(telco, "churn", by=("Contract",))}
    assert {name: round(cell.value * 100, 2) for name, cell in found.items()} == {
        "Month-to-month": 42.71,
        "One year": 11.27,
        "Two year": 2.83,
    }
    assert sum(cell.numerator for cell in found.values()) == 1_869
