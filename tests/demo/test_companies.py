"""The delivery app, the cloud storage and the cafés: the same every time, every reference met, every KPI computed."""

from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from nachim.app.definition.form import read
from nachim.catalog import Column, fit, template
from nachim.core.period import Grain
from nachim.demo import world
from nachim.demo.company import DAYS, MODULES, SEED, company, raw
from nachim.demo.definition import LATER, definition, people, with_sequences
from nachim.demo.run import mapping_of
from nachim.lake import Lake
from nachim.lake.importing import import_file
from nachim.metrics.cells import State
from nachim.metrics.run import Query, evaluate
from nachim.metrics.spec import Model
from tests.demo.conftest import START, TODAY

OTHERS = ("startup", "saas", "store")
SIZES = {
    "startup": {"orders": (80_000, 160_000), "signups": (70_000, 120_000), "tickets": (1_500, 6_000)},
    "saas": {"visits": (250_000, 450_000), "payments": (35_000, 70_000), "cancellations": (1_200, 3_500)},
    "store": {"orders": (200_000, 350_000), "signups": (4_000, 12_000), "surveys": (10_000, 25_000)},
}
REFERENCES = [
    ("startup", "orders", "customer_id", "signups"), ("startup", "deliveries", "order_id", "orders"),
    ("startup", "tickets", "order_id", "orders"), ("startup", "tickets", "customer_id", "signups"),
    ("startup", "replies", "ticket_id", "tickets"), ("startup", "surveys", "customer_id", "signups"),
    ("saas", "onboarding", "customer_id", "signups"), ("saas", "visits", "customer_id", "signups"),
    ("saas", "subscriptions", "customer_id", "signups"), ("saas", "payments", "subscription_id", "subscriptions"),
    ("saas", "cancellations", "subscription_id", "subscriptions"), ("saas", "tickets", "customer_id", "signups"),
    ("saas", "replies", "ticket_id", "tickets"), ("saas", "surveys", "customer_id", "signups"),
    ("store", "orders", "customer_id", "signups"), ("store", "surveys", "order_id", "orders"),
    ("store", "tickets", "order_id", "orders"), ("store", "replies", "ticket_id", "tickets"),
]  # fmt: skip
NOW = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC)
# The last month whose sequences of thirty days are over.
SEPTEMBER = (date(2026, 9, 1), date(2026, 10, 1))


def test_the_command_knows_the_companies_there_are():
    from nachim.cli.serve import demo

    chosen = next(one for one in demo.params if one.name == "company")
    assert list(chosen.type.choices) == list(MODULES) and chosen.default == "ecommerce"


@pytest.mark.parametrize("name", OTHERS)
def test_a_company_has_the_size_it_should_and_the_last_day_is_yesterday(made, name):
    for table, (least, most) in SIZES[name].items():
        assert least < made[name][table].num_rows < most, table
    for one in company(name).tables:
        moments = pc.local_timestamp(made[name][one.name][one.time])
        assert pc.max(moments).as_py().date() == TODAY - timedelta(days=1), one.name
        if one.name not in ("signups", "subscriptions"):
            assert pc.min(moments).as_py().date() >= START, one.name


@pytest.mark.parametrize("name", MODULES)
def test_the_same_seed_makes_the_same_company_and_another_one_another(name):
    start, today, generate = date(2026, 1, 5), date(2026, 1, 25), company(name).generate
    one, again, other = generate(start, today, SEED), generate(start, today, SEED), generate(start, today, SEED + 1)
    assert all(one[table].equals(again[table]) for table in one)
    assert not one[company(name).pulse].equals(other[company(name).pulse])


