"""The real command in a process of its own, on a home of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"
ORDERS = """주문번호,주문일시,고객ID,결제금액,채널,상태
1,2026-01-05 10:00,c1,10000,앱,paid
2,2026-01-06 11:00,c2,20000,웹,paid
3,2026-01-31 23:59,c1,30000,앱,cancelled
4,2026-02-01 00:00,c3,5000,앱,paid
5,2026-02-15 12:00,c1,,웹,paid
6,2026-03-10 09:30,c4,7000,,paid
"""
METRICS = """metrics:
  revenue: {label: {ko: 매출, en: Revenue}, unit: KRW, agg: sum(orders.결제금액), where: "상태 = 'paid'"}
  orders: {label: 주문 수, agg: count(orders), where: "상태 = 'paid'"}
  aov: {unit: KRW, calc: revenue / orders}
"""


@pytest.fixture(scope="session")
def base_install(tmp_path_factory):
    """A folder that hides pandas: the base install has none, and pyarrow would spend a second on loading it."""
    path = tmp_path_factory.mktemp("base_install")
    (path / "pandas.py").write_text("raise ImportError('not in the base install')\n")
    return path


def nachim(home, base_install, *arguments, lang="ko", timeout=60):
    env = {name: value for name, value in os.environ.items() if not name.startswith(("NACHIM", "LC_", "LANG"))}
    env |= {
        "NACHIM_HOME": str(home),
        "NACHIM_LANG": lang,
        "PYTHONUTF8": "1",
        "PYTHONPATH": os.pathsep.join([str(base_install), str(SOURCE)]),
    }
    command = [sys.executable, "-m", "nachim", *map(str, arguments)]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=timeout)


@pytest.fixture(scope="session")
def blank(tmp_path_factory, base_install):
    """A home whose database has been made, and nothing else."""
    home = tmp_path_factory.mktemp("blank") / "home"
    assert nachim(home, base_install, "doctor").returncode == 0
    return home


@pytest.fixture
def run(home, base_install, blank):
    """Run nachim: `run("query", "revenue", lang="en")`; the finished process, never with a traceback on stderr."""
    shutil.copytree(blank, home, dirs_exist_ok=True)

    def call(*arguments, at=None, lang="ko"):
        done = nachim(at or home, base_install, *arguments, lang=lang)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    return call


@pytest.fixture
def orders(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def stocked(tmp_path_factory, base_install, blank):
    """A home with orders and three metrics, made once."""
    folder = tmp_path_factory.mktemp("stocked")
    (folder / "orders.csv").write_text(ORDERS, encoding="utf-8")
    (folder / "metrics.yaml").write_text(METRICS, encoding="utf-8")
    home = shutil.copytree(blank, folder / "home")
    for command in (
        ["import", folder / "orders.csv", "--table", "orders", "--yes"],
        ["apply", folder / "metrics.yaml"],
    ):
        done = nachim(home, base_install, *command)
        assert done.returncode == 0, done.stderr
    return home


@pytest.fixture
def shop(run, home, stocked):
    """Run nachim on a copy of the stocked home."""
    shutil.rmtree(home)
    shutil.copytree(stocked, home, dirs_exist_ok=True)
    return run
