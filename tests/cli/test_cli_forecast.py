"""nachim forecast: a CSV in, a CSV out; every wrong call and bad file gets a sentence."""

import csv
import io
import json
from datetime import date, timedelta

import pytest

HEAD = "series,time,value\n"


def rows(done):
    return list(csv.DictReader(io.StringIO(done.stdout)))


def days(count, name="앱", first=date(2026, 1, 5), of=lambda at: 100 + at % 7 * 10 + at % 3):
    return "".join(f"{name},{first + timedelta(days=at)},{of(at)}\n" for at in range(count))


@pytest.fixture
def file(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "series.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return write


def test_rows_come_in_the_columns_of_the_contract_and_go_on_in_time(run, file):
    done = run("forecast", file(HEAD + days(70)), "--freq", "D", "--horizon", 3)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "series,step,time,mean,lo80,hi80,lo95,hi95"
    found = rows(done)
    assert [(row["series"], row["step"], row["time"]) for row in found] == [
        ("앱", "1", "2026-03-16"), ("앱", "2", "2026-03-17"), ("앱", "3", "2026-03-18"),
    ]  # fmt: skip
    for row in found:
        low95, low80, mean, high80, high95 = (float(row[name]) for name in ("lo95", "lo80", "mean", "hi80", "hi95"))
        assert low95 <= low80 <= mean <= high80 <= high95
    assert 95 < float(found[0]["mean"]) < 108


def test_json_says_whether_a_forecast_can_be_relied_on(run, file):
    done = run("forecast", file(HEAD + days(70) + days(3, "짧음")), "--freq", "d", "--horizon", 1,
               "--levels", "50,99.5", "--format", "json", lang="en")  # fmt: skip
    assert done.returncode == 0
    good, short = json.loads(done.stdout)
    assert list(good) == ["series", "step", "time", "mean", "lo50", "hi50", "lo99.5", "hi99.5", "reliable", "reason"]
    assert good["reliable"] and not short["reliable"] and "only 3 values" in short["reason"]
    assert "짧음" in done.stderr and "1 of 2" in done.stderr


@pytest.mark.parametrize(
    ("freq", "times", "then"),
    [
        ("M", ["2026-09", "2026-10", "2026-11"], "2026-12"),
        ("M", ["2026-09-30", "2026-10-31", "2026-11-30"], "2026-12-31"),
        ("M", ["202609", "202610", "202611"], "202612"),
        ("Q", ["2026Q1", "2026Q2", "2026Q3"], "2026Q4"),
        ("Q", ["2026-03-31", "2026-06-30", "2026-09-30"], "2026-12-31"),
        ("W", ["2026-W51", "2026-W52", "2026-W53"], "2027-W01"),
        ("W", ["2026-11-04", "2026-11-11", "2026-11-18"], "2026-11-25"),
        ("Y", ["2023", "2024", "2025"], "2026"),
        ("H", ["2026-11-01 21:00", "2026-11-01 22:00", "2026-11-01 23:00"], "2026-11-02 00:00"),
        ("H", ["2026-11-01T21:00:00Z", "2026-11-01T22:00:00Z", "2026-11-01T23:00:00Z"], "2026-11-02T00:00:00Z"),
        ("D", ["7", "8", "9"], "10"),
        ("D", ["2026/1/2", "2026/1/3", "2026/1/4"], "2026-01-05"),
        ("D", ["20260102", "20260103", "20260104"], "20260105"),
    ],
)
def test_times_come_out_in_the_form_they_came_in(run, file, freq, times, then):
    text = HEAD + "".join(f"a,{time},{at + 5}\n" for at, time in enumerate(times))
    done = run("forecast", file(text), "--freq", freq, "--horizon", 1)
    assert done.returncode == 0, done.stderr
    assert rows(done)[0]["time"] == then


def test_columns_in_any_order_gaps_semicolons_and_korean_encodings_are_read(run, file):
    text = "Value;Time;Series\n" + "".join(f"{'' if at == 4 else at};{at};전체\n" for at in range(30) if at != 7)
    done = run("forecast", file(text, "cp949"), "--freq", "W", "--horizon", 2)
    assert done.returncode == 0, done.stderr
    assert [row["time"] for row in rows(done)] == ["30", "31"]
    assert rows(done)[0]["series"] == "전체"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("b,2026-01-01,많음\n", "“많음”은(는) 숫자가 아닙니다"),
        ("b,언젠가,5\n", "“언젠가”은(는) 시각이 아닙니다"),
        ("b,2026-01-01,5\nb,2026-01-01,6\n", "둘 이상"),
        ("b,2026-01-01,\n", "값이 하나도 없습니다"),
        ("b,2026-01-01,inf\n", "유한한"),
        ("b,0202-01-01,5\nb,2026-01-01,6\n", "떨어져"),
        ("b,2026-01-01,5\nb,7,6\n", "섞여"),
        ("b,2026-13-01,5\n", "시각이 아닙니다"),
    ],
)
def test_a_bad_series_is_named_and_the_others_are_forecast(run, file, line, said):
    done = run("forecast", file(HEAD + days(40, "a") + line), "--freq", "D", "--horizon", 2)
    assert done.returncode == 1
    assert said in done.stderr and "b: " in done.stderr
    assert [row["series"] for row in rows(done)] == ["a", "a"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "series, time, value"),
        (HEAD, "값이 없습니다"),
        ("name,date,amount\na,2026-01-01,5\n", "name, date, amount"),
        (HEAD + "a,2026-01-01\n", "칸이 2개뿐"),
        (b"\x00\x01\x02\xff", "CSV 파일이 아닙니다"),
        (b"\x1f\x8bnot really", "CSV 파일이 아닙니다"),
    ],
)
def test_a_file_that_is_no_such_file_ends_with_a_sentence(run, file, text, said):
    done = run("forecast", file(text), "--freq", "D", "--horizon", 2)
    assert done.returncode == 1
    assert said in done.stderr and not done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--freq", "X", "--horizon", "3"], "--freq"),
        (["--freq", "D"], "--horizon"),
        (["--horizon", "3"], "--freq"),
        (["--freq", "D", "--horizon", "0"], "--horizon"),
        (["--freq", "D", "--horizon", "many"], "--horizon"),
        (["--freq", "D", "--horizon", "3", "--levels", "0"], "--levels"),
        (["--freq", "D", "--horizon", "3", "--levels", "high"], "--levels"),
        (["--freq", "D", "--horizon", "3", "--format", "xml"], "--format"),
    ],
)
def test_a_wrong_call_is_two(run, file, arguments, said):
    done = run("forecast", file(HEAD + days(40)), *arguments)
    assert done.returncode == 2
    assert said in done.stderr and not done.stdout


def test_a_file_that_is_not_there_is_a_wrong_call(run, tmp_path):
    done = run("forecast", tmp_path / "none.csv", "--freq", "D", "--horizon", 2)
    assert done.returncode == 2 and "none.csv" in done.stderr
