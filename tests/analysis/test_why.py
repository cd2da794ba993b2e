"""Explanations add up to the change, come in their order, and read right in Korean for every metric."""

import math
import re
import unicodedata
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nachim.analysis.decompose import decompose, leaf, product
from nachim.analysis.detect_result import Episode
from nachim.analysis.funnel import funnel
from nachim.analysis.localize import localize
from nachim.analysis.why import REST, Happening, why
from nachim.catalog import catalogue
from nachim.demo.company import MODULES, raw

DAY = date(2026, 11, 3)
LINES = (Path(__file__).parent / "why_paragraphs.txt").read_text(encoding="utf-8").splitlines()
# From and to, by unit: what a company of ordinary size sees.
MOVES = {
    "KRW": ((123_400_000, 98_000_000), (74_000, 81_500)), "percent": ((0.142, 0.091), (0.031, 0.052)),
    "count": ((1_240, 1_003), (310, 422)), "people": ((5_230, 4_100), (81, 96)), "points": ((4.3, 3.7), (-12.0, 8.0)),
    "days": ((2.1, 4.4), (3.0, 2.0)), "hours": ((5.5, 9.25), (30.0, 20.0)), "minutes": ((6.0, 12.5), (15.0, 8.0)),
    "seconds": ((210.0, 300.0), (180.0, 95.0)), "ratio": ((3.2, 2.1), (1.5, 4.0)),
}  # fmt: skip


def cases():
    """A hundred: every KPI down the list, then its other move, till there are enough."""
    entries = list(catalogue().entries.values())
    for at in range(100):
        entry = entries[at % len(entries)]
        yield entry, MOVES[entry.unit][at // len(entries)]


def explained(entry, move):
    before, after = move
    tree = product(leaf("visits"), leaf("rest_of_it"))
    drivers = decompose(tree, {"visits": 100.0, "rest_of_it": before / 100}, {"visits": 90.0, "rest_of_it": after / 90})
    names = {"visits": "방문 수", "rest_of_it": "방문당 값"}
    return why(entry.label.ko, entry.unit, DAY, before, after, drivers=drivers, labels=names,
               happenings=[Happening("앱 배포", DAY, DAY)])  # fmt: skip


@pytest.mark.parametrize("at", range(100))
def test_a_hundred_paragraphs_read_as_written_down(at):
    entry, move = list(cases())[at]
    assert explained(entry, move).paragraph() == LINES[at]


def closed(word):
    """Whether the last syllable ends in a consonant, by its decomposed form."""
    return len(unicodedata.normalize("NFD", word[-1])) == 3


def test_particles_after_korean_names_fit_their_last_syllable():
    """Another road to the same particles, for names that end in a Hangul syllable."""
    seen = 0
    for (entry, _move), line in zip(cases(), LINES, strict=True):
        name = re.sub(r"\(.*\)$", "", entry.label.ko)
        if not "가" <= name[-1] <= "힣":
            continue
        assert line.startswith(f"{entry.label.ko}{'이' if closed(name) else '가'} 11월 3일부터"), line
        seen += 1
    assert seen >= 80


# Name, its particle, and the value it moves to with the particle after that: digits, letters, brackets, ㄹ before 로.
ODD = [
    ("전환율 2", "가", "count", 17, "17로"), ("K6", "이", "count", 30, "30으로"), ("GA4", "가", "count", 11, "11로"),
    ("CTR", "이", "percent", 0.021, "2.1%로"), ("ARPU", "가", "KRW", 30_000, "₩3만으로"),
    ("URL", "이", "count", 8, "8로"),
    ("매출(앱)", "이", "KRW", 1_000_000, "₩100만으로"), ("반품률(%)", "이", "percent", 0.087, "8.7%로"),
    ("객단가 (KRW, 월)", "가", "KRW", 81_500, "₩8.15만으로"), ("메일", "이", "count", 46, "46으로"),
    ("배송일", "이", "days", 4.4, "4.40일로"), ("D+30", "이", "percent", 0.3, "30.0%로"),
    ("A/B", "가", "points", 4.3, "4.30점으로"),
    ("할인율 10%", "가", "percent", 0.2, "20.0%로"), ("‘단골’", "이", "people", 1_003, "1,003명으로"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "particle", "unit", "after", "to"), ODD, ids=[one[0] for one in ODD])
def test_odd_names_and_values_take_their_particles(name, particle, unit, after, to):
    said = why(name, unit, DAY, after * 2, after).paragraph()
    assert said.startswith(f"{name}{particle} 11월 3일부터 평소"), said
    assert f" {to} " in said, said
    assert ("%p" in said) == (unit == "percent"), said
    seen = Episode(name, "shift", DAY, DAY, DAY, False, after * 2, after, 1e3, ongoing=True)
    assert seen.sentence(unit=unit).startswith(f"{name}{particle} 11월 3일"), seen.sentence(unit=unit)


def test_the_metrics_of_the_simulated_companies_take_theirs():
    labels = {one["label"]["ko"] for name in MODULES for one in raw(name)["metrics"].values()}
    assert len(labels) >= 70
    for label in labels:
        read = re.sub(r"\s*\(.*\)$", "", label)
        if "가" <= read[-1] <= "힣":
            said = why(label, "count", DAY, 2.0, 1.0).paragraph()
            assert said.startswith(f"{label}{'이' if closed(read) else '가'} 11월"), said


def test_percents_change_in_points_and_everything_else_in_percents():
    for (entry, _move), line in zip(cases(), LINES, strict=True):
        changed = re.search(r"(?:으로|로) (\S+) (올랐|내렸|늘었|줄었)", line)[1]
        if entry.unit == "percent":
            assert changed.endswith("%p"), line
        elif entry.unit == "points":
            assert changed.endswith("점"), line
        else:
            assert re.fullmatch(r"[\d.,]+%", changed) and "%p" not in line, line


def test_english_paragraphs_hold_no_korean_but_names():
    entry = catalogue().entries["conversion"]
    found = why(entry.label.en, "percent", DAY, 0.142, 0.091).paragraph("en")
    assert found == (
        "Conversion rate fell by 5.1%p from 2026-11-03, from its usual 14.2% to 9.1%. No cause stands out in the data."
    )


AMOUNTS = st.floats(-1e9, 1e9, allow_nan=False).map(lambda x: round(x, 3))
LEVELS = st.floats(0, 1e9, allow_nan=False).map(lambda x: round(x, 3))


def adds_up(found):
    for split in found.splits:
        amounts = [one.amount for one in split.parts]
        scale = max([abs(found.before), abs(found.after), *map(abs, amounts)])
        assert abs(math.fsum(amounts) - found.change) <= 1e-12 * scale
    shown = [amount for _part, amount in found.steps()]
    step = 0.001 if found.unit == "percent" else 1
    assert round(sum(shown) / step) == round(found.change / step)


@given(st.lists(st.tuples(LEVELS, LEVELS), min_size=2, max_size=5), AMOUNTS)
def test_drivers_add_up_whatever_else_moved_the_number(factors, aside):
    """Even where the tree is not the whole number: what it leaves open is a part of its own."""
    names = [f"d{at}" for at in range(len(factors))]
    scaled = {name: (a / 1e6, b / 1e6) for name, (a, b) in zip(names, factors, strict=True)}
    before, after = ({name: pair[side] for name, pair in scaled.items()} for side in (0, 1))
    found = decompose(product(*map(leaf, names)), before, after)
    adds_up(why("매출", "KRW", DAY, found.before, found.after + aside, drivers=found))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans(), st.booleans())
