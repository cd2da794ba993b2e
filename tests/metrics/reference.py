"""What each plan node means, in plain Python: the oracle of the property tests. Rows are dicts of `alias.column`.

Conditions and values are trees of the language; null is None and follows SQL: unknown is neither true nor false.
"""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from zoneinfo import ZoneInfo

from sqlglot import exp

from nachim.core.period import Grain
from nachim.metrics.plan import Aggregate, Align, Cohort, Filter, Join, Scan, Sequence

COMPARE = {
    exp.EQ: lambda a, b: a == b,
    exp.NEQ: lambda a, b: a != b,
    exp.GT: lambda a, b: a > b,
    exp.GTE: lambda a, b: a >= b,
    exp.LT: lambda a, b: a < b,
    exp.LTE: lambda a, b: a <= b,
    exp.Add: lambda a, b: a + b,
    exp.Sub: lambda a, b: a - b,
    exp.Mul: lambda a, b: a * b,
    exp.Div: lambda a, b: a / b if b else None,
}


def value(node, row):
    """An expression on one row."""
    match node:
        case exp.Paren():
            return value(node.this, row)
        case exp.Column():
            return row[f"{node.table}.{node.name}"]
        case exp.Literal():
            return node.this if node.is_string else float(node.this)
        case exp.Cast():
            return value(node.this, row)
        case exp.Nullif():
            return value(node.this, row) or None
        case exp.Not():
            one = value(node.this, row)
            return None if one is None else not one
        case exp.And() | exp.Or():
            sides, decisive = [value(node.this, row), value(node.expression, row)], isinstance(node, exp.Or)
            return decisive if decisive in sides else None if None in sides else not decisive
        case exp.Is():
            return value(node.this, row) is None
        case exp.In():
            one = value(node.this, row)
            return None if one is None else one in [value(option, row) for option in node.expressions]
        case exp.Case():
            taken = (branch.args["true"] for branch in node.args["ifs"] if value(branch.this, row))
            return (
                value(next(taken, node.args.get("default") or exp.Literal.string("")), row)
                if any(value(branch.this, row) for branch in node.args["ifs"]) or node.args.get("default")
                else None
            )
    left, right = value(node.this, row), value(node.expression, row)
    return None if left is None or right is None else COMPARE[type(node)](left, right)


def rows(node, tables, calendar=None):
    """Scan, Join, Filter, Sequence and Cohort: the rows they give."""
    match node:
        case Sequence():
            return sequence(node, tables, calendar)
        case Cohort():
            return cohort(node, tables, calendar)
        case Scan():
            return [{f"{node.source}.{key}": one for key, one in row.items()} for row in tables[node.table]]
        case Join():
            found = rows(node.input, tables, calendar)
            for step in node.lookups:
                index = {row[step.key]: row for row in tables[step.table] if row[step.key] is not None}
                empty = dict.fromkeys(tables[step.table][0]) if tables[step.table] else {}
                for row in found:
                    hit = index.get(row[f"{step.left_alias}.{step.left}"], empty)
                    row.update({f"{step.alias}.{key}": one for key, one in hit.items()})
            return found
        case Filter():
            found = rows(node.input, tables, calendar)
            return [row for row in found if all(value(one, row) is True for one in node.conditions)]


def closes(moment, within, calendar):
    """When a window closes: hours as they pass, months on the wall (of a wall time that comes twice the second)."""
    if within.unit in ("hour", "day", "week"):
        return moment + timedelta(hours=within.count * {"hour": 1, "day": 24, "week": 168}[within.unit])
    wall = moment.astimezone(ZoneInfo(calendar.tz)).replace(tzinfo=None)
    then = months_later(wall, within.count * {"month": 1, "quarter": 3, "year": 12}[within.unit])
    first, second = (then.replace(tzinfo=ZoneInfo(calendar.tz), fold=fold) for fold in (0, 1))
    skipped = first.astimezone(UTC).astimezone(first.tzinfo).replace(tzinfo=None) != then
    return (first if skipped else second).astimezone(UTC)


def months_later(wall, months):
    """The same day of a later month, or the last one it has."""
    year, month = wall.year + (wall.month - 1 + months) // 12, (wall.month - 1 + months) % 12 + 1
    for day in range(wall.day, 27, -1):
        try:
            return wall.replace(year=year, month=month, day=day)
        except ValueError:
            continue
    return wall.replace(year=year, month=month)


def sequence(node, tables, calendar):
    """Each start with the moments of its steps: the nearest event of the same entity after the step before."""
    found = []
    for row in rows(node.start.rows, tables, calendar):
        begin, who = at(row, node.start.time), at(row, node.start.key)
        moments, limit = [begin], closes(begin, node.within, calendar)
        for step in node.steps:
            events = [(at(one, step.time), at(one, step.key)) for one in rows(step.rows, tables, calendar)]
            times = [when for when, whose in events if when is not None and whose is not None and whose == who]
            last = moments[-1]
            after = [when for when in times if last and (when > last if node.strict else when >= last)]
            moments.append(min(after, default=None))
        made = [when for when in moments[1:] if when is not None and when < limit]
        done = len(made) == len(node.steps)
        microseconds = (made[-1] - begin) // timedelta(microseconds=1) if done else None
        new = {"converted": done, "lag": microseconds, "reached": 1 + len(made), "end_at": made[-1] if done else None,
               "matured": node.through is not None and limit <= node.through}  # fmt: skip
        found.append(row | {f"{node.name}.{key}": one for key, one in new.items()})
    return found


