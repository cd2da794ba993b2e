"""Every KPI that gets worse has an answer; what the answers name exists; a company may change it."""

import re

import pytest

from nachim.catalog import catalogue, templates
from nachim.catalog.playbook import DIMENSIONS, kind_of, merged, playbook

ENTRIES = catalogue().entries
BOOK = playbook()
POLITE = re.compile(r"(니다|세요)\.$")
# The mission's pairs: a metric, what moved with it, and a play that must be offered.
PAIRS = [
    ("conversion", [], "product-page"), ("conversion", [], "checkout-friction"),
    ("conversion", ["source"], "bot-filter"), ("conversion", ["sessions.channel"], "release-rollback"),
    ("return_rate", [], "quality-gate"), ("return_rate", [], "product-page"),
    ("return_rate", ["카테고리"], "size-guide"),
    ("cart_abandonment", [], "checkout-friction"), ("cart_abandonment", [], "first-order-coupon"),
    ("churn", [], "onboarding"), ("churn", [], "customer-success"), ("subscription_churn", ["plan"], "pricing"),
    ("revisit_rate", [], "loyalty-programme"), ("reorder_30d", ["signups"], "second-order-offer"),
    ("complaint_handling_time", [], "complaint-owner"), ("delivery_time", ["region"], "late-delivery"),
    ("waiting_time", ["store"], "peak-hour-staff"), ("gross_margin", ["coupon"], "coupon-limit"),
    ("revenue", ["conversion"], "checkout-friction"),
]  # fmt: skip


@pytest.mark.parametrize("name", ENTRIES)
def test_every_kpi_that_gets_worse_has_an_answer(name):
    answer = BOOK.answer(name)
    assert answer is not None and name in answer.metrics and not answer.driver
    assert answer.causes and BOOK.plays_of(answer)


@pytest.mark.parametrize(("metric", "drivers", "play"), PAIRS)
def test_the_pairs_of_the_mission_are_in_it(metric, drivers, play):
    answer = BOOK.answer(metric, drivers=drivers)
    assert play in answer.plays


def test_growth_that_does_not_last_has_an_answer():
    answer = BOOK.answer("signups", move="better", drivers=["first_order_conversion"])
    assert answer.name == "hollow-growth" and "second-order-offer" in answer.plays
    assert BOOK.answer("orders", move="better", drivers=["coupon_use"]).plays[0] == "coupon-limit"
    assert BOOK.answer("orders", move="better") is None


def test_the_weightiest_driver_decides():
    assert BOOK.answer("revenue", drivers=["visits", "conversion"]).name == "sales-traffic"
    assert BOOK.answer("revenue", drivers=["conversion", "visits"]).name == "sales-conversion"


def test_a_metric_of_another_name_is_known_by_its_label():
    assert BOOK.answer("xyz", label="앱 반품률").name == "returns"
    assert BOOK.answer("delivery_days", drivers=["region"]).name == "delivery"
    assert BOOK.answer("xyz", label="잔디 높이") is None


def test_a_play_moves_its_metric_for_the_better_within_what_its_weeks_allow():
    for play in BOOK.plays.values():
        moved, effect = ENTRIES[play.moves.metric], play.moves
        assert (effect.low > 0) if moved.better == "up" else (effect.high < 0), play.name
        assert play.watch.metric != effect.metric
        assert play.watch.bound == {"up": "min", "down": "max"}[ENTRIES[play.watch.metric].better], play.name
        band = moved.monthly
        assert effect.by == band.by, (play.name, band)
        most = (band.up if moved.better == "up" else band.down) * max(1, effect.weeks / 4)
        assert max(abs(effect.low), abs(effect.high)) <= most + 1e-9, (play.name, band)


def test_every_sentence_is_polite_and_in_both_languages():
    texts = [(play.name, play.how) for play in BOOK.plays.values()]
    texts += [
        (one.name, text) for one in BOOK.answers.values() for cause in one.causes for text in (cause.cause, cause.check)
    ]
    for place, text in texts:
        assert POLITE.search(text.ko) and not re.search("[가-힣]", text.en), (place, text)
        assert text.en[0].isupper() and text.en.endswith("."), (place, text.en)


def test_templates_name_plays_that_exist():
    named = {play for one in templates().values() for goal in one.goals for play in goal.playbook}
    assert named <= set(BOOK.plays)


def test_every_play_is_used():
    named = {play for one in templates().values() for goal in one.goals for play in goal.playbook}
    assert set(BOOK.plays) == named | {play for one in BOOK.answers.values() for play in one.plays}


@pytest.mark.parametrize(
    ("column", "kind"),
    [("sessions.channel", "channel"), ("채널", "channel"), ("쿠폰", "coupon"), ("area", "region"), ("xyz", "")],
)
def test_a_dimension_is_known_by_its_word(column, kind):
    assert kind_of(column) == kind
    assert not kind or kind in DIMENSIONS


def test_a_company_adds_and_replaces():
    mine = merged({"answers": {"returns": {"metrics": ["return_rate"], "plays": ["root-cause"], "causes": [
        {"cause": {"ko": "a", "en": "b"}, "check": {"ko": "a", "en": "b"}, "see": ["reason"]}]}}})  # fmt: skip
    assert mine.answer("return_rate").plays == ("root-cause",)
    assert mine.answer("churn") == BOOK.answer("churn")


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ({"plans": {}}, "plans"),
        ({"answers": {"a": {"metrics": ["churn"], "plays": ["no-such"], "causes": []}}}, "no-such"),
        ({"answers": {"a": {"metrics": ["churn"], "plays": ["onboarding"], "causes": []}}}, "causes"),
        ({"answers": {"a": {"metrics": ["no_such"], "plays": ["onboarding"], "causes": []}}}, "no_such"),
        ({"answers": {"a": {"metrics": ["churn"], "driver": ["moon"], "plays": ["onboarding"], "causes": []}}}, "moon"),
    ],
)
def test_a_company_hears_what_is_wrong(part, says):
    with pytest.raises(ValueError, match=says):
        merged(part)
