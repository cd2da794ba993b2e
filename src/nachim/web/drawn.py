"""Tags for templates: small drawings as SVG, and charts."""

import json

from django import template
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from nachim.app.language import spoken
from nachim.core.number import DECIMALS, PREFIX, SUFFIX
from nachim.render import spark
from nachim.render.chart import Chart
from nachim.render.reliability import curve
from nachim.web.tags import share

register = template.Library()


@register.simple_tag
def sparkline(row):
    """The last periods of a scorecard row."""
    values = [point.value for point in row.spark]
    label = _("Last %(n)d periods") % {"n": sum(value is not None for value in values)}
    drawn = spark.sparkline(values, row.spark_targets, running=bool(row.running), label=label)
    return mark_safe(drawn)  # noqa: S308  (numbers and an escaped label only)


@register.simple_tag
def bullet(row):
    """How much of the target is achieved, against what is expected by now."""
    if row.score is None or row.target is None or row.expected is None:
        return ""
    expected = 1.0
    if row.score.method == "progress":
        expected = (row.expected - row.target.baseline) / (row.target.level - row.target.baseline)
    if row.score.method == "milestone":
        expected = row.expected
    text = _("%(share)s of the target") % {"share": share(row.score.value)}
    return mark_safe(spark.bullet(row.score.value, expected, good=row.good_side, label=text))  # noqa: S308


@register.simple_tag
def bar(value, longest):
    return mark_safe(spark.bar(abs(value or 0) / longest if longest else 0))  # noqa: S308


@register.simple_tag
def step(bar, better):
    """A bar of a waterfall; `better`: whether up or down is."""
    return mark_safe(spark.step(bar.begin, bar.end, good=(bar.amount > 0) == (better == "up")))  # noqa: S308


@register.inclusion_tag("components/chart.html")
def chart(drawing: Chart, unit: str):
    """An ECharts canvas with its option as data; the table below it says the same."""
    return {
        "summary": drawing.summary,
        "option": mark_safe(json.dumps(drawing.option, ensure_ascii=False).replace("<", "\\u003c")),  # noqa: S308
        "prefix": PREFIX.get(unit, ""),
        "suffix": "%" if unit == "percent" else SUFFIX[spoken()].get(unit, ""),
        "scale": 100 if unit == "percent" else 1,
        "decimals": DECIMALS.get(unit, 2),
    }


@register.simple_tag
def beside(editor):
    """Last year's values under the path of the target that is being written."""
    label = _("Last year's values and the path of this target")
    drawn = spark.sparkline(editor.last_year, editor.path, running=False, label=label)
    return mark_safe(drawn)  # noqa: S308  (numbers and an escaped label only)


@register.simple_tag
def reliability(record):
    """What was said against how often it came."""
    bins = [(one.said, one.came, one.came_low, one.came_high) for one in record.bins]
    label = _("What was said against what came, %(n)d calls") % {"n": record.count}
    return mark_safe(curve(bins, label=label))  # noqa: S308  (numbers and an escaped label only)


@register.filter
def safe_drawing(svg):
    """A drawing of `render`, which escapes every text in it."""
    return mark_safe(svg)  # noqa: S308
