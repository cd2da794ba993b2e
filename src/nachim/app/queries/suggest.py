"""From a goal's sentence to a few KPIs: what it names, what leads it, what tells the result, what guards it."""

from dataclasses import dataclass, replace
from datetime import date

from django.utils import timezone

from nachim.app import language
from nachim.app.language import spoken
from nachim.app.models import DriverEdge, Metric
from nachim.app.queries.catalogue import adoptable, by_key, fitted
from nachim.app.queries.datacheck import DataCheck, data_check
from nachim.app.queries.drivers import options_of
from nachim.catalog.entries import Entry, catalogue
from nachim.catalog.fit import Fit
from nachim.catalog.templates import templates
from nachim.catalog.vocabulary import vocabulary
from nachim.core.number import rounded
from nachim.core.period import Grain
from nachim.core.sentence import Reading, Stated, read
from nachim.core.smart import Checked, check
from nachim.core.smart_change import History

MOST, CHANGE, SLACK = 4, 0.1, 0.05


@dataclass(frozen=True)
class Suggestion:
    """A KPI to follow, or with `role` guardrail what must not break. `metric` is None where the company has none yet.

    `level` and `baseline` are in the metric's unit; `bound` is a guardrail's. `adopt`: the company's tables carry it,
    and adding its metric is all it takes; else `lacking` says what is missing.
    """

    key: str
    label: str
    role: str
    why: str
    metric: Metric | None
    entry: Entry | None
    cadence: Grain
    data: DataCheck | None
    direction: str
    baseline: float | None
    level: float | None
    bound: str = ""
    adopt: bool = False
    lacking: str = ""

    @property
    def usable(self) -> bool:
        return self.data is not None and self.data.usable


@dataclass(frozen=True)
class Read:
    """A sentence as read and judged: the reading, and a check for each KPI it states."""

    reading: Reading
    checks: list[Checked]

    @property
    def stated(self) -> Stated:
        return self.reading.first


def read_goal(sentence: str, locale: str, today: date | None = None) -> Read:
    """The sentence judged with what the company's own data know of its metrics."""
    calendar = language.calendar()
    words = vocabulary()
    reading = read(sentence, today or calendar.today(timezone.now()), words, calendar)
    known = by_key()
    checks = []
    for one in reading.kpis:
        metric = known.get(one.metric or "")
        history = _history(metric, one, reading.today) if metric else None
        tracked = True if history or metric else None
        judged = check(reading, one, words, locale=locale, history=history, tracked=tracked)
        # The rewritten sentence speaks the language it was written in.
        checks.append(replace(judged, rewrite=check(reading, one, words, history=history, tracked=tracked).rewrite))
    return Read(reading, checks)


def suggest(goal: Read) -> list[Suggestion]:
    """Two to four KPIs and a guardrail; those whose data are there come first in their role."""
    stated, known, words = goal.stated, by_key(), vocabulary()
    key = stated.metric
    if key in words.metrics and words.metrics[key].instead:
        # A number that proves nothing stands aside for the one that does.
        key = next((one for one in words.metrics[key].instead if one in known), words.metrics[key].instead[0])
        stated = replace(stated, value=None, kind="none", direction=None)
    elif key is None and stated.found is not None and stated.found.alias is not None:
        instead = stated.found.alias.instead
        key = next((one for one in instead if one in known), instead[0] if instead else None)
        stated = replace(stated, value=None, kind="none", direction=None)
    entries = catalogue().entries
    entry = entries.get(key or "")
    head = _suggestion(key or "", "goal", known, entry, stated) if key else None
    around = _around(key or "", known)
    leading = [one for one in around if entries[one].timing == "leading"]
    lagging = [one for one in around if entries[one].timing == "lagging"]
    chosen = [head] if head else []
    wanted: list[tuple[str, list[str]]] = [("leading", leading), ("lagging", lagging)]
    if entry is not None:
        wanted = [one for one in wanted if one[0] != entry.timing] + [one for one in wanted if one[0] == entry.timing]
    for role, keys in wanted:
        chosen += _best(keys, role, known, {one.key for one in chosen})
    if len(chosen) < 2:
        chosen += _best(around, "lagging", known, {one.key for one in chosen})
    chosen = chosen[:MOST] + _guard(entry, known, {one.key for one in chosen[:MOST]})
    if all(one.metric for one in chosen):
        return chosen
    found = fitted()
    return [one if one.metric else _offered(one, found) for one in chosen]


def _offered(one: Suggestion, found: Fit | None) -> Suggestion:
    lacking = found.missing.get(one.key) if found else None
    return replace(one, adopt=bool(adoptable(found, one.key)), lacking=lacking.of(spoken()) if lacking else "")