def test_segments_add_up_also_where_some_appear_or_vanish(seed, ratio, gone):
    rng = np.random.default_rng(seed)
    places = {"channel": [c for c in "abc" for _ in range(4)], "region": list("wxyz") * 3}
    then = rng.uniform(10, 1000, 12)
    now = then * np.where(np.array(places["channel"]) == "a", 0.5, 1.0) * rng.uniform(0.98, 1.02, 12)
    if gone:
        now[3], then[7] = 0.0, 0.0
    if ratio:
        base = rng.uniform(2000, 5000, 12)
        then, now = np.stack([then, base], 1), np.stack([now, base * rng.uniform(0.9, 1.1, 12)], 1)
        before, after = then[:, 0].sum() / then[:, 1].sum(), now[:, 0].sum() / now[:, 1].sum()
    else:
        before, after = then.sum(), now.sum()
    adds_up(why("값", "percent" if ratio else "count", DAY, before, after, segments=localize(places, now, then)))


@given(st.lists(st.integers(0, 5000), min_size=2, max_size=5), st.lists(st.integers(0, 5000), min_size=2, max_size=5))
def test_steps_of_a_funnel_add_up(one, other):
    size = min(len(one), len(other))
    before, after = (sorted(side, reverse=True)[:size] for side in (one, other))
    found = funnel([f"s{at}" for at in range(size)], before, after)
    adds_up(why("완료", "count", DAY, before[-1], after[-1], funnel=found))
    if before[0] and after[0]:
        adds_up(why("완료율", "percent", DAY, before[-1] / before[0], after[-1] / after[0], funnel=found))


def test_faults_of_the_data_come_first_and_nothing_is_explained_on_them():
    tree = decompose(product(leaf("a"), leaf("b")), {"a": 2.0, "b": 3.0}, {"a": 1.0, "b": 3.0})
    fault = {"ko": "11월 3일부터 5일까지 장바구니 데이터가 없습니다.", "en": "Carts have no data."}
    found = why("주문 수", "count", DAY, 6, 3, faults=[fault], drivers=tree)
    assert found.paragraph().startswith(fault["ko"]) and not found.splits
    assert [one.name for one in found.waterfall] == [REST]


def test_the_order_is_drivers_segments_step_and_what_happened():
    channels = ["모바일웹", "앱", "웹", "전화", "매장", "제휴"]
    places = {"채널": [one for one in channels for _ in range(4)], "지역": list("가나다라") * 6}
    then = np.array([[140.0, 1000.0]] * 24)
    now = np.array([[20.0, 1000.0]] * 4 + [[140.0, 1000.0]] * 20)
    orders = decompose(product(leaf("visits"), leaf("rate")), {"visits": 1000, "rate": 0.14 / 1000},
                       {"visits": 1000, "rate": 0.12 / 1000})  # fmt: skip
    found = why(
        "구매 전환율", "percent", DAY, 0.14, 0.12, drivers=orders, segments=localize(places, now, then),
        funnel=funnel(["장바구니", "결제"], [8000, 1120], [8000, 960]), happenings=[Happening("앱 배포", DAY, DAY)],
        labels={"rate": "방문당 주문"},
    )  # fmt: skip
    assert found.paragraph() == (
        "구매 전환율이 11월 3일부터 평소 14.0%에서 12.0%로 2.0%p 내렸습니다. 동인별로는 방문당 주문 -2.0%p입니다. "
        "이 가운데 -2.0%p(100%)는 채널 모바일웹에서 나왔습니다. 장바구니 → 결제 단계는 14.0%에서 12.0%로 내렸습니다. "
        "같은 때 있었던 일: 앱 배포(11월 3일)."
    )
    assert found.waterfall[0].name == "채널 모바일웹" and found.drivers()[0] == "채널"


def test_what_is_no_number_is_refused():
    with pytest.raises(ValueError, match="numbers"):
        why("매출", "KRW", DAY, math.nan, 1.0)
