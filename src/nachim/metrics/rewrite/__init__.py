"""Passes over what is read, one a file. Each gives the same answers for less work; tests run plans with and without."""

from nachim.metrics.plan import Align
from nachim.metrics.rewrite.daily import daily
from nachim.metrics.rewrite.narrow import narrow
from nachim.metrics.rewrite.pushdown import pushdown
from nachim.metrics.rewrite.share import share
from nachim.metrics.rewrite.union import union

PASSES = (daily, share, union, pushdown, narrow)


def rewrite(read: Align) -> Align:
    """A read after every pass, in order."""
    for step in PASSES:
        read = step(read)
    return read
