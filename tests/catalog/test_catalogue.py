"""The catalogue says what it must, whole and politely; templates name what exists; the page is up to date."""

import re
from pathlib import Path

import pytest

from nachim.catalog import catalogue, entry, template, templates
from nachim.catalog.page import page

ENTRIES = catalogue().entries
# Every KPI the seed names, row by row of the map of what must be done.
NAMED = {
    "A2": "revenue churn return_rate", "A3": "gross_margin", "B1": "revenue_growth revisit_rate csat",
    "B2": "visits conversion return_rate", "B3": "visits new_contracts", "C3": "revenue new_customers aov",
    "D1": "revenue_growth market_share customer_retention", "D2": "revenue orders order_processing_time waiting_time",
    "D3": "visits social_engagement ctr conversion new_contracts lead_conversion response_time csat complaints",
    "E1": "repeat_purchase_rate followers brand_search", "E3": "complaints handle_time dau mau downloads stickiness",
    "F3": "nps csat", "F5": "downloads first_order_conversion reorder_30d",
    "G1": "signups first_order_conversion reorder_30d",
    "G2": "visits cart_abandonment aov", "G3": "mau churn subscription_churn ltv",
    "G4": "revisit_rate spend_per_customer csat",
    "H4": "coupon_use cart_abandonment",
    "issue 3": "delivery_time delivery_error_rate complaint_handling_time complaint_rate first_contact_resolution wau "
    "revenue_churn mrr arpu cac roas visitors on_time_delivery",
}  # fmt: skip
CASES = {
    "food_delivery": "signups first_order_conversion reorder_30d", "fashion": "visits cart_abandonment aov",
    "saas": "mau subscription_churn ltv", "cafe": "revisit_rate spend_per_customer csat",
}  # fmt: skip
POLITE = re.compile(r"(니다|세요)\.$")


def sentences(text):
    return [one for one in re.split(r"(?<=[.!?])\s+", text) if one]


def words():
    """Every sentence of the catalogue and the templates, with its place."""
    for name, one in ENTRIES.items():
        yield f"{name} about", one.about
        yield f"{name} trap", one.trap
        if one.vanity:
            yield f"{name} vanity", one.vanity.why
    for name, one in templates().items():
        yield f"{name} about", one.about
        yield from ((f"{name} {goal.name}", goal.why) for goal in one.goals)
        yield from ((f"{name} {step.retire}", step.why) for step in one.successions)


@pytest.mark.parametrize("row", NAMED)
def test_every_kpi_the_mission_names_is_there(row):
    assert not set(NAMED[row].split()) - set(ENTRIES)


def test_every_sentence_is_polite_complete_and_in_both_languages():
    for place, text in words():
        assert all(POLITE.search(one) for one in sentences(text.ko)), (place, text.ko)
        assert re.search(r"[가-힣]", text.ko) and not re.search(r"[가-힣]", text.en), place
        assert text.en[0].isupper() and text.en.endswith("."), (place, text.en)


def test_what_a_kpi_tells_is_one_sentence():
    for one in ENTRIES.values():
        assert len(sentences(one.about.ko)) == len(sentences(one.about.en)) == 1, one.name


def test_names_are_unlike_each_other_in_both_languages():
    for locale in ("ko", "en"):
        labels = [one.label.of(locale) for one in ENTRIES.values()]
        assert len(set(labels)) == len(labels)


def test_companions_and_better_metrics_exist_and_are_others():
    for name, one in ENTRIES.items():
        others = [companion.metric for companion in one.companions]
        assert 1 <= len(others) == len(set(others))
        assert name not in others and set(others) <= set(ENTRIES)
        if one.vanity:
            better = set(one.vanity.instead)
            assert better <= set(ENTRIES) and name not in better
            assert not any(ENTRIES[other].vanity for other in better)


def test_a_guardrail_is_bound_on_the_side_that_hurts():
    """A metric that is better high must not fall, one that is better low must not rise."""
    found = [("catalogue", other) for one in ENTRIES.values() for other in one.companions]
    found += [
        (one.name, other)
        for one in templates().values()
        for goal in one.goals
        for kpi in goal.kpis
        for other in kpi.guardrails
    ]
    for place, other in found:
        assert other.bound == {"up": "min", "down": "max"}[ENTRIES[other.metric].better], (place, other)


