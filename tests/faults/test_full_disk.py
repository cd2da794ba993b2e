"""A disk that fills up in the midst: what does not fit fails with a sentence, what was in stays, and room mends it."""

import os
import subprocess

import pytest

from tests.faults import ROUNDS
from tests.house import House

PREPARE = """
from pathlib import Path
from tests import company
from nachim.app import policy
from nachim.app.actions.refresh import refresh
folder = Path(sys.argv[1])
people = company.people()
company.import_orders(folder)
company.kpi(people.alice, company.goal(people.alice), company.revenue())
refresh()
"""
# Fills the disk but for some room, imports a file that needs more, frees it, and imports again.
ROUND = """
import os, shutil
from pathlib import Path
from nachim.app import policy
from nachim.app.actions import tables
from nachim.app.actions.refresh import refresh
from nachim.app.home import home, lake
from nachim.app.models import Observation
number, room = int(sys.argv[1]), int(sys.argv[2])
path = Path(sys.argv[3]) / f"{number}.csv"
days = [f"2026-0{1 + n % 9}-1{n % 9} 10:00" for n in range(20000)]
lines = [f"{number * 100000 + n},{day},c{n},{n % 977},{'앱웹'[n % 2]},paid" for n, day in enumerate(days)]
path.write_text("주문번호,주문일시,고객ID,결제금액,채널,상태\\n" + "\\n".join(lines) + "\\n", encoding="utf-8")
def state():
    return lake().table("orders").rows, sorted(map(repr, Observation.objects.values_list("pk", "value")))
def bring():
    tables.import_now(policy.SYSTEM, path, "orders", tables.look(path, path.name, "orders").mapping)
    refresh()
was, ballast, failed = state(), home() / "ballast", "nothing"
with open(ballast, "wb") as file:
    left = shutil.disk_usage(home()).free - room
    file.write(b"x" * max(0, left))
try:
    bring()
except Exception as error:
    failed = type(error).__name__
    print("said:", (error.text("en") if hasattr(error, "text") else str(error))[:160].replace("\\n", " "))
try:
    rows = lake().table("orders").rows
    assert rows in (was[0], was[0] + 20000), f"{was[0]} rows became {rows}"
    if rows == was[0]:
        assert state() == was, "numbers changed though no row came"
finally:
    ballast.unlink()
bring()
assert lake().table("orders").rows == was[0] + 20000, "lost or doubled"
assert refresh().cells == 0
print("failed:", failed)
"""


@pytest.fixture
def small(tmp_path):
    """A disk of its own of 48 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=48m,mode=700", "tmpfs", str(place)]
    if os.getuid() or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here (root is needed)")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_disk_that_fills_up(small, tmp_path, monkeypatch):
    monkeypatch.delenv("NACHIM_TEST_DATABASE", raising=False)
    house = House(small / "home")
    house.python(PREPARE, tmp_path)
    failed = 0
    for number in range(1, ROUNDS + 1):
        # From no room at all to almost enough.
        said = house.python(ROUND, number, (number * 37 % 50) * 8192, tmp_path)
        failed += "failed: nothing" not in said
        if "said:" in said:
            print(said.strip().replace("\n", " "))
        assert "Traceback" not in said
        # Old versions would fill the small disk by themselves.
        house.python("from nachim.app.home import lake\nt = lake().table('orders')\nt.compact()\nt.clean(keep_hours=0)")
    assert failed, "the disk never was full"
    doctor = house.run("doctor", "--fix", "--audit")
    assert "✓ All 1 tables are sound" in doctor.stdout and "✓ The chain of" in doctor.stdout, doctor.stdout
