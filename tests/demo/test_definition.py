"""The demo's definition: read by the form anyone uses, its metrics computed on the demo's own rows."""

from datetime import UTC, date, datetime, timedelta

import pyarrow.parquet as pq
import pytest

from nachim.app.definition.form import read
from nachim.core.period import Grain
from nachim.demo.company import raw
from nachim.demo.definition import definition, people, year_of
from nachim.demo.fashion import COMPANY
from nachim.demo.run import mapping_of
from nachim.lake import Lake
from nachim.lake.importing import import_file
from nachim.metrics.cells import State
from nachim.metrics.run import Query, evaluate
from nachim.metrics.spec import Model
from tests.demo.conftest import START, TODAY

TODAYS = [TODAY, date(2027, 1, 1), date(2026, 3, 31), date(2028, 2, 29)]


@pytest.fixture(params=TODAYS, ids=str)
def made(request):
    return read(definition(request.param - timedelta(days=548), request.param))


def test_it_is_read_without_an_issue(made):
    assert made.workspace.name == COMPANY.label["ko"]
    assert {one.email for one in made.people} == {one["email"] for one in people()}
    assert "$" not in definition(START, TODAY)


def test_there_are_five_goals_of_two_to_five_kpis(made):
    goals = [goal for goal in made.goals if goal.framework == "kpi"]
    assert len(goals) == 5 and [goal.framework for goal in made.goals].count("okr") == 1
    assert all(2 <= len(goal.kpis) <= 5 and sum(kpi.weight for kpi in goal.kpis) == 100 for goal in goals)
    assert 18 <= sum(len(goal.kpis) for goal in made.goals) <= 22
    kpis = [kpi for goal in made.goals for kpi in goal.kpis]
    assert {kpi.level for kpi in kpis} == {"strategic", "operational", "functional"}
    assert {kpi.timing for kpi in kpis} == {"leading", "lagging"}
    assert {kpi.cadence for kpi in kpis} == {"day", "week", "month"}


def test_every_kpi_names_what_is_there_and_a_target_that_makes_sense(made):
    known = {one.email for one in made.people}
    for goal in made.goals:
        assert goal.start < goal.due and goal.owner in known
        for kpi in goal.kpis:
            assert kpi.metric in made.metrics and kpi.owner in known
            assert {guard.metric for guard in kpi.guardrails} <= set(made.metrics)
            target, better = kpi.target, made.metrics[kpi.metric].better
            assert target.direction == better and goal.start <= target.start < target.due <= goal.due
            if target.kind == "reach":
                assert (target.level > target.baseline) == (better == "up")


@pytest.mark.parametrize("today", TODAYS)
def test_the_goals_run_over_today(today):
    start, due = year_of(today)
    assert start <= today <= due and (today - start).days >= 60


def test_the_levels_are_planned_and_grow_with_the_shop():
    one = {kpi.name: kpi.target for goal in read(definition(START, TODAY)).goals for kpi in goal.kpis}
    earlier = {
        kpi.name: kpi.target for goal in read(definition(START - timedelta(days=365), TODAY)).goals for kpi in goal.kpis
    }
    assert earlier["monthly-revenue"].level > one["monthly-revenue"].level
    assert earlier["conversion"].level == one["conversion"].level


def test_every_table_says_what_its_columns_mean(shop):
    assert {table.name for table in COMPANY.tables} == set(shop) == set(raw("ecommerce")["sources"])
    for spec in COMPANY.tables:
        columns = set(shop[spec.name].schema.names)
        own = [dim for dim in spec.dims if "." not in dim]
        assert {spec.key, spec.time, *spec.entities.values(), *own} <= columns, spec.name
    with pytest.raises(StopIteration):
        COMPANY.table("nothing")


@pytest.fixture(scope="module")
def engine(shop, tmp_path_factory):
    """The last months of the shop in a lake of their own, the way the demo brings them there."""
    folder = tmp_path_factory.mktemp("shop")
    lake = Lake(folder / "lake")
    for name, table in shop.items():
        path = folder / f"{name}.parquet"
        pq.write_table(table, path)
        done = import_file(lake, path, name, mapping_of(COMPANY, name, table.schema))
        assert done.inserted == table.num_rows and done.quarantined == 0, name
    return lake.engine()


@pytest.fixture(scope="module")
def model():
    made = read(definition(START, TODAY))
    whole = {"calendar": made.calendar, "sources": raw("ecommerce")["sources"], "metrics": raw("ecommerce")["metrics"]}
    return Model.load({**whole, "calendar": raw("ecommerce")["calendar"]})


NOW = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC)
OCTOBER = (date(2026, 10, 1), date(2026, 11, 1))


def test_every_metric_has_a_number_for_a_whole_month(engine, model):
    query = Query(tuple(model.metrics), Grain.MONTH, *OCTOBER)
    cells = {cell.metric: cell for cell in evaluate(model, query, engine, as_of=NOW).cells}
    assert set(cells) == set(model.metrics)
    assert {name: cell.state for name, cell in cells.items() if cell.state is not State.OK} == {}
    value = {name: cell.value for name, cell in cells.items()}
    assert value["conversion"] == pytest.approx(value["orders"] / value["visits"])
    assert value["aov"] == pytest.approx(value["revenue"] / value["orders"])
    assert 0.08 < value["conversion"] < 0.22 and 60_000 < value["aov"] < 95_000 and 0.03 < value["return_rate"] < 0.15
    assert 0.4 < value["cart_abandonment"] < 0.75 and 0.35 < value["margin_rate"] < 0.6 and 15 < value["roas"] < 60
    assert 20 < value["nps"] < 70 and 3.8 < value["csat"] < 4.8 and 1.5 < value["delivery_days"] < 3


def test_every_slice_a_kpi_asks_for_has_numbers(engine, model):
    for goal in read(definition(START, TODAY)).goals:
        for kpi in goal.kpis:
            for dim, wanted in kpi.slice.items():
                query = Query((kpi.metric,), Grain.MONTH, *OCTOBER, (dim,))
                values = {
                    dict(cell.slices)[dim]: cell.value for cell in evaluate(model, query, engine, as_of=NOW).cells
                }
                assert len(values) > 1 and values[wanted], kpi.name


def test_a_gap_in_the_carts_is_no_data_and_not_zero(engine, model):
    first = START + timedelta(days=249)
    query = Query(("cart_abandonment",), Grain.DAY, first, first + timedelta(days=5))
    cells = evaluate(model, query, engine, as_of=NOW).cells
    assert [cell.value is None for cell in cells] == [False, True, True, True, False]
