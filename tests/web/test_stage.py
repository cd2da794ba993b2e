"""The goals' page says when another KPI is due: sign-ups go up while fewer of them order."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from nachim.app import policy
from nachim.app.actions import metrics
from tests import company as made

SIGNUPS, ORDERED = (10, 10, 10, 13, 13, 13), (5, 5, 5, 4, 4, 4)


def months_ago(n: int) -> date:
    today = timezone.localdate()
    return date(today.year + (today.month - 1 - n) // 12, (today.month - 1 - n) % 12 + 1, 1)


@pytest.fixture
def signups(company, tmp_path):
    """A KPI on sign-ups, whose rows reach from six months ago into this month."""
    lines = ["id,joined_at,ordered"]
    for at, (some, ordered) in enumerate(zip(SIGNUPS, ORDERED, strict=True)):
        day = months_ago(6 - at)
        lines += [f"{at * 100 + n},{day},{int(n < ordered)}" for n in range(some)]
    lines.append(f"999,{months_ago(0)},1")
    made.import_orders(tmp_path, "\n".join(lines) + "\n", "joins")
    metric = metrics.save_metric(policy.SYSTEM, name="signups", label_ko="가입 수", label_en="Sign-ups", unit="people",
                                 better="up", spec={"agg": "count(joins)"})  # fmt: skip
    return made.kpi(company.alice, made.goal(company.alice), metric)


def first_orders():
    return metrics.save_metric(policy.SYSTEM, name="first_order_conversion", label_ko="첫 주문 전환율", unit="percent",
                               better="up", spec={"agg": "avg(joins.ordered)"})  # fmt: skip


def test_it_offers_the_kpi_that_tells_more_and_says_what_it_saw(alice, signups):
    metric = first_orders()
    page = alice.get(reverse("goal-stage")).content.decode()
    assert "“가입 수” 대신 “첫 주문 전환율”" in page and "30%" in page and "38%" in page
    assert f"{reverse('kpi-new', args=[signups.goal_id])}?metric={metric.pk}" in page
    assert f'hx-get="{reverse("goal-stage")}"' in alice.get(reverse("goals")).content.decode()


def test_it_is_silent_once_the_successor_is_followed(alice, company, signups):
    made.kpi(company.alice, signups.goal, first_orders())
    assert alice.get(reverse("goal-stage")).content.decode().strip() == ""


def test_it_is_silent_where_a_month_is_missing_or_nothing_can_be_seen(alice, signups, company, visitor):
    """Without the successor's numbers nobody knows whether it fell; carol sees the advice and may not follow it."""
    assert alice.get(reverse("goal-stage")).content.decode().strip() == ""
    first_orders()
    page = visitor(company.carol).get(reverse("goal-stage")).content.decode()
    assert "첫 주문 전환율" in page and reverse("kpi-new", args=[signups.goal_id]) not in page
