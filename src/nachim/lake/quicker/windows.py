"""The last end of what came before: where ends only grow, the row before has it, and need not be searched for."""

from sqlglot import exp

_GROWS = "_high"


def looked_back(tree: exp.Expression) -> None:
    """MAX(_high) over all rows before is LAG(_high): the compiler orders these rows so that `_high` never falls."""
    for window in list(tree.find_all(exp.Window)):
        spec, call = window.args.get("spec"), window.this
        if spec is None or not isinstance(call, exp.Max) or call.this.name != _GROWS:
            continue
        start, end = (getattr(one, "name", one) for one in (spec.args.get("start"), spec.args.get("end")))
        before = (start, end, spec.args.get("end_side"))
        if before == ("UNBOUNDED", "1", "PRECEDING"):
            window.set("this", exp.Lag(this=call.this.copy()))
            window.set("spec", None)
