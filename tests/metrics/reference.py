"""What each plan node means, in plain Python: the oracle of the property tests. Rows are dicts of `alias.column`.

Conditions and values are trees of the language; null is None and follows SQL: unknown is neither true nor false.
"""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from statistics import median

from sqlglot import exp

from nachim.metrics.plan import Aggregate, Align, Filter, Join, Scan
from nachim.metrics.run import encode

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


def rows(node, tables):
    """Scan, Join and Filter: the rows they give."""
    match node:
        case Scan():
            return [{f"{node.source}.{key}": one for key, one in row.items()} for row in tables[node.table]]
        case Join():
            found = rows(node.input, tables)
            for step in node.lookups:
                index = {row[step.key]: row for row in tables[step.table] if row[step.key] is not None}
                empty = dict.fromkeys(tables[step.table][0]) if tables[step.table] else {}
                for row in found:
                    hit = index.get(row[f"{step.left_alias}.{step.left}"], empty)
                    row.update({f"{step.alias}.{key}": one for key, one in hit.items()})
            return found
        case Filter():
            return [row for row in rows(node.input, tables) if all(value(one, row) is True for one in node.conditions)]


def measured(measure, group):
    """A measure over rows: its value, the rows behind it, and an average's divisor."""
    group = [row for row in group if measure.where is None or value(measure.where, row) is True]
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
    for row in rows(node.input, tables):
        key = [encode(calendar.period(node.grain, row[f"{node.time.alias}.{node.time.column}"]))] if node.time else []
        groups[*key, *(row[f"{ref.alias}.{ref.column}"] for _name, ref in node.by)].append(row)
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
