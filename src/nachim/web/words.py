"""Filters for templates: what people call a status, a role, a unit, a kind."""

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from nachim.app.language import spoken
from nachim.core.korean import aside
from nachim.core.period import Grain
from nachim.core.scoring import formula as formula_of
from nachim.web.forms.goals import FUNCTIONS
from nachim.web.odds_words import percent

BROWSERS = (("Edge", "Edg/"), ("Samsung Internet", "SamsungBrowser"), ("Whale", "Whale/"), ("Opera", "OPR/"),
            ("Firefox", "Firefox/"), ("Chrome", "Chrome/"), ("Safari", "Safari/"))  # fmt: skip
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("macOS", "Mac OS"),
           ("Linux", "Linux"))  # fmt: skip

# Columns that many companies name alike.
DIMENSIONS = {
    "age_group": pgettext_lazy("dimension", "age group"), "area": pgettext_lazy("dimension", "area"),
    "branch": pgettext_lazy("dimension", "branch"), "browser": pgettext_lazy("dimension", "browser"),
    "campaign": pgettext_lazy("dimension", "campaign"), "carrier": pgettext_lazy("dimension", "carrier"),
    "category": pgettext_lazy("dimension", "category"), "channel": pgettext_lazy("dimension", "channel"),
    "city": pgettext_lazy("dimension", "city"), "country": pgettext_lazy("dimension", "country"),
    "coupon": pgettext_lazy("dimension", "coupon"), "device": pgettext_lazy("dimension", "device"),
    "gender": pgettext_lazy("dimension", "gender"), "plan": pgettext_lazy("dimension", "plan"),
    "product": pgettext_lazy("dimension", "product"), "product_id": pgettext_lazy("dimension", "product"),
    "reason": pgettext_lazy("dimension", "reason"), "region": pgettext_lazy("dimension", "region"),
    "source": pgettext_lazy("dimension", "source"), "status": pgettext_lazy("dimension", "status"),
    "store": pgettext_lazy("dimension", "store"), "team": pgettext_lazy("dimension", "team"),
    "topic": pgettext_lazy("dimension", "topic"), "type": pgettext_lazy("dimension", "type"),
}  # fmt: skip

register = template.Library()


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
def period_words(period) -> str:
    """A period in a sentence: 2026년 3월, March 2026; by its label where that says it already."""
    korean, grain, first = spoken() == "ko", period.grain, period.start
    if grain is Grain.MONTH:
        return f"{first.year}년 {first.month}월" if korean else f"{date_format(first, 'F')} {first.year}"
    if grain is Grain.QUARTER and period.fiscal_year_start == 1:
        number = (first.month + 2) // 3
        return f"{first.year}년 {number}분기" if korean else f"Q{number} {first.year}"
    return period.label(spoken())


@register.filter
def status_word(status):
    return {
        "met": _("Target met"), "on_pace": _("On pace"), "behind": _("Behind"), "unhealthy": _("Unhealthy growth"),
        "at_risk": _("At risk"), "withheld": _("Judgement withheld"), "no_entry": _("Not entered"),
        "late": _("Data overdue"), "fault": _("Data error"),
        "no_data": _("No data"), "no_target": _("No target"), "not_started": _("Not started"),
    }[str(status)]  # fmt: skip


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
    words = formula_of(score.method, spoken())
    return " · ".join([words, _("proposed by nachim")]) if score.proposed else words


@register.filter
def formula_word(score):
    return formula_of(score.method, spoken())


@register.filter
def dim_word(dim, beside=()):
    """A dimension's name for people: in their language where the column's is a usual one, else as the company wrote it.

    Of a joined one (`sessions.source`) only its own, unless another of those `beside` it would read the same.
    """
    word, joined = _own_word(dim), str(dim).rpartition(".")[0]
    alike = any(_own_word(other) == word for other in beside if other != dim)
    return aside(word, joined if alike else "", spoken() == "en")


def _own_word(dim) -> str:
    own = str(dim).rpartition(".")[2]
    return str(DIMENSIONS.get(own.casefold()) or own.replace("_", " ").strip())


@register.filter
def type_word(kind):
    from nachim.web.forms.data import TYPES

    return TYPES.get(kind, kind)


@register.filter
def function_word(name):
    """Which function of the company does it."""
    return dict(FUNCTIONS).get(name, name)


@register.filter
def role_word(role):
    from nachim.web.forms.data import ROLES

    return ROLES.get(role, "—") if role not in ("none", "text") else "—"


@register.filter
def odds_word(call):
    """The odds of a row in three words; the reason why there are none is on the KPI's page."""
    if call.withheld or call.p is None:
        return _("Odds unknown")
    return _("Odds %(odds)s") % {"odds": percent(call.p)}


@register.filter
def grain_word(grain):
    return {"day": _("Daily"), "week": _("Weekly"), "month": _("Monthly"), "quarter": _("Quarterly")}[str(grain)]


@register.filter
def unit_word(unit):
    from nachim.web.forms.fields import UNITS

    return dict(UNITS).get(unit, unit)


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