def test_a_function_is_named_where_the_level_is_functional():
    for one in ENTRIES.values():
        assert (one.level == "functional") == (one.function is not None), one.name


def test_vanity_metrics_are_warned_of():
    assert {name for name, one in ENTRIES.items() if one.vanity} == {
        "downloads",
        "followers",
        "handle_time",
        "visits",
        "visitors",
    }
    assert {"mau", "stickiness"} <= set(entry("downloads").vanity.instead)
    assert "complaints" in entry("handle_time").vanity.instead


def test_ranges_and_bands_are_ordered():
    for one in ENTRIES.values():
        low, high = one.typical
        assert low is None or high is None or low < high
        assert one.monthly.down > 0 and one.monthly.up > 0
        assert one.monthly.by == "points" or one.monthly.up <= 0.5, one.name


def test_a_month_of_work_separates_the_plausible_from_the_wish():
    assert entry("revenue").monthly.up >= 1.15 ** (1 / 3) - 1  # 15 % in three months
    assert entry("revenue").monthly.up < 9  # ten times in one month
    assert entry("complaints").monthly.down >= 1 - 0.8 ** (1 / 3)


@pytest.mark.parametrize("name", templates())
def test_a_template_has_two_to_five_kpis_a_goal_one_leading_one_lagging_and_a_guardrail(name):
    for goal in template(name).goals:
        kpis = [ENTRIES[kpi.metric] for kpi in goal.kpis]
        assert 2 <= len(kpis) <= 5 and len({one.name for one in kpis}) == len(kpis)
        assert {one.timing for one in kpis} == {"leading", "lagging"}
        assert any(kpi.guardrails for kpi in goal.kpis) and goal.playbook
        for kpi in goal.kpis:
            assert kpi.metric not in [other.metric for other in kpi.guardrails]
            if kpi.target.kind == "reach":
                assert (kpi.target.change > 0) == (ENTRIES[kpi.metric].better == "up"), kpi.metric


@pytest.mark.parametrize("name", templates())
def test_a_templates_target_is_plausible(name):
    for goal in template(name).goals:
        for kpi in goal.kpis:
            band, target = ENTRIES[kpi.metric].monthly, kpi.target
            most = band.up if target.change > 0 else band.down
            if target.by == band.by:
                assert abs(target.change) <= most * target.months, kpi.metric


def test_a_goal_reads_as_a_goal():
    for one in templates().values():
        for goal in one.goals:
            assert goal.title.ko.endswith("다") and goal.title.en[0].isupper()


@pytest.mark.parametrize("name", CASES)
def test_the_four_companies_of_the_mission_have_their_kpis(name):
    assert set(CASES[name].split()) <= set(template(name).metrics)


def test_there_is_a_template_for_each_industry_team_and_stage():
    assert len(templates("industry")) == 9 and len(templates("stage")) == 4
    assert set(templates("team")) == {
        f"team_{one}" for one in ("marketing", "sales", "service", "product", "logistics", "people", "finance")
    }


def test_stages_lead_from_downloads_to_first_orders_to_reorders():
    steps = {step.retire: step.adopt for one in templates("stage").values() for step in one.successions}
    assert steps["downloads"] == "first_order_conversion"
    assert steps["first_order_conversion"] == "reorder_30d"
    assert {*steps, *steps.values()} <= set(ENTRIES)
    for one in templates("stage").values():
        assert one.signs and all(
            sign.metric in ENTRIES and (sign.least, sign.most) != (None, None) for sign in one.signs
        )


def test_what_is_defined_is_used():
    known = catalogue()
    below = {one for name in known.entries for one in known.below(name)}
    assert set(known.parts) <= below
    assert set(known.rows) == set(known.rows_of(below))
    assert set(known.tables) == {one for name in known.entries for one in known.tables_of(name)}


def test_the_page_is_made_from_the_catalogue():
    written = (Path(__file__).parents[2] / "docs" / "catalogue.md").read_text("utf-8")
    assert written == page(), "python -m nachim.catalog.page > docs/catalogue.md"


def test_the_page_names_every_kpi_with_its_formula_trap_and_companions():
    text = page()
    for one in ENTRIES.values():
        for part in (one.label.ko, one.label.en, one.formula.ko, one.formula.en, one.trap.ko, one.trap.en):
            assert part in text
