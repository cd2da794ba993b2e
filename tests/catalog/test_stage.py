"""When a stage has come, and which KPI to retire for which."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachim.catalog import templates
from nachim.catalog.stage import advise, change, holds, stage_of
from nachim.catalog.templates import Sign

EARLY = {"new_customers": [80, 120, 150, 190, 230, 280], "first_order_conversion": [0.1, 0.12, 0.15, 0.15, 0.18, 0.19]}
GROWING = {
    "new_customers": [200, 250, 320, 400, 480, 600],
    "first_order_conversion": [0.18, 0.2, 0.21, 0.25, 0.3, 0.31],
}
PROFITABLE = GROWING | {
    "reorder_30d": [0.25, 0.28, 0.3, 0.31, 0.33, 0.35],
    "gross_margin": [0.1, 0.2, 0.22, 0.25, 0.25, 0.26],
}
MATURE = {
    "revenue_growth_yoy": [0.2, 0.15, 0.11, 0.09, 0.08, 0.05], "customer_retention": [0.3, 0.35, 0.4, 0.4, 0.41, 0.42]
}  # fmt: skip


@pytest.mark.parametrize(
    "months, stage",
    [
        (EARLY, "stage_finding_fit"), (GROWING, "stage_growing"), (PROFITABLE, "stage_profitable"),
        (PROFITABLE | MATURE, "stage_mature"), ({}, None), ({"new_customers": [400, None, 500]}, None),
        ({"new_customers": [400, 500, 600]}, None),
    ],
)  # fmt: skip
def test_the_stage_is_the_furthest_one_whose_every_sign_shows(months, stage):
    found = stage_of(months)
    assert (found and found.name) == stage


def test_a_sign_holds_only_when_every_month_is_there_and_within():
    sign = Sign("reorder_30d", least=0.3)
    assert holds(sign, {"reorder_30d": [0.1, 0.3, 0.4, 0.5]})
    assert not holds(sign, {"reorder_30d": [0.3, 0.29, 0.4]}) and not holds(sign, {"reorder_30d": [0.3, None, 0.4]})
    assert not holds(sign, {"reorder_30d": [0.3, 0.4]}) and not holds(sign, {})
    assert holds(Sign("new_customers", most=300, months=1), {"new_customers": [900, 10]})


@pytest.mark.parametrize(
    "months, watched, moves",
    [
        (EARLY, ["downloads", "signups"], [("downloads", "first_order_conversion")]),
        (EARLY, ["downloads", "first_order_conversion"], []),
        (GROWING, ["signups"], [("signups", "first_order_conversion")]),
        (GROWING, ["first_order_conversion"], [("first_order_conversion", "reorder_30d")]),
        # Those who are two stages behind hear of the next step too.
        (GROWING, ["downloads"], [("downloads", "first_order_conversion")]),
        (PROFITABLE, ["new_customers", "reorder_30d"], [("new_customers", "ltv")]),
        (PROFITABLE | MATURE, ["signups", "revenue_growth"],
         [("revenue_growth", "market_share"), ("signups", "customer_retention"),
          ("signups", "first_order_conversion")]),
        (GROWING, [], []), (GROWING, ["nps"], []), ({}, ["downloads", "signups"], []),
    ],
)  # fmt: skip
def test_advice_is_for_a_kpi_in_use_whose_successor_is_not(months, watched, moves):
    assert [(one.retire, one.adopt) for one in advise(months, watched)] == moves


def test_the_advice_says_what_the_data_show():
    (one,) = advise(GROWING, ["first_order_conversion"])
    assert one.stage == "stage_growing" and "첫 주문" in one.why.ko
    assert [text.ko for text in one.seen] == [
        "신규 고객 수가 석 달 내리 300명 이상입니다 (지금 600명).",
        "첫 주문 전환율이 석 달 내리 20.0% 이상입니다 (지금 31.0%).",
    ]
    assert one.seen[1].en == "First-order conversion has been at least 20.0% for 3 months (now 31.0%)."


def test_it_speaks_ahead_of_the_stage_when_the_two_part_ways():
    """Sign-ups grow, and fewer of them order: the stage does not show, and still it is time."""
    months = {"signups": [100, 100, 100, 120, 130, 140], "first_order_conversion": [0.4, 0.4, 0.4, 0.36, 0.35, 0.34]}
    (one,) = advise(months, ["signups"])
    assert (one.retire, one.adopt) == ("signups", "first_order_conversion")
    assert [text.ko for text in one.seen] == [
        "최근 석 달 신규 가입자 수가 30% 늘어나는 동안 첫 주문 전환율은 13% 줄었습니다."
    ]
    assert advise(months | {"first_order_conversion": [0.4, 0.4, 0.4, 0.39, 0.39, 0.39]}, ["signups"]) == []
    assert advise(months | {"signups": [100, 100, 100, 110, 110, 110]}, ["signups"]) == []


def test_change_compares_three_months_with_the_three_before():
    assert change([9, 1, 1, 1, 2, 2, 2]) == pytest.approx(1.0)
    assert change([1, 1, 1, 2, None, 2]) is None and change([0, 0, 0, 1, 1, 1]) is None and change([1, 2]) is None


NAMES = sorted({sign.metric for one in templates("stage").values() for sign in one.signs}
               | {name for one in templates("stage").values() for step in one.successions
                  for name in (step.retire, step.adopt)})  # fmt: skip
VALUES = st.lists(st.none() | st.floats(-10, 1e7, allow_nan=False), max_size=8)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES), st.sets(st.sampled_from(NAMES)))
def test_whatever_the_data_an_advice_has_its_reason(months, watched):
    for one in advise(months, watched):
        assert one.retire in watched and one.adopt not in watched and one.seen
        for text in (one.why, *one.seen):
            assert text.ko.endswith(".") and text.en.endswith(".")


def test_the_delivery_app_hears_that_sign_ups_are_no_longer_it():
    """한입배달 after its invitations: sign-ups rise and the share that orders a second time falls."""
    months = {
        "first_order_conversion": [0.41, 0.4, 0.41, 0.5, 0.5, 0.49],
        "reorder_30d": [0.7, 0.7, 0.7, 0.63, 0.63, 0.63],
    }
    (one,) = advise(months, ["first_order_conversion"])
    assert one.adopt == "reorder_30d" and "10% 줄었습니다" in one.seen[0].ko
