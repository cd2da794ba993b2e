"""The big chart as an ECharts option: colours by token name, so that light and dark share one definition."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

FONT = "Pretendard Variable, Pretendard, sans-serif"


@dataclass(frozen=True)
class Mark:
    """One point as the chart needs it."""

    label: str
    value: float | None
    running: bool
    target: float | None
    note: str = ""


@dataclass(frozen=True)
class Chart:
    """An option for the browser, and one sentence for those who hear it."""

    option: dict[str, Any]
    summary: str


def kpi_chart(
    marks: Sequence[Mark], *, name: str, target_name: str, running_name: str, bars: bool, summary: str
) -> Chart:
    """Actual values with the target's path dashed and the running period hollow. Bars (for sums) start at zero."""
    closed = [None if mark.running else mark.value for mark in marks]
    running: list[float | None] = [None] * len(marks)
    for at, mark in enumerate(marks):
        if mark.running:
            running[at] = mark.value
            # A dashed line leads from the last closed point to the hollow one.
            if not bars and at and marks[at - 1].value is not None:
                running[at - 1] = marks[at - 1].value
    accent, soft = {"color": "token:accent"}, {"color": "token:ink-soft"}
    if bars:
        base = {"type": "bar", "barMaxWidth": 26}
        outline = {"color": "transparent", "borderColor": "token:accent", "borderType": "dashed", "borderWidth": 1.5}
        hollow = {**base, "itemStyle": outline, "barGap": "-100%"}
    else:
        base = {"type": "line", "symbolSize": 6, "showSymbol": len(marks) < 60}
        dashed = {**accent, "type": "dashed"}
        hollow = {**base, "symbol": "emptyCircle", "showSymbol": True, "lineStyle": dashed, "itemStyle": accent}
    series: list[dict[str, Any]] = [
        {**base, "name": name, "data": closed, "itemStyle": accent, "lineStyle": {**accent, "width": 2.5}},
    ]
    if any(mark.running for mark in marks):
        series.append({**hollow, "name": running_name, "data": running})
    targets = [mark.target for mark in marks]
    known = sum(target is not None for target in targets)
    if known:
        # A line through one point is invisible: that point gets a mark of its own.
        symbol = {
            "symbol": "roundRect" if known == 1 else "none",
            "symbolSize": [22, 2.5],
            "emphasis": {"disabled": True},
        }
        path = {"lineStyle": {**soft, "type": "dashed", "width": 1.8}, "itemStyle": soft}
        series.append({"type": "line", "name": target_name, "data": targets, **symbol, **path})
    noted = [{"xAxis": mark.label, "name": mark.note} for mark in marks if mark.note]
    if noted:
        # What was revised: an upright line at the first period it holds for.
        series[0]["markLine"] = {
            "silent": True, "symbol": "none", "lineStyle": {"color": "token:calm", "type": "dotted", "width": 1.5},
            "label": {"formatter": "{b}", "color": "token:calm", "fontFamily": FONT, "position": "end", "rotate": 0},
            "data": noted,
        }  # fmt: skip
    labels = {**soft, "fontFamily": FONT}
    option = {
        "animation": False,
        "textStyle": {"fontFamily": FONT},
        "legend": {"top": 0, "left": 0, "icon": "roundRect", "itemWidth": 14, "itemHeight": 4, "textStyle": labels},
        "grid": {"left": 4, "right": 12, "top": 38, "bottom": 4, "containLabel": True},
        # HTML tooltips would need inline styles, which the page's policy forbids.
        "tooltip": {
            "trigger": "axis",
            "renderMode": "richText",
            "confine": True,
            "padding": [10, 14],
            "backgroundColor": "token:surface",
            "borderColor": "token:line-strong",
            "borderRadius": 8,
            "textStyle": {"color": "token:ink", "fontFamily": FONT, "fontSize": 13, "lineHeight": 21},
        },
        "xAxis": {
            "type": "category",
            "data": [mark.label for mark in marks],
            "axisTick": {"show": False},
            "axisLine": {"lineStyle": {"color": "token:line"}},
            "axisLabel": {**labels, "hideOverlap": True},
        },
        "yAxis": {
            "type": "value",
            "scale": not bars,
            "splitNumber": 4,
            "splitLine": {"lineStyle": {"color": "token:line"}},
            "axisLabel": labels,
        },
        "series": series,
    }
    return Chart(option, summary)
