"""Which aggregates of a whole follow from those of its parts: sums and counts add up, extremes are the parts' own."""

from sqlglot import exp

_AGAIN: dict[type[exp.Expression], type[exp.Expression]] = {
    exp.Sum: exp.Sum, exp.Count: exp.Sum, exp.Min: exp.Min, exp.Max: exp.Max,
}  # fmt: skip


def call_of(value: exp.Expression) -> exp.Expression:
    """The aggregate of a column, without its FILTER."""
    return value.this if isinstance(value, exp.Filter) else value


def again(value: exp.Expression) -> type[exp.Expression] | None:
    """The aggregate that puts the parts' values together; None where they do not tell the whole's."""
    return _AGAIN.get(type(call_of(value)))
