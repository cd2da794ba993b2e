"""Every page there is, in both languages, themes and widths: axe finds nothing, nothing overflows, no policy is broken,
and all that one can click is reached by Tab and shows its focus.

The pages come from the table of addresses: a new one is looked at without anybody asking for it.
"""

import re
from pathlib import Path

import pytest

from nachim.web.urls import urlpatterns
from tests.e2e.conftest import DEMO_PASSWORD, sign_in
from tests.web.access import ACCESS

pytestmark = pytest.mark.e2e

AXE = (Path(__file__).resolve().parents[1] / "vendor/axe-core@4.14.1/axe.min.js").read_text()
OPEN_PAGES = ["/login/", "/setup/wrong/", "/invite/wrong/", "/tv/wrong/"]
# What stands for a page where the first thing is none or shows little, and what more of a page there is to see.
EXAMPLES = {
    "kpi": ["/kpis/1/", "/kpis/5/?grain=day"],
    "goal": ["/goals/1/", "/goals/6/"],
    "goal-start": ["/goals/start/?sentence=매출을 늘리자!"],
    "goal-kpis": ["/goals/start/kpis/?sentence=3개월 내 월 매출 15% 증가"],
    "map": ["/map/", "/map/?team=1"],
    "kinds": ["/views/", "/views/?kind=operations", "/views/?kind=department"],
    "result-new": ["/goals/6/key-results/new/"],
    "result-check": ["/key-results/3/check-in/"],
    "search": ["/search/", "/search/?q=매출", "/search/?q=nothing"],
    "playbook-edit": ["/playbook/entry/?part=plays&name=product-page"],
}
# What is no page of its own, or has nothing to stand for it in the demo.
NONE = {
    "card": "a row of the company page", "kpi-body": "a part of the KPI page", "bell": "a part of every page",
    "goal-check": "a part of the goal form", "goal-stage": "a part of the goals' page",
    "kpi-odds": "a part of the target form",
    "import-status": "a part of the import page", "kpi-csv": "a file", "import-quarantine": "a file",
    "people-csv": "a file", "audit-csv": "a file", "connection-edit": "the form of connection-new",
    "channel": "the form of channel-new", "app": "asks for the password first: again", "passkey-new": "a dialog",
    "metric-values": "the demo has no metric that people write: test_values.py",
}  # fmt: skip
NO_PAGE = (405, 405, 405, 405, 405, 405, 405)
# The rules whose answer hangs on colours and sizes; the others are asked once a language.
LOOKS = ["color-contrast", "target-size", "link-in-text-block", "scrollable-region-focusable"]

# How high the page is once what came into sight is laid out.
HEIGHT = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(
  () => done(document.documentElement.scrollHeight))))"""

# What lies over its neighbour, or comes out of its own box.
SPILT = """() => [...document.querySelectorAll('main, main *')].flatMap((holder) => {
  const {display, overflowX} = getComputedStyle(holder);
  if (!/^(grid|flex|block|list-item)$/.test(display) || !holder.checkVisibility()) return [];
  if (overflowX === 'visible' && holder.clientWidth > 1 && holder.scrollWidth > holder.clientWidth + 1)
    return [holder.outerHTML.slice(0, 120)];
  if (/^(block|list-item)$/.test(display)) return [];
  const boxes = [...holder.children].filter((one) => !/absolute|fixed|sticky/.test(getComputedStyle(one).position))
    .map((one) => [one, one.getBoundingClientRect()]).filter(([, box]) => box.width > 1 && box.height > 1);
  return boxes.flatMap(([one, box], at) => boxes.slice(at + 1).filter(([, next]) =>
    Math.min(box.right, next.right) - Math.max(box.left, next.left) > 1
    && Math.min(box.bottom, next.bottom) - Math.max(box.top, next.top) > 1,
  ).map(() => one.outerHTML.slice(0, 120)));
})"""

# Every element that takes the focus is written down with whether one sees it; the boxes are those a person may want.
WATCH = """() => {
  const places = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
  const seen = new Map();
  document.addEventListener('focusin', ({target}) => {
    const style = getComputedStyle(target);
    const box = target.getBoundingClientRect();
    seen.set(target, (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1) || box.width <= 1);
  });
  const wanted = [...document.querySelectorAll(places)].filter((one) => {
    if (one.disabled || !one.checkVisibility({visibilityProperty: true})) return false;
    // Of a group of choices the arrow keys reach the others.
    const chosen = `input[name="${CSS.escape(one.name ?? '')}"]:checked`;
    return one.type !== 'radio' || one.checked || !document.querySelector(chosen);
  });
  const groups = new Set();
  window.tabs = {
    wanted: wanted.filter((one) => {
      if (one.type !== 'radio') return true;
      if (groups.has(one.name)) return false;
      groups.add(one.name);
      return true;
    }), seen,
    left: () => window.tabs.wanted.filter((one) => !seen.has(one)).length,
    problems: () => [
      ...window.tabs.wanted.filter((one) => !seen.has(one)).map((one) => ['Tab does not reach', one]),
      ...[...seen].filter(([one, shown]) => !shown).map(([one]) => ['no focus to see on', one]),
    ].map(([said, one]) => `${said} ${one.outerHTML.slice(0, 120)}`),
  };
  return window.tabs.wanted.length;
}"""


def pages() -> list[str]:
    """An address for each page of the table, and more where there is more to see."""
    found = ["/nothing-here/"]
    for pattern in urlpatterns:
        name = getattr(pattern, "name", None)
        answers = ACCESS.get(name, {}).get("GET")
        if answers in (None, NO_PAGE) or name in NONE:
            continue
        found += EXAMPLES.get(name) or [f"/{pattern.pattern}".replace("<int:pk>", "1")]
    return found


def axe(page, rules=()) -> list[str]:
    chosen = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found = page.evaluate("chosen => axe.run(document, chosen)", chosen)["violations"]
    return [f"axe {one['id']} ({one['impact']}): {one['nodes'][0]['html'][:150]}" for one in found]


def look(page, url, missing=(200,), korean=True) -> list[str]:
    """What is wrong with a page, as sentences: each is loaded once, then turned to the other theme and width."""
    page.set_viewport_size({"width": 1280, "height": 900})
    answer = page.goto(url)
    if answer.status not in missing:
        return [f"answers {answer.status}: give it an example in EXAMPLES, or say in NONE why it is no page"]
    # In pairs: each theme at each width, and each width in each language.
    first, second = (("light", 1280), ("dark", 390)) if korean else (("dark", 1280), ("light", 390))
    found = _turned(page, *first, ()) if korean else _turned(page, *first, LOOKS)
    if korean:
        found += tab(page)
    return found + _turned(page, *second, LOOKS)


def _turned(page, theme, width, rules) -> list[str]:
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    page.set_viewport_size({"width": width, "height": 900})
    # Higher than the page: a link half under the bar at the foot of a phone is small only until one scrolls. Goals
    # below the fold grow once they are laid out, and more come into sight as they do.
    for _more in range(9):
        if (height := page.evaluate(HEIGHT)) <= page.viewport_size["height"]:
            break
        page.set_viewport_size({"width": width, "height": height + 300})
    found = [f"{theme} {width}: {one}" for one in axe(page, rules)]
    found += [f"{width}: lies over what is beside it: {one}" for one in page.evaluate(SPILT)]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*found, f"{width}: scrolls sideways by {wide} px"] if wide > 1 else found


def tab(page) -> list[str]:
    """Press Tab until everything was reached, or it should have been."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate("document.activeElement.blur()")
    most = 4 * page.evaluate(WATCH) + 40
    pressed = 0
    while pressed < most and page.evaluate("window.tabs.left()"):
        for _press in range(10):
            page.keyboard.press("Tab")
        pressed += 10
    # The link to skip to the content lies over the page while it has the focus.
    return page.evaluate("document.activeElement.blur() ?? window.tabs.problems()")


