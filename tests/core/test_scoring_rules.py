"""What holds for every score, grade, roll-up and split, whatever the numbers."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from nachim.core.exact import half_up, largest_remainder, split_money
from nachim.core.grade import Grades, Scale, corrected, relative, shifted
from nachim.core.rollup import Child, roll_up
from nachim.core.scoring import ScoreRefused, propose, score
from nachim.core.status import Status, judge
from nachim.core.target import Change, Keep, Range, Reach, target_from_json

YEAR = {"start": date(2026, 1, 1), "due": date(2026, 12, 31)}
numbers = st.integers(-10_000, 10_000).map(lambda n: n / 8)
positive = st.integers(1, 10_000).map(lambda n: n / 8)
weights = st.lists(st.integers(0, 100), min_size=1, max_size=8).filter(any)
LEVEL_METHODS = ("ratio", "ratio_inverse", "ratio_linear", "abs_scaled", "progress", "bands", "binary")


@st.composite
def levels(draw, methods=LEVEL_METHODS):
    """A target of one level with every part it may have, in either direction."""
    direction = draw(st.sampled_from(["up", "down"]))
    sign = 1 if direction == "up" else -1
    level, step = draw(numbers), draw(positive)
    parts = {"threshold": level - sign * step, "stretch": level + sign * draw(positive)}
    baseline = level - sign * draw(positive)
    method = draw(st.sampled_from(methods))
    return Reach(level=level, direction=direction, baseline=baseline, method=method, **parts, **YEAR)


def scored(target, actual, **more):
    try:
        return score(target, actual, **more)
    except ScoreRefused:
        assume(False)


@given(levels(), numbers, numbers)
def test_a_better_actual_never_scores_less(target, one, other):
    worse, better = sorted((one, other), reverse=target.direction == "down")
    low, high = scored(target, worse, cap=None), scored(target, better, cap=None)
    if target.method == "ratio_inverse" and min(one, other) <= 0:
        return  # the cap stands in for what cannot be divided
    assert low.raw <= high.raw and low.capped <= high.capped


@given(levels())
def test_equality_is_met_by_every_method(target):
    assert scored(target, target.level).raw == 1
    assert target.met(target.level)


@given(levels(), numbers)
def test_reaching_the_target_and_a_score_of_one_are_the_same_thing(target, actual):
    assume(target.method != "binary")
    assert (scored(target, actual, cap=None).raw >= 1) == target.met(actual)


@given(levels(), numbers, st.integers(1, 1000))
def test_scores_do_not_depend_on_the_unit(target, actual, factor):
    parts = {name: getattr(target, name) * factor for name in ("level", "baseline", "threshold", "stretch")}
    grown = Reach(direction=target.direction, method=target.method, **parts, **YEAR)
    assert scored(target, actual).raw == scored(grown, actual * factor).raw


@given(levels(("progress", "bands")), numbers, st.integers(-1000, 1000))
def test_progress_and_bands_do_not_depend_on_where_zero_lies(target, actual, moved):
    parts = {name: getattr(target, name) + moved for name in ("level", "baseline", "threshold", "stretch")}
    shifted_target = Reach(direction=target.direction, method=target.method, **parts, **YEAR)
    assert scored(target, actual).raw == scored(shifted_target, actual + moved).raw


@given(levels(), numbers, st.none() | st.integers(1, 3).map(Fraction))
def test_what_counts_lies_between_nothing_and_the_cap(target, actual, cap):
    made = scored(target, actual, cap=cap)
    assert made.capped >= 0 and (cap is None or made.capped <= cap)
    assert made.capped == made.raw or made.flags


@given(numbers, positive, positive, numbers)
def test_a_range_gives_all_inside_and_something_between_outside(low, width, tolerance, actual):
    target = Range(low=low, high=low + width, tolerance_low=tolerance, tolerance_high=tolerance, **YEAR)
    made = score(target, actual)
    assert 0 <= made.raw <= 1 and (made.raw == 1) == target.met(actual)


@given(levels())
def test_what_is_proposed_is_never_refused_for_another_reason_than_missing_bands(target):
    plain = Reach(level=target.level, direction=target.direction, baseline=target.baseline, **YEAR)
    assert score(plain, 1).method == propose(plain).method
    flat = Reach(level=target.level, direction=target.direction, **YEAR)
    try:
        assert score(flat, 1).method == propose(flat).method
    except ScoreRefused as refused:
        assert refused.code == "no_bands" and flat.level <= 0


@given(levels())
def test_targets_survive_json_and_the_old_form_reads(target):
    assert target_from_json(target.to_json()) == target
    old = {
        "level": 5.0,
        "start": "2026-01-01",
        "due": "2026-12-31",
        "direction": "up",
        "kind": "keep",
        "baseline": None,
    }
    assert target_from_json(old) == Keep(level=5.0, **YEAR)
    assert target_from_json(old).to_json() == old


@given(st.permutations(range(5)), st.lists(st.none() | st.integers(0, 150), min_size=5, max_size=5), weights)
def test_the_order_of_children_changes_no_total(order, scores, some):
    some = (some * 5)[:5]
    assume(sum(some))
    shares = [None if one is None else Fraction(one, 100) for one in scores]
    children = [Child(str(at), some[at], shares[at]) for at in range(5)]
    assert roll_up(children).score == roll_up([children[at] for at in order]).score


@given(weights, st.data())
def test_a_total_lies_between_its_least_and_its_greatest_part(some, data):
    scores = [Fraction(data.draw(st.integers(0, 150)), 100) for _weight in some]
    made = roll_up([Child(str(at), weight, one) for at, (weight, one) in enumerate(zip(some, scores, strict=True))])
    counted = [one for one, weight in zip(scores, some, strict=True) if weight]
    assert min(counted) <= made.score <= max(counted)
    assert sum(share.used for share in made.shares) == 1


@given(st.integers(0, 10**12), weights, st.sampled_from([1, 10, 1000]))
@example(total=100, some=[1, 1, 1], unit=1)
def test_money_is_split_to_the_last_won_and_nobody_is_off_by_a_unit(total, some, unit):
    parts, rest = split_money(total, some, unit)
    assert sum(parts) + rest == total and 0 <= rest < unit
    for part, weight in zip(parts, some, strict=True):
        assert part % unit == 0 and abs(part - Fraction((total - rest) * weight, sum(some))) < unit


@given(st.integers(0, 500), weights)
def test_largest_remainder_gives_more_to_those_who_weigh_more(total, some):
    parts = largest_remainder(total, some)
    for (one, part), (other, less) in zip(
        zip(some, parts, strict=True), zip(some[1:], parts[1:], strict=True), strict=False
    ):
        assert one <= other or part >= less


cuts = st.lists(st.integers(-50, 200), min_size=1, max_size=6, unique=True).map(lambda some: sorted(some, reverse=True))


@given(cuts, st.booleans(), st.fractions(-1, 3))
def test_every_number_has_exactly_one_grade(some, inclusive, share):
    grades = Grades.cut([(f"g{at}", cut) for at, cut in enumerate(some)], "last", inclusive=inclusive)
    for value in [share, *(Fraction(cut, 100) for cut in some)]:
        assert sum(band.holds(value * 100) for band in grades.bands) == 1
    names = [band.grade for band in grades.bands]
    assert names.index(grades.of(share)) >= names.index(grades.of(share + 1))


@given(st.fractions(0, 2), st.fractions(0, 2), st.booleans())
def test_points_rise_with_achievement(one, other, between):
    scale = Scale.of([(70, 30), (80, 60), (110, 80), (120, 100)], between=between)
    assert scale.at(min(one, other)) <= scale.at(max(one, other))


@given(st.dictionaries(st.text("abcdefgh", min_size=1), st.integers(0, 20), min_size=1, max_size=30))
def test_relative_grades_follow_the_scores_and_the_seats_sum_to_the_group(scores):
    order = "SABCD"
    made = relative(scores, list(zip(order, (10, 20, 40, 20, 10), strict=True)))
    assert sum(made.seats.values()) == len(scores)
    assert len(scores) >= 10 or made.seats["D"] == 0
    for one, mine in scores.items():
        for other, theirs in scores.items():
            assert mine <= theirs or order.index(made.grades[one]) <= order.index(made.grades[other])
            assert mine != theirs or made.grades[one] == made.grades[other]


@given(st.integers(-60, 60))
def test_a_shifted_distribution_still_sums_to_the_whole(top):
    shares = shifted([("S", 10), ("A", 20), ("B", 40), ("C", 20), ("D", 10)], top)
    assert sum(share for _grade, share in shares) == 100 and min(share for _grade, share in shares) >= 0


def test_raters_are_brought_to_the_same_mean_and_small_groups_left_alone():
    ratings = {"엄격": dict.fromkeys("abcde", 60), "후함": dict.fromkeys("fghij", 90), "둘뿐": {"k": 50, "l": 70}}
    made = corrected(ratings)
    assert made["엄격"]["a"][1] == made["후함"]["f"][1]
    assert made["둘뿐"]["k"][0] == made["둘뿐"]["k"][1] == 50


@given(st.fractions(-5, 5), st.integers(0, 4))
def test_half_up_is_the_nearest_and_away_from_zero_at_the_middle(value, places):
    shown = Fraction(half_up(value, places))
    assert abs(shown - value) * 2 * 10**places <= 1
    assert half_up(-value, places) == -half_up(value, places)


@given(levels(), numbers, st.dates(date(2025, 6, 1), date(2027, 6, 30)), st.floats(0, 1) | st.none())
def test_a_verdict_has_one_sentence_in_each_language_and_met_is_never_red(target, actual, day, odds):
    from nachim.core.status import Odds

    made = judge(
        target, actual=actual, period_label="26.06", period_end=day, today=day, unit="KRW",
        odds=None if odds is None else Odds(odds),
    )  # fmt: skip
    assert made.sentence("ko").endswith("다.") and made.sentence("en").endswith(".")
    assert "{" not in made.sentence("ko") + made.sentence("en")
    if day >= target.start and target.met(actual):
        assert made.status == Status.MET


def test_an_average_that_is_no_number_is_told():
    with pytest.raises(ValueError, match="not a number"):
        score(Reach(level=1, **YEAR), float("nan"))


def test_a_relative_change_is_exact():
    assert Change(baseline=1000, by=0.1, relative=True, **YEAR).level == 1100