def at(row, ref):
    return row[f"{ref.alias}.{ref.column}"]


def cohort(node, tables, calendar):
    """Each entity's first birth with every period from it on, and what the entity did in each."""
    births, acts, first = node.births, node.activity, {}
    order = [births.time, *node.order]
    born = [
        row for row in rows(births.rows, tables, calendar) if all(at(row, one) for one in (births.time, births.key))
    ]
    for row in sorted(born, key=lambda row: [(at(row, one) is not None, at(row, one)) for one in order]):
        first.setdefault(at(row, births.key), row)
    did = defaultdict(list)
    for row in rows(acts.rows, tables, calendar):
        if at(row, acts.key) is not None and at(row, acts.time) is not None:
            did[at(row, acts.key), code(calendar, node.period, at(row, acts.time))].append(row)
    found, step = [], {Grain.WEEK: 7, Grain.QUARTER: 3, Grain.YEAR: 12}.get(node.period, 1)
    for who, row in first.items():
        for k in range(node.last + 1):
            period = code(calendar, node.period, at(row, births.time)) + k * step
            if node.begun is None or period <= node.begun:
                acts_ = did.get((who, period), [])
                values = [at(one, node.value) for one in acts_] if node.value else []
                total = sum(one for one in values if one is not None)
                new = {"k": k, "active": bool(acts_), "value": total, "matured": period < node.through}
                found.append(row | {f"{node.name}.{key}": one for key, one in new.items()})
    return found


def code(calendar, grain, moment):
    """The period of an instant as SQL counts it: days since 1970, or months since year 0."""
    start = calendar.period(grain, moment).start
    days = (start - datetime(1970, 1, 1)).days
    if grain in (Grain.MONTH, Grain.QUARTER, Grain.YEAR):
        return start.year * 12 + start.month - 1
    return days * 24 + start.hour if grain is Grain.HOUR else days


def each(measure, group):
    """One row an entity: what its rows come to, under the names of the outer value."""
    whose = defaultdict(list)
    for row in group:
        if at(row, measure.each.key) is not None:
            whose[at(row, measure.each.key)].append(row)
    found = []
    for own in whose.values():
        inner = [(one.function, *measured(one, own)) for one in measure.each.parts]
        values = [total / divisor if function == "avg" and divisor else total for function, total, _n, divisor in inner]
        found.append({f"_each.i{place}": None if one is None else float(one) for place, one in enumerate(values)})
    return found


def measured(measure, group):
    """A measure over rows: its value, the rows behind it, and an average's divisor."""
    group = [row for row in group if measure.where is None or value(measure.where, row) is True]
    group = each(measure, group) if measure.each is not None else group
    if measure.value is None:
        return len(group), len(group), None
    found = [one for one in (value(measure.value, row) for row in group) if one is not None]
    exact = [
        Decimal(repr(one)).quantize(Decimal("0.000001"), ROUND_HALF_UP) for one in found if isinstance(one, int | float)
    ]
    functions = {
        "count": lambda: len(found),
        "count_distinct": lambda: len(set(found)),
        "sum": lambda: sum(exact) if exact else None,
        "avg": lambda: sum(exact) if exact else None,
        "min": lambda: min(found, default=None),
        "max": lambda: max(found, default=None),
        "median": lambda: median(found) if found else None,
    }
    return functions[measure.function](), len(group), len(found) if measure.function == "avg" else None


def aggregate(node: Aggregate, tables, calendar):
    """{(period, slices…): {measure id: (value, n, divisor)}}; without keys there is one group even of no rows."""
    groups = defaultdict(list)
    for row in rows(node.input, tables, calendar):
        places = [[]]
        if node.time:
            unit = code(calendar, node.grain, at(row, node.time))
            places = [[unit]]
        if node.spans:
            places = [[place] for place, (begins, ends) in enumerate(node.spans.ranges) if begins <= unit < ends]
        for place in places:
            groups[*place, *(row[f"{ref.alias}.{ref.column}"] for _name, ref in node.by)].append(row)
    if not node.time and not node.by:
        groups.setdefault((), [])
    return {key: {one.id: measured(one, group) for one in node.measures} for key, group in groups.items()}


def align(node: Align, tables, calendar):
    """All aggregates on the keys any of them has; where one has nothing, its measures are missing."""
    found = defaultdict(dict)
    for part in node.parts:
        for key, values in aggregate(part, tables, calendar).items():
            found[key].update(values)
    return dict(found)
