"""The definition file of a simulated company, its dates and levels filled in.

The levels say what the company planned, never what its data turned out to be.
"""

from datetime import date
from string import Template
from typing import Any

from nachim.demo.company import raw, template
from nachim.demo.rhythm import GROWTH_A_YEAR

# What the plan said of the first year, and by how much the goals ask for more until they are due.
PLAN = {
    "revenue": (150_000_000, 1.55), "app_revenue": (90_000_000, 1.6), "orders": (75, 1.4), "visits": (3_600, 1.35),
    "buyers": (1_500, 1.5), "signups": (185, 1.2), "ad_spend": (6_300_000, 1.3),
}  # fmt: skip


def people(company: str = "fashion") -> list[dict[str, Any]]:
    return raw(company)["people"]


def year_of(today: date) -> tuple[date, date]:
    """The stretch the goals run over: the year of today, or until the middle of it while the year is young."""
    if today.month >= 4:
        return date(today.year, 1, 1), date(today.year, 12, 31)
    return date(today.year - 1, 7, 1), date(today.year, 6, 30)


def definition(start: date, today: date, company: str = "fashion") -> str:
    """The YAML of a company whose history begins on `start` and whose today is `today`."""
    first, due = year_of(today)
    grown = GROWTH_A_YEAR ** ((first - start).days / 365)
    values: dict[str, Any] = {"start": first, "due": due}
    for name, (planned, ambition) in PLAN.items():
        values |= {f"{name}_from": _round(planned * grown), f"{name}_to": _round(planned * grown * ambition)}
    values["ad_spend_most"] = values["ad_spend_to"]
    return Template(template(company)).substitute(values)


def _round(value: float) -> int:
    """Two or three leading digits, as people plan."""
    step = 10 ** max(0, len(str(int(value))) - 2) // (2 if value >= 100 else 1)
    return round(value / max(1, step)) * max(1, step)
