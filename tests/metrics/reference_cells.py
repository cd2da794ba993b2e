"""What a cell means, in plain Python: a metric over the rows of the stretch (or stretches) its frames map the cell to.

Written from the documents and not from the engine: it reads the definitions as text, knows nothing of plans or SQL, and
asks for one cell at a time. Rows are dicts; a slice is a dict of dimension and value; wall times are business time.
"""

import ast
from collections import defaultdict, namedtuple
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import median
from zoneinfo import ZoneInfo

from nachim.core.period import Calendar, Grain
from tests.metrics.reference import closes, months_later

Value = namedtuple("Value", "value state n top bottom", defaults=(None, None))
WORST = ("no_data", "undefined", "immature", "late_open", "partial_period", "ok")
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
HOURS, MONTHS = {"hour": 1, "day": 24, "week": 168}, {"month": 1, "quarter": 3, "year": 12}


def worst(*states):
    return min(states, key=WORST.index)


def length(text):
    """`-7 days` as (months, hours)."""
    count, unit = text.split()[:2]
    unit = unit.removesuffix("s")
    return (int(count) * MONTHS[unit], 0) if unit in MONTHS else (0, int(count) * HOURS[unit])


def moved(moment, text, times=1):
    months, hours = length(text)
    return months_later(moment, months * times) if months else moment + timedelta(hours=hours * times)


