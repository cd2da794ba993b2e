"""Segments: planted ones are found, amounts add up, rows and units do not matter, and noise names nothing."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nachim.analysis.localize import Abstained, Localization, Search, attribute, localize
from nachim.analysis.localize_result import REASONS
from nachim.analysis.localize_search import _unit, cuboids, search

AMOUNTS = st.one_of(st.just(0.0), st.integers(-50, 500).map(float), st.floats(-1e3, 1e6, allow_subnormal=False))
COUNTS = st.integers(0, 300).map(float)


def table(seed, rows=400, sizes=(6, 5, 4)):
    rng = np.random.default_rng(seed)
    columns = {f"d{at}": rng.integers(0, size, rows).astype(str) for at, size in enumerate(sizes)}
    return rng, columns, rng.gamma(3, 40, rows)


def where(found):
    return [one.where for one in found.segments]


def exactly(found):
    amounts = [one.amount for one in found.segments] + [found.rest, found.mix]
    scale = max(abs(found.before), abs(found.after), *map(abs, amounts))
    return abs(math.fsum(amounts) - found.change) <= 4e-16 * scale


@settings(max_examples=200, deadline=None)
@given(st.data(), st.integers(4, 30), st.sampled_from([(AMOUNTS, 1), (COUNTS, 2)]))
def test_amounts_of_any_table_add_up_to_the_change(data, rows, kind):
    numbers, width = kind
    labels = st.lists(st.sampled_from("가나다"), min_size=rows, max_size=rows)
    cells = st.lists(numbers, min_size=rows * width, max_size=rows * width)
    columns = {"채널": data.draw(labels), "지역": data.draw(labels)}
    real, expected = (np.array(data.draw(cells)).reshape((rows, width) if width == 2 else rows) for _ in range(2))
    found = localize(columns, real, expected, how=Search(least_explained=-math.inf))
    if isinstance(found, Abstained):
        assert found.code in ("undefined", "nothing_stands_out")
    else:
        assert exactly(found)
        assert found.sentence("ko", name="매출") and found.sentence("en", name="Revenue")


@pytest.mark.parametrize("struck", [{"d0": "2"}, {"d0": "2", "d2": "1"}, {"d0": "2", "d1": "0", "d2": "1"}])
@pytest.mark.parametrize("factor", [0.2, 5])
def test_a_planted_segment_is_named_whatever_its_depth(struck, factor):
    rng, columns, expected = table(3, rows=4000)
    hit = np.all([columns[name] == value for name, value in struck.items()], axis=0)
    real = rng.poisson(expected * np.where(hit, factor, 1)).astype(float)
    found = localize(columns, real, expected)
    assert where(found) == [struck]
    assert found.segments[0].factor == pytest.approx(factor, rel=0.1)
    assert found.segments[0].leaves == hit.sum()
    assert found.segments[0].amount == pytest.approx(math.fsum((real - expected)[hit]))


def test_two_segments_of_different_dimensions_are_both_named():
    rng, columns, expected = table(4, rows=3000)
    one, other = columns["d0"] == "1", (columns["d1"] == "2") & (columns["d2"] == "3")
    real = rng.poisson(expected * np.where(one, 0.4, 1) * np.where(other, 0.3, 1)).astype(float)
    found = localize(columns, real, expected)
    assert sorted(where(found), key=len) == [{"d0": "1"}, {"d1": "2", "d2": "3"}]
    assert found.explained == pytest.approx(1, abs=0.1)


def test_a_segment_that_vanishes_and_one_that_appears_are_named():
    rng, columns, expected = table(5, rows=2000)
    hit = columns["d1"] == "3"
    noisy = rng.poisson(expected).astype(float)
    assert where(localize(columns, np.where(hit, 0, noisy), expected)) == [{"d1": "3"}]
    assert where(localize(columns, noisy, np.where(hit, 0, expected))) == [{"d1": "3"}]


def test_a_ratio_is_split_into_mix_and_segments():
    rng, columns, visits = table(6, rows=2000)
    hit = (columns["d0"] == "1") & (columns["d1"] == "1")
    then = np.stack([0.04 * visits, visits], 1)
    now = np.stack([rng.poisson(visits * np.where(hit, 0.2, 0.04)), visits], 1).astype(float)
    found = localize(columns, now, then)
    assert where(found) == [{"d0": "1", "d1": "1"}]
    assert found.mix == pytest.approx(0, abs=1e-12) and exactly(found)
    assert found.before == pytest.approx(0.04)


def test_a_ratio_that_moved_by_its_mix_alone_says_so():
    _, columns, visits = table(7, rows=600)
    rate = np.where(columns["d0"] == "1", 0.3, 0.05)
    more = visits * np.where(columns["d0"] == "1", 3, 1)
    found = localize(columns, np.stack([rate * more, more], 1), np.stack([rate * visits, visits], 1))
    assert found.verdict == "mix" and found.mix == pytest.approx(found.change)
    assert "구성비" in found.sentence(name="반품률", unit="percent") and "%p" in found.sentence(
        name="n", unit="percent"
    )


def test_a_fall_everywhere_is_uniform_and_names_no_segment():
    rng, columns, expected = table(8, rows=1500)
    found = localize(columns, rng.poisson(expected * 0.7).astype(float), expected)
    assert found.verdict == "uniform" and found.uniform == pytest.approx(0.7, abs=0.02)
    assert "-30" in found.sentence("ko", name="매출", unit="KRW")


def test_noise_names_no_segment_in_at_least_95_of_100():
    named = 0
    for seed in range(100):
        rng, columns, expected = table(seed)
        found = localize(columns, rng.poisson(expected).astype(float), expected)
        named += isinstance(found, Localization) and found.verdict == "segments"
    assert named <= 5


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.floats(1e-3, 1e9))
def test_order_of_rows_and_dimensions_and_the_unit_of_money_do_not_matter(seed, scale):
    rng, columns, expected = table(seed)
    real = rng.poisson(expected * np.where(columns["d0"] == "2", 0.3, 1)).astype(float)
    one = localize(columns, real, expected)
    order = rng.permutation(len(real))
    mixed = {name: columns[name][order] for name in reversed(columns)}
    other = localize(mixed, real[order] * scale, expected[order] * scale)
    assert where(one) == where(other) == [{"d0": "2"}]
    assert [x.amount * scale for x in one.segments] == pytest.approx([x.amount for x in other.segments], rel=1e-9)
    assert one.segments[0].factor == pytest.approx(other.segments[0].factor)


def by_hand(columns, real, expected, how):
    """The best first segment by looping over every conjunction, as the formulas say."""
    unit = _unit(real, expected)
    half, best = how.half_unit * unit, (0.0, None)
    towards = np.sign(real.sum() - expected.sum())
    for depth in range(1, how.deepest + 1):
        for names in itertools.combinations(columns, depth):
            bits = math.log(math.comb(len(columns), depth)) + sum(math.log(len(set(columns[x]))) for x in names)
            for values in itertools.product(*(sorted(set(columns[name])) for name in names)):
                hit = np.all([columns[name] == value for name, value in zip(names, values, strict=True)], axis=0)
                pull = mass = 0.0
                for value, mean in zip(real[hit], expected[hit], strict=True):
                    weight = 1 / (unit / ((value + mean) / 2 + half) + how.unevenness**2)
                    pull += weight * math.log((value + half) / (mean + half))
                    mass += weight
                if mass and pull * towards > 0:
                    net = 0.5 * pull**2 / mass - how.naming * (bits + 0.5 * math.log(len(real)))
                    if net > best[0]:
                        best = (net, dict(zip(names, values, strict=True)))
    return best[1]


@pytest.mark.parametrize("seed", range(12))
def test_the_first_segment_is_the_best_of_all_conjunctions(seed):
    rng, columns, expected = table(seed, rows=60, sizes=(4, 3, 2))
    hit = (columns["d0"] == "1") if seed % 2 else (columns["d0"] == "1") & (columns["d1"] == "2")
    real = expected * rng.lognormal(0, 0.3, 60) * np.where(hit, 0.2, 1)
    found = search(cuboids(columns, 3), real, expected, Search(most=1))
    if found.uniform is None:
        assert [one.where for one in found.segments][:1] == [
            x for x in [by_hand(columns, real, expected, Search())] if x
        ]


def test_abstaining_says_why_in_both_languages():
    flat = {"d": list("abcd")}
    nothing = localize(flat, [1, 1, 1, 1], [1, 1, 1, 1])
    assert nothing.code == "nothing_stands_out"
    assert localize({"d": list("abc")}, [1, 2, 3], [1, 2, 3]).code == "few_leaves"
    assert localize(flat, [1, math.nan, 1, 1], [1, 1, 1, 1]).facts == {"found": 1}
    assert localize(flat, np.zeros((4, 2)), np.ones((4, 2))).code == "undefined"
    scattered = Abstained("scattered", {"explained": 0.05, "needed": 0.1})
    assert "5%" in scattered.sentence() and "5%" in scattered.sentence("en")
    facts = {"found": 1, "needed": 4, "change": 1.0, "explained": 0.1}
    for code in REASONS:
        assert "{" not in Abstained(code, facts).sentence() + Abstained(code, facts).sentence("en")


def test_shapes_that_do_not_fit_are_errors():
    with pytest.raises(ValueError, match="one label a row"):
        localize({"d": ["a"]}, [1, 2], [1, 2])
    with pytest.raises(ValueError, match="both"):
        localize({"d": ["a", "b"]}, [1, 2], [[1, 2], [3, 4]])


def test_segments_known_from_elsewhere_get_their_part_and_all_adds_up():
    regions = ["서울", "부산", "대구"]
    now, then = [[200, 100], [400, 100], [390, 100]], [[200, 100], [210, 100], [190, 100]]
    found = attribute({"지역": regions}, now, then, [{"지역": "부산"}, {"지역": "대구"}, {"지역": "없음"}])
    assert [one.where["지역"] for one in found.segments] == ["부산", "대구"]
    assert found.segments[0].amount == pytest.approx(190 / 300) and found.explained == pytest.approx(1)
    assert sum(one.amount for one in found.segments) + found.rest + found.mix == found.change
    assert isinstance(attribute({"지역": regions}, now, then, [{"지역": "없음"}]), Abstained)


@given(st.lists(st.tuples(*[st.integers(0, 50)] * 2, *[st.integers(1, 90)] * 2), min_size=1, max_size=9))
def test_attributed_parts_add_up_whatever_the_table(rows):
    now, then = [[a, c] for a, _b, c, _d in rows], [[b, d] for _a, b, _c, d in rows]
    labels = [str(at % 3) for at in range(len(rows))]
    found = attribute({"x": labels}, now, then, [{"x": "0"}])
    if isinstance(found, Localization):
        parts = [one.amount for one in found.segments]
        assert math.fsum([*parts, found.rest, found.mix]) == pytest.approx(found.change, abs=1e-12)
