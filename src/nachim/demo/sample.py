"""A small file as a Korean shop would export it, for the tutorial and for trying things."""

import csv
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from nachim.demo.fashion import generate

MONEY = ("결제금액",)


def write_table(path: Path, name: str, days: int, today: date | None = None) -> int:
    """Write the last `days` days of one table as CSV in the encoding Korean spreadsheets write; the number of rows."""
    today = today or date.today()
    first = today - timedelta(days=days)
    # A month more, so that the first day written is a day like any other.
    table = generate(first - timedelta(days=30), today)[name]
    moment = next(field.name for field in table.schema if str(field.type).startswith("timestamp"))
    rows = [row for row in table.to_pylist() if row[moment].date() >= first]
    with open(path, "x", encoding="cp949", newline="") as file:
        writer = csv.DictWriter(file, table.schema.names)
        writer.writeheader()
        writer.writerows({column: _written(column, value) for column, value in row.items()} for row in rows)
    return len(rows)


def write_orders(path: Path, days: int, today: date | None = None) -> int:
    return write_table(path, "orders", days, today)


def _written(column: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return f"{value:,}" if column in MONEY else value
