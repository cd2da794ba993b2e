"""The big chart as data: what is running is hollow, the target is dashed, sums begin at zero, colours are names."""

import json

from nachim.render.chart import Mark, kpi_chart

MARKS = [
    Mark("26.09", 100.0, False, 110.0),
    Mark("26.10", None, False, 115.0),
    Mark("26.11", 60.0, True, 120.0),
]


def chart(marks=MARKS, bars=False):
    return kpi_chart(
        marks,
        name="매출",
        target_name="목표 경로",
        running_name="진행 중",
        bars=bars,
        summary="매출은 지금쯤의 기대값보다 낮습니다.",
    )


def series(drawing):
    return {one["name"]: one for one in drawing.option["series"]}


def leaves(part):
    if isinstance(part, dict):
        for one in part.values():
            yield from leaves(one)
    elif isinstance(part, list):
        for one in part:
            yield from leaves(one)
    else:
        yield part


def test_missing_values_stay_missing_and_the_running_one_stands_apart():
    drawn = series(chart())
    assert drawn["매출"]["data"] == [100.0, None, None]
    assert drawn["진행 중"]["data"] == [None, None, 60.0]


def test_a_dashed_line_leads_from_the_last_closed_point_to_the_running_one():
    marks = [Mark("26.10", 90.0, False, None), Mark("26.11", 60.0, True, None)]
    drawn = series(chart(marks))
    assert drawn["진행 중"]["data"] == [90.0, 60.0]
    assert drawn["진행 중"]["lineStyle"]["type"] == "dashed"


def test_the_target_is_dashed_and_absent_without_one():
    assert series(chart())["목표 경로"]["lineStyle"]["type"] == "dashed"
    assert "목표 경로" not in series(chart([Mark("26.10", 1.0, False, None)]))


def test_bars_begin_at_zero_and_the_running_bar_is_hollow():
    drawing = chart(bars=True)
    assert drawing.option["yAxis"]["scale"] is False
    assert series(drawing)["진행 중"]["itemStyle"]["color"] == "transparent"


def test_colours_are_names_so_that_both_themes_share_the_option():
    assert not [leaf for leaf in leaves(chart().option) if isinstance(leaf, str) and leaf.startswith(("#", "rgb"))]


def test_the_tooltip_needs_no_inline_style():
    assert chart().option["tooltip"]["renderMode"] == "richText"


def test_the_option_is_plain_json():
    assert json.loads(json.dumps(chart().option)) == chart().option
