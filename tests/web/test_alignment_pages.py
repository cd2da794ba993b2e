"""Map, tree, objectives, sheets and history, as people use them."""

from django.urls import reverse

from nachim.app.actions import drivers, goals, mbo, metrics, okr, teams
from nachim.app.actions.refresh import refresh
from nachim.app.models import DriverEdge, Sheet
from tests import company as made


def test_a_driver_is_drawn_and_taken_off(bob, company, orders):
    revenue, count = made.revenue(), made.orders_metric()
    goal = made.goal(company.bob)
    made.kpi(company.bob, goal, revenue), made.kpi(company.bob, goal, count)
    sent = {"part": count.pk, "whole": revenue.pk, "kind": "claimed", "lag_days": "14", "direction": "up"}
    assert bob.post(reverse("map-drivers"), sent).url == reverse("map")
    shown = bob.get(reverse("map")).content.decode()
    assert 'class="link claimed"' in shown and "14일" in shown
    assert bob.post(reverse("map-drivers"), sent | {"part": revenue.pk}).status_code == 422
    bob.post(reverse("driver-remove", args=[DriverEdge.objects.get().pk]))
    assert 'class="link claimed" d="M5' not in bob.get(reverse("map")).content.decode()


def test_names_on_the_map_are_text(bob, company, orders):
    made.kpi(company.bob, made.goal(company.bob, title="<b>굵게</b>"), made.revenue(), label="<i>x</i>")
    shown = bob.get(reverse("map")).content.decode()
    assert "&lt;b&gt;굵게&lt;/b&gt;" in shown and "<b>굵게" not in shown and "<i>x" not in shown


def test_sub_targets_are_tried_and_kept(bob, company, orders):
    revenue, count = (
        made.revenue(),
        metrics.save_metric(
            company.bob, name="paid", label_ko="결제 수", spec={"agg": "count(orders)", "where": "\"상태\" = 'paid'"}
        ),
    )
    aov = metrics.save_metric(company.bob, name="aov", label_ko="객단가", unit="KRW", spec={"calc": "revenue / paid"})
    goal = made.goal(company.bob)
    root, part = made.kpi(company.bob, goal, revenue), made.kpi(company.bob, goal, count, target=False)
    refresh()
    path = reverse("goal-tree", args=[goal.pk])
    assert "객단가" in bob.get(path, kpi=root.pk).content.decode(), "a formula offers its split"
    assert bob.post(path, kpi=root.pk, split="revenue:0").status_code == 302
    assert {edge.part.name for edge in revenue.drivers.all()} == {"paid", "aov"}
    shown = bob.get(path, **{"kpi": root.pk, "set-paid": "4"})
    plan = {one.metric.name: one.plan for one in shown.context["shown"].branches}
    assert plan["paid"] == 4 and plan["aov"] * 4 == plan["revenue"] == 50_000
    bob.post(path, {"kpi": root.pk, "set-paid": "4", "reason": "나누어 맡는다"})
    assert part.targets.get().rule.level == 4
    assert aov.kpis.count() == 0


def test_an_objective_has_key_results_and_check_ins(bob, mina, company, orders):
    goal = made.goal(company.bob, framework="okr")
    bob.post(reverse("result-new", args=[goal.pk]), label="새 사이트", owner=company.mina.pk, weight="0")
    result = goal.key_results.get()
    path = reverse("result-check", args=[result.pk])
    assert mina.post(path, confidence="11", progress="50").status_code == 422
    assert mina.post(path, confidence="7", progress="50", note="절반").url == reverse("okr")
    shown = mina.get(reverse("okr")).content.decode()
    assert "절반" in shown and "50%" in shown


