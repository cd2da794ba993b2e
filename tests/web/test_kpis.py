"""KPIs and their targets, typed as people type numbers."""

import pytest
from django.urls import reverse

from nachim.app.models import Kpi, Observation, Target
from tests import company as made


@pytest.fixture
def goal(company, orders):
    return made.goal(company.bob)


@pytest.fixture
def revenue(goal):
    return made.revenue()


def fields(of, **changed):
    sent = {
        "metric": of.pk,
        "cadence": "month",
        "timing": "lagging",
        "level": "operational",
        "target-kind": "reach",
        "target-direction": "up",
        "target-baseline": "2만",
        "target-level": "1억 2,000만",
        "target-start": "2026-01-01",
        "target-due": "2026-12-31",
        "shown_for": of.pk,
    }
    return sent | changed


def new(person, goal, of, **changed):
    return person.post(reverse("kpi-new", args=[goal.pk]), fields(of, **changed))


def test_a_kpi_with_its_target_in_one_form(bob, goal, revenue):
    answer = new(bob, goal, revenue)
    assert answer.url == "/"
    kpi = Kpi.objects.get()
    spec = kpi.targets.get().spec
    assert (spec["baseline"], spec["level"], spec["direction"]) == (20_000, 120_000_000, "up")
    assert Observation.objects.filter(series__metric=revenue, grain="month").exists(), "its numbers are there"
    assert "₩" in bob.get("/").content.decode()


def test_the_form_says_where_the_metric_stands(bob, goal, revenue):
    page = bob.get(reverse("kpi-new", args=[goal.pk]), metric=revenue.pk)
    assert page.context["known"].last.period.key == "2026-02-01"
    assert page.context["target"]["baseline"].value() == "13,000"
    assert "₩13,000" in page.content.decode()


def test_another_metric_does_not_inherit_the_baseline_of_the_first(bob, goal, revenue):
    count = made.orders_metric()
    answer = new(bob, goal, count, shown_for=revenue.pk)
    assert answer.status_code == 422
    assert answer.context["moved"]
    assert not Kpi.objects.exists()


def test_percent_metrics_take_and_show_percents(bob, goal, revenue):
    from nachim.app import policy
    from nachim.app.actions import metrics

    rate = metrics.save_metric(
        policy.SYSTEM,
        name="cancel_rate",
        label_ko="취소율",
        label_en="",
        unit="percent",
        better="down",
        spec={"agg": "avg(\"상태\" = 'cancelled')", "from": "orders"},
    )
    answer = new(bob, goal, rate, **{"target-direction": "down", "target-baseline": "12.5", "target-level": "8%"})
    assert answer.status_code == 302
    kpi = Kpi.objects.get()
    assert (kpi.targets.get().spec["baseline"], kpi.targets.get().spec["level"]) == (0.125, 0.08)
    form = bob.get(reverse("kpi-target", args=[kpi.pk])).context["form"]
    assert (form["baseline"].value(), form["level"].value()) == ("12.5%", "8%")


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"target-level": "많이"}, "level"),
        ({"target-level": ""}, "level"),
        ({"target-level": "1만"}, "level"),
        ({"target-baseline": "1억 2,000만"}, "level"),
        ({"target-due": "2025-12-31"}, "due"),
        ({"target-start": "어제"}, "start"),
    ],
)
def test_a_target_that_cannot_be_is_said_beside_its_field(bob, goal, revenue, changed, name):
    answer = new(bob, goal, revenue, **changed)
    assert answer.status_code == 422
    assert list(answer.context["target"].errors) == [name]
    assert not Kpi.objects.exists()


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"metric": "999", "shown_for": "1"}, "metric"),
        ({"cadence": "hour"}, "cadence"),
        ({"weight": "101"}, "weight"),
        ({"slice_dim": "채널"}, "slice_value"),
        ({"slice_dim": "없는 차원", "slice_value": "앱"}, "slice_dim"),
    ],
)
def test_a_kpi_that_cannot_be_is_said_beside_its_field(bob, goal, revenue, changed, name):
    answer = new(bob, goal, revenue, **changed)
    assert answer.status_code == 422
    assert name in answer.context["form"].errors
    assert not Kpi.objects.exists()


