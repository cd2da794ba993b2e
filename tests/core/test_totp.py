"""One-time codes against RFC 6238, appendix B (its eight digits, of which six are the last)."""

import base64

import pytest

from nachim.core.totp import code, step_of

SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}


@pytest.mark.parametrize(("seconds", "digits"), VECTORS.items())
def test_the_codes_of_the_standard(seconds, digits):
    assert code(SECRET, seconds // 30) == digits
    assert step_of(SECRET, f"{digits[:3]} {digits[3:]}", seconds) == seconds // 30


def test_a_clock_may_be_off_by_half_a_minute_and_a_code_works_once():
    at = 1111111109
    typed, step = VECTORS[at], at // 30
    assert [step_of(SECRET, typed, at + off) for off in (-60, -30, 0, 30, 60)] == [None, step, step, step, None]
    assert step_of(SECRET, typed, at, after=step) is None and step_of(SECRET, typed, at, after=step - 1) == step


@pytest.mark.parametrize("typed", ["", "287083", "28708", "2870820", "٢٨٧٠٨٢", "abcdef"])
def test_what_is_no_code_is_none(typed):
    assert step_of(SECRET, typed, 59) is None
