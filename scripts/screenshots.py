"""Take the screenshots of the documentation again, of the demo company as a reader would open it.

make docs
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).resolve().parents[1] / "docs/images"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PORT = 8437
URL = f"http://127.0.0.1:{PORT}"
PAGES = {"company": "/", "kpi": "/kpis/1/"}


def serve(home: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "nachim", "demo", "--home", home, "--no-open", "--no-live", "--port", str(PORT)]
    process = subprocess.Popen(command, env={**os.environ, "NACHIM_HOME": home})
    for _ in range(900):
        try:
            urllib.request.urlopen(f"{URL}/health/", timeout=1)  # noqa: S310
            return process
        except OSError:
            time.sleep(0.2)
    process.kill()
    raise SystemExit("the demo did not start")


def take(browser, locale: str) -> None:
    """The pages in one language."""
    page = browser.new_context(viewport={"width": 1280, "height": 860}, color_scheme="light").new_page()
    page.goto(f"{URL}/login/")
    page.fill("[name=email]", "alice@example.com")
    page.fill("[name=password]", "compass-2026")
    page.click("main form button.primary")
    page.wait_for_url(f"{URL}/now/")
    page.goto(f"{URL}/settings/me/")
    page.select_option("[name=locale]", locale)
    page.click("main form button.primary")
    for name, path in PAGES.items():
        page.goto(URL + path)
        page.wait_for_timeout(1200)
        page.screenshot(path=IMAGES / f"{name}.{locale}.png")
    page.context.close()


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        server = serve(f"{folder}/home")
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                for locale in ("en", "ko"):
                    take(browser, locale)
                browser.close()
        finally:
            server.terminate()
            server.wait(20)


if __name__ == "__main__":
    main()
