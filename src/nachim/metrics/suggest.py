"""The metrics people usually want of a table, from what its columns mean."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NUMBERS = ("integer", "number")


@dataclass(frozen=True)
class Suggestion:
    """A metric ready to save; `spec` is its definition without label, unit and direction."""

    name: str
    label_ko: str
    label_en: str
    unit: str
    better: str
    spec: dict[str, Any] = field(hash=False)


def quoted(column: str) -> str:
    """A column as an expression writes it."""
    return column if PLAIN.fullmatch(column) else f'"{column}"'


def suggest(
    table: str, source: dict[str, Any], columns: dict[str, str], amounts: list[str], taken: set[str]
) -> list[Suggestion]:
    """Metrics of one table that are not there yet (`taken`: names in use), most useful first.

    amounts: columns whose role is amount; the first stands for what the row is worth.
    """
    prefix = "" if table in ("orders", "주문") else f"{table}_"
    money = next((name for name in amounts if columns.get(name) in NUMBERS), None)
    customer = source.get("entities", {}).get("customer")
    found: list[Suggestion] = []

    def add(name: str, ko: str, en: str, unit: str, spec: dict[str, Any]) -> None:
        if name not in taken:
            found.append(Suggestion(name, ko, en, unit, "up", spec))

    order_like = money is not None
    count = f"{prefix}orders" if order_like else f"{prefix}count"
    if money is not None:
        add(f"{prefix}revenue", "매출", "Revenue", "KRW", {"agg": f"sum({quoted(table)}.{quoted(money)})"})
    add(count, "주문 수" if order_like else f"{table} 건수", "Orders" if order_like else f"Number of {table}", "count",
        {"agg": f"count({quoted(table)})"})  # fmt: skip
    if money is not None:
        add(f"{prefix}aov", "객단가", "Average order value", "KRW", {"calc": f"{prefix}revenue / {count}"})
    if customer:
        ko, en = ("구매 고객 수", "Buyers") if order_like else ("고객 수", "Customers")
        add(f"{prefix}buyers", ko, en, "people",
            {"agg": f"count_distinct({quoted(table)}.{quoted(customer)})"})  # fmt: skip
        if money is not None:
            add(
                f"{prefix}revenue_per_buyer",
                "1인당 구매액",
                "Revenue per buyer",
                "KRW",
                {"calc": f"{prefix}revenue / {prefix}buyers"},
            )
    return found
