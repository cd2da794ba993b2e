"""Numbers as people read them: a table of cases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachim.core.korean import josa
from nachim.core.number import format_change, format_difference, format_value, long_won, parse_number


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1234567.5, "KRW", "₩1,234,568"),
        (-5000, "KRW", "-₩5,000"),
        (0.1234, "percent", "12.3%"),
        (1234, "people", "1,234명"),
        (38.5, "points", "38.5점"),
        (3, "count", "3"),
        (2.25, "count", "2.25"),
        (121.54, "people", "121.5명"),
        (1820.1, "people", "1,820명"),
        (618.04, "people", "618명"),
        (9.998, "count", "10"),
        (0.504, "count", "0.50"),
        (-0.0004, "percent", "0.0%"),
        (None, "KRW", "—"),
        (float("nan"), "KRW", "—"),
        (1234, "건", "1,234건"),
        (3, "kg", "3 kg"),
    ],
)
def test_full_form(value, unit, text):
    assert format_value(value, unit) == text


@pytest.mark.parametrize(
    ("value", "locale", "text"),
    [
        (9_999, "ko", "₩9,999"),
        (9_999.6, "ko", "₩1만"),
        (-9_999.6, "ko", "-₩1만"),
        (999_950_000_000, "ko", "₩1조"),
        (10_000, "ko", "₩1만"),
        (123_456, "ko", "₩12.3만"),
        (98_765_432, "ko", "₩9,877만"),
        (99_994_999, "ko", "₩9,999만"),
        (99_995_000, "ko", "₩1억"),
        (123_456_789_012, "ko", "₩1,235억"),
        (1.2e12, "ko", "₩1.2조"),
        (-1_234_567_890, "ko", "-₩12.3억"),
        (1_234_567, "en", "₩1.23M"),
        (267_549_200, "ko", "₩2.68억"),
        (123_456_789, "ko", "₩1.23억"),
        (999_999, "en", "₩1M"),
    ],
)
def test_compact_rolls_over(value, locale, text):
    assert format_value(value, "KRW", locale, compact=True) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1_234_567_890, "12억 3,457만 원"),
        (9_999, "9,999원"),
        (99_999_999, "9,999만 9,999 원"),
        (-50_000, "-5만 원"),
        (1_234_599_990_000, "1조 2,346억 원"),
        (999_999_999_999, "1조 원"),
    ],
)
def test_long_won(value, text):
    assert long_won(value) == text


@pytest.mark.parametrize(
    ("value", "before", "unit", "text"),
    [
        (110, 100, "KRW", "+10.0%"),
        (99.99999, 100, "KRW", "0.0%"),
        (0.123, 0.1, "percent", "+2.3%p"),
        (5, 0, "count", "+5"),
        (5, -5, "count", "+10"),
        (5, None, "count", "—"),
    ],
)
def test_percents_change_in_points_and_nothing_divides_by_zero(value, before, unit, text):
    assert format_change(value, before, unit) == text


def test_difference_of_percents_is_in_points():
    assert format_difference(-0.0321, "percent") == "-3.2%p"


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("1억 2,000만", "KRW", 120_000_000),
        ("12억원", "KRW", 1_200_000_000),
        ("15%", "percent", 0.15),
        ("15", "percent", 0.15),
        ("△700", "KRW", -700),
        ("3천", "count", 3000),
        ("₩1,000", "KRW", 1000),
        ("4.5점", "points", 4.5),
    ],
)
def test_reads_what_people_type(text, unit, value):
    assert parse_number(text, unit) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "많이", "1.2.3", "-", "."])
def test_refuses_what_is_no_number(text):
    with pytest.raises(ValueError):
        parse_number(text)


@given(st.integers(-(10**14), 10**14))
def test_full_won_reads_back(value):
    assert parse_number(format_value(value, "KRW").replace("-₩", "-")) == value


@pytest.mark.parametrize(
    ("word", "pair", "text"),
    [
        ("매출", "이/가", "매출이"),
        ("객단가", "을/를", "객단가를"),
        ("서울", "으로/로", "서울로"),
        ("부산", "으로/로", "부산으로"),
        ("12%", "은/는", "12%는"),
        ("NPS", "은/는", "NPS는"),
        ("₩1,001", "을/를", "₩1,001을"),
        ("반품률(월)", "이/가", "반품률(월)이"),
    ],
)
def test_particles_follow_the_last_sound(word, pair, text):
    assert josa(word, pair) == text


@given(st.floats(allow_nan=False), st.sampled_from(["KRW", "count", "percent", "points", "건"]), st.booleans())
def test_no_number_is_too_large_to_show_and_none_is_a_negative_zero(value, unit, compact):
    assert format_value(value, unit, compact=compact) not in ("-₩0", "-0", "-0.0%", "-0.0점", "-0건", "")
