"""What the odds of a target are the odds of, and how many periods they look ahead."""

from __future__ import annotations

from nachim.analysis.odds import Aim
from nachim.core.target import Binary, HitRate, Keep, Reach, Target


def aim_of(target: Target) -> Aim | None:
    """A level at the end, a sum, every period that is left, or a share of periods; None where paths say nothing.

    A range and a plan of steps have no odds: whether they hold is seen, not foreseen.
    """
    match target:
        case HitRate(level=float() | int() as level):
            return Aim(level, target.direction, "share", share=target.rate)
        case Keep():
            return Aim(target.level, target.direction, "every")
        case Reach():
            return Aim(target.level, target.direction, "sum" if target.total else "last")
        case Binary():
            return Aim(target.level, target.direction, "last")
        case _:
            return None
