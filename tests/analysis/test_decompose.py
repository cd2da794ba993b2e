"""Contributions: exactly the change, the textbook answers, no order of factors, zeros and signs."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nachim.analysis import decompose as d
from nachim.analysis.decompose import Decomposition, Undecided, decompose, leaf, product, ratio, total
from nachim.analysis.decompose_result import REASONS, whole
from nachim.analysis.decompose_segments import RatioChange, by_ratio, by_segment

NUMBERS = st.one_of(st.just(0.0), st.integers(-1000, 1000).map(float), st.floats(0.001, 1e6), st.floats(-1e6, -0.001))
POSITIVE = st.one_of(st.just(0.0), st.floats(0.001, 1e6))
NAMES = st.sampled_from("abcdef").map(leaf)
TREES = st.recursive(
    NAMES,
    lambda parts: st.one_of(
        st.lists(parts, min_size=1, max_size=3).map(lambda some: total(*some)),
        st.lists(parts, min_size=1, max_size=3).map(lambda some: product(*some)),
        st.tuples(parts, parts).map(lambda two: d.Driver("difference", parts=two)),
        st.tuples(parts, parts).map(lambda two: ratio(*two)),
    ),
    max_leaves=6,
)
SALES = product(leaf("visits"), leaf("conversion"), leaf("order"))


def values(numbers):
    return st.fixed_dictionaries(dict.fromkeys("abcdef", numbers))


def exact(found, amounts):
    scale = max([abs(found.before), abs(found.after), *map(abs, amounts)])
    return abs(math.fsum(amounts) - found.change) <= 4e-16 * scale


@settings(max_examples=300, deadline=None)
@given(TREES, values(NUMBERS), values(NUMBERS))
def test_contributions_of_any_tree_add_up_to_the_change(tree, before, after):
    found = decompose(tree, before, after)
    if isinstance(found, Undecided):
        assert found.code in ("undefined", "undefined_between")
        return
    assert exact(found, [one.amount for one in found.contributions])
    still = {one.name for one in found.contributions if one.before == one.after}
    slack = 1e-9 * max(abs(found.before), abs(found.after), max(abs(one.amount) for one in found.contributions), 1e-12)
    assert all(abs(one.amount) <= slack for one in found.contributions if one.name in still)


@settings(max_examples=300, deadline=None)
@given(TREES, values(NUMBERS), values(NUMBERS))
def test_whole_won_add_up_to_the_change_in_whole_won(tree, before, after):
    found = decompose(tree, before, after)
    if isinstance(found, Decomposition) and max(abs(found.before), abs(found.after)) < 1e12:
        steps = found.in_steps()
        if max(abs(one.amount) for one in found.contributions) < 1e12:
            assert sum(steps.values()) == round(found.change)
            assert all(abs(steps[one.name] - one.amount) <= 1 + 1e-3 for one in found.contributions)


@settings(max_examples=200, deadline=None)
@given(values(POSITIVE), values(POSITIVE), st.permutations("abc"))
def test_the_order_of_factors_does_not_matter(before, after, order):
    one = decompose(product(*map(leaf, "abc")), before, after)
    other = decompose(product(*map(leaf, order)), before, after)
    amounts = {part.name: part.amount for part in other.contributions}
    scale = max(abs(one.before), abs(one.after), 1.0)
    assert all(part.amount == pytest.approx(amounts[part.name], abs=1e-9 * scale) for part in one.contributions)


@settings(max_examples=200, deadline=None)
@given(values(st.floats(0.01, 100)), values(st.floats(0.01, 100)))
def test_going_back_undoes_the_contributions(before, after):
    tree = total(product(leaf("a"), leaf("b")), product(leaf("c"), leaf("d")), leaf("e"))
    there, back = decompose(tree, before, after), decompose(tree, after, before)
    for one, other in zip(there.contributions, back.contributions, strict=True):
        assert one.amount == pytest.approx(-other.amount, abs=1e-8 * max(there.before, there.after))


def by_orders(tree, before, after):
    """The Shapley value as its definition says it: over every order, switch one driver after another."""
    names = tree.leaves()
    each = dict.fromkeys(names, 0.0)
    for order in itertools.permutations(names):
        now = dict(before)
        for name in order:
            old = float(tree.value({key: np.array(x) for key, x in now.items()}))
            now[name] = after[name]
            each[name] += float(tree.value({key: np.array(x) for key, x in now.items()})) - old
    return {name: amount / math.factorial(len(names)) for name, amount in each.items()}


@settings(max_examples=100, deadline=None)
@given(TREES, values(st.floats(0.1, 100)), values(st.floats(0.1, 100)))
def test_shapley_equals_its_definition(tree, before, after):
    amounts, _ = d._shapley(tree, tree.leaves(), before, after)
    if amounts is None:
        return
    expected = by_orders(tree, before, after)
    if any(map(math.isnan, expected.values())):
        return
    scale = max(1.0, *map(abs, expected.values()))
    assert amounts.tolist() == pytest.approx([expected[name] for name in tree.leaves()], abs=1e-7 * scale)


def test_lmdi_gives_the_textbook_shares():
    found = decompose(
        SALES, {"visits": 1000, "conversion": 0.02, "order": 50}, {"visits": 2000, "conversion": 0.01, "order": 50}
    )
    amounts = {one.name: one.amount for one in found.contributions}
    assert found.change == 0 and found.method == "lmdi"
    assert amounts == pytest.approx({"visits": 1000 * math.log(2), "conversion": -1000 * math.log(2), "order": 0})
    grown = decompose(SALES, {"visits": 10, "conversion": 1, "order": 1}, {"visits": 20, "conversion": 2, "order": 2})
    assert [one.amount for one in grown.contributions] == pytest.approx([70 / 3] * 3)


def test_a_factor_that_appears_or_vanishes_takes_the_change_in_the_limit():
    before, after = (
        {"visits": 0.0, "conversion": 0.02, "order": 50.0},
        {"visits": 1000.0, "conversion": 0.03, "order": 40.0},
    )
    found = {one.name: one.amount for one in decompose(SALES, before, after).contributions}
    assert found == {"visits": 1200.0, "conversion": 0.0, "order": 0.0}
    tiny = decompose(SALES, before | {"visits": 1e-200}, after)
    assert {one.name: one.amount / 1200 for one in tiny.contributions} == pytest.approx(
        {"visits": 1, "conversion": 0, "order": 0}, abs=0.01
    )
    both = decompose(SALES, {"visits": 0, "conversion": 0, "order": 50}, {"visits": 10, "conversion": 0.5, "order": 50})
    assert [one.amount for one in both.contributions] == [125, 125, 0]


def test_a_sign_that_changes_goes_by_shapley_and_negative_values_do_not_need_to():
    assert decompose(product(leaf("a"), leaf("b")), {"a": -1, "b": 2}, {"a": 3, "b": 4}).method == "shapley"
    losses = decompose(product(leaf("a"), leaf("b")), {"a": -1, "b": 2}, {"a": -3, "b": 4})
    assert losses.method == "lmdi" and losses.change == -10
    assert math.fsum(one.amount for one in losses.contributions) == -10


def test_twenty_drivers_add_up_too():
    rng = np.random.default_rng(1)
    names = [f"d{at}" for at in range(20)]
    tree = ratio(total(*map(leaf, names[:10])), total(*map(leaf, names[10:])))
    before, after = ({name: float(x) for name, x in zip(names, rng.uniform(1, 9, 20), strict=True)} for _ in range(2))
    found = decompose(tree, before, after)
    assert found.method == "shapley_sampled"
    assert exact(found, [one.amount for one in found.contributions])
    assert found == decompose(tree, before, after)


def test_what_cannot_be_split_is_told():
    rate = ratio(leaf("a"), leaf("b"))
    cases = [
        (decompose(rate, {"a": 1, "b": 0}, {"a": 1, "b": 2}), "undefined"),
        (decompose(rate, {"a": 1, "b": math.nan}, {"a": 1, "b": 2}), "missing"),
        (decompose(ratio(leaf("a"), total(leaf("b"), leaf("c"))), {"a": 1, "b": 0, "c": 2}, {"a": 2, "b": 3, "c": 0}),
         "undefined_between"),
        (by_ratio({"x": (1, 0)}, {"x": (1, 2)}), "undefined"),
        (by_segment({"x": math.inf}, {"x": 1}), "missing"),
    ]  # fmt: skip
    for found, code in cases:
        assert isinstance(found, Undecided) and found.code == code
        assert "{" not in found.sentence() + found.sentence("en") and found.sentence() != found.sentence("en")
    assert {code for _, code in cases} == set(REASONS)


SEGMENTS = st.dictionaries(st.sampled_from("uvwxyz"), NUMBERS, max_size=6)
PARTS = st.dictionaries(st.sampled_from("uvwxyz"), st.tuples(NUMBERS, NUMBERS), max_size=6)


@settings(max_examples=300, deadline=None)
@given(SEGMENTS, SEGMENTS)
def test_segments_of_a_sum_add_up(before, after):
    found = by_segment(before, after)
    assert exact(found, [one.amount for one in found.contributions])
    assert {one.name for one in found.contributions} == {*before, *after}


@settings(max_examples=500, deadline=None)
@given(PARTS, PARTS)
def test_mix_rate_and_interaction_add_up_for_any_segments(before, after):
    found = by_ratio(before, after)
    if isinstance(found, Undecided):
        sums = (math.fsum(d for _, d in before.values()), math.fsum(d for _, d in after.values()))
        assert found.code == "undefined" and 0 in sums
        return
    parts = [x for one in found.segments for x in (one.mix, one.rate, one.interaction)]
    assert abs(math.fsum(parts) - found.change) <= 1e-12 * max([abs(found.before), abs(found.after), *map(abs, parts)])


def test_mix_alone_rate_alone_and_a_segment_that_appears():
    shift = by_ratio({"web": (10, 100), "app": (40, 100)}, {"web": (15, 150), "app": (20, 50)})
    assert (round(shift.mix, 12), round(shift.rate, 12), round(shift.interaction, 12)) == (-0.075, 0, 0)
    better = by_ratio({"web": (10, 100), "app": (40, 100)}, {"web": (20, 100), "app": (40, 100)})
    assert (round(better.mix, 12), round(better.rate, 12), round(better.interaction, 12)) == (0, 0.05, 0)
    new = by_ratio({"web": (10, 100)}, {"web": (10, 100), "app": (40, 100)})
    assert isinstance(new, RatioChange)
    assert {one.name: round(one.mix, 12) for one in new.segments} == {"web": 0, "app": 0.15}
    assert new.rate == pytest.approx(0) and new.interaction == 0


def test_simpson_every_segment_better_and_the_whole_worse():
    found = by_ratio({"new": (10, 100), "old": (900, 1000)}, {"new": (200, 1000), "old": (95, 100)})
    assert found.change < 0 < found.rate and found.mix < 0


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=9), st.sampled_from([1.0, 0.5, 1000.0]))
def test_largest_remainder_adds_up(amounts, step):
    change = math.fsum(amounts)
    assert sum(whole(amounts, change, step)) == round(change / step) * step


SAID = [
    ("매출", "KRW", 600_000, "매출이 ₩40만 줄었습니다: 전환율 -₩"),
    ("방문자 수", "count", 2_000_000, "방문자 수가 100만 늘었습니다: "),
    ("전환율", "percent", 1_000_000.01, "전환율이 1.0%p 늘었습니다: "),
]


@pytest.mark.parametrize(("name", "unit", "after", "text"), SAID)
def test_sentences_have_the_right_particles_and_units(name, unit, after, text):
    found = decompose(
        SALES, {"visits": 1000, "conversion": 20, "order": 50}, {"visits": 1000, "conversion": after / 5e4, "order": 50}
    )
    said = found.sentence(name=name, unit=unit, labels={"conversion": "전환율"})
    assert said.startswith(text) and said.endswith(".")
    assert name in found.sentence("en", name=name, unit=unit)
    same = decompose(leaf("a"), {"a": 3}, {"a": 3})
    assert same.sentence(name="매출") == "매출은 그대로입니다."
