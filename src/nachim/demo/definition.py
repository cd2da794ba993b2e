"""The definition file of a simulated company, its dates and levels filled in.

The levels say what the company planned, never what its data turned out to be.
"""

from datetime import date
from string import Template
from typing import Any

import yaml

from nachim.app.definition.form import Definition
from nachim.demo.company import company, raw, template

# Whether definitions may say sequences, cohorts and other frames of a metric.
SEQUENCES = "rows" in Definition.model_fields
LATER, COMMENT = "needs_sequences", "# What needs sequences, cohorts"


def people(name: str = "ecommerce") -> list[dict[str, Any]]:
    return raw(name)["people"]


def year_of(today: date) -> tuple[date, date]:
    """The stretch the goals run over: the year of today, or until the middle of it while the year is young."""
    if today.month >= 4:
        return date(today.year, 1, 1), date(today.year, 12, 31)
    return date(today.year - 1, 7, 1), date(today.year, 6, 30)


def definition(start: date, today: date, name: str = "ecommerce") -> str:
    """The YAML of a company whose history begins on `start` and whose today is `today`."""
    first, due = year_of(today)
    made = company(name)
    grown = made.growth ** ((first - start).days / 365)
    values: dict[str, Any] = {"start": first, "due": due}
    for level, (planned, ambition) in made.plan.items():
        values |= {f"{level}_from": _round(planned * grown), f"{level}_to": _round(planned * grown * ambition)}
    whole = Template(template(name)).substitute(values)
    if not SEQUENCES:
        return whole.partition(COMMENT)[0]
    data = yaml.safe_load(whole)
    return yaml.safe_dump(with_sequences(data, data.pop(LATER)), allow_unicode=True, sort_keys=False)


def with_sequences(made: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """The definition with the rows and metrics that come later, and their KPIs in place of those of the same name."""
    goals = []
    for goal in made["goals"]:
        instead = {kpi["name"]: kpi for kpi in later["kpis"].get(goal["name"], [])}
        goals.append({**goal, "kpis": [instead.get(kpi["name"], kpi) for kpi in goal.get("kpis", [])]})
    return {**made, "rows": later.get("rows", {}), "metrics": made["metrics"] | later["metrics"], "goals": goals}


def _round(value: float) -> int:
    """Two or three leading digits, as people plan."""
    step = 10 ** max(0, len(str(int(value))) - 2) // (2 if value >= 100 else 1)
    return round(value / max(1, step)) * max(1, step)
