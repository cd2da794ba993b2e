"""Every score on a page is computed again, digit by digit, from the inputs the page gives."""

import json
import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.utils import timezone

from nachim.app.actions import mbo, okr
from nachim.app.models import Target
from nachim.core.period import Calendar, Grain
from nachim.core.replay import replay
from tests import company as made
from tests.planted import plant

UP = {"direction": "up", "level": 12_000.0}
DOWN = {"direction": "down", "level": 9_000.0}
BANDS = {"threshold": 8_000.0, "stretch": 15_000.0}
STEPS = [{"name": "계약", "weight": 1}, {"name": "개통", "weight": 2}]
TARGETS = {
    "ratio": {"kind": "reach", "method": "ratio", **UP},
    "ratio_linear": {"kind": "reach", "method": "ratio_linear", **DOWN},
    "ratio_inverse": {"kind": "reach", "method": "ratio_inverse", **DOWN},
    "abs_scaled": {"kind": "reach", "method": "abs_scaled", **UP},
    "progress": {"kind": "reach", "method": "progress", "baseline": 7_000.0, **UP},
    "bands": {"kind": "reach", "method": "bands", **UP, **BANDS},
    "range": {"kind": "range", "low": 11_000.0, "high": 12_000.0, "tolerance_low": 3_000.0},
    "milestone": {"kind": "milestone", "steps": STEPS, "partial": True},
    "binary": {"kind": "binary", **UP},
    "hit_rate": {"kind": "hit_rate", "rate": 0.9, **UP},
    "keep": {"kind": "keep", **UP},
}


@pytest.fixture
def last():
    calendar = Calendar()
    return calendar.period(Grain.MONTH, calendar.today(timezone.now())).start.date() - timedelta(days=1)


def aimed(company, last, spec, value=10_333.3, goal=None):
    kpi = made.kpi(company.bob, goal or made.goal(company.bob), made.revenue(company.bob), target=False)
    plant(kpi, [9_000.0] * 11 + [value], last)
    span = {"start": str(last - timedelta(days=300)), "due": str(last + timedelta(days=60))}
    Target.objects.create(kpi=kpi, version=1, spec={**spec, **span}, valid_from=date(2020, 1, 1))
    return kpi


def inputs_on(page: str) -> str:
    """The inputs the page prints, as a person copies them."""
    return unescape(re.search(r'nachim replay score.json</code></p><pre tabindex="0">(.*?)</pre>', page, re.S)[1])


@pytest.mark.parametrize("name", TARGETS)
def test_the_score_of_each_method_is_replayed_from_its_page(carol, company, orders, last, name):
    value = 0.5 if name == "milestone" else 10_333.3
    kpi = aimed(company, last, TARGETS[name], value)
    page = carol.get(f"/kpis/{kpi.pk}/").content.decode()
    assert "이 점수는 어떻게 나왔나요?" in page
    text = inputs_on(page)
    found = replay(text)
    assert found == replay(text)
    score = json.loads(found)["score"]
    assert score["method"] == ("ratio" if name == "keep" else name)
    assert f"<dd>{score['displayed']}" in page


def test_a_sheet_s_whole_score_is_replayed(bob, carol, company, orders, last):
    one = aimed(company, last, TARGETS["progress"])
    other = made.kpi(company.bob, one.goal, made.orders_metric(company.bob), target=False)
    sheet = mbo.open_sheet(company.bob, person=company.carol, lead=company.bob, start=one.goal.start, due=one.goal.due)
    items = [
        {"kpi": one.name, "label": "", "aim": "", "weight": 70},
        {"kpi": other.name, "label": "", "aim": "", "weight": 30},
    ]
    mbo.decide(company.bob, mbo.propose(company.bob, sheet, items), agree=True)
    page = carol.get(f"/sheets/{sheet.pk}/").content.decode()
    found = json.loads(replay(inputs_on(page)))
    assert f"<b>{round(float(found['rollup']['raw']) * 100)}%</b>" in page and found["missing"] == "0.3"
    assert "재배분" in page


def test_an_objective_s_progress_is_replayed_and_counts_to_a_hundred(carol, company, orders, last):
    goal = made.goal(company.bob, framework="okr")
    kpi = aimed(company, last, TARGETS["ratio"], value=99_000.0, goal=made.goal(company.bob, title="다른 목표"))
    okr.save_key_result(company.bob, goal=goal, kpi=kpi, label="매출을 올린다", weight=60)
    said = okr.save_key_result(company.bob, goal=goal, label="앱을 낸다", weight=40)
    okr.check_in(company.bob, said, confidence=7, progress=0.35, note="")
    page = carol.get("/okr/").content.decode()
    found = json.loads(replay(inputs_on(page)))
    assert found["rollup"]["raw"] == "0.74" and "74%" in page
    assert [one["counted"] for one in found["shares"]] == ["1", "0.35"]