def _around(key: str, known: dict[str, Metric]) -> list[str]:
    """What goes with a metric: its drivers here, then the templates whose KPIs this company has most of, then kin."""
    entries = catalogue().entries
    found: list[str] = []
    metric = known.get(key)
    back = {one.pk: name for name, one in known.items()}
    if metric is not None:
        edges = DriverEdge.objects.filter(whole=metric).values_list("part_id", flat=True)
        parts = [*edges, *(part.pk for option in options_of(metric) for part in option.parts)]
        found += [back[pk] for pk in parts if pk in back]
    some = [one for one in templates().values() if one.kind != "stage"]
    for template in sorted(some, key=lambda one: -len(set(one.metrics) & set(known))):
        for goal in template.goals:
            names = [kpi.metric for kpi in goal.kpis]
            if key in names:
                found += names
    if key in entries:
        kin = [one for one in entries.values() if set(one.outcomes) & set(entries[key].outcomes) and not one.vanity]
        found += [one.name for one in kin if one.name in known]
    return [one for one in dict.fromkeys(found) if one != key and one in entries and not entries[one].vanity]


def _best(keys: list[str], role: str, known: dict[str, Metric], taken: set[str]) -> list[Suggestion]:
    """The first with usable data; else the first at all, which says what it lacks."""
    entries = catalogue().entries
    open_ = [one for one in keys if one not in taken]
    for one in [one for one in open_ if one in known][:3]:
        made = _suggestion(one, role, known, entries[one], None)
        if made.usable:
            return [made]
    return [_suggestion(one, role, known, entries[one], None) for one in open_[:1]]


def _guard(entry: Entry | None, known: dict[str, Metric], taken: set[str]) -> list[Suggestion]:
    """The first companion the company can measure."""
    entries = catalogue().entries
    for companion in entry.companions if entry else ():
        if companion.metric in known and companion.metric not in taken:
            made = _suggestion(companion.metric, "guardrail", known, entries.get(companion.metric), None)
            if made.usable and made.baseline is not None:
                sign = 1 if companion.bound == "max" else -1
                level = _round(made.baseline * (1 + sign * SLACK), made.metric.unit if made.metric else "count")
                return [replace(made, bound=companion.bound, level=level)]
    return []


def _suggestion(
    key: str, role: str, known: dict[str, Metric], entry: Entry | None, stated: Stated | None
) -> Suggestion:
    metric = known.get(key)
    cadence = _cadence(key, stated)
    data = data_check(metric, cadence) if metric else None
    baseline = data.standing.last.value if data and data.standing else None
    better = metric.better if metric else entry.better if entry else "up"
    direction = (stated.direction if stated else None) or better
    unit = metric.unit if metric else entry.unit if entry else "count"
    level = _level(stated, baseline, direction, unit)
    label = metric.label if metric else entry.label.of(spoken()) if entry else key
    why = entry.about.of(spoken()) if entry else ""
    return Suggestion(
        key, label, role, why, metric, entry, cadence, data, direction,
        None if baseline is None else _round(baseline, unit), level,
    )  # fmt: skip


def _cadence(key: str, stated: Stated | None) -> Grain:
    if stated is not None and stated.grain in (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER):
        return stated.grain
    for template in templates().values():
        for goal in template.goals:
            for kpi in goal.kpis:
                if kpi.metric == key:
                    return Grain(kpi.cadence)
    return Grain.MONTH


def _level(stated: Stated | None, baseline: float | None, direction: str, unit: str) -> float | None:
    """What the sentence asks for, from where the metric stands; a tenth where it asks for nothing."""
    value = stated.value if stated else None
    kind = stated.kind if stated and value is not None else "none"
    sign = 1 if direction == "up" else -1
    if kind == "level":
        return value
    if baseline is None:
        return None
    made = {
        "relative": baseline * (1 + sign * (value or 0)), "absolute": baseline + sign * (value or 0),
        "multiple": baseline * (value or 1), "none": baseline * (1 + sign * CHANGE),
    }[kind]  # fmt: skip
    return _round(made, unit)


def _history(metric: Metric, stated: Stated, today: date) -> History | None:
    """The metric's own changes over as many months as the sentence gives, where there is a year to look at."""
    if stated.due is None:
        return None
    months = max(1, round((stated.due - today).days / 30.4))
    known = data_check(metric, Grain.MONTH).standing
    values = [point.value for point in known.points] if known else []
    if len(values) < months + 3:
        return None
    moved = sorted(
        later / earlier - 1 for earlier, later in zip(values, values[months:], strict=False) if earlier and earlier > 0
    )
    return History(best=moved[-1], median=moved[len(moved) // 2], worst=moved[0]) if len(moved) >= 3 else None


def _round(value: float, unit: str) -> float:
    whole = unit in ("KRW", "count", "people") and abs(value) >= 100
    return float(rounded(value, 0 if whole else 4 if unit == "percent" else 2))
