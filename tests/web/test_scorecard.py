"""The company page over a year of twenty KPIs: how many questions it asks the database, and that growth adds none."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from nachim.app import policy
from nachim.app.actions.refresh import refresh
from nachim.app.models import Kpi, Observation
from tests import company as made

DAYS = 400
# Session, user, membership, workspace, goals, KPIs with what hangs on them, series, tables, one query for all points.
MOST_QUERIES = 16


def orders_of(days: int, last: date) -> str:
    lines = ["주문번호,주문일시,고객ID,결제금액,채널,상태"]
    for back in range(days):
        day = last - timedelta(days=back)
        lines += [
            f"{back}-{at},{day} 1{at}:00,c{(back + at) % 50},{1000 + at},{'앱웹'[at % 2]},paid" for at in range(3)
        ]
    return "\n".join(lines) + "\n"


@pytest.fixture
def twenty(company, tmp_path):
    """Twenty KPIs on four goals, each with a target and a guardrail, computed over 400 days."""
    made.import_orders(tmp_path, orders_of(DAYS, datetime.now(UTC).date()))
    revenue, orders = made.revenue(), made.orders_metric()
    cadences = ["day", "week", "month", "quarter"]
    for number in range(4):
        goal = made.goal(policy.SYSTEM, f"목표 {number}", owner=company.alice)
        for at in range(5):
            slice_ = {} if at % 2 else {"채널": "앱"}
            metric, other = (revenue, orders) if at < 3 else (orders, revenue)
            made.kpi(
                policy.SYSTEM, goal, metric, cadence=cadences[number], slice=slice_, owner=company.bob,
                label=f"KPI {number}-{at}", guardrails=[{"metric": other, "bound": "min", "level": 1.0}],
            )  # fmt: skip
    refresh()
    return company


def queries_of(visitor, path: str) -> list[str]:
    with CaptureQueriesContext(connection) as found:
        assert visitor.get(path).status_code == 200
    return [one["sql"] for one in found.captured_queries]


def test_twenty_kpis_over_four_hundred_days_take_few_queries(twenty, visitor):
    assert Kpi.objects.count() == 20
    assert Observation.objects.filter(grain="day", dim="").values("period").distinct().count() >= DAYS - 1
    bob = visitor(twenty.bob)
    bob.get("/")  # the first visit may write the session
    asked = queries_of(bob, "/")
    assert len(asked) <= MOST_QUERIES, "\n".join(sql[:160] for sql in asked)


def test_more_kpis_ask_no_more(twenty, visitor):
    bob = visitor(twenty.bob)
    bob.get("/")
    Kpi.objects.filter(label__endswith="-4").update(archived_at=datetime.now(UTC))
    Kpi.objects.filter(label__endswith="-3").update(archived_at=datetime.now(UTC))
    fewer = len(queries_of(bob, "/"))
    Kpi.objects.update(archived_at=None)
    assert len(queries_of(bob, "/")) == fewer
