"""`nachim check`: the fields of a sentence as JSON, and a table for people."""

import json
import subprocess
import sys

FIELDS = {"metric", "direction", "kind", "value", "unit", "grain", "due", "checks", "rewrite"}
LETTERS = ["specific", "measurable", "achievable", "relevant", "time_bound", "trackable", "impact"]


def checked(run, sentence):
    done = run("check", "--today", "2026-11-24", "--json", "--", sentence)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_a_sentence_gives_its_fields(run):
    found = checked(run, "3개월 내 월 매출 15% 증가")
    assert set(found) == FIELDS | {"kpis", "unread"}
    plain = {name: found[name] for name in ("metric", "direction", "kind", "value", "unit", "grain", "due")}
    assert plain == {"metric": "revenue", "direction": "up", "kind": "relative", "value": 0.15, "unit": "percent",
                     "grain": "month", "due": "2027-02-24"}  # fmt: skip
    assert list(found["checks"]) == LETTERS
    assert all(set(one) == {"verdict", "reason", "fix"} for one in found["checks"].values())
    assert {one["verdict"] for one in found["checks"].values()} == {"pass"}
    assert found["kpis"] == [{name: found[name] for name in found if name in FIELDS}]


def test_amounts_are_in_base_units(run):
    assert checked(run, "올해 매출 12억 원 달성")["value"] == 1200000000
    assert checked(run, "대기 시간 2분 이내 유지")["value"] == 120
    found = checked(run, "재구매율 10%p 개선")
    assert (found["kind"], found["value"]) == ("absolute", 0.1)


def test_two_kpis_are_two_entries_and_the_first_stands_above(run):
    found = checked(run, "SNS 팔로워 수 10% 증가, 브랜드 검색량 20% 증가")
    assert [one["metric"] for one in found["kpis"]] == ["followers", "brand_search"] and found["metric"] == "followers"


def test_people_get_a_table_with_what_was_not_understood_underlined(run):
    done = run("check", "꾸르륵 매출을 늘리자!", "--today", "2026-11-24")
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert lines[:2] == ["꾸르륵 매출을 늘리자!", "~~~~~~"]
    assert sum("미흡" in line for line in lines) == 3 and "고친 문장: " in lines[-1]
    english = run("check", "Increase sales", "--today", "2026-11-24", lang="en").stdout
    assert "Missing: how much." in english and "Rewritten: Increase revenue by 15% by February 24, 2027" in english


def test_reasons_speak_the_readers_language_and_the_rewrite_the_sentences(run):
    found = run("check", "매출을 늘리자!", "--today", "2026-11-24", "--json", lang="en")
    made = json.loads(found.stdout)
    assert made["checks"]["specific"]["reason"] == "Missing: how much."
    assert made["rewrite"] == "2027년 2월 24일까지 매출 15% 증가"


def test_a_day_that_is_none_is_a_wrong_call(run):
    done = run("check", "매출 증가", "--today", "2026-02-30")
    assert done.returncode == 2 and "2026-02-30" in done.stderr and "Traceback" not in done.stderr


def test_anything_is_answered(run):
    for sentence in ("", "???", "\ud7a3 ½ ☃", "-5%"):
        assert checked(run, sentence)["kind"] in ("none", "relative")


def test_it_starts_without_the_engine_the_pages_or_the_metric_language():
    names = "django", "duckdb", "sqlglot", "pydantic", "pyarrow", "numpy", "nachim.lake"
    code = f"import sys; from nachim.cli.check import check; print([one for one in {names!r} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