@pytest.mark.parametrize("name", OTHERS)
def test_a_day_alone_is_that_day_of_the_whole_and_a_later_today_changes_none(name):
    start, made = date(2026, 1, 5), company(name)
    whole, shorter = made.generate(start, date(2026, 2, 9), SEED), made.generate(start, date(2026, 1, 24), SEED)
    for table, rows in shorter.items():
        assert whole[table].slice(0, rows.num_rows).equals(rows), table
    world._worlds.clear()
    # The day before last is kept, one long gone is lived again.
    for day in (date(2026, 1, 20), date(2026, 1, 19), date(2026, 2, 8), date(2026, 1, 6)):
        for table, rows in made.generate_day(start, day, SEED, None).items():
            moments = pc.local_timestamp(whole[table][made.table(table).time]).cast(pa.date32())
            assert whole[table].filter(pc.equal(moments, pa.scalar(day))).equals(rows.combine_chunks()), table


@pytest.mark.parametrize("name", OTHERS)
def test_a_day_grows_by_the_minute_and_keeps_its_keys(name):
    start, day, made = date(2026, 1, 5), date(2026, 1, 28), company(name)
    whole, before = made.generate_day(start, day, SEED, None), None
    for hour in (0, 7, 12, 18, 23):
        until = datetime.combine(day, time(hour, 30))
        now = made.generate_day(start, day, SEED, until)
        for table, rows in now.items():
            assert rows.schema == whole[table].schema
            assert whole[table].slice(0, rows.num_rows).equals(rows), table
            assert before is None or rows.num_rows >= before[table].num_rows
            for moment in pc.local_timestamp(rows[made.table(table).time]).to_pylist():
                assert moment <= until
        before = now
    assert sum(rows.num_rows for rows in now.values()) > 0
    none = made.generate_day(start, day, SEED, datetime.combine(day, time(0)) - timedelta(seconds=1))
    assert all(rows.num_rows == 0 for rows in none.values())


@pytest.mark.parametrize("name", OTHERS)
def test_keys_are_unique_and_complete(made, name):
    for table, rows in made[name].items():
        keys = rows[company(name).table(table).key]
        assert keys.null_count == 0 and len(pc.unique(keys)) == rows.num_rows, table


@pytest.mark.parametrize("name, table, column, to", REFERENCES)
def test_every_reference_is_met_and_nothing_comes_before_what_it_follows(made, name, table, column, to):
    key, time_ = company(name).table(to).key, company(name).table(to).time
    at = dict(zip(made[name][to][key].to_pylist(), made[name][to][time_].cast(pa.int64()).to_pylist(), strict=True))
    own = made[name][table]
    moments = own[company(name).table(table).time].cast(pa.int64()).to_pylist()
    pairs = [(one, when) for one, when in zip(own[column].to_pylist(), moments, strict=True) if one is not None]
    assert pairs and all(one in at for one, _when in pairs)
    assert all(at[one] <= when for one, when in pairs)


@pytest.mark.parametrize(
    "name, table, holiday", [("startup", "orders", 0.95), ("saas", "visits", 0.5), ("store", "orders", 0.8)]
)
def test_the_week_and_the_holidays_have_their_rhythm(made, name, table, holiday):
    moments = pc.local_timestamp(made[name][table][company(name).table(table).time])
    counts = pc.value_counts(moments.cast(pa.date32()))
    days = dict(zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True))
    for feast in (date(2025, 10, 6), date(2026, 2, 17)):
        around = np.mean([days[feast + timedelta(days=one)] for one in (-14, -7, 14, 21)])
        assert days[feast] < holiday * around
    weekend = np.mean([n for day, n in days.items() if day.weekday() >= 5])
    week = np.mean([n for day, n in days.items() if day.weekday() < 5])
    least, most = {"startup": (1.08, 1.4), "saas": (0.35, 0.65), "store": (0.75, 0.98)}[name]
    assert least < weekend / week < most


