"""The page lives: a new day changes the card by itself, and leaves alone what a person is typing."""

import time
from datetime import datetime, timedelta

import pytest

from tests.e2e.conftest import nachim, sign_in

pytestmark = pytest.mark.e2e

DEFINITION = """
workspace: {name: 살아 있는 가게}
metrics:
  revenue: {label: {ko: 매출, en: Revenue}, unit: KRW, agg: sum(orders.amount)}
goals:
  - name: grow
    title: 매출을 키운다
    start: 2026-01-01
    due: 2099-12-31
    kpis:
      - {name: revenue, metric: revenue, cadence: month,
         target: {level: 50000000, baseline: 1000, start: 2026-01-01, due: 2099-12-31}}
"""


def write_days(path, first, last, each=1000):
    lines = ["order_id,ordered_at,amount"]
    for back in range(first, last, -1):
        moment = datetime.now().replace(microsecond=0) - timedelta(days=back, minutes=5)
        lines.append(f"{moment:%Y%m%d},{moment:%Y-%m-%d %H:%M:%S},{each}")
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_new_day_changes_the_card_within_two_seconds(browser, serve, tmp_path):
    home = tmp_path / "served"
    home.mkdir(mode=0o700)
    server = serve(home)
    page = browser.new_page()
    page.goto(server.setup_link())
    for name, text in {
        "name": "앨리스",
        "email": "alice@example.com",
        "password": "나침반은 북쪽을 본다",
        "company": "가게",
    }.items():
        page.fill(f"[name={name}]", text)
    page.click("main button.primary")
    page.wait_for_url("**/data/upload/")
    assert (
        nachim(home, "import", str(write_days(tmp_path / "old.csv", 90, 1)), "--table", "orders", "--yes").returncode
        == 0
    )
    (tmp_path / "d.yaml").write_text(DEFINITION)
    applied = nachim(home, "apply", str(tmp_path / "d.yaml"))
    assert applied.returncode == 0, applied.stderr

    page.goto(f"{server.url}/")
    page.wait_for_selector(".kpi")
    page.wait_for_timeout(800)  # the stream opens
    page.evaluate("window.notReloaded = true")
    page.evaluate(
        """() => { const box = document.createElement('input'); box.id = 'note';
                   document.querySelector('main').append(box); box.focus(); }"""
    )
    page.keyboard.type("회의 메모를 쓰는 ")
    before = page.inner_text(".kpi")

    # What the import itself needs is its own; the clock runs from the moment it has finished.
    done = nachim(
        home, "import", str(write_days(tmp_path / "new.csv", 1, 0, each=777_000)), "--table", "orders", "--yes"
    )
    finished = time.monotonic()
    assert done.returncode == 0, done.stderr
    while page.inner_text(".kpi") == before and time.monotonic() - finished < 5:
        time.sleep(0.02)
    took = time.monotonic() - finished
    page.keyboard.type("중")
    print(f"\nlive: the card changed {took:.2f} s after the import was done")
    assert took < 2
    assert page.evaluate("window.notReloaded")
    assert page.input_value("#note") == "회의 메모를 쓰는 중"
    day = (datetime.now() - timedelta(days=1, minutes=5)).day
    assert f"₩{777_000 + 1000 * (day - 1):,}" in page.content()
    page.close()


def test_two_tabs_and_a_stranger(browser, demo):
    """Signed-in tabs get the stream; nobody else does."""
    page = browser.new_context().new_page()
    assert page.request.get(f"{demo.url}/events", timeout=5_000).status == 404
    sign_in(page, demo, "alice@example.com", "compass-2026")
    opened = page.evaluate(
        """() => new Promise((done) => {
             const feed = new EventSource('/events');
             feed.onopen = () => { feed.close(); done(true); };
             feed.onerror = () => done(false);
           })"""
    )
    assert opened
    page.context.close()


def test_a_page_whose_session_was_ended_elsewhere_shows_nothing_more(browser, demo):
    page = browser.new_context().new_page()
    sign_in(page, demo, "alice@example.com", "compass-2026")
    assert nachim(demo.home, "people", "sign-out", "alice@example.com").returncode == 0
    # Whether the stream may go on is asked every minute.
    page.wait_for_url(f"{demo.url}/login/**", timeout=120_000)
    assert page.locator(".kpi").count() == 0
    page.context.close()