def test_a_slice_counts_only_its_rows(bob, goal, revenue):
    new(bob, goal, revenue, slice_dim="채널", slice_value="앱", label="앱 매출")
    kpi = Kpi.objects.get()
    assert kpi.slice == {"채널": "앱"}
    february = Observation.objects.get(
        series__metric=revenue, series__slice_key__contains="앱", grain="month", period="2026-02-01", dim=""
    )
    assert february.value == 5000


def test_guardrails_are_kept_and_a_kpi_does_not_guard_itself(bob, goal, revenue):
    count = made.orders_metric()
    answer = new(bob, goal, revenue, guard_metric_0=count.pk, guard_bound_0="min", guard_level_0="1천")
    assert answer.status_code == 302
    guard = Kpi.objects.get().guardrails.get()
    assert (guard.metric, guard.bound, guard.level) == (count, "min", 1000)
    assert new(bob, goal, revenue, guard_metric_0=revenue.pk, guard_bound_0="max", guard_level_0="1").status_code == 422
    assert new(bob, goal, revenue, guard_metric_0=count.pk, guard_bound_0="max").status_code == 422
    assert Kpi.objects.count() == 1


def test_a_kept_level_needs_no_baseline(bob, goal, revenue):
    new(bob, goal, revenue, **{"target-kind": "keep", "target-level": "5만"})
    assert Target.objects.get().spec["baseline"] is None


def test_a_revision_needs_its_reason_and_the_first_target_stays(bob, goal, revenue, company):
    kpi = made.kpi(company.bob, goal, revenue)
    path = reverse("kpi-target", args=[kpi.pk])
    sent = {
        "kind": "reach",
        "direction": "up",
        "baseline": "1만",
        "level": "6만",
        "start": "2026-01-01",
        "due": "2026-12-31",
    }
    refused = bob.post(path, sent)
    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == ["reason"]
    assert bob.post(path, sent | {"reason": "새 매장이 열림"}).status_code == 302
    assert [target.spec["level"] for target in kpi.targets.all()] == [60_000, 50_000]
    assert "새 매장이 열림" in bob.get(path).content.decode()


def test_a_kpi_keeps_its_metric(bob, goal, revenue, company):
    kpi = made.kpi(company.bob, goal, revenue)
    count = made.orders_metric()
    sent = {
        "metric": count.pk,
        "cadence": "week",
        "timing": "leading",
        "level": "strategic",
        "label": "새 이름",
        "weight": "40",
    }
    unsaid = bob.post(reverse("kpi-edit", args=[kpi.pk]), sent)
    assert unsaid.status_code == 422 and list(unsaid.context["form"].errors) == ["reason"]
    assert bob.post(reverse("kpi-edit", args=[kpi.pk]), sent | {"reason": "더 자주 봅니다"}).status_code == 302
    kpi.refresh_from_db()
    assert (kpi.metric, kpi.label, kpi.cadence, kpi.weight) == (revenue, "새 이름", "week", 40)


def test_a_kpi_is_put_away_and_brought_back(bob, goal, revenue, company):
    kpi = made.kpi(company.bob, goal, revenue)
    path = reverse("kpi-archive", args=[kpi.pk])
    assert bob.post(path).url == reverse("goal", args=[goal.pk])
    assert bob.get(reverse("kpi-edit", args=[kpi.pk])).status_code == 404
    assert bob.get(reverse("kpi-target", args=[kpi.pk])).status_code == 404
    assert "매출" in bob.get(reverse("goal", args=[goal.pk])).content.decode()
    bob.post(path, undo="1")
    kpi.refresh_from_db()
    assert kpi.archived_at is None


def test_a_kpi_does_not_come_back_to_a_goal_that_is_away(bob, goal, revenue, company):
    kpi = made.kpi(company.bob, goal, revenue)
    bob.post(reverse("goal-archive", args=[goal.pk]))
    bob.post(reverse("kpi-archive", args=[kpi.pk]), undo="1")
    kpi.refresh_from_db()
    assert kpi.archived_at is not None


def test_without_a_metric_the_way_leads_to_one(bob, company):
    goal = made.goal(company.bob)
    assert reverse("metrics") in bob.get(reverse("kpi-new", args=[goal.pk])).content.decode()


def test_nothing_is_added_to_a_goal_that_is_away(bob, goal, revenue):
    bob.post(reverse("goal-archive", args=[goal.pk]))
    assert new(bob, goal, revenue).status_code == 404
