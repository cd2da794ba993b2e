"""What templates say: numbers, dates, words for states, small drawings."""

import json
from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from nachim.core.number import DECIMALS, PREFIX, SUFFIX, format_change, format_difference, format_value
from nachim.core.scoring import formula as formula_of
from nachim.core.scoring import propose
from nachim.core.target_words import aim as aim_text
from nachim.render import spark
from nachim.render.chart import Chart
from nachim.render.reliability import curve
from nachim.web.forms.fields import AmountField
from nachim.web.forms.goals import FUNCTIONS
from nachim.web.odds_words import percent

BROWSERS = (("Edge", "Edg/"), ("Samsung Internet", "SamsungBrowser"), ("Whale", "Whale/"), ("Opera", "OPR/"),
            ("Firefox", "Firefox/"), ("Chrome", "Chrome/"), ("Safari", "Safari/"))  # fmt: skip
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("macOS", "Mac OS"),
           ("Linux", "Linux"))  # fmt: skip
register = template.Library()


def locale() -> str:
    return "en" if get_language() == "en" else "ko"


@register.filter
def number(value, unit="count"):
    """The exact value with its unit."""
    return format_value(value, unit, locale())


@register.filter
def compact(value, unit="count"):
    """Short, with the exact value on hover."""
    short, exact = format_value(value, unit, locale(), compact=True), format_value(value, unit, locale())
    return short if short == exact else format_html('<span title="{}">{}</span>', exact, short)


@register.filter
def difference(value, unit="count"):
    return format_difference(value, unit, locale())


@register.filter
def share(value):
    return format_value(value, "percent", locale(), decimals=0)


@register.filter
def label_of(period):
    """A point or period by its name in the reader's language."""
    return period.label(locale()) if period is not None else ""


@register.filter
def day(value: date | None):
    if value is None:
        return "—"
    return f"{value:%Y-%m-%d}" if locale() == "en" else f"{value:%Y.%m.%d}({'월화수목금토일'[value.weekday()]})"


@register.filter
def moment(value: datetime | None):
    if value is None:
        return "—"
    local = timezone.localtime(value)
    return f"{local:%Y-%m-%d %H:%M}" if locale() == "en" else f"{local:%Y.%m.%d %H:%M}"


@register.filter
def roster_word(verb: str) -> str:
    """What a step of a list of people does."""
    return {
        "invite": _("is invited"), "name": _("is renamed"), "role": _("gets another role"),
        "deactivate": _("is taken out"), "join": _("joins a team"), "change": _("other days in a team"),
    }[verb]  # fmt: skip


@register.filter
def browser(agent: str) -> str:
    """Which browser on what, from what it says of itself; the order matters, since each claims to be the others."""
    known = next((word for word, sign in BROWSERS if sign in agent), "")
    system = next((word for word, sign in SYSTEMS if sign in agent), "")
    return " · ".join(filter(None, [known, system])) or _("A browser")


