"""Months of days: rows are added up by day, which is a division, and only the days are placed in months.

A SELECT is taken apart only where it groups by a month of wall time and reads nothing but sums, counts, least and
greatest values, which days add up to exactly.
"""

from sqlglot import exp

from nachim.lake.adding import again, call_of
from nachim.lake.quicker.zones import day_of, micros_of


def by_day_first(tree: exp.Expression) -> exp.Expression:
    for select in list(tree.find_all(exp.Select)):
        made = _apart(select)
        if made is None:
            continue
        if select is tree:
            tree = made
        else:
            select.replace(made)
    return tree


def _apart(select: exp.Select) -> exp.Select | None:
    group, chosen = select.args.get("group"), select.expressions
    if group is None or any(select.args.get(one) for one in ("having", "order", "limit", "distinct", "with_", "with")):
        return None
    keys = len(group.expressions)
    micros = _month(chosen[0]) if chosen and keys else None
    if micros is None or not all(isinstance(one, exp.Alias) for one in chosen):
        return None
    adding = [again(one.this) for one in chosen[keys:]]
    if any(one is None for one in adding) or any(
        isinstance(call_of(one.this).this, exp.Distinct) for one in chosen[keys:]
    ):
        return None
    inner = select.copy()
    outer = exp.Select().from_(exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier("_days"))))
    date = exp.Add(
        this=exp.cast(exp.Literal.string("1970-01-01"), "DATE"), expression=exp.column("_day", table="_days")
    )
    period = chosen[0].copy()
    for cast in list(period.find_all(exp.Cast)):
        if cast.to.is_type("date") and micros_of(cast.this) is not None:
            cast.replace(exp.Paren(this=date.copy()))
    outer = outer.select(period, copy=False)
    outer = outer.select(
        *(exp.alias_(exp.column(one.alias, table="_days"), one.alias) for one in chosen[1:keys]), copy=False
    )
    for one, adds in zip(chosen[keys:], adding, strict=True):
        value = adds(this=exp.column(one.alias, table="_days"))
        counted = isinstance(call_of(one.this), exp.Count)
        outer = outer.select(exp.alias_(exp.cast(value, "BIGINT") if counted else value, one.alias), copy=False)
    inner.set("expressions", [exp.alias_(day_of(micros.copy()), "_day"), *(one.copy() for one in chosen[1:])])
    return outer.group_by(*(exp.Literal.number(at + 1) for at in range(keys)), copy=False)


def _month(chosen: exp.Expression) -> exp.Expression | None:
    """The microseconds of the wall time whose month or year a column is made of."""
    if chosen.alias != "period" or chosen.find(exp.Extract) is None:
        return None
    found = [micros_of(cast.this) for cast in chosen.find_all(exp.Cast) if cast.to.is_type("date")]
    known = [one for one in found if one is not None]
    if not known or len(known) != len(found) or any(one != known[0] for one in known):
        return None
    units = {one.name.upper() for extract in chosen.find_all(exp.Extract) for one in [extract.this]}
    return known[0] if units <= {"YEAR", "MONTH"} else None
