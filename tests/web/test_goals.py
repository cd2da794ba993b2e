"""Goals: written, read, put away and brought back."""

from django.urls import reverse

from nachim.app.models import Goal, Kpi
from tests import company as made

FIELDS = {"title": "매출을 키운다", "why": "임차료가 오릅니다.", "start": "2026-01-01", "due": "2026-12-31"}


def test_a_goal_is_written_and_asks_for_its_kpis(bob, company, orders):
    answer = bob.post("/goals/new/", FIELDS | {"owner": company.alice.pk})
    goal = Goal.objects.get()
    assert answer.url == reverse("goal", args=[goal.pk])
    assert goal.owner == company.alice
    assert reverse("kpi-new", args=[goal.pk]) in bob.get(answer.url).content.decode()
    assert "notice warn" in bob.get("/goals/").content.decode(), "a goal without a KPI is warned of"


def test_a_due_date_before_the_start_is_said_beside_it(bob):
    answer = bob.post("/goals/new/", FIELDS | {"due": "2025-12-31"})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["due"]
    assert "임차료가 오릅니다." in answer.content.decode()


def test_an_outsider_cannot_be_the_owner(bob, company):
    assert bob.post("/goals/new/", FIELDS | {"owner": company.mallory.pk}).status_code == 422


def test_a_goal_is_changed(bob, company):
    goal = made.goal(company.bob)
    bob.post(reverse("goal-edit", args=[goal.pk]), FIELDS | {"title": "손님을 다시 부른다"})
    goal.refresh_from_db()
    assert (goal.title, goal.name) == ("손님을 다시 부른다", "매출을-키운다"), "its name in files stays"


def test_a_goal_is_put_away_with_its_kpis_and_brought_back_with_them(bob, company, orders):
    goal = made.goal(company.bob)
    first, second = made.kpi(company.bob, goal, made.revenue()), made.kpi(company.bob, goal, made.orders_metric())
    bob.post(reverse("kpi-archive", args=[second.pk]))
    path = reverse("goal-archive", args=[goal.pk])
    assert bob.post(path).url == "/goals/"
    assert not Kpi.objects.filter(archived_at=None).exists()
    assert "매출을 키운다" in bob.get("/goals/").content.decode()
    assert bob.get(reverse("goal", args=[goal.pk])).status_code == 200
    assert bob.post(path, undo="1").url == reverse("goal", args=[goal.pk])
    assert list(Kpi.objects.filter(archived_at=None)) == [first], "what had been put away before stays away"


def test_more_than_five_kpis_are_warned_of(bob, company, orders):
    goal = made.goal(company.bob)
    metric = made.revenue()
    for at in range(6):
        made.kpi(company.bob, goal, metric, label=f"매출 {at}", target=False)
    for path in ("/goals/", reverse("goal", args=[goal.pk])):
        assert "6" in bob.get(path).content.decode().split("notice warn", 1)[1][:40]


def test_a_viewer_reads_and_is_offered_nothing_to_change(carol, company, orders):
    goal = made.goal(company.bob)
    shown = carol.get("/goals/").content.decode() + carol.get(reverse("goal", args=[goal.pk])).content.decode()
    assert goal.title in shown
    for name in ("goal-edit", "goal-archive", "kpi-new"):
        assert reverse(name, args=[goal.pk]) not in shown
    assert "goals/new" not in shown
