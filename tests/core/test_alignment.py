"""What does not fit together between goals, KPIs and teams is said, and nothing else."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachim.core.alignment import WORDS, AlignedGoal, AlignedKpi, Moves, reach, warnings

TEAMS = {"marketing": "마케팅", "sales": "영업", "service": "고객 서비스"}
GOAL = AlignedGoal("grow", "매출을 키운다", ("marketing", "sales"))


def kpi(key, metric="", team="", goal="grow", **fields):
    return AlignedKpi(
        key, key, metric or key, **{"way": "up", "goal": goal, "teams": (team,) if team else (), **fields}
    )


def codes(goals, kpis, moves=()):
    return [(one.code, one.goals or one.kpis or one.teams) for one in warnings(goals, kpis, moves, TEAMS)]


def test_marketing_counts_visits_and_sales_counts_contracts():
    (found,) = warnings([GOAL], [kpi("visits", team="marketing"), kpi("contracts", team="sales")], (), TEAMS)
    assert (found.code, found.goals, found.teams) == ("no_shared_kpi", ("grow",), ("marketing", "sales"))
    assert found.text("ko").startswith("“마케팅”, “영업” 팀이 같은 목표 “매출을 키운다”에")
    assert "share no KPI" in found.text("en")


def test_one_shared_number_is_enough():
    shared = kpi("revenue", teams=("marketing", "sales"))
    assert codes([GOAL], [kpi("visits", team="marketing"), kpi("contracts", team="sales"), shared]) == []
    same = [kpi("weekly", "revenue", "marketing"), kpi("monthly", "revenue", "sales")]
    assert codes([GOAL], same) == [], "the same metric, judged by two teams, is shared"


def test_a_goal_without_kpi_says_only_that():
    assert codes([GOAL], []) == [("goal_without_kpi", ("grow",))]


def test_a_goal_broken_down_into_others_needs_none_of_its_own():
    parts = [AlignedGoal("app", "앱", parent="grow")]
    assert codes([replace(GOAL, teams=()), *parts], [kpi("installs", goal="app")]) == []


def test_key_results_tell_too():
    assert codes([AlignedGoal("okr", "목적", measured=True)], []) == []


def test_a_kpi_without_goal():
    assert codes([], [kpi("followers", goal=None), kpi("likes", goal="gone")]) == [
        ("kpi_without_goal", ("followers",)), ("kpi_without_goal", ("likes",)),
    ]  # fmt: skip


def test_a_kpi_that_breaks_anothers_guardrail():
    goals = [AlignedGoal("grow", "성장"), AlignedGoal("keep", "유지")]
    pushing = kpi("coupons", team="marketing")
    kept = kpi("margin_goal", "revenue", "sales", "keep", guards=(("margin", "min"),))
    assert codes(goals, [pushing, kept]) == []
    moves = [Moves("coupons", "margin", "down")]
    assert codes(goals, [pushing, kept], moves) == [("harms_guardrail", ("coupons", "margin_goal"))]
    held = replace(pushing, way="down")
    assert codes(goals, [held, kept], moves) == []


def test_a_guardrail_on_the_very_metric_another_pushes():
    goals = [AlignedGoal("grow", "성장"), AlignedGoal("keep", "유지")]
    quick = kpi("cut_support", "support_cost", "sales", way="down")
    kept = kpi("csat", team="service", goal="keep", guards=(("support_cost", "min"),))
    assert codes(goals, [quick, kept]) == [("harms_guardrail", ("cut_support", "csat"))]


def test_opposite_ways_are_said_once():
    goals = [AlignedGoal("grow", "성장"), AlignedGoal("save", "절약")]
    spend = [kpi("ads_up", "ad_spend", "marketing"), kpi("ads_down", "ad_spend", "sales", "save", way="down")]
    assert codes(goals, spend) == [("harms_opposite", ("ads_down", "ads_up"))]


def test_a_driver_carries_harm_over_one_step():
    goals = [AlignedGoal("grow", "성장"), AlignedGoal("care", "만족")]
    both = [kpi("calls_short", "handling_time", "sales", way="down"), kpi("csat", team="service", goal="care")]
    moves = [Moves("handling_time", "solved", "up"), Moves("solved", "csat", "up")]
    assert codes(goals, both, moves) == [("harms_opposite", ("calls_short", "csat"))]


def test_within_a_team_it_is_the_teams_own_choice():
    goals = [AlignedGoal("grow", "성장")]
    same = [kpi("ads_up", "ad_spend", "sales"), kpi("ads_down", "ad_spend", "sales", way="down")]
    assert codes(goals, same) == []


def test_a_kpi_copied_down_unchanged():
    goals = [replace(GOAL, teams=()), AlignedGoal("team", "팀 목표", parent="grow")]
    above = kpi("revenue", aim="120억, 연말")
    copied = kpi("team_revenue", "revenue", goal="team", aim="120억, 연말")
    assert codes(goals, [above, copied]) == [("copied_down", ("team",))]
    assert codes(goals, [above, replace(copied, aim="40억, 연말")]) == []
    assert codes(goals, [above, replace(copied, metric="orders")]) == []


def test_a_sixth_kpi_asks_which_to_retire():
    goal = replace(GOAL, teams=())
    five = [kpi(f"k{at}") for at in range(5)]
    assert codes([goal], five) == []
    (found,) = warnings([goal], [*five, kpi("k5")])
    assert (found.code, found.count, len(found.kpis)) == ("too_many_on_goal", 6, 6)
    spread = [AlignedGoal(f"g{at}", "") for at in range(6)]
    on_team = [kpi(f"k{at}", team="sales", goal=f"g{at}") for at in range(6)]
    assert codes(spread, on_team) == [("too_many_on_team", tuple(f"k{at}" for at in range(6)))]


def test_what_is_said_both_ways_is_not_known():
    assert reach([Moves("a", "b", "up"), Moves("a", "b", "down")]) == {}
    assert reach([Moves("a", "b", "down"), Moves("b", "c", "down")])["a", "c"] == "up"


@pytest.mark.parametrize("code", WORDS)
def test_every_warning_speaks_both_languages(code):
    assert WORDS[code][0] != WORDS[code][1]


KEYS = st.sampled_from("abcd")
KPIS = st.builds(
    AlignedKpi, key=st.sampled_from([f"k{at}" for at in range(8)]), label=st.just("x"), metric=KEYS,
    way=st.sampled_from(["up", "down"]), goal=st.none() | KEYS,
    teams=st.lists(KEYS, max_size=2, unique=True).map(tuple),
    guards=st.lists(st.tuples(KEYS, st.sampled_from(["max", "min"])), max_size=2).map(tuple),
)  # fmt: skip
MOVES = st.lists(st.builds(Moves, KEYS, KEYS, st.sampled_from(["up", "down"])), max_size=5)


@given(st.lists(KPIS, max_size=8, unique_by=lambda one: one.key), MOVES, st.randoms())
def test_the_order_of_what_is_given_changes_nothing(kpis, moves, random):
    goals = [AlignedGoal(key, key) for key in "abc"]
    shuffled = random.sample(kpis, len(kpis))

    def found(some):
        return sorted(
            (one.code, sorted(one.goals), sorted(one.kpis), one.teams) for one in warnings(goals, some, moves)
        )

    assert found(kpis) == found(shuffled)
    for one in warnings(goals, kpis, moves):
        assert one.text("ko") and one.text("en")
