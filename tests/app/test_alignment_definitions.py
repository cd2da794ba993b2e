"""Teams, drivers, objectives and sheets go in by a file and come out the same."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from nachim.app import policy
from nachim.app.actions import drivers, mbo, okr, teams
from nachim.app.definition.apply import apply, plan
from nachim.app.definition.export import current, to_yaml
from nachim.app.definition.form import read
from nachim.app.models import CheckIn, DriverEdge, Goal, KeyResult, Sheet, SheetVersion, Team
from nachim.metrics.messages import SpecError
from tests import company as made

FILE = """
teams:
  - {name: marketing, label: 마케팅팀, function: marketing, lead: bob@example.com, members: [mina@example.com]}
  - {name: content, label: 콘텐츠팀, parent: marketing}
metrics:
  revenue: {label: {ko: 매출}, unit: KRW, agg: 'sum(orders."결제금액")'}
  orders: {label: {ko: 주문 수}, agg: count(orders)}
  aov: {label: {ko: 객단가}, unit: KRW, calc: revenue / orders}
drivers:
  - {whole: revenue, part: orders, kind: identity, how: product}
  - {whole: revenue, part: aov, kind: identity, how: product}
  - {whole: orders, part: aov, kind: claimed, direction: down, lag_days: 14, note: 비싸지면 덜 산다}
goals:
  - {name: grow, title: 매출 키우기, start: 2026-01-01, due: 2026-12-31, sentence: 매출을 늘리자!, teams: [marketing]}
  - name: known
    title: 이름을 알린다
    framework: okr
    parent: grow
    start: 2026-01-01
    due: 2026-12-31
    kpis:
      - {name: basket, metric: aov, teams: [marketing, content]}
    key_results:
      - {name: kr-basket, label: 객단가를 올린다, kpi: basket, weight: 60, owner: bob@example.com}
      - name: kr-site
        label: 새 사이트를 연다
        weight: 40
        check_ins: [{day: 2026-03-02, confidence: 7, progress: 0.5, note: 디자인 끝}]
sheets:
  - name: mina-2026
    person: mina@example.com
    lead: bob@example.com
    start: 2026-01-01
    due: 2026-12-31
    versions:
      - {items: [{kpi: basket, label: '', aim: 5만 원, weight: 100}], state: agreed, decided_by: bob@example.com}
"""


def test_a_file_goes_in_and_comes_out_the_same(company, orders):
    apply(policy.SHELL, read(FILE))
    out = to_yaml(current())
    again = read(out)
    assert all(step.verb == "keep" for step in plan(again)), [step for step in plan(again) if step.verb != "keep"]
    assert [step for step in plan(read(FILE)) if step.verb != "keep"] == []
    assert apply(policy.SHELL, again).steps and to_yaml(current()) == out
    assert Goal.objects.get(name="known").parent.name == "grow"
    assert {team.name for team in Team.objects.get(name="marketing").children.all()} == {"content"}
    assert DriverEdge.objects.get(kind="claimed").lag_days == 14
    assert CheckIn.objects.get().key_result.name == "kr-site"
    assert SheetVersion.objects.get().decided_by == company.bob


def test_a_name_that_is_not_there_is_answered_with_the_nearest(company, orders):
    with pytest.raises(SpecError) as refused:
        apply(policy.SHELL, read(FILE.replace("teams: [marketing]}", "teams: [marketin]}")))
    assert "marketing" in str(refused.value)
    assert not Team.objects.exists()


def test_a_metric_cannot_be_made_from_itself(company, orders):
    revenue, count = made.revenue(), made.orders_metric()
    drivers.save_edge(company.bob, revenue, count, kind="identity", how="product")
    with pytest.raises(ValidationError):
        drivers.save_edge(company.bob, count, revenue, kind="identity", how="product")
    with pytest.raises(ValidationError):
        drivers.save_edge(company.bob, count, count)
    drivers.save_edge(company.bob, count, revenue, kind="claimed")


def test_a_team_is_not_part_of_itself(company):
    one = teams.save_team(company.bob, label="하나")
    two = teams.save_team(company.bob, label="둘", parent=one)
    with pytest.raises(ValidationError):
        teams.save_team(company.bob, one, parent=two)


@pytest.fixture
def sheet(company):
    return mbo.open_sheet(
        company.bob, person=company.mina, lead=company.bob, start=date(2026, 1, 1), due=date(2026, 12, 31)
    )


LINES = [
    {"label": "고객 불만을 줄인다", "aim": "20 % 감소", "weight": 60},
    {"label": "교육", "aim": "2회", "weight": 40},
]


def test_a_sheet_is_agreed_by_the_lead_alone(company, sheet):
    version = mbo.propose(company.mina, sheet, LINES)
    for who in (company.mina, company.alice):
        with pytest.raises(policy.NotAllowed):
            mbo.decide(who, version, agree=True)
    mbo.decide(company.bob, version, agree=True)
    assert version.state == "agreed" and version.decided_by == company.bob


def test_weights_sum_to_a_hundred(company, sheet):
    with pytest.raises(ValidationError) as refused:
        mbo.propose(company.mina, sheet, [{"label": "a", "weight": 60}, {"label": "b", "weight": 30}])
    assert "90" in refused.value.messages[0]


def test_a_change_in_the_middle_of_the_year_needs_a_reason_and_the_old_holds_until_it_is_agreed(company, sheet):
    mbo.decide(company.bob, mbo.propose(company.mina, sheet, LINES), agree=True)
    changed = [LINES[0] | {"weight": 70}, LINES[1] | {"weight": 30}]
    with pytest.raises(ValidationError):
        mbo.propose(company.mina, sheet, changed)
    waiting = mbo.propose(company.mina, sheet, changed, reason="조직이 바뀌었습니다")
    assert sheet.versions.filter(state="agreed").first().version == 1
    with pytest.raises(ValidationError):
        mbo.decide(company.bob, waiting, agree=False)
    mbo.decide(company.bob, waiting, agree=False, answer="교육은 그대로 40")
    assert [one.state for one in sheet.versions.all()] == ["declined", "agreed"]


def test_others_sheets_are_not_seen(company, sheet):
    assert list(policy.visible(company.mina, Sheet.objects.all())) == [sheet]
    assert list(policy.visible(company.alice, Sheet.objects.all())) == [sheet]
    other = mbo.open_sheet(
        company.alice, person=company.bob, lead=company.alice, start=date(2026, 1, 1), due=date(2026, 12, 31)
    )
    assert other not in policy.visible(company.mina, Sheet.objects.all())
    with pytest.raises(policy.NotAllowed):
        mbo.propose(company.mina, other, LINES)


def test_who_owns_a_key_result_checks_in(company):
    goal = made.goal(company.bob, framework="okr")
    result = okr.save_key_result(company.bob, goal=goal, label="새 사이트", owner=company.mina)
    other = okr.save_key_result(company.bob, goal=goal, label="다른 것")
    okr.check_in(company.mina, result, confidence=8, progress=0.4, note="순조")
    with pytest.raises(policy.NotAllowed):
        okr.check_in(company.mina, other, confidence=8)
    with pytest.raises(ValidationError):
        okr.check_in(company.mina, result, confidence=11)
    assert KeyResult.objects.get(pk=result.pk).check_ins.first().progress == 0.4
