"""Passes over what is read, one a file. Each gives the same answers for less work; tests run plans with and without."""

from collections.abc import Collection

from nachim.metrics.plan import Align
from nachim.metrics.rewrite.asof import asof
from nachim.metrics.rewrite.daily import daily
from nachim.metrics.rewrite.narrow import narrow
from nachim.metrics.rewrite.pushdown import pushdown
from nachim.metrics.rewrite.share import share
from nachim.metrics.rewrite.union import union

PASSES = (daily, share, union, pushdown, narrow)


def rewrite(read: Align, features: Collection[str] = ()) -> Align:
    """A read after every pass, in order. `features`: what the engine can do beyond the common vocabulary."""
    for step in PASSES:
        read = step(read)
    return asof(read) if "asof" in features else read
