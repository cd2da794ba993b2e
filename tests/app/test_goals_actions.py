"""Goals, KPIs and targets below the pages."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from nachim.app.actions import goals
from nachim.app.models import Kpi, Series
from tests import company as made


def test_names_in_files_are_free_and_short(company, orders):
    one, two = made.goal(company.bob), made.goal(company.bob)
    assert (one.name, two.name) == ("매출을-키운다", "매출을-키운다-2")


def test_new_goals_stand_last(company):
    assert made.goal(company.bob, title="a").position < made.goal(company.bob, title="b").position


def test_the_same_target_again_is_no_revision(company, orders):
    kpi = made.kpi(company.bob, made.goal(company.bob), made.revenue())
    same = {
        "kind": "reach",
        "direction": "up",
        "baseline": 10_000.0,
        "level": 50_000.0,
        "start": "2026-01-01",
        "due": "2026-12-31",
    }
    assert goals.set_target(company.bob, kpi, **same).version == 1
    with pytest.raises(ValidationError):
        goals.set_target(company.bob, kpi, **(same | {"level": 60_000.0}))
    assert goals.set_target(company.bob, kpi, reason="a new shop", **(same | {"level": 60_000.0})).version == 2


@pytest.mark.parametrize(("changed", "field"), [
    ({"level": 10_000.0}, "level"), ({"level": 5_000.0}, "level"), ({"due": date(2026, 1, 1)}, "due"),
])  # fmt: skip
def test_impossible_targets_name_their_field(company, orders, changed, field):
    kpi = made.kpi(company.bob, made.goal(company.bob), made.revenue(), target=False)
    spec = {"baseline": 10_000.0, "level": 50_000.0, "start": date(2026, 1, 1), "due": date(2026, 12, 31)} | changed
    with pytest.raises(ValidationError) as refused:
        goals.set_target(company.bob, kpi, **spec)
    assert list(refused.value.error_dict) == [field]


def test_a_kpi_keeps_its_series_and_its_guards_series_fresh(company, orders):
    revenue, count = made.revenue(), made.orders_metric()
    made.kpi(
        company.bob,
        made.goal(company.bob),
        revenue,
        slice={"채널": "앱"},
        guardrails=[{"metric": count, "bound": "min", "level": 1}],
    )
    assert {(one.metric.name, one.slice_key) for one in Series.objects.all()} == {
        ("revenue", '{"채널": "앱"}'),
        ("orders", ""),
    }


def test_a_goal_comes_back_as_it_was(company, orders):
    goal = made.goal(company.bob)
    kept, away = made.kpi(company.bob, goal, made.revenue()), made.kpi(company.bob, goal, made.orders_metric())
    goals.archive_kpi(company.bob, away)
    goals.archive_goal(company.bob, goal)
    with pytest.raises(ValidationError):
        goals.restore_kpi(company.bob, Kpi.objects.get(pk=kept.pk))
    goals.restore_goal(company.bob, goal)
    assert list(Kpi.objects.filter(archived_at=None)) == [kept]