def test_a_sheet_from_proposal_to_a_change_in_the_middle_of_the_year(bob, mina, company):
    sent = {"person": company.mina.pk, "lead": company.bob.pk, "start": "2026-01-01", "due": "2026-12-31"}
    mina.post(reverse("sheet-new"), sent)
    sheet = Sheet.objects.get()
    change, page = reverse("sheet-change", args=[sheet.pk]), reverse("sheet", args=[sheet.pk])
    lines = {"label_0": "불만 줄이기", "weight_0": "60", "label_1": "교육", "weight_1": "30"}
    assert mina.post(change, lines).status_code == 422
    assert mina.post(change, lines | {"weight_1": "40"}).url == page
    assert mina.post(reverse("sheet-decide", args=[sheet.pk]), agree="1").status_code == 403
    bob.post(reverse("sheet-decide", args=[sheet.pk]), agree="1")
    assert sheet.versions.get().state == "agreed"
    again = {"label_0": "불만 줄이기", "weight_0": "50", "label_1": "교육", "weight_1": "50"}
    assert mina.post(change, again).status_code == 422, "a reason is missing"
    mina.post(change, again | {"reason": "조직이 바뀌었습니다"})
    bob.post(reverse("sheet-decide", args=[sheet.pk]), decline="1", answer="교육은 40으로")
    assert [one.state for one in sheet.versions.all()] == ["declined", "agreed"]
    assert "교육은 40으로" in mina.get(page).content.decode()


def test_someone_elses_sheet_cannot_be_opened_for_them(mina, company):
    sent = {"person": company.bob.pk, "lead": company.alice.pk, "start": "2026-01-01", "due": "2026-12-31"}
    assert mina.post(reverse("sheet-new"), sent).status_code == 403


def test_one_page_tells_what_was_thought_in_march_and_why_it_changed(bob, company, orders):
    kpi = made.kpi(company.bob, made.goal(company.bob), made.revenue())
    refresh()
    spec = kpi.targets.get().spec | {"level": 90_000.0}
    goals.set_target(company.bob, kpi, reason="새 매장을 열었습니다", **spec)
    shown = bob.get(reverse("kpi-history", args=[kpi.pk]), day="2026-02-10")
    thought = shown.context["history"].thought
    assert (thought.target.version, thought.past.point.period.key) == (1, "2026-02-01")
    assert [one.reason for one in thought.since] == ["새 매장을 열었습니다"]
    assert "새 매장을 열었습니다" in shown.content.decode()
    assert bob.get(reverse("kpi-history", args=[kpi.pk]), day="2026-02").context["history"].thought.day.month == 2
    assert bob.get(reverse("kpi-history", args=[kpi.pk]), day="nonsense").status_code == 200


def test_a_change_says_beforehand_what_feels_it(bob, company, orders):
    goal = made.goal(company.bob, framework="okr")
    kpi = made.kpi(company.bob, goal, made.revenue())
    okr.save_key_result(company.bob, goal=goal, kpi=kpi, label="매출을 올린다")
    sheet = mbo.open_sheet(company.bob, person=company.mina, lead=company.bob, start=goal.start, due=goal.due)
    mbo.decide(company.bob, mbo.propose(company.mina, sheet, [{"kpi": kpi.name, "weight": 100}]), agree=True)
    for name in ("kpi-target", "kpi-edit"):
        kinds = {use.kind for use in bob.get(reverse(name, args=[kpi.pk])).context["uses"]}
        assert kinds == {"goal", "key_result", "sheet"}
    assert {use.kind for use in bob.get(reverse("metric-edit", args=[kpi.metric.pk])).context["uses"]} >= {
        "kpi",
        "goal",
    }


def test_each_reader_has_a_view(bob, company, orders):
    goal, revenue = made.goal(company.bob), made.revenue()
    team = teams.save_team(company.bob, label="영업팀")
    made.kpi(company.bob, goal, revenue, level="strategic", label="전략 매출")
    made.kpi(company.bob, goal, revenue, level="functional", function="sales", label="영업 매출", teams=[team])
    drivers.save_edge(company.bob, revenue, made.orders_metric())
    kinds = ("executive", "operations", "department")
    shown = {kind: bob.get(reverse("kinds"), kind=kind).content.decode() for kind in kinds}
    assert "전략 매출" in shown["executive"] and "영업 매출" not in shown["executive"]
    assert "전략 매출" not in shown["operations"] and "영업팀" in shown["department"]