class Company:
    """Rows, definitions as plain data, and now."""

    def __init__(self, tables, definitions, calendar: Calendar, as_of, where=None):
        self.tables, self.calendar, self.as_of = tables, calendar, as_of
        self.sources, self.rows, self.metrics = (definitions.get(key, {}) for key in ("sources", "rows", "metrics"))
        self.where, self._made = where or {}, {}

    def wall(self, moment):
        local = moment.astimezone(ZoneInfo(self.calendar.tz)).replace(tzinfo=None)
        return local - timedelta(hours=self.calendar.day_start.hour)

    # What is known

    def events(self, one):
        name, where = (one, "True") if isinstance(one, str) else (one["from"], one.get("where", "True"))
        found = self.tables[name.removeprefix("first(").removesuffix(")")]
        return [row for row in found if holds(where, row)]

    def through(self, source):
        """The end of the day that holds the last row, but not beyond now."""
        times = [row["at"] for row in self.tables[source]]
        return times and min(self.calendar.instant(floor(self.wall(max(times))) + DAY), self.as_of)

    def state(self, source, span):
        made = self.rows.get(source)
        events = next(iter(made.values())) if made else {}
        legs = [one if isinstance(one, str) else one["from"] for one in legs_of(events)] if made else [source]
        legs = [one.removeprefix("first(").removesuffix(")") for one in legs]
        begin, end = (self.calendar.instant(one) for one in span)
        through = self.through(legs[0])
        if not through or end <= min(row["at"] for row in self.tables[legs[0]]) or begin >= through:
            return "no_data"
        if "within" in events:
            followed = min(self.through(leg) or datetime(1, 1, 1, tzinfo=UTC) for leg in legs[1:])
            if window_closes(end, events["within"], self.calendar) > followed:
                return "immature"
        return "partial_period" if end > through else "ok"

    # Rows

    def made(self, source):
        """The rows of a source, or those made of events, each with the wall time it is placed by."""
        if source not in self._made:
            if source not in self.rows:
                self._made[source] = [row | {"wall": self.wall(row["at"])} for row in self.tables[source]]
            else:
                ((kind, made),) = self.rows[source].items()
                self._made[source] = self.sequence(made) if kind == "sequence" else self.cohort(made)
        return self._made[source]

    def sequence(self, made):
        first, *steps = [self.events(one) for one in legs_of(made)]
        found = []
        for row in first:
            last, reached = row["at"], 1
            limit = window_closes(row["at"], made["within"], self.calendar)
            for step in steps:
                coming = [one["at"] for one in step if one["who"] == row["who"] is not None]
                coming = [one for one in coming if (one > last if made.get("pick") == "next" else one >= last)]
                if not coming or min(coming) >= limit:
                    break
                last, reached = min(coming), reached + 1
            done = reached == len(steps) + 1
            hours = Fraction((last - row["at"]) // TICK, 3_600_000_000) if done else None
            found.append(row | {"wall": self.wall(row["at"]), "converted": done, "lag": hours, "reached": reached})
        return found

    def cohort(self, made):
        born, acts = [self.events(one) for one in legs_of(made)]
        grain, births = Grain(made["period"]), {}
        for row in sorted(born, key=lambda row: (row["at"], row["id"])):
            if row["who"] is not None:
                births.setdefault(row["who"], row)
        known = min(self.through(one) for one in sources_of(made)) if all(map(self.through, sources_of(made))) else None
        found = []
        for who, row in births.items():
            period = self.calendar.period(grain, self.wall(row["at"]))
            for k in range(40):
                did = [one for one in acts if one["who"] == who and period.start <= self.wall(one["at"]) < period.end]
                over = known is not None and self.calendar.instant(period.end) <= known
                begun = known is not None and self.calendar.instant(period.start) < known
                found.append(row | {
                    "wall": self.wall(row["at"]), "k": k, "active": bool(did), "matured": over, "begun": begun,
                    "value": sum(one["amount"] or 0 for one in did),
                })  # fmt: skip
                period = period.next()
        return found

    def within(self, metric, source, span, slices, only=True):
        where = metric.get("where", "True")
        found = [row for row in self.made(source) if span[0] <= row["wall"] < span[1] and holds(where, row)]
        if "begun" in (found[0] if found else {}) and "k <" not in where:
            found = [row for row in found if row["begun"]]
        wanted = [*self.where.items(), *(slices.items() if only else ())]
        return [row for row in found if all(row[name] == one for name, one in wanted)]

    # Values

    def value(self, metric, span, slices):
        """A metric (its definition) at one stretch and slice."""
        if "agg" in metric:
            return self.aggregate(metric, span, slices)
        return self.framed(metric, span, slices) if "at" in metric else self.calculate(metric, span, slices)

    def aggregate(self, metric, span, slices):
        call = ast.parse(metric["agg"], mode="eval").body
        function, argument = call.func.id, call.args[0]
        source = argument.args[0] if isinstance(argument, ast.Call) else argument
        source = source.value.id if isinstance(source, ast.Attribute) else source.id
        rows, state = self.within(metric, source, span, slices), self.state(source, span)
        n, additive = len(rows), function in ("sum", "count", "count_distinct")
        opened = any(row.get("matured") is False for row in rows) and "k" in (rows[0] if rows else {})
        if "per" in metric:
            whose = defaultdict(list)
            for row in rows:
                if row["who"] is not None:
                    whose[row["who"]].append(row)
            inner = argument.func.id
            values = [compute(inner, given(argument.args[0], own), len(own)) for own in whose.values()]
            n, additive = len(values), False
        elif metric.get("over_time") == "sum":
            values, additive = given(argument, rows), False
        elif "over_time" in metric:
            return self.stock(metric, source, function, given(argument, rows), rows, span, state)
        else:
            values = given(argument, rows)
        if state == "no_data":
            return Value(None, "no_data", n)
        counted = n if isinstance(argument, ast.Name) else len([one for one in values if one is not None])
        found = compute(function, values, counted) if n else None
        if found is None:
            return Value(Fraction(0), state, n) if additive else Value(None, "no_data", n)
        state = worst(state, "immature") if opened else state
        if function != "avg":
            return Value(found, state, n)
        known = [one for one in values if one is not None]
        return Value(found, state, n, sum(known), Fraction(len(known)))

    def stock(self, metric, source, function, values, rows, span, state):
        days = sorted({floor(row["wall"]) for row in self.within(metric, source, span, {}, only=False)})
        by_day = defaultdict(list)
        for row, one in zip(rows, values, strict=True):
            by_day[floor(row["wall"])].append(one)
        if not days or not by_day:
            return Value(None, "no_data", 0)
        if metric["over_time"] == "avg":
            total = sum(compute(function, own, len(own)) or 0 for own in by_day.values())
            found, n = Fraction(total) / len(days), len(rows)
        else:
            own = by_day.get(days[-1 if metric["over_time"] == "last" else 0], [])
            found, n = compute(function, own, len(own)) if own else None, len(own)
        if state == "no_data" or found is None:
            return Value(None, "no_data", n)
        return Value(found, state, n)

    def calculate(self, metric, span, slices):
        tree = ast.parse(metric["calc"], mode="eval").body
        n = 0

        def walk(node):
            nonlocal n
            if isinstance(node, ast.Constant):
                return Value(Fraction(str(node.value)), "ok", 0)
            if isinstance(node, ast.Name):
                found = self.value(metric.get("with", {}).get(node.id) or self.metrics[node.id], span, slices)
                n = max(n, found.n)
                return found
            left, right = walk(node.left), walk(node.right)
            state = worst(left.state, right.state)
            if left.value is None or right.value is None:
                return Value(None, state, 0)
            match node.op:
                case ast.Add():
                    return Value(left.value + right.value, state, 0)
                case ast.Sub():
                    return Value(left.value - right.value, state, 0)
                case ast.Mult():
                    return Value(left.value * right.value, state, 0)
            if right.value == 0:
                return Value(None, worst(state, "undefined"), 0)
            return Value(left.value / right.value, state, 0)

        found = walk(tree)._replace(n=n)
        if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Div):
            found = found._replace(top=walk(tree.left).value, bottom=walk(tree.right).value)
        return found

    def framed(self, metric, span, slices):
        inner = self.metrics[metric["at"]]
        slices = {name: one for name, one in slices.items() if name not in metric.get("all", [])}
        spans, short = self.places(metric, span)
        kept, self.where = self.where, {k: v for k, v in self.where.items() if k not in metric.get("all", [])}
        values = [self.value(inner, one, slices) for one in spans]
        self.where = kept
        begun = all(not rows or floor(self.wall(min(row["at"] for row in rows))) <= spans[0][0]
                    for rows in (self.tables[one] for one in self.tables_of(inner)))  # fmt: skip
        states = ["partial_period"] if short or ("window" in metric and not begun) else []
        if metric.get("eval", "end") in ("end", "start"):
            (one,) = values
            return one if one.value is None else one._replace(state=worst(one.state, *states))
        known = [one for one in values if one.value is not None]
        if not known:
            said = [one.state for one in values if one.state != "no_data"]
            return Value(None, worst("ok", *said) if said else "no_data", 0)
        numbers = [one.value for one in known]
        pick = {"avg": lambda: sum(numbers) / len(numbers), "max": lambda: max(numbers), "min": lambda: min(numbers)}
        return Value(pick[metric["eval"]](), worst("ok", *states, *(one.state for one in known)),
                     sum(one.n for one in known))  # fmt: skip

    def places(self, metric, span):
        """The stretches of a frame, as the documents say: shift, then window or to date, then eval."""
        begin, end = span
        if "shift" in metric:
            begin, end = shifted(begin, end, metric["shift"])
        evals = metric.get("eval", "end")
        if not {"window", "to_date"} & set(metric) and evals == "end":
            return [(begin, end)], False
        ends = [self.wall(self.through(one)) for one in self.tables_of(self.metrics[metric["at"]], only=True)
                if self.tables[one]]  # fmt: skip
        until = min(ends, default=None)
        short = until is not None and begin < until < end
        if short:
            # As of the last complete day; on the first day, as of that day though it is not over.
            end = max(floor(until), min(floor(begin) + DAY, end))
        if evals != "end":
            if "over" in metric:
                begin = moved(end, metric["over"], -1)
            cuts = [begin]
            while floor(cuts[-1]) + DAY < end:
                cuts.append(floor(cuts[-1]) + DAY)
            days = list(zip(cuts, [*cuts[1:], end], strict=True))
            stretches = days[:1] if evals == "start" else days
        else:
            stretches = [(begin, end)]
        return [self.reached(metric, *one) for one in stretches], short

    def reached(self, metric, begin, end):
        if "window" in metric:
            begin = moved(end, metric["window"], -1)
        elif "to_date" in metric:
            begin = self.calendar.period(Grain(metric["to_date"]), end - TICK).start
        return begin, end

    def tables_of(self, metric, *, only=False):
        """The tables whose rows a metric counts (those of the starts, of made rows)."""
        if "agg" in metric:
            source = next(name for name in (*self.rows, *self.sources) if f"({name}" in metric["agg"])
            made = self.rows.get(source)
            return sources_of(next(iter(made.values())))[:1] if made else [source]
        names = [metric["at"]] if "at" in metric else [
            node.id for node in ast.walk(ast.parse(metric["calc"])) if isinstance(node, ast.Name)
        ]  # fmt: skip
        parts = [metric.get("with", {}).get(name) or self.metrics[name] for name in names]
        return list(dict.fromkeys(one for part in parts for one in self.tables_of(part)))

    def occurs(self, metric, span, slices):
        """Whether anything a metric reads for a stretch has rows in a slice: then it is a slice of the metric."""
        if "agg" in metric:
            source = next(name for name in (*self.rows, *self.sources) if f"({name}" in metric["agg"])
            rows = self.within(metric, source, span, slices)
            return any(row["who"] is not None for row in rows) if "per" in metric else bool(rows)
        if "at" in metric:
            inner = self.metrics[metric["at"]]
            return any(self.occurs(inner, one, slices) for one in self.places(metric, span)[0])
        names = [node.id for node in ast.walk(ast.parse(metric["calc"])) if isinstance(node, ast.Name)]
        return any(self.occurs(metric.get("with", {}).get(one) or self.metrics[one], span, slices) for one in names)


