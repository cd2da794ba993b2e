"""Particles fit the last sound of what stands before them, whatever its script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachim.core.korean import PAIRS, aside, josa, nearness


@pytest.mark.parametrize(
    ("word", "pair", "text"),
    [
        ("매출", "이/가", "매출이"),
        ("객단가", "을/를", "객단가를"),
        ("고객", "와/과", "고객과"),
        ("재구매율", "와/과", "재구매율과"),
        # ㄹ takes 로, other consonants 으로
        ("서울", "으로/로", "서울로"),
        ("부산", "으로/로", "부산으로"),
        ("제주", "으로/로", "제주로"),
        # digits as they are read
        ("1,001", "을/를", "1,001을"),
        ("₩1,200", "은/는", "₩1,200은"),
        ("42", "이/가", "42가"),
        ("17", "으로/로", "17로"),
        ("30", "으로/로", "30으로"),
        # units and signs
        ("12%", "은/는", "12%는"),
        ("3.2%p", "이/가", "3.2%p가"),
        ("12.3억", "은/는", "12.3억은"),
        ("1,234명", "을/를", "1,234명을"),
        ("44.8시간", "은/는", "44.8시간은"),
        ("3kg", "은/는", "3kg은"),
        ("5 km", "을/를", "5 km를"),
        # letters as they are spelt
        ("NPS", "은/는", "NPS는"),
        ("URL", "으로/로", "URL로"),
        ("CRM", "이/가", "CRM이"),
        # what stands in brackets is not read; quotes neither
        ("매출(월)", "이/가", "매출(월)이"),
        ("객단가 (KRW, 월)", "은/는", "객단가 (KRW, 월)는"),
        ("‘객단가’", "을/를", "‘객단가’를"),
        ("(월)", "을/를", "(월)을"),
        ("", "이/가", "가"),
    ],
)
def test_a_particle_fits_the_last_sound(word, pair, text):
    assert josa(word, pair) == text


@given(st.text(), st.sampled_from(sorted(PAIRS)))
def test_any_text_keeps_itself_and_gains_one_form(word, pair):
    said = josa(word, pair)
    assert said.startswith(word)
    assert said[len(word) :] in PAIRS[pair]


@pytest.mark.parametrize(("name", "typed", "near"), [
    ("매출", "매출", 0), ("매출 성장", "매출성", 0), ("앱 매출", "매출", 1), ("Monthly revenue", "rev", 1),
    ("순매출", "매출", 2), ("매출", "ㅁㅊ", 3), ("앱 매출", "ㅁㅊ", 3), ("매출", "ㅊㅁ", None), ("매출", "", None),
    ("매출", " ", None), ("방문 수", "매출", None),
])  # fmt: skip
def test_how_near_a_name_is(name, typed, near):
    assert nearness(name, typed) == near


def test_what_is_added_stands_in_brackets_as_each_language_sets_them():
    assert aside("광고비", "검색", english=False) == "광고비(검색)"
    assert aside("Ad spend", "search", english=True) == "Ad spend (search)"
    assert aside("Ad spend", "", english=True) == "Ad spend"
