"""Every page, both themes, widths and languages: axe finds nothing serious, no policy broken, nothing overflows."""

from pathlib import Path

import pytest

from tests.e2e.conftest import DEMO_PASSWORD, sign_in
from tests.e2e.pages import OPEN_PAGES, PAGES

pytestmark = pytest.mark.e2e

AXE = (Path(__file__).resolve().parents[1] / "vendor/axe-core@4.14.1/axe.min.js").read_text()
WIDTHS, THEMES = (390, 1280), ("light", "dark")


def look(page, url) -> list[str]:
    """What is wrong with a page, as sentences."""
    found = []
    answer = page.goto(url)
    if answer.status >= 500:
        found.append(f"status {answer.status}")
    page.wait_for_timeout(150)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 1:
        found.append(f"scrolls sideways by {wide} px")
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    found += [
        f"axe {one['id']}: {one['nodes'][0]['html'][:120]}"
        for one in result["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    return found


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page(browser, demo, width, theme):
    # axe comes by way of the debugger, which the page's own policy does not concern.
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    context.add_init_script(AXE)
    context.set_default_timeout(8_000)
    page = context.new_page()
    broken = []
    page.on(
        "console",
        lambda message: broken.append(message.text) if message.type == "error" and "404" not in message.text else None,
    )
    page.on("pageerror", lambda error: broken.append(str(error)))
    problems = {path: look(page, demo.url + path) for path in OPEN_PAGES}
    sign_in(page, demo, "alice@example.com", DEMO_PASSWORD)
    problems |= {path: look(page, demo.url + path) for path in PAGES}
    context.close()
    assert {path: found for path, found in problems.items() if found} == {}
    assert broken == []


def test_english_says_no_korean_of_ours(browser, demo):
    """The words of the pages are English for an English reader; names the company gave stay as they are."""
    context = browser.new_context()
    context.set_default_timeout(8_000)
    page = context.new_page()
    page.goto(f"{demo.url}/login/?lang=en")
    assert page.inner_text("h1").strip() == "Sign in"
    assert page.get_attribute("html", "lang") == "en"
    context.close()
