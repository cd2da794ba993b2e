"""From a bad sentence to a live KPI; the sixth KPI; a revised target that leaves what was judged."""

import time
from datetime import date

import pytest

from tests.e2e.conftest import DEMO_PASSWORD, Server, sign_in

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A simulated shop of its own: these tests write."""
    home = tmp_path_factory.mktemp("flow") / "home"
    server = Server(home, "demo", "--home", str(home), "--days", "180", "--no-live", "--no-open")
    yield server
    server.stop()


@pytest.fixture
def page(browser, shop):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="ko-KR")
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.problems = []
    page.on(
        "console",
        lambda said: page.problems.append(said.text) if said.type == "error" and "422" not in said.text else None,
    )
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    sign_in(page, shop, "alice@example.com", DEMO_PASSWORD)
    yield page
    assert page.problems == []
    context.close()


def test_from_a_bad_sentence_to_a_live_kpi(page, shop):
    began = time.monotonic()
    page.goto(f"{shop.url}/goals/")
    page.click(".actions a.primary")
    page.locator("#id_sentence").press_sequentially("매출을 늘리자!", delay=20)
    page.wait_for_selector("#check .letters .fail")
    failed = page.locator("#check .letters .fail").count()
    assert failed >= 3, "no number, no date"
    page.click("#check a.btn")
    page.wait_for_selector("#check .letters")
    assert page.locator("#check .letters .fail").count() == 0
    page.click("main form button.primary")
    roles = page.locator(".suggestion .chip").all_inner_texts()
    assert 3 <= page.locator(".suggestion").count() <= 5
    assert {"후행", "먼저 움직임", "보호 지표"} <= set(roles), roles
    assert page.locator(".suggestion .data .pass").count() >= 6
    page.click("main form button.primary")
    page.wait_for_selector(".kpis .kpi")
    page.locator(".kpi .now b", has_text="₩").first.wait_for(timeout=30_000)
    rows = page.locator(".kpis .kpi").all_inner_texts()
    took = time.monotonic() - began
    print(f"\nfrom a bad sentence to {len(rows)} live KPIs: {took:.1f} s")
    assert len(rows) >= 2 and any("보호 지표" in row for row in rows)
    assert took < 90


def test_a_vanity_number_gives_way_to_the_one_that_counts(page, shop):
    page.goto(f"{shop.url}/goals/start/?sentence=앱 다운로드 수를 3개월 내 2배로 늘리자")
    assert page.locator("#check .letters .fail").count() >= 1
    page.click("main form button.primary")
    assert "다운로드" not in page.locator(".suggestion h2").first.inner_text()


def test_a_sixth_kpi_asks_which_to_retire(page, shop):
    page.goto(f"{shop.url}/goals/5/")
    assert page.locator(".kpis .kpi").count() == 5
    page.click(".actions a.primary")
    page.select_option("[name=metric]", label="매출")
    chosen = page.input_value("[name=metric]")
    page.wait_for_selector(f"[name=shown_for][value='{chosen}']", state="attached")
    page.fill("[name=target-level]", "3억")
    page.click("main form button.primary")
    page.wait_for_selector("[role=alert]")
    evidence = page.locator("#retire .choice").all_inner_texts()
    assert len(evidence) == 6, "five, and to keep them all"
    assert all("두 달 동안" in one for one in evidence[:5]), evidence
    going = page.locator("#retire .choice b").first.inner_text()
    page.locator("#retire input").first.check()
    page.click("main form button.primary")
    page.wait_for_url(f"{shop.url}/")
    page.goto(f"{shop.url}/goals/5/")
    assert page.locator(".kpis .kpi").count() == 5
    assert going in page.locator("details.stack").text_content()


def test_a_revised_target_leaves_what_was_judged(page, shop):
    page.goto(f"{shop.url}/kpis/1/history/")
    verdicts = "[aria-labelledby=verdicts] tbody tr"
    before = [row.split("\t")[:4] for row in page.locator(verdicts).all_inner_texts()]
    assert len(before) >= 4
    page.goto(f"{shop.url}/kpis/1/target/")
    assert page.locator(".notice.warn li").count() >= 1, "what a change is felt by stands before it"
    page.fill("[name=level]", "1만")
    page.fill("[name=baseline]", "5000")
    page.fill("[name=reason]", "새 매장을 닫았습니다")
    page.click("main form button.primary")
    page.wait_for_url(f"{shop.url}/kpis/1/")
    page.goto(f"{shop.url}/kpis/1/history/")
    after = [row.split("\t")[:4] for row in page.locator(verdicts).all_inner_texts()]
    assert after == before
    page.goto(f"{shop.url}/kpis/1/history/?day={before_this_month()}")
    told = page.locator("section[aria-labelledby=then]").inner_text()
    assert "새 매장을 닫았습니다" in told and "v1" in told, "what was thought then, and why it changed"


def before_this_month() -> str:
    today = date.today()
    year, month = (today.year, today.month - 1) if today.month > 1 else (today.year - 1, 12)
    return f"{year}-{month:02d}-10"


def test_the_map_says_what_does_not_fit(page, shop):
    page.goto(f"{shop.url}/map/")
    assert page.locator(".map .box.kpi").count() >= 20
    assert page.locator(".map .link.identity").count() >= 2 and page.locator(".map .link.claimed").count() >= 1
    assert "커머스팀" in page.locator(".notice.warn").first.inner_text()


def test_sub_targets_balance_while_values_are_tried(page, shop):
    page.goto(f"{shop.url}/goals/1/tree/?kpi=1")
    first = page.locator(".tree tbody tr td:nth-child(3)").all_inner_texts()
    page.fill("[name=set-visits]", "2만")
    page.locator("[name=set-visits]").blur()
    page.locator(".tree tbody tr:nth-child(3) td:nth-child(3)", has_text="20,000").wait_for()
    second = page.locator(".tree tbody tr td:nth-child(3)").all_inner_texts()
    assert second[0] == first[0] and second[2] == "20,000"
    assert page.locator(".notice.bad").count() == 0
