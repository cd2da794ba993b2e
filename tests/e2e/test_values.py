"""Values are written by keyboard and by paste in a real browser, and the page is as sound as any other."""

import pytest

from tests.e2e.conftest import DEMO_PASSWORD, nachim, sign_in
from tests.e2e.test_pages import AXE, look

pytestmark = pytest.mark.e2e
RECALL = """
metrics: {recall: {label: {ko: 브랜드 인지도, en: Brand recall}, unit: percent, manual: {}}}
"""


@pytest.fixture
def shop(serve, tmp_path):
    """A small demo with a metric that people write."""
    home = tmp_path / "home"
    server = serve(home, "demo", "--home", str(home), "--days", "40", "--no-live", "--no-open")
    (tmp_path / "recall.yaml").write_text(RECALL, encoding="utf-8")
    done = nachim(home, "apply", str(tmp_path / "recall.yaml"))
    assert done.returncode == 0, done.stderr
    return server


def test_a_value_is_typed_a_column_pasted_and_a_mistake_kept(shop, browser):
    page = browser.new_page()
    sign_in(page, shop, "alice@example.com", DEMO_PASSWORD)
    page.goto(f"{shop.url}/metrics/")
    page.click("main a:has-text('브랜드 인지도')")
    page.click("main a.btn.primary:has-text('값 적기')")
    address = page.url
    # By keyboard: the first thing that is missing is a link to its field.
    page.focus(".notice a")
    page.keyboard.press("Enter")
    page.focus(".missing input.amount")
    page.keyboard.type("12.5")
    page.keyboard.press("Enter")
    page.wait_for_selector(".undo")
    assert page.url.split("#")[0] == address and page.input_value(".written li:nth-child(2) input.amount") == "12.5%"
    page.fill("#id_pasted", "2026-01\t11\n지난달\t12")
    page.click("form:has(#id_pasted) button.btn")
    page.wait_for_selector(".errors")
    assert page.input_value("#id_pasted") == "2026-01\t11\n지난달\t12" and "2번째 줄" in page.inner_text(".errors")
    page.fill("#id_pasted", "2026년 1월\t11")
    page.click("form:has(#id_pasted) button.btn")
    page.wait_for_selector(".undo")
    assert "값 1개를 저장했습니다" in page.inner_text(".undo")
    page.close()


def test_the_page_is_sound_in_both_languages(shop, browser):
    context = browser.new_context(reduced_motion="reduce", color_scheme="light", service_workers="block")
    context.add_init_script(AXE)
    page = context.new_page()
    sign_in(page, shop, "alice@example.com", DEMO_PASSWORD)
    page.goto(f"{shop.url}/metrics/")
    address = page.get_attribute("main a:has-text('브랜드 인지도')", "href")
    assert look(page, f"{shop.url}{address}values/") == []
    page.goto(f"{shop.url}/settings/me/")
    page.select_option("select[name=locale]", "en")
    page.click("main form button.primary")
    assert look(page, f"{shop.url}{address}values/", korean=False) == []
    context.close()
