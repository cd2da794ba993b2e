"""Small drawings: gaps stay gaps, the running period is hollow, and no style attribute ever."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachim.render import spark

value = st.one_of(st.none(), st.floats(-1e12, 1e12))


def drawn(values, targets=None, running=False, label="최근 12개월"):
    svg = spark.sparkline(values, targets or [None] * len(values), running=running, label=label)
    return ElementTree.fromstring(svg)  # noqa: S314


def path(svg, kind):
    return svg.find(f"path[@class='{kind}']").get("d")


def test_a_gap_starts_a_new_line():
    assert path(drawn([1, 2, None, 3, 4]), "line").count("M") == 2


def test_a_point_between_two_gaps_is_still_seen():
    assert "h0" in path(drawn([1, 2, None, 3, None, 4, 5]), "line")


def test_the_running_period_is_hollow_on_a_dashed_end():
    svg = drawn([1, 2, 3], running=True)
    assert svg.find("circle").get("class") == "hollow"
    assert svg.find("path[@class='run']") is not None
    assert path(svg, "line").count("L") == 1


def test_a_closed_last_period_is_a_full_dot():
    assert drawn([1, 2, 3]).find("circle").get("class") == "dot"


def test_no_values_draw_nothing_but_keep_the_label():
    svg = drawn([None, None], [5, 5], label="값 없음")
    assert len(svg) == 0
    assert svg.get("aria-label") == "값 없음"


def test_a_label_cannot_leave_its_attribute():
    assert drawn([1, 2], label='"><script>').get("aria-label") == '"><script>'


@given(st.lists(st.tuples(value, value), min_size=1, max_size=14), st.booleans())
def test_everything_stays_inside_the_box_and_carries_no_style(pairs, running):
    values, targets = zip(*pairs, strict=True)
    text = spark.sparkline(values, targets, running=running, label="")
    assert "style=" not in text and "nan" not in text
    for x, y in re.findall(r"[ML]([-\d.]+) ([-\d.]+)", text):
        assert 0 <= float(x) <= spark.WIDTH
        assert 0 <= float(y) <= spark.HEIGHT


@pytest.mark.parametrize(("share", "width"), [(-0.5, 0), (0, 0), (0.6, 100), (1.2, 200), (9, 200)])
def test_a_bullet_ends_at_its_box(share, width):
    svg = ElementTree.fromstring(spark.bullet(share, 0.5, good=True, label="목표의 60%"))  # noqa: S314
    assert float(svg.find("rect[@class='fill good']").get("width")) == width
    assert svg.find("path[@class='tick']") is not None


def test_a_bullet_without_an_expectation_has_no_tick():
    assert "tick" not in spark.bullet(0.5, None, good=None, label="")
