"""Databricks: Spark's words. Its text is compiled and parsed back, not run."""

from __future__ import annotations

from sqlglot import exp

from nachim.metrics.dialects import Dialect
from nachim.metrics.dialects.rules import no_text_of
from nachim.metrics.dialects.spark import RULES

DIALECT = Dialect("databricks", {**RULES, exp.Cast: no_text_of("databricks", "double", "time")})
