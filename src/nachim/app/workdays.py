"""The company's calendar for paths and forecasts: weekends, Korean holidays, and the days the company is closed."""

from dataclasses import replace
from datetime import date

from nachim.analysis.holiday import korea
from nachim.app.models import Workspace
from nachim.core.workdays import Days


def closed(workspace: Workspace | None = None) -> frozenset[date]:
    """The days the company says it is closed, besides weekends and public holidays."""
    workspace = workspace or Workspace.current()
    return frozenset(date.fromisoformat(day) for day in workspace.closed) if workspace else frozenset()


def days(first_year: int, last_year: int, own: frozenset[date] | None = None) -> Days:
    """Both years included; one more on either side, so that a window over New Year is whole.

    `own`: what `closed()` said, for callers who ask many times.
    """
    known = korea(first_year, last_year)
    own = closed() if own is None else own
    return replace(known, off=known.off | own) if own else known
