"""A tiny engine over in-memory tables, so that the language is tested without the lake."""

from datetime import UTC, datetime

import duckdb
import pyarrow as pa

TYPES = {
    "string": "text", "int64": "integer", "double": "number", "bool": "bool", "timestamp[us, tz=UTC]": "time",
}  # fmt: skip
# One database for all: a new one for each example of a property test is slow and takes memory.
DUCK = duckdb.connect(config={"threads": 1})


class Tables:
    """Implements metrics.engine.Engine."""

    dialect = "duckdb"

    def __init__(self, **tables: pa.Table):
        self.tables = tables
        self.duck = DUCK.cursor()  # sees its own tables only
        self.duck.execute("SET TimeZone = 'UTC'")
        for name, table in tables.items():
            self.duck.register(name, table)

    def columns(self, table):
        return {field.name: TYPES[str(field.type)] for field in self.tables[table].schema}

    def version(self, table):
        return 1

    def extent(self, table, column):
        times = [one for one in self.tables[table][column].to_pylist() if one is not None]
        return (min(times).astimezone(UTC), max(times).astimezone(UTC)) if times else None

    def execute(self, tree, versions=None):
        return self.duck.sql(tree.sql(dialect="duckdb")).to_arrow_table()


def at(text: str) -> datetime:
    """An instant from UTC text."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def orders(*rows) -> pa.Table:
    """(order_id, UTC time, customer, channel, amount, status) rows as a table."""
    names = ("order_id", "ordered_at", "customer_id", "channel", "amount", "status")
    kinds = (pa.int64(), pa.timestamp("us", "UTC"), pa.string(), pa.string(), pa.float64(), pa.string())
    columns = list(zip(*rows, strict=True)) if rows else [[] for _ in names]
    return pa.table(
        {name: pa.array(list(column), kind) for name, column, kind in zip(names, columns, kinds, strict=True)}
    )


SPEC = """
sources:
  orders: {lake: orders, key: order_id, time: ordered_at, entities: {customer: customer_id}, dims: [channel]}
metrics:
  revenue: {unit: KRW, agg: sum(orders.amount), where: "status = 'paid'"}
  orders: {agg: count(orders), where: "status = 'paid'"}
  all_orders: {agg: count(orders)}
  buyers: {agg: count_distinct(orders.customer)}
  average: {agg: avg(orders.amount)}
  biggest: {agg: max(orders.amount)}
  middle: {agg: median(orders.amount)}
  aov: {calc: revenue / orders}
  paid_share: {agg: "avg(status = 'paid')", from: orders}
  score: {agg: "100 * (avg(amount >= 9) - avg(amount <= 6))", from: orders}
"""
