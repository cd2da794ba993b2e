"""Which texts are numbers and times; the cases lie in numbers.txt and times.txt, a line each."""

import math
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachim.lake.mapping import ColumnMap, Type
from nachim.lake.numbers import is_empty, parse_number, to_integers, to_numbers
from nachim.lake.times import day_or_month_first, day_ranges, local_days, parse_time, to_times
from nachim.lake.values import Guess, convert, infer

SEOUL = ZoneInfo("Asia/Seoul")


def cases(name: str) -> list[tuple[str, str]]:
    lines = (Path(__file__).parent / name).read_text("utf-8").splitlines()
    return [tuple(line.split(" => ")) for line in lines if not line.startswith("#")]  # type: ignore[misc]


@pytest.mark.parametrize(("text", "expected"), cases("numbers.txt"))
def test_number(text, expected):
    found = parse_number(text)
    assert found == (None if expected == "-" else float(expected) if "." in expected else int(expected))
    values, bad = to_numbers(pa.array([text, None]))
    assert bad.to_pylist() == [expected == "-", False]
    if expected != "-":
        assert values.to_pylist() == [float(expected), None]


@pytest.mark.parametrize(("text", "expected"), cases("times.txt"))
def test_time(text, expected):
    wanted = None if expected == "-" else datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert parse_time(text, SEOUL) == wanted
    values, bad = to_times(pa.array([text, None]), "Asia/Seoul")
    assert values.to_pylist() == [wanted, None]
    assert bad.to_pylist() == [wanted is None, False]


@pytest.mark.parametrize("text", ["", "  ", "-", "–", "N/A", "n/a", "null", "NULL", "None", "없음"])
def test_empty_is_neither_number_nor_fault(text):
    assert is_empty(text)
    for convert_texts in (to_numbers, to_integers):
        values, bad = convert_texts(pa.array([text, "1,000"]))
        assert values.to_pylist() == [None, 1000]
        assert bad.to_pylist() == [False, False]


def test_european_numbers():
    values, bad = to_numbers(pa.array(["1.000,50", "3,5", "-1.234.567,00", "1,000.5"]), "comma")
    assert values.to_pylist() == [1000.5, 3.5, -1234567.0, None]
    assert bad.to_pylist() == [False, False, False, True]


def test_whole_numbers():
    values, bad = to_integers(pa.array(["17850.0", "12", "1.5", "9223372036854775808", "1e3", "0x1F"]))
    assert values.to_pylist() == [17850, 12, None, None, 1000, None]
    assert bad.to_pylist() == [False, False, True, True, False, True]
    assert to_integers(pa.array(["17850.0", None]))[0].to_pylist() == [17850, None]
    assert to_integers(pa.array(["0x1F"]))[1].to_pylist() == [True]


@pytest.mark.parametrize(
    ("texts", "options", "expected"),
    [
        (["1", "2"], {}, Guess(Type.INTEGER)),
        (["17850.0", "13047.0"], {}, Guess(Type.INTEGER)),
        (["1.5", "2"], {}, Guess(Type.NUMBER)),
        (["12.5%"], {}, Guess(Type.NUMBER)),
        (["010-1234-5678"], {}, Guess(Type.TEXT)),
        (["01012345678", "5"], {}, Guess(Type.TEXT)),
        (["06236"], {}, Guess(Type.TEXT)),
        (["12345"], {"is_code": True}, Guess(Type.TEXT)),
        (["12345678901234567890"], {}, Guess(Type.TEXT)),
        (["예", "아니오"], {}, Guess(Type.BOOL)),
        (["x"], {}, Guess(Type.TEXT)),
        (["20261124"], {}, Guess(Type.INTEGER)),
        (["20261124"], {"hint": Type.TIME}, Guess(Type.TIME)),
        (["46350.5"], {"hint": Type.TIME}, Guess(Type.TIME)),
        (["46350.5"], {}, Guess(Type.NUMBER)),
        (["2026-02-30"], {}, Guess(Type.TIME)),
        (["24/11/2026", "01/02/2026"], {}, Guess(Type.TIME, "dmy")),
        (["11/24/2026", "01/02/2026"], {}, Guess(Type.TIME, "mdy")),
        (["01/02/2026"], {}, Guess(Type.TIME)),
        (["1.000,50", "3,5"], {"semicolons": True}, Guess(Type.NUMBER, decimal="comma")),
        (["1.000,50", "1,000.5"], {"semicolons": True, "hint": Type.NUMBER}, Guess(Type.NUMBER)),
        (["1.000,50"], {}, Guess(Type.TEXT)),
        (["NaN", "1", "1e400"], {"hint": Type.NUMBER}, Guess(Type.INTEGER)),
        (["가", "1"], {}, Guess(Type.TEXT)),
        ([], {}, Guess(Type.TEXT)),
    ],
)
def test_the_type_of_a_column(texts, options, expected):
    assert infer(texts, **options) == expected


def test_contradicting_day_orders_are_no_order():
    assert day_or_month_first(["24/11/2026", "11/24/2026"]) is None


@given(st.integers(-(10**15), 10**15))
def test_grouped_whole_numbers_come_back(number):
    for text in (f"{number:,}", f"₩{abs(number):,}", f"{number}"):
        assert abs(parse_number(text)) == abs(number)
    assert parse_number(f"({abs(number):,}원)") == -abs(number)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_written_floats_come_back(number):
    values, bad = to_numbers(pa.array([repr(number), "1,0"]))  # the second text forces the careful path
    assert values[0].as_py() == number
    assert not bad[0].as_py()
    assert math.isfinite(values[0].as_py())


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)))
def test_written_times_come_back_whichever_way_they_are_read(moment):
    moment = moment.replace(microsecond=0)
    instant = moment.replace(tzinfo=SEOUL).astimezone(UTC)
    half = "오전" if moment.hour < 12 else "오후"
    texts = [
        f"{moment:%Y-%m-%d %H:%M:%S}",
        f"{moment:%Y/%m/%d %H:%M:%S}",
        f"{moment.year}. {moment.month}. {moment.day}. {half} {moment.hour % 12 or 12}:{moment:%M:%S}",
        instant.isoformat(),
    ]
    assert {parse_time(text, SEOUL) for text in texts} == {instant}
    quick, _ = to_times(pa.array(texts[:1]), "Asia/Seoul")
    careful, _ = to_times(pa.array(texts), "Asia/Seoul")
    assert quick[0].as_py() == careful[0].as_py() == instant


@given(st.lists(st.dates(date(2020, 1, 1), date(2020, 3, 1))))
def test_ranges_hold_exactly_their_days(days):
    held = [start + timedelta(at) for start, end in day_ranges(days) for at in range((end - start).days)]
    assert held == sorted(set(days))


def test_local_days_are_cut_at_local_midnight():
    instants = pa.array([datetime(2026, 11, 23, 14, 59, tzinfo=UTC), datetime(2026, 11, 23, 15, 0, tzinfo=UTC)])
    assert local_days(instants.cast(pa.timestamp("us", "UTC")), "Asia/Seoul") == [
        date(2026, 11, 23),
        date(2026, 11, 24),
    ]


@given(st.lists(st.one_of(st.none(), st.text(max_size=12)), max_size=20), st.sampled_from(list(Type)))
def test_any_text_converts_or_is_named_unreadable(texts, kind):
    column = ColumnMap(source="a", name="a", type=kind)
    values, bad = convert(pa.array(texts, pa.string()), column, "Asia/Seoul")
    for text, value, wrong in zip(texts, values.to_pylist(), bad.to_pylist(), strict=True):
        assert value is None if wrong else value is not None or is_empty(text)
