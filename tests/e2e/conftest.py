"""A real `nachim` process and a real Chromium. Nothing of the application is imported: a browser knows an address."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

NACHIM = [sys.executable, "-m", "nachim"]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


class Server:
    """`nachim up` (or `demo`) on a free port, with the lines it printed."""

    def __init__(self, home: Path, *command: str):
        self.home = home
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = home.parent / f"{home.name}.log"
        env = {**os.environ, "NACHIM_HOME": str(home), "PYTHONUNBUFFERED": "1"}
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [*NACHIM, *command, "--port", str(self.port)], env=env, stdout=log, stderr=subprocess.STDOUT
            )
        self._wait()

    def _wait(self):
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended:\n{self.log.read_text()}")
            try:
                with urllib.request.urlopen(f"{self.url}/health/", timeout=2):  # noqa: S310
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"the server did not answer:\n{self.log.read_text()}")

    def setup_link(self) -> str:
        """The one-time link for the first owner, as printed."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            found = re.search(r"http://\S+/setup/\S+", self.log.read_text())
            if found:
                return found.group()
            time.sleep(0.1)
        raise RuntimeError(f"no setup link was printed:\n{self.log.read_text()}")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


def nachim(home: Path, *arguments: str, timeout: int = 120) -> subprocess.CompletedProcess:
    """Run one command of nachim on a home."""
    return subprocess.run(
        [*NACHIM, *arguments],
        env={**os.environ, "NACHIM_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=timeout,
    )


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip("Chromium is not on this machine: scripts/browser.sh installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def serve(tmp_path):
    """Start servers that end with the test."""
    running = []

    def start(home: Path | None = None, *command: str) -> Server:
        running.append(Server(home or tmp_path / "served", *(command or ("up",))))
        return running[-1]

    yield start
    for server in running:
        server.stop()


DEMO_PASSWORD = "compass-2026"


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The simulated company, six months of it, standing still."""
    home = tmp_path_factory.mktemp("demo") / "home"
    server = Server(home, "demo", "--home", str(home), "--days", "180", "--no-live", "--no-open")
    yield server
    server.stop()


def sign_in(page, server: Server, email: str, password: str):
    page.goto(f"{server.url}/login/")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", password)
    page.click("main form button.primary")
    page.wait_for_url(f"{server.url}/now/")