@pytest.fixture
def visit(browser, demo):
    """A page of the demo whose console says nothing unless something is broken."""
    broken = []
    # axe comes by way of the debugger, which the page's own policy does not concern.
    context = browser.new_context(reduced_motion="reduce", color_scheme="light", service_workers="block")
    context.add_init_script(AXE)
    context.set_default_timeout(8_000)
    page = context.new_page()
    page.on(
        "console",
        lambda message: broken.append(message.text) if message.type == "error" and "404" not in message.text else None,
    )
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page
    context.close()
    assert broken == []


def choose(page, demo, **fields):
    page.goto(f"{demo.url}/settings/me/")
    for name, value in fields.items():
        page.select_option(f"[name={name}]", value)
    page.click("main form button.primary")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_page(visit, demo, language):
    page, korean = visit, language == "ko"
    problems = {path: look(page, f"{demo.url}{path}?lang={language}", (200, 404), korean) for path in OPEN_PAGES}
    sign_in(page, demo, "alice@example.com", DEMO_PASSWORD)
    choose(page, demo, locale=language)
    try:
        assert page.get_attribute("html", "lang") == language
        for path in pages():
            missing = (404,) if path == "/nothing-here/" else (200,)
            problems[path] = look(page, demo.url + path, missing, korean)
        page.goto(f"{demo.url}/settings/screens/")
        page.fill("[name=name]", "로비")
        page.click("main form.card button.primary")
        link = page.inner_text("main .notice pre").strip()
        problems["/tv/"] = look(page, link, (200,), korean)
    finally:
        choose(page, demo, locale="")
    said = [f"{path} {one}" for path, found in problems.items() for one in found]
    assert not said, "\n".join(said)


def test_the_bowler_opens_at_the_newest_month_beside_the_names(visit, demo):
    sign_in(visit, demo, "alice@example.com", DEMO_PASSWORD)
    visit.set_viewport_size({"width": 390, "height": 844})
    visit.goto(f"{demo.url}/months/")
    box = visit.locator(".bowler").bounding_box()
    last = visit.locator(".bowler thead th").last.bounding_box()
    assert last["x"] + last["width"] <= box["x"] + box["width"] + 1, "the newest month is in sight"
    name = visit.locator(".bowler tbody th").first.bounding_box()
    assert abs(name["x"] - box["x"]) <= 1.5 and name["width"] < box["width"] * 0.4, "nothing shows to the left of names"


def test_undo_is_a_button_that_goes_away_by_itself_and_works(visit, demo):
    sign_in(visit, demo, "alice@example.com", DEMO_PASSWORD)
    visit.goto(f"{demo.url}/goals/1/")
    visit.goto(f"{demo.url}/kpis/2/edit/")
    visit.locator("form[action='/kpis/2/archive/'] button").click()
    undo = visit.locator(".undo")
    assert undo.is_visible() and re.fullmatch("되돌리기", undo.locator("button").inner_text().strip())
    undo.locator("button").click()
    visit.wait_for_url("**/goals/*/")
    assert visit.locator("a[href='/kpis/2/']").first.is_visible()


def test_english_says_no_korean_of_ours(browser, demo):
    """The words of the pages are English for an English reader; names the company gave stay as they are."""
    context = browser.new_context()
    context.set_default_timeout(8_000)
    page = context.new_page()
    page.goto(f"{demo.url}/login/?lang=en")
    assert page.inner_text("h1").strip() == "Sign in"
    assert page.get_attribute("html", "lang") == "en"
    context.close()
