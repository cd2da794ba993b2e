"""The target editor in a browser: the odds follow what is typed, and a proposed level fills itself in."""

import re

import pytest

from tests.e2e.conftest import DEMO_PASSWORD, sign_in

pytestmark = pytest.mark.e2e


def test_the_odds_follow_the_level_while_it_is_typed(browser, demo):
    context = browser.new_context(viewport={"width": 390, "height": 900}, locale="ko-KR")
    context.set_default_timeout(15_000)
    page = context.new_page()
    sign_in(page, demo, "alice@example.com", DEMO_PASSWORD)
    # Orders by day: half a year of days is a history, half a year of months is none.
    page.goto(f"{demo.url}/kpis/3/target/")
    odds = page.locator("#odds p b").first
    odds.wait_for()
    level = page.locator("#id_level")
    page.locator("#id_baseline").fill("")
    easy, hard = "1", "9,000"
    level.fill(easy)
    page.wait_for_function("() => /99% 이상/.test(document.querySelector('#odds').innerText)")
    level.fill(hard)
    page.wait_for_function("() => /1% 미만/.test(document.querySelector('#odds').innerText)")
    proposal = page.locator(".proposals button").nth(1)
    shown = proposal.inner_text()
    proposal.click()
    page.wait_for_function("() => !/1% 미만/.test(document.querySelector('#odds').innerText)")
    assert level.input_value() not in (easy, hard), shown
    said = re.search(r"(\d+)%", odds.inner_text())
    assert said and 10 <= int(said[1]) <= 90, odds.inner_text()
    context.close()
