"""Passes over plans, one a file. Each gives the same answers for less work; tests run plans with and without them."""

from nachim.metrics.plan import Node
from nachim.metrics.rewrite.pushdown import pushdown
from nachim.metrics.rewrite.share import share

PASSES = (share, pushdown)


def rewrite(plan: Node) -> Node:
    """The plan after every pass, in order."""
    for step in PASSES:
        plan = step(plan)
    return plan