def holds(where, row):
    """A condition on a row; a comparison with a missing value is not true."""
    text = where.replace("<>", "!=").replace(" = ", " == ")
    try:
        return eval(text, {"__builtins__": {}}, row) is True and not (  # noqa: S307
            any(row[node.id] is None for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name))
        )
    except TypeError:
        return False


def given(argument, rows):
    """The value of each row: of a column, or (of a source's name) of the row itself."""
    if isinstance(argument, ast.Name):
        return [True for _row in rows]
    found = [row[{"customer": "who"}.get(argument.attr, argument.attr)] for row in rows]
    return [exact(one) if isinstance(one, float | int | Fraction) else one for one in found]


def exact(one):
    return Fraction(int(one)) if isinstance(one, bool) else one if isinstance(one, Fraction) else Fraction(repr(one))


def compute(function, values, n):
    known = [one for one in values if one is not None]
    match function:
        case "count":
            return Fraction(len(known))
        case "count_distinct":
            return Fraction(len(set(known)))
        case "sum":
            return sum(known) if known else None
        case "avg":
            return sum(known) / Fraction(len(known)) if known else None
        case "median":
            return median(known) if known else None
    return (min if function == "min" else max)(known) if known else None


def shifted(begin, end, text):
    months, _hours = length(text)
    if months and begin == floor(begin).replace(day=1) and end == floor(end).replace(day=1):
        return moved(begin, text), moved(end, text)
    there = moved(begin, text)
    if "align" in text and end - begin <= timedelta(days=7):
        near = [there + DAY * off for off in (0, -1, 1, -2, 2, -3, 3)]
        there = next(one for one in near if one.weekday() == begin.weekday())
    return there, there + (end - begin)


def window_closes(moment, text, calendar):
    from nachim.metrics.duration import duration

    return closes(moment, duration(text), calendar)


def legs_of(made):
    if "steps" in made:
        return made["steps"]
    return [made["start"], made["end"]] if "start" in made else [made["born"], made["activity"]]


def sources_of(made):
    names = [one if isinstance(one, str) else one["from"] for one in legs_of(made)]
    return [one.removeprefix("first(").removesuffix(")") for one in names]


def floor(moment):
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def number(value):
    return None if value is None else float(Decimal(value.numerator) / Decimal(value.denominator))
