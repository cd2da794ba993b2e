"""boring-semantic-layer's side, in the peers' environment: ask_bsl.py FOLDER. Prints JSON.

It has neither windows nor sequences: these two rows are the Ibis one writes under it, by a range join.
"""

import json
import sys
import time
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path

from questions import ROWS, YEAR, best


def main() -> None:
    began = time.perf_counter()
    import ibis
    from boring_semantic_layer import to_semantic_table

    duck = ibis.duckdb.connect()
    tables = {
        name: duck.create_table(name, duck.read_parquet(f"{Path(sys.argv[1]) / name}.parquet"))
        for name in ("customers", "orders", "visits")
    }
    customers = to_semantic_table(tables["customers"], name="customers").with_dimensions(
        customer_id=lambda t: t.customer_id, country=lambda t: t.country
    )
    orders = (
        to_semantic_table(tables["orders"], name="orders")
        .with_dimensions(month=lambda t: t.ordered_at.truncate("M"), channel=lambda t: t.channel)
        .with_measures(revenue=lambda t: t.amount.sum(), orders=lambda t: t.count())
        .with_measures(aov=lambda t: t.revenue / t.orders)
    )
    joined = orders.join_one(customers, on=lambda one, other: one.customer_id == other.customer_id)
    asked = {
        "revenue_month": lambda: orders.group_by("month").aggregate("revenue").execute(),
        "revenue_month_country": lambda: (
            joined.group_by("orders.month", "customers.country").aggregate("orders.revenue").execute()
        ),
        "aov_channel": lambda: orders.group_by("channel").aggregate("aov").execute(),
        "mau_day": lambda: mau(ibis, tables["orders"]).execute(),
        "conversion_month": lambda: conversion(ibis, tables["visits"], tables["orders"]).execute(),
    }
    names = ("boring-semantic-layer", "ibis-framework", "duckdb")
    out = {"versions": {name: version(name) for name in names}, "rows": {}, "ready": time.perf_counter() - began}
    for name in ROWS:
        seconds, frame = best(asked[name], name, time.perf_counter)
        rows = frame.itertuples(index=False, name=None)
        out["rows"][name] = {"seconds": seconds, "values": dict(map(pair, rows))}
    print(json.dumps(out))


def mau(ibis, orders):
    """Distinct customers of the 30 days that end with each day."""
    first, end = (ibis.timestamp(f"{year}-01-01") for year in (YEAR, YEAR + 1))
    days = ibis.range(first, end, ibis.interval(days=1)).unnest().name("day")
    days = days.as_table().mutate(day=lambda t: t.day.date())
    seen = orders.mutate(on=lambda t: t.ordered_at.date())
    near = days.join(seen, [days.day >= seen.on, days.day < seen.on + ibis.interval(days=30)])
    return near.group_by("day").aggregate(n=near.customer_id.nunique())


def conversion(ibis, visits, orders):
    """The share of visits that an order of the same customer follows within 7 days, by month of the visit."""
    ended = orders.select("ordered_at", buyer="customer_id")
    near = visits.left_join(
        ended,
        [
            visits.customer_id == ended.buyer,
            ended.ordered_at >= visits.visited_at,
            ended.ordered_at < visits.visited_at + ibis.interval(days=7),
        ],
    )
    each = near.group_by("visit_id", "visited_at").aggregate(done=near.ordered_at.notnull().any())
    by_month = each.mutate(month=each.visited_at.truncate("M"))
    return by_month.group_by("month").aggregate(share=by_month.done.cast("float64").mean())


def pair(row) -> tuple[str, float]:
    *keys, value = row
    return "/".join(map(word, keys)), float(value)


def word(key) -> str:
    if isinstance(key, datetime):
        return key.date().isoformat()
    return key.isoformat() if isinstance(key, date) else str(key)


if __name__ == "__main__":
    main()
