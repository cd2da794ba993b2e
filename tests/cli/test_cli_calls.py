"""How commands are called, and what happens when the call or the home is wrong."""

import subprocess
import sys
import time

import pytest


def test_help_is_quick_and_loads_no_framework():
    script = (
        "import sys\nsys.argv = ['nachim', '--help']\nimport nachim.cli\ntry:\n    nachim.cli.main()\n"
        "except SystemExit:\n    pass\n"
        "print(sorted({'django', 'duckdb', 'pyarrow', 'sqlglot', 'pydantic'} & set(sys.modules)))"
    )
    taken = []
    for _ in range(4):
        began = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        taken.append(time.perf_counter() - began)
    assert done.stdout.endswith("[]\n"), done.stdout
    assert min(taken) < 0.3


def test_help_speaks_korean_and_english(run):
    korean, english = run("import", "--help").stdout, run("import", "--help", lang="en").stdout
    assert "쓰는 법: nachim import" in korean and "묻지 않습니다." in korean and "[꼭 필요]" in korean
    assert "Usage: nachim import" in english and "Ask nothing." in english
    assert "파일을 표로 가져오기" in run("--help").stdout
    assert run().returncode == 2


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (["imprt"], "imprt 명령은 없습니다. 혹시 import인가요?"),
        (["query", "revenue", "--fromm", "2026-01-01"], "--fromm 옵션은 없습니다. 혹시 --from인가요?"),
        (["query"], "METRIC…: 빠졌습니다"),
        (["query", "a", "--grain", "fortnight"], "hour, day, week, month"),
        (["query", "a", "--from", "2026-13-01"], "2026-11-24처럼"),
        (["query", "a", "--from", "2026-02-01", "--to", "2026-02-01"], "--to는 --from보다"),
        (["import", "nowhere.csv", "--table", "a"], "nowhere.csv 파일이 없습니다"),
        (["up", "--host", "0.0.0.0"], "--behind-proxy"),  # noqa: S104
        (["up", "--port", "99999"], "--port"),
    ],
)
def test_a_wrong_call_ends_with_two_and_a_sentence(run, call, sentence):
    done = run(*call)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert not done.stdout


def test_processes_that_start_a_home_together_take_turns(home, run):
    (home / "app.db").unlink()
    command = [sys.executable, "-m", "nachim", "doctor"]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for process in started:
        said = process.communicate(timeout=60)
        assert process.returncode == 0, said
    assert run("doctor", "--audit").returncode == 0


def test_a_database_put_back_from_before_is_migrated_again(home, run):
    run("doctor")
    (home / "app.db").unlink()
    assert run("doctor").returncode == 0


def test_a_damaged_database_is_said(home, run):
    (home / "app.db").write_bytes(b"this was a database once" * 100)
    done = run("query", "revenue", lang="en")
    assert done.returncode == 1
    assert "app.db" in done.stderr and "cannot be used" in done.stderr


def test_doctor_says_what_is_wrong_and_what_to_do(home, shop):
    assert shop("doctor", "--audit").returncode == 0
    home.chmod(0o755)
    done = shop("doctor")
    assert done.returncode == 1 and "✗" in done.stdout and "chmod" in done.stdout
    home.chmod(0o700)
    rows = next((home / "lake" / "orders").glob("*.parquet"))
    rows.rename(rows.with_suffix(".gone"))
    done = shop("doctor", lang="en")
    assert done.returncode == 1 and "is gone" in done.stdout
    rows.with_suffix(".gone").rename(rows)
    assert shop("doctor").returncode == 0


def test_doctor_finds_an_edited_audit_trail(home, shop):
    import sqlite3

    with sqlite3.connect(home / "app.db") as database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE app_auditentry SET actor_name = 'nobody' WHERE id = 1")
    done = shop("doctor", "--audit")
    assert done.returncode == 1 and "감사 기록 1번" in done.stdout


def test_a_reader_that_has_seen_enough_is_no_error(shop, home):
    command = f"{sys.executable} -m nachim query revenue --grain day --format csv | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True)  # noqa: S602
    assert done.stdout.startswith("metric,period") and not done.stderr


def test_a_home_that_cannot_be_is_said(run, tmp_path):
    (tmp_path / "file").write_text("")
    done = run("doctor", at=tmp_path / "file" / "home")
    assert done.returncode == 1 and "home" in done.stderr