def test_a_subscription_pays_once_a_month_and_not_after_it_was_cancelled(made):
    payments, gone = made["saas"]["payments"], made["saas"]["cancellations"]
    months = pc.strftime(pc.local_timestamp(payments["paid_at"]), "%Y-%m")
    pairs = list(zip(payments["subscription_id"].to_pylist(), months.to_pylist(), strict=True))
    assert len(pairs) == len(set(pairs)) or len(pairs) - len(set(pairs)) < 0.001 * len(pairs)
    ended = dict(zip(gone["subscription_id"].to_pylist(), gone["cancelled_at"].to_pylist(), strict=True))
    for one, at in zip(payments["subscription_id"].to_pylist(), payments["paid_at"].to_pylist(), strict=True):
        assert one not in ended or at < ended[one]


def test_amounts_add_up(made):
    orders = made["startup"]["orders"]
    assert (orders["amount"].to_numpy() >= orders["delivery_fee"].to_numpy()).all()
    assert ((orders["discount"].to_numpy() > 0) == np.array(orders["coupon"].is_valid())).all()
    nth = {}
    for customer, one in zip(orders["customer_id"].to_pylist(), orders["nth"].to_pylist(), strict=True):
        assert one == nth.get(customer, one - 1) + 1
        nth[customer] = one
    cups = made["store"]["orders"]
    assert pc.min(cups["amount"]).as_py() >= 0 and (cups["cost"].to_numpy() % 10 == 0).all()
    assert pc.max(cups["wait_minutes"]).as_py() < 60


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize("today", [TODAY, date(2027, 2, 28)], ids=str)
def test_the_definition_is_read_without_an_issue(name, today):
    text = definition(today - timedelta(days=DAYS), today, name)
    made = read(text)
    assert made.workspace.name == company(name).label["ko"] and "$" not in text
    known = {one.email for one in made.people}
    assert known == {one["email"] for one in people(name)}
    goals = [goal for goal in made.goals if goal.framework == "kpi"]
    assert 4 <= len(goals) <= 5
    for goal in goals:
        assert 2 <= len(goal.kpis) <= 5 and sum(kpi.weight for kpi in goal.kpis) == 100, goal.name
        assert goal.owner in known
        for kpi in goal.kpis:
            assert kpi.owner in known and kpi.metric in made.metrics
            assert {guard.metric for guard in kpi.guardrails} <= set(made.metrics)
            assert kpi.target.direction == made.metrics[kpi.metric].better
            if kpi.target.kind == "reach":
                assert (kpi.target.level > kpi.target.baseline) == (kpi.target.direction == "up"), kpi.name
    kpis = [kpi for goal in made.goals for kpi in goal.kpis]
    assert {kpi.timing for kpi in kpis} == {"leading", "lagging"} and any(kpi.guardrails for kpi in kpis)
    assert {kpi.level for kpi in kpis} == {"strategic", "operational", "functional"}


def sources_of(name):
    """The sources as the metric language knows them."""
    return {
        one: {key: value for key, value in body.items() if key != "expected_every_days"}
        for one, body in raw(name)["sources"].items()
    }


@pytest.fixture(scope="module", params=OTHERS)
def engine(request, made, tmp_path_factory):
    """A company in a lake of its own, the way the demo brings it there."""
    folder = tmp_path_factory.mktemp(request.param)
    lake = Lake(folder / "lake")
    for table, rows in made[request.param].items():
        path = folder / f"{table}.parquet"
        pq.write_table(rows, path)
        done = import_file(lake, path, table, mapping_of(company(request.param), table, rows.schema))
        assert done.inserted == rows.num_rows and done.quarantined == 0, table
    whole = with_sequences({**raw(request.param), "sources": sources_of(request.param)}, raw(request.param)[LATER])
    whole = {key: whole[key] for key in ("calendar", "sources", "rows", "metrics")}
    return request.param, Model.load(whole), lake.engine()


