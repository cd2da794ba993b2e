"""A backup taken while people work is a whole workspace; it fills an empty one of either kind, and nothing else."""

import json
import re
import shutil
import signal
import stat
import subprocess
import sys

import pytest

from tests import house as houses
from tests.company import CANARY

PREPARE = """
from pathlib import Path
from tests import company
from nachim.app import policy
from nachim.app.actions.refresh import refresh
folder = Path(sys.argv[1])
people = company.people()
company.import_orders(folder)
goal = company.goal(people.alice)
company.kpi(people.alice, goal, company.revenue())
company.kpi(people.bob, goal, company.orders_metric(), cadence="week")
company.connection(people.alice)
company.staged(people.alice)
refresh()
"""
# Imports a day and refreshes, again and again; says the cells of every state that was ever on a page.
BUSY = """
import hashlib
from pathlib import Path
from nachim.app import policy
from nachim.app.actions import tables
from nachim.app.actions.refresh import refresh
from tests.backup.cells import CELLS, digest
print(digest(), flush=True)
for number in range(3, 500):
    path = Path(sys.argv[1]) / f"{number}.csv"
    day = f"2026-0{1 + number % 9}"
    lines = [f"{number * 1000 + n},{day}-{1 + n % 28:02} 10:00,c{n},{n * 7 + number},앱,paid" for n in range(300)]
    path.write_text("주문번호,주문일시,고객ID,결제금액,채널,상태\\n" + "\\n".join(lines) + "\\n", encoding="utf-8")
    tables.import_now(policy.SYSTEM, path, "orders", tables.look(path, path.name, "orders").mapping)
    refresh()
    print(digest(), flush=True)
"""
DIGEST = "from tests.backup.cells import digest\nprint(digest())"
GOES_ON = """
from nachim.app.actions.refresh import refresh
from nachim.app.models import Series
from nachim.app.home import lake
refresh()
version = lake().table("orders").version
assert {tuple(s.versions.items()) for s in Series.objects.all()} == {(("orders", version),)}
assert refresh().cells == 0
"""


@pytest.fixture
def second(tmp_path):
    """Another, empty house."""
    made = houses.House(tmp_path / "second")
    yield made
    made.close()


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A small company and a backup of it: (house, folder of the backup, keys)."""
    folder = tmp_path_factory.mktemp("kept")
    made = houses.House(folder / "home")
    made.python(PREPARE, folder)
    done = made.run("backup", "--to", folder / "backups")
    assert done.returncode == 0, done.stderr
    path = next((folder / "backups").glob("nachim-*[0-9]"))
    yield made, path, path.with_name(f"{path.name}.keys"), done
    made.close()


def test_a_backup_taken_in_the_middle_of_imports_and_refreshes_restores_every_cell(house, second, tmp_path):
    house.python(PREPARE, tmp_path)
    code = "import sys\nfrom nachim.cli.start import begin\nbegin()\n" + BUSY
    busy = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], env=house.env, stdout=subprocess.PIPE, text=True
    )
    states = {busy.stdout.readline().strip() for _ in range(3)}
    for number in range(2):
        done = house.run("backup", "--to", tmp_path / f"backup-{number}")
        assert done.returncode == 0, done.stderr
    for _ in range(2):
        states.add(busy.stdout.readline().strip())
    busy.send_signal(signal.SIGKILL)
    states |= set(busy.communicate()[0].split())
    backup = next((tmp_path / "backup-1").glob("nachim-*[0-9]"))
    done = second.run("restore", backup, "--keys", backup.with_name(f"{backup.name}.keys"))
    assert done.returncode == 0, done.stderr
    assert second.python(DIGEST).strip() in states, "the restored cells were on no page"
    second.python(GOES_ON)
    assert "✓ The chain of" in second.run("doctor", "--audit").stdout


def test_everything_comes_back(kept, second):
    house, path, keys, _done = kept
    done = second.run("restore", path, "--keys", keys)
    assert done.returncode == 0, done.stderr
    assert second.python(DIGEST) == house.python(DIGEST)
    said = second.python(
        "from nachim.app.models import Connection, ImportRun\nfrom nachim.app.engines import password_of\n"
        "from nachim.app.home import folder\n"
        "print(password_of(Connection.objects.get()), "
        "(folder('uploads') / ImportRun.objects.get(state='staged').path).exists())\n"
        "from nachim.app.models import User\nmade = User.objects.create_user('new@example.com', 'New')\n"
        "print(made.pk == User.objects.count())"
    )
    assert said.split() == [CANARY, "True", "True"], "passwords, uploads that wait, and the next number"
    assert second.rows("SELECT count(*) FROM django_session") == [(0,)]


def test_keys_are_apart_and_closed_and_said_to_be_so(kept):
    _house, path, keys, done = kept
    assert set(json.loads(keys.read_text())) == {"secret.key", "connections.key"}
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600 and "can read the passwords" in done.stderr
    assert not list(path.rglob("*.key")), "a key inside the backup"
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    content = b"".join(file.read_bytes() for file in path.rglob("*") if file.is_file())
    assert CANARY.encode() not in content
    for key in json.loads(keys.read_text()).values():
        assert key.strip().encode() not in content


def test_what_is_not_empty_is_left_alone(kept):
    house, path, _keys, _done = kept
    before = house.python(DIGEST)
    done = house.run("restore", path)
    assert done.returncode == 1 and "fresh NACHIM_HOME" in done.stderr and "Traceback" not in done.stderr
    assert house.python(DIGEST) == before


@pytest.mark.parametrize("harm", ["a byte", "a file", "the manifest", "the format", "a newer one"])
def test_a_damaged_backup_restores_nothing(kept, second, tmp_path, harm):
    path = tmp_path / "copy"
    shutil.copytree(kept[1], path)
    manifest = json.loads((path / "manifest.json").read_text("utf-8"))
    if harm == "a byte":
        file = path / "rows/app.observation.jsonl"
        file.write_bytes(file.read_bytes()[:-2] + b"1\n")
    elif harm == "a file":
        next((path / "lake/orders").glob("*.parquet")).unlink()
    elif harm == "the manifest":
        (path / "manifest.json").write_text("{")
    else:
        manifest |= {"format": 99} if harm == "the format" else {"migrations": [["app", "9999_later"]]}
        (path / "manifest.json").write_text(json.dumps(manifest))
    done = second.run("restore", path)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert re.search("missing or|no backup|Upgrade", done.stderr), done.stderr
    assert not (second.path / "lake" / "orders").exists()


def test_old_backups_go_and_strangers_stay(kept, tmp_path):
    house, *_ = kept
    folder = tmp_path / "many"
    (folder / "nachim-notes").mkdir(parents=True)
    house.python(
        "from datetime import UTC, datetime\nfrom pathlib import Path\nfrom nachim.app.backup.write import write\n"
        "for day in (1, 2, 3): write(Path(sys.argv[1]), keep=2, now=datetime(2026, 11, day, tzinfo=UTC))",
        folder,
    )
    assert sorted(path.name for path in folder.iterdir()) == [
        "nachim-20261102-000000", "nachim-20261102-000000.keys",
        "nachim-20261103-000000", "nachim-20261103-000000.keys", "nachim-notes",
    ]  # fmt: skip
