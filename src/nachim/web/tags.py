"""What templates say: numbers, dates and sentences; words for kinds are in `words`, drawings in `drawn`."""

import json
from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nachim.app import policy
from nachim.app.language import spoken
from nachim.app.queries.metrics import in_words
from nachim.core.number import format_change, format_difference, format_value
from nachim.core.scoring import propose
from nachim.core.target_words import aim as aim_text
from nachim.web.forms.fields import AmountField
from nachim.web.words import cadence_word

register = template.Library()


@register.filter
def number(value, unit="count"):
    """The exact value with its unit."""
    return format_value(value, unit, spoken())


@register.filter
def compact(value, unit="count"):
    """Short, with the exact value on hover."""
    short, exact = format_value(value, unit, spoken(), compact=True), format_value(value, unit, spoken())
    return short if short == exact else format_html('<span title="{}">{}</span>', exact, short)


@register.filter
def difference(value, unit="count"):
    return format_difference(value, unit, spoken())


@register.filter
def share(value):
    return format_value(value, "percent", spoken(), decimals=0)


@register.filter
def label_of(period):
    """A point or period by its name in the reader's language."""
    return period.label(spoken()) if period is not None else ""


@register.filter
def day(value: date | None):
    if value is None:
        return "—"
    return f"{value:%Y-%m-%d}" if spoken() == "en" else f"{value:%Y.%m.%d}({'월화수목금토일'[value.weekday()]})"


@register.filter
def moment(value: datetime | None):
    if value is None:
        return "—"
    local = timezone.localtime(value)
    return f"{local:%Y-%m-%d %H:%M}" if spoken() == "en" else f"{local:%Y.%m.%d %H:%M}"


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
def sentence(said):
    """What a verdict or a note says, in the reader's language."""
    return said.sentence(spoken()) if hasattr(said, "sentence") else said.text(spoken())


# Methods that are one line of arithmetic: {a} actual, {t} target, {b} baseline.
WORKED = {
    "ratio": "{a} ÷ {t}", "ratio_inverse": "{t} ÷ {a}", "ratio_linear": "2 − {a} ÷ {t}",
    "progress": "({a} − {b}) ÷ ({t} − {b})",
}  # fmt: skip


@register.filter
def worked(row):
    """The formula with its numbers, where it is one line of arithmetic; else empty."""
    said = {
        name: format_value(value, row.unit, spoken())
        for name, value in (
            ("a", row.measured), ("t", getattr(row.target, "level", None)), ("b", getattr(row.target, "baseline", None))
        )
    }  # fmt: skip
    return WORKED[row.score.method].format(**said) if row.score.method in WORKED else ""


@register.filter
def method_reason(target):
    """Why nachim proposes this method for a target."""
    return propose(target).text(spoken())


@register.filter
def aim(target, unit="count"):
    """What a target aims at, whatever its kind."""
    return aim_text(target, unit, spoken())


@register.filter
def short_aim(target, unit="count"):
    short, exact = aim_text(target, unit, spoken(), compact=True), aim_text(target, unit, spoken())
    return short if short == exact else format_html('<span title="{}">{}</span>', exact, short)


@register.simple_tag
def delta(point, before, unit):
    """A neutral change with its direction as arrow and sign."""
    if point is None or before is None:
        return "—"
    text = format_change(point.value, before.value, unit, spoken())
    arrow = "▲" if text.startswith("+") else "▼" if text.startswith("-") else "–"
    return format_html('<span class="delta">{} {}</span>', arrow, text)


@register.filter
def about(value):
    """A large number as people say it: two leading digits."""
    return format_value(float(f"{value:.2g}"), "count", spoken()) if value else ""


@register.filter
def get(mapping, key):
    return mapping.get(key) if mapping else None


@register.filter
def said(texts):
    """A sentence kept in both languages, in the reader's."""
    return texts.get(spoken()) or texts.get("ko", "") if isinstance(texts, dict) else texts


@register.filter
def why(row):
    """The sentence of a scorecard row's status, in the reader's language."""
    return row.sentence(spoken())


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
def expected(effect):
    """By how much a play usually moves its metric, and how soon: +3~+10% in 4 weeks."""
    relative = effect.by == "relative"
    low, high = (f"{one * 100:+.0f}" if relative else f"{one:+g}" for one in (effect.low, effect.high))
    unit = "%" if relative else ""
    said = ngettext("%(span)s in %(n)s week", "%(span)s in %(n)s weeks", effect.weeks)
    return said % {"span": f"{low}~{high}{unit}", "n": effect.weeks}


@register.inclusion_tag("components/steps.html", takes_context=True)
def first_steps(context):
    """What is left of the way from nothing to a scorecard; gone once it is walked."""
    from nachim.web.steps import first_steps as steps

    return {"steps": steps(), "may": context.get("may")}


@register.filter
def typed(value, unit="count"):
    """A value as a person types it into a field of that unit."""
    return AmountField(unit=unit).prepare_value(float(value))


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
    if "manual" in spec:
        return in_words(spec)
    return (spec.get("agg") or spec.get("calc") or "—") + rest


@register.simple_tag(takes_context=True)
def may_write(context, metric):
    """Whether the reader may write values of this metric in."""
    return policy.can(context["request"].user, "value.write", metric)


@register.filter
def signed_share(value):
    text = format_value(value, "percent", spoken())
    return f"+{text}" if value > 0 else text


@register.filter
def plain_number(value, unit="count"):
    """A number as one types it: 15 % as 15%."""
    from nachim.web.forms.fields import AmountField

    return "" if value is None else AmountField(unit=unit).prepare_value(float(value))


@register.simple_tag
def revision_text(kind, version, unit, changed):
    """What a version said, in a line: all of a target, of others what changed."""
    if version is None:
        return "—"
    if kind == "target":
        return f"{aim_text(version.rule, unit, spoken())} ({version.spec['start']} → {version.spec['due']})"
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
        return gap.text(spoken())
    text = _("%(name)s should be %(stated)s; its parts make %(made)s, %(difference)s off. Let another part move.")
    return text % {
        "name": branch.metric.label, "stated": format_value(float(gap.stated), unit, spoken()),
        "made": format_value(float(gap.combined), unit, spoken()),
        "difference": format_difference(float(gap.difference), unit, spoken()),
    }  # fmt: skip


@register.filter
def metric_label(name):
    from nachim.app.models import Metric

    metric = Metric.objects.filter(name=name).first()
    return metric.label if metric else name


@register.filter
def two_places(value):
    return f"{value:+.2f}".replace("-", "−")
