"""Starting points by industry, team and stage: goals with two to five KPIs, guardrails and usual targets."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic.dataclasses import dataclass

from nachim.catalog.entries import Companion, catalogue
from nachim.catalog.tables import STRICT, Text, written


@dataclass(frozen=True, config=STRICT)
class Start:
    """A usual target: `change` from where the KPI stands, as a share of it (0.15) or `by: points` in its unit.

    `keep`: hold the level there is instead of reaching another.
    """

    kind: Literal["reach", "keep"] = "reach"
    change: float = 0.0
    by: Literal["relative", "points"] = "relative"
    months: int = 3


@dataclass(frozen=True, config=STRICT)
class TemplateKpi:
    """A KPI of the catalogue with its usual target and the guardrails of this company's kind."""

    metric: str
    cadence: Literal["day", "week", "month", "quarter"]
    target: Start
    guardrails: tuple[Companion, ...] = ()


@dataclass(frozen=True, config=STRICT)
class TemplateGoal:
    """A goal in a sentence, why it matters, its KPIs, and the playbook entries that help."""

    name: str
    title: Text
    why: Text
    kpis: tuple[TemplateKpi, ...]
    playbook: tuple[str, ...] = ()


@dataclass(frozen=True, config=STRICT)
class Succession:
    """When a stage comes, which KPI to retire and which to adopt instead."""

    retire: str
    adopt: str
    why: Text


@dataclass(frozen=True, config=STRICT)
class Sign:
    """Data that show the stage has come: the metric lies within these for `months` months running."""

    metric: str
    least: float | None = None
    most: float | None = None
    months: int = 3


@dataclass(frozen=True, config=STRICT)
class Template:
    """An industry, a team or a stage of a company."""

    name: str
    kind: Literal["industry", "team", "stage"]
    label: Text
    about: Text
    goals: tuple[TemplateGoal, ...]
    order: int = 0
    signs: tuple[Sign, ...] = ()
    successions: tuple[Succession, ...] = ()

    @property
    def metrics(self) -> tuple[str, ...]:
        """Every KPI of its goals, once."""
        return tuple(dict.fromkeys(kpi.metric for goal in self.goals for kpi in goal.kpis))

    @property
    def tables(self) -> tuple[str, ...]:
        """The standard tables its KPIs need."""
        return tuple(dict.fromkeys(one for name in self.metrics for one in catalogue().tables_of(name)))


@cache
def templates(kind: str = "") -> dict[str, Template]:
    """All templates, or those of one kind, in the order in which people choose."""
    names = sorted(path.name for path in files("nachim.catalog").joinpath("templates").iterdir())
    found = [Template(name=name.removesuffix(".yaml"), **written(f"templates/{name}")) for name in names
             if name.endswith(".yaml")]  # fmt: skip
    return {one.name: one for one in sorted(found, key=lambda one: (one.kind, one.order)) if kind in ("", one.kind)}


def template(name: str) -> Template:
    """One template. KeyError when there is none of this name."""
    return templates()[name]