def test_every_metric_has_a_number_for_a_whole_month(engine):
    name, model, lake = engine
    cells = {
        cell.metric: cell
        for cell in evaluate(model, Query(tuple(model.metrics), Grain.MONTH, *SEPTEMBER), lake, as_of=NOW).cells
    }
    assert {one: cell.state for one, cell in cells.items() if cell.state is not State.OK} == {}
    assert set(cells) == set(model.metrics)
    value = {one: cell.value for one, cell in cells.items()}
    within = {
        "startup": {"first_order_rate": (0.3, 0.5), "aov": (15e3, 22e3), "on_time": (0.9, 0.99), "cac": (3e3, 12e3)},
        "saas": {"churn": (0.02, 0.06), "arpu": (25e3, 38e3), "trial_conversion": (0.25, 0.45), "nps": (-15, 30)},
        "store": {"member_share": (0.1, 0.4), "awareness": (0.2, 0.6), "aov": (6e3, 9e3), "gross_margin": (0.5, 0.8)},
    }[name]  # fmt: skip
    assert {one: value[one] for one, (least, most) in within.items() if not least < value[one] < most} == {}


def test_every_slice_a_kpi_asks_for_has_numbers(engine):
    name, model, lake = engine
    sliced = [kpi for goal in read(definition(START, TODAY, name)).goals for kpi in goal.kpis if kpi.slice]
    assert sliced
    for kpi in sliced:
        for dim, wanted in kpi.slice.items():
            cells = evaluate(model, Query((kpi.metric,), Grain.MONTH, *SEPTEMBER, (dim,)), lake, as_of=NOW).cells
            values = {dict(cell.slices)[dim]: cell.value for cell in cells}
            assert len(values) > 1 and values[wanted], kpi.name


@pytest.mark.parametrize(
    "name, start", [("ecommerce", "fashion"), ("startup", "food_delivery"), ("saas", "saas"), ("store", "cafe")]
)
def test_every_kpi_of_the_template_fits_the_tables_of_its_company(name, start):
    tables = company(name).generate(date(2026, 1, 5), date(2026, 1, 8), SEED)
    sources, columns = sources_of(name), {}
    for source, body in sources.items():
        mapping = mapping_of(company(name), body["lake"], tables[body["lake"]].schema)
        columns[source] = {one.name: Column(one.type.value, one.role.value, one.entity) for one in mapping.columns}
    found = fit(Model.load({"sources": sources}), columns)
    assert {one: found.missing[one].ko for one in template(start).metrics if one not in found.ready} == {}


# The KPIs of the mission's four cases.
MISSION = {
    "startup": {"signups", "first_order_conversion", "reorder_30d"},
    "ecommerce": {"visits", "cart_abandonment", "aov"},
    "saas": {"mau", "churn", "ltv"},
    "store": {"revisit_rate", "aov", "csat"},
}


@pytest.mark.parametrize("name", MODULES)
def test_every_kpi_of_the_missions_case_is_on_its_company(name):
    used = {kpi.metric for goal in read(definition(START, TODAY, name)).goals for kpi in goal.kpis}
    assert used >= MISSION[name]


@pytest.mark.parametrize("name", MODULES)
def test_what_needs_sequences_takes_the_place_of_what_is_there(name):
    text, later = definition(START, TODAY, name), raw(name)[LATER]
    assert LATER not in text
    made = with_sequences({key: one for key, one in raw(name).items() if key != LATER}, later)
    assert set(later["metrics"]) <= set(made["metrics"]) and made["rows"] == later.get("rows", {})
    before = {goal["name"]: [kpi["name"] for kpi in goal.get("kpis", [])] for goal in raw(name)["goals"]}
    assert {goal["name"]: [kpi["name"] for kpi in goal.get("kpis", [])] for goal in made["goals"]} == before
    for goal in made["goals"]:
        assert goal.get("framework") == "okr" or sum(kpi["weight"] for kpi in goal["kpis"]) == 100
        assert {kpi["metric"] for kpi in goal["kpis"]} <= set(made["metrics"])
    for goal, kpis in later["kpis"].items():
        assert {kpi["name"] for kpi in kpis} <= set(before[goal])
