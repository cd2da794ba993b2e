"""A small file of orders as a shop would export it, for the tutorial and for trying things."""

import csv
from datetime import date, timedelta
from pathlib import Path

from nachim.demo.fashion import generate


def write_orders(path: Path, days: int, today: date | None = None) -> int:
    """Write the last `days` days of orders as CSV in the encoding Korean spreadsheets write; the number of rows."""
    today = today or date.today()
    start = today - timedelta(days=days + 30)
    table = generate(start, today)["orders"]
    rows = [row for row in table.to_pylist() if row["주문일시"].date() >= today - timedelta(days=days)]
    with open(path, "x", encoding="cp949", newline="") as file:
        writer = csv.DictWriter(file, table.schema.names)
        writer.writeheader()
        for row in rows:
            writer.writerow({**row, "주문일시": f"{row['주문일시']:%Y-%m-%d %H:%M:%S}", "결제금액": f"{row['결제금액']:,}"})
    return len(rows)