@register.filter
def ago(value: datetime | None):
    """How long ago, in the largest unit that fits."""
    if value is None:
        return "—"
    seconds = max(0, int((timezone.now() - value).total_seconds()))
    if seconds < 60:
        return _("just now")
    if seconds < 3600:
        return ngettext("%(n)d minute ago", "%(n)d minutes ago", seconds // 60) % {"n": seconds // 60}
    if seconds < 86400:
        return ngettext("%(n)d hour ago", "%(n)d hours ago", seconds // 3600) % {"n": seconds // 3600}
    return ngettext("%(n)d day ago", "%(n)d days ago", seconds // 86400) % {"n": seconds // 86400}


@register.filter
def status_word(status):
    return {
        "met": _("Target met"), "on_pace": _("On pace"), "behind": _("Behind"), "unhealthy": _("Unhealthy growth"),
        "at_risk": _("At risk"), "withheld": _("Judgement withheld"), "no_entry": _("Not entered"),
        "late": _("Data overdue"), "fault": _("Data error"),
        "no_data": _("No data"), "no_target": _("No target"), "not_started": _("Not started"),
    }[str(status)]  # fmt: skip


@register.filter
def sentence(said):
    """What a verdict or a note says, in the reader's language."""
    return said.sentence(locale()) if hasattr(said, "sentence") else said.text(locale())


@register.filter
def fresh_word(freshness):
    if freshness.state == "none":
        return _("No rows yet")
    if freshness.days == 0:
        return _("Data up to today")
    return ngettext("Data is %(n)d day old", "Data is %(n)d days old", freshness.days) % {"n": freshness.days}


@register.filter
def state_word(state):
    """Why a cell has no closed number."""
    return {
        "ok": "", "no_data": _("no data"), "undefined": _("cannot be divided by zero"),
        "partial_period": _("in progress"),
        "immature": _("window still open"), "late_open": _("late rows may come"),
    }[str(state)]  # fmt: skip


@register.filter
def method_word(score):
    """The formula in words; where the target named no method, why this one."""
    words = formula_of(score.method, locale())
    return " · ".join([words, _("proposed by nachim")]) if score.proposed else words


@register.filter
def formula_word(score):
    return formula_of(score.method, locale())


# Methods that are one line of arithmetic: {a} actual, {t} target, {b} baseline.
WORKED = {
    "ratio": "{a} ÷ {t}", "ratio_inverse": "{t} ÷ {a}", "ratio_linear": "2 − {a} ÷ {t}",
    "progress": "({a} − {b}) ÷ ({t} − {b})",
}  # fmt: skip


@register.filter
def worked(row):
    """The formula with its numbers, where it is one line of arithmetic; else empty."""
    said = {
        name: format_value(value, row.unit, locale())
        for name, value in (
            ("a", row.measured), ("t", getattr(row.target, "level", None)), ("b", getattr(row.target, "baseline", None))
        )
    }  # fmt: skip
    return WORKED[row.score.method].format(**said) if row.score.method in WORKED else ""


@register.filter
def method_reason(target):
    """Why nachim proposes this method for a target."""
    return propose(target).text(locale())


@register.filter
def aim(target, unit="count"):
    """What a target aims at, whatever its kind."""
    return aim_text(target, unit, locale())


@register.filter
def short_aim(target, unit="count"):
    short, exact = aim_text(target, unit, locale(), compact=True), aim_text(target, unit, locale())
    return short if short == exact else format_html('<span title="{}">{}</span>', exact, short)


@register.simple_tag
def delta(point, before, unit):
    """A neutral change with its direction as arrow and sign."""
    if point is None or before is None:
        return "—"
    text = format_change(point.value, before.value, unit, locale())
    arrow = "▲" if text.startswith("+") else "▼" if text.startswith("-") else "–"
    return format_html('<span class="delta">{} {}</span>', arrow, text)


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


@register.filter
def about(value):
    """A large number as people say it: two leading digits."""
    return format_value(float(f"{value:.2g}"), "count", locale()) if value else ""


@register.inclusion_tag("components/chart.html")
def chart(drawing: Chart, unit: str):
    """An ECharts canvas with its option as data; the table below it says the same."""
    return {
        "summary": drawing.summary,
        "option": mark_safe(json.dumps(drawing.option, ensure_ascii=False).replace("<", "\\u003c")),  # noqa: S308
        "prefix": PREFIX.get(unit, ""),
        "suffix": "%" if unit == "percent" else SUFFIX[locale()].get(unit, ""),
        "scale": 100 if unit == "percent" else 1,
        "decimals": DECIMALS.get(unit, 2),
    }


@register.filter
def dim_word(dim):
    """A dimension's name for people: of a joined one (`sessions.source`) only its own."""
    return str(dim).rpartition(".")[2]


@register.filter
def get(mapping, key):
    return mapping.get(key) if mapping else None


@register.filter
def said(texts):
    """A sentence kept in both languages, in the reader's."""
    return texts.get(locale()) or texts.get("ko", "") if isinstance(texts, dict) else texts


@register.filter
def why(row):
    """The sentence of a scorecard row's status, in the reader's language."""
    return row.sentence(locale())


@register.filter
def pretty(value):
    return json.dumps(value, ensure_ascii=False, indent=1)


@register.filter
def visible(text):
    """A delimiter people can see."""
    return {"\t": _("tab"), " ": _("space")}.get(text, text)


@register.filter
def unlocalized(value):
    """A number for an attribute, whatever the language."""
    return f"{float(value or 0):.4f}"


@register.filter
def type_word(kind):
    from nachim.web.forms.data import TYPES

    return TYPES.get(kind, kind)


@register.filter
def function_word(name):
    """Which function of the company does it."""
    return dict(FUNCTIONS).get(name, name)


@register.filter
def expected(effect):
    """By how much a play usually moves its metric, and how soon: +3~+10% in 4 weeks."""
    relative = effect.by == "relative"
    low, high = (f"{one * 100:+.0f}" if relative else f"{one:+g}" for one in (effect.low, effect.high))
    unit = "%" if relative else ""
    said = ngettext("%(span)s in %(n)s week", "%(span)s in %(n)s weeks", effect.weeks)
    return said % {"span": f"{low}~{high}{unit}", "n": effect.weeks}


@register.filter
def role_word(role):
    from nachim.web.forms.data import ROLES

    return ROLES.get(role, "—") if role not in ("none", "text") else "—"


@register.inclusion_tag("components/steps.html", takes_context=True)
def first_steps(context):
    """What is left of the way from nothing to a scorecard; gone once it is walked."""
    from nachim.web.steps import first_steps as steps

    return {"steps": steps(), "may": context.get("may")}


@register.filter
def odds_word(call):
    """The odds of a row in three words; the reason why there are none is on the KPI's page."""
    if call.withheld or call.p is None:
        return _("Odds unknown")
    return _("Odds %(odds)s") % {"odds": percent(call.p)}


@register.filter
def typed(value, unit="count"):
    """A value as a person types it into a field of that unit."""
    return AmountField(unit=unit).prepare_value(float(value))


@register.filter
def grain_word(grain):
    return {"day": _("Daily"), "week": _("Weekly"), "month": _("Monthly"), "quarter": _("Quarterly")}[str(grain)]


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
def unit_word(unit):
    from nachim.web.forms.fields import UNITS

    return dict(UNITS).get(unit, unit)


@register.inclusion_tag("components/next.html")
def next_step():
    """One button to the step that is due; nothing when the way is walked."""
    from nachim.web.steps import first_steps as steps

    return {"step": next((step for step in steps() if step["now"]), None)}


@register.filter
def formula(spec):
    """A definition in one line."""
    if "at" in spec:
        frame = (f"{key} {spec[key]}" for key in ("shift", "window", "to_date", "eval", "over") if spec.get(key))
        dropped = [f"all {', '.join(spec['all'])}"] if spec.get("all") else []
        return " · ".join([spec["at"], *frame, *dropped])
    rest = "".join(f" · {key} {spec[key]}" for key in ("per", "over_time") if spec.get(key))
    return (spec.get("agg") or spec.get("calc") or _("written in by hand")) + rest


@register.filter
def safe_drawing(svg):
    """A drawing of `render`, which escapes every text in it."""
    return mark_safe(svg)  # noqa: S308


@register.filter
def signed_share(value):
    text = format_value(value, "percent", locale())
    return f"+{text}" if value > 0 else text


@register.filter
def plain_number(value, unit="count"):
    """A number as one types it: 15 % as 15%."""
    from nachim.web.forms.fields import AmountField

    return "" if value is None else AmountField(unit=unit).prepare_value(float(value))


@register.filter
def use_word(kind):
    return {
        "goal": _("Goals"), "kpi": _("KPIs"), "guardrail": _("Guardrail of"), "key_result": _("Key results"),
        "sheet": _("Agreed sheets"), "metric": _("Metrics calculated from it"), "driver": _("Driver tree"),
        "report": _("Reports"), "review": _("Reviews"), "reward": _("Rewards"),
    }.get(str(kind), kind)  # fmt: skip


@register.filter
def revision_word(kind):
    return {"target": _("Target"), "metric": _("Definition"), "kpi": _("KPI")}[str(kind)]


@register.filter
def cadence_word(cadence):
    from nachim.app.models import Kpi

    return Kpi.Cadence(cadence).label


@register.simple_tag
def revision_text(kind, version, unit, changed):
    """What a version said, in a line: all of a target, of others what changed."""
    if version is None:
        return "—"
    if kind == "target":
        return f"{aim_text(version.rule, unit, locale())} ({version.spec['start']} → {version.spec['due']})"
    if kind == "metric":
        where = f" · {version.spec['where']}" if version.spec.get("where") else ""
        return formula(version.spec) + where
    names = changed or ("cadence", "slice")
    return " · ".join(f"{_word(name)}: {_plain(version.spec.get(name))}" for name in names)


def _word(name):
    return {
        "goal": _("Goal"), "slice": _("Only rows with"), "cadence": _("Judged"), "weight": _("Weight"),
        "guardrails": _("Guardrails"),
    }.get(name, name)  # fmt: skip


def _plain(value):
    if isinstance(value, list):
        return (
            ", ".join(
                f"{metric_label(one['metric'])} {'≤' if one['bound'] == 'max' else '≥'} {one['level']}" for one in value
            )
            or "—"
        )
    if isinstance(value, dict):
        return ", ".join(f"{name}: {one}" for name, one in value.items()) or "—"
    return cadence_word(value) if isinstance(value, str) and value in ("day", "week", "month", "quarter") else value


@register.simple_tag
def gap_text(branch):
    """Where the parts do not make their whole."""
    unit, gap = branch.metric.unit, branch.gap
    if gap.combined is None:
        return gap.text(locale())
    text = _("%(name)s should be %(stated)s; its parts make %(made)s, %(difference)s off. Let another part move.")
    return text % {
        "name": branch.metric.label, "stated": format_value(float(gap.stated), unit, locale()),
        "made": format_value(float(gap.combined), unit, locale()),
        "difference": format_difference(float(gap.difference), unit, locale()),
    }  # fmt: skip


@register.filter
def metric_label(name):
    from nachim.app.models import Metric

    metric = Metric.objects.filter(name=name).first()
    return metric.label if metric else name


@register.filter
def letter_word(letter):
    return {
        "specific": _("Specific"), "measurable": _("Measurable"), "achievable": _("Achievable"),
        "relevant": _("Relevant"), "time_bound": _("Time-bound"), "trackable": _("Trackable"),
        "impact": _("Bears on the result"),
    }[str(letter)]  # fmt: skip


@register.filter
def role_of_kpi(role):
    return {
        "goal": _("The goal itself"), "leading": _("Moves early"), "lagging": _("Tells the result"),
        "guardrail": _("Guardrail"),
    }[str(role)]  # fmt: skip


@register.filter
def two_places(value):
    return f"{value:+.2f}".replace("-", "−")
