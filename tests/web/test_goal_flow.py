"""The goal flow below the browser: what is suggested, what is refused, and that it is all or nothing."""

from django.urls import reverse

from nachim.app.actions import goal_flow
from nachim.app.models import AuditEntry, EventRows, Goal, Kpi, Metric
from nachim.app.queries.ask import ask
from nachim.app.queries.catalogue import adoptable, fitted
from nachim.app.queries.suggest import read_goal, suggest
from nachim.core.period import Grain
from tests import company as made

SENTENCE = "3개월 내 월 매출 15% 증가"


def test_a_bad_sentence_is_judged_while_it_is_typed(bob):
    shown = bob.get(reverse("goal-check"), sentence="매출을 늘리자!").content.decode()
    assert shown.count('<li class="fail">') >= 3
    assert reverse("goal-start") in shown, "a rewrite is one click"
    assert "letters" not in bob.get(reverse("goal-check"), sentence="  ").content.decode()


def test_any_text_gets_an_answer(bob):
    for text in ("<script>alert(1)</script>", "💥" * 200, "10% 10% 10%", "\u0000"):
        answer = bob.get(reverse("goal-check"), sentence=text)
        assert answer.status_code == 200 and b"<script>alert" not in answer.content


def test_without_data_nothing_is_promised(bob):
    answer = bob.get(reverse("goal-kpis"), sentence=SENTENCE)
    some = answer.context["suggestions"]
    assert some and not any(one.usable for one in some)
    assert bob.post(reverse("goal-kpis"), sentence=SENTENCE, title="x", due="2099-12-31").status_code == 422
    assert not Goal.objects.exists()


def test_what_the_company_measures_is_suggested_with_its_data(bob, orders):
    made.revenue(), made.orders_metric()
    first, *rest = suggest(read_goal(SENTENCE, "ko"))
    assert (first.key, first.metric.name, first.role) == ("revenue", "revenue", "goal")
    assert first.data.source and first.data.periods >= 2 and first.data.empty == 0 and first.usable
    assert first.level == round(first.baseline * 1.15)
    assert {one.role for one in rest} >= {"leading"}


def test_the_goal_starts_with_its_kpis_or_not_at_all(bob, company, orders):
    made.revenue(), made.orders_metric()
    path = reverse("goal-kpis")
    sent = {"sentence": SENTENCE, "title": "매출을 키운다", "due": "2099-12-31", "owner": company.bob.pk}
    assert bob.post(path, sent | {"take_0": "on", "level_0": ""}).status_code == 422
    assert not Goal.objects.exists()
    answer = bob.post(path, sent | {"take_0": "on", "level_0": "5만", "cadence_0": "month"})
    goal = Goal.objects.get()
    assert answer.url == reverse("goal", args=[goal.pk])
    assert (goal.title, goal.sentence) == ("매출을 키운다", SENTENCE)
    kpi = Kpi.objects.get()
    assert (kpi.metric.name, kpi.owner, kpi.targets.get().rule.level) == ("revenue", company.bob, 50_000)


def test_a_metric_of_the_catalogue_is_added_where_the_tables_carry_it(bob, company, orders):
    ready = [key for key in fitted().ready if adoptable(fitted(), key)]
    assert "revenue" in ready
    bob.post(reverse("goal-kpis"), sentence=SENTENCE, adopt="revenue")
    assert "결제금액" in Metric.objects.get(name="revenue").spec["agg"]
    assert suggest(read_goal(SENTENCE, "ko"))[0].usable
    bob.post(reverse("goal-kpis"), sentence=SENTENCE, adopt="nothing")
    assert not Metric.objects.filter(name="nothing").exists()


def test_a_kpi_of_paired_events_is_added_with_how_they_are_paired(bob, company, orders):
    said = {part: one for part, one in orders.source.items() if part != "entities"}
    orders.source = said
    orders.save()
    bob.post(reverse("goal-kpis"), sentence="재구매율 10% 증가", adopt="reorder_30d")
    orders.refresh_from_db()
    assert orders.source == said | {"entities": {"customer": "고객ID", "order": "주문번호"}}, (
        "only what it lacked was added"
    )
    assert EventRows.objects.get().spec["sequence"]["within"] == "30 days"
    cells = ask(("reorder_30d",), Grain.MONTH, None, None, (), None).cells
    assert [cell for cell in cells if cell.value is not None]
    done = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"data.edit", "rows.create", "metric.create"} <= done
    assert adoptable(fitted(), "customer_retention"), "others of the same table can be added still"


def test_rows_that_are_paired_in_another_way_here_are_not_overwritten(bob, company, orders):
    other = {"sequence": {"by": "customer", "start": "orders", "end": "orders", "within": "60 days", "pick": "next"}}
    EventRows.objects.create(name="order_to_order", spec=other)
    assert not adoptable(fitted(), "reorder_30d")
    bob.post(reverse("goal-kpis"), sentence="재구매율 10% 증가", adopt="reorder_30d")
    assert EventRows.objects.get().spec == other and not Metric.objects.exists()


def test_a_sixth_kpi_is_asked_about(bob, company, orders):
    goal, metric = made.goal(company.bob), made.revenue()
    five = [made.kpi(company.bob, goal, metric, label=f"매출 {at}") for at in range(5)]
    goal_flow.note_read(five[0], set())
    path = reverse("kpi-new", args=[goal.pk])
    sent = {
        "metric": metric.pk, "cadence": "month", "timing": "lagging", "level": "operational", "target-kind": "keep",
        "target-direction": "up", "target-level": "1000", "target-start": "2026-01-01", "target-due": "2026-12-31",
    }  # fmt: skip
    asked = bob.post(path, sent)
    assert asked.status_code == 422 and len(asked.context["crowd"]) == 5
    assert asked.context["crowd"][-1].kpi == five[0], "the one that is read goes last"
    assert Kpi.objects.filter(archived_at=None).count() == 5
    assert bob.post(path, sent | {"retire": str(five[1].pk)}).status_code == 302
    live = Kpi.objects.filter(archived_at=None)
    assert live.count() == 5 and five[1] not in live
    assert bob.post(path, sent | {"retire": "none"}).status_code == 302
    assert live.all().count() == 6
