"""The metric engine on generated events: shared scans, a new day, rolling distinct counts and sequences, as ratios.

    python benchmarks/bench_metrics.py [--events 10000000]

Three years of visits and orders lie in a lake of its own. Each comparison computes the same cells twice and says so
where they differ. Peers are named formulations on the same DuckDB: one query for each KPI, the whole history for a new
day, the range join for a rolling distinct count (exact, and by HyperLogLog), the window form for a sequence.
"""

# ruff: noqa: E402, S608
import argparse
import resource
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
from deltalake import write_deltalake

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "src")]
from nachim.core.period import Grain
from nachim.lake.repair import WRITER
from nachim.lake.store import Lake
from nachim.metrics import run
from nachim.metrics.run import Query, evaluate
from nachim.metrics.spec import Model

FIRST, END = date(2024, 1, 1), date(2027, 1, 1)
NOW = datetime(2027, 1, 1, tzinfo=UTC)
MODEL = """
sources:
  visits: {lake: visits, key: visit_id, time: at, entities: {customer: customer_id}, dims: [channel, device]}
  orders: {lake: orders, key: order_id, time: at, entities: {customer: customer_id}, dims: [channel]}
rows:
  visit_to_order: {sequence: {by: customer, start: visits, end: orders, within: 7 days}}
metrics:
  visits: {agg: count(visits)}
  seconds: {agg: sum(visits.seconds)}
  stay: {unit: seconds, agg: avg(visits.seconds)}
  longest: {agg: max(visits.seconds)}
  shortest: {agg: min(visits.seconds)}
  bounces: {agg: count(visits), where: seconds < 10}
  bounce_rate: {unit: percent, calc: bounces / visits}
  app_visits: {agg: count(visits), where: "device = 'app'"}
  app_share: {unit: percent, calc: app_visits / visits}
  long_visits: {agg: count(visits), where: seconds >= 300}
  revenue: {unit: KRW, agg: sum(orders.amount), where: paid}
  orders: {agg: count(orders), where: paid}
  aov: {unit: KRW, calc: revenue / orders}
  cancelled: {agg: count(orders), where: not paid}
  cancel_rate: {unit: percent, agg: avg(not paid), from: orders}
  big_orders: {agg: count(orders), where: amount >= 80000}
  biggest: {agg: max(orders.amount)}
  app_revenue: {unit: KRW, agg: sum(orders.amount), where: "channel = 'app'"}
  app_revenue_share: {unit: percent, calc: app_revenue / revenue}
  per_visit: {unit: KRW, calc: revenue / visits}
  active: {unit: people, agg: count_distinct(visits.customer)}
  mau: {unit: people, at: active, window: 28 days}
  conversion: {unit: percent, agg: avg(visit_to_order.converted)}
"""
TWENTY = tuple(name for name in Model.load(MODEL).metrics if name not in ("active", "mau", "conversion"))


def generate(lake: Lake, events: int) -> None:
    """Visits in order of time, one in twenty followed by an order; files of a million rows."""
    duck, chunk = duckdb.connect(), 2_000_000
    step = (END - FIRST).total_seconds() * 1_000_000 / events
    customers = max(1000, events // 100)
    for first in range(0, events, chunk):
        last = min(events, first + chunk)
        visits = duck.sql(f"""
            SELECT i AS visit_id,
                   TIMESTAMPTZ '2023-12-31 15:00:00+00' + to_microseconds(CAST(i * {step} AS BIGINT)) AS at,
                   (hash(i * 7 + 1) % {customers})::BIGINT AS customer_id,
                   (['app', 'web', 'store', 'call'])[1 + (hash(i * 3 + 2) % 4)::INTEGER] AS channel,
                   (['app', 'pc', 'phone'])[1 + (hash(i * 13 + 9) % 3)::INTEGER] AS device,
                   (hash(i * 17 + 5) % 600)::BIGINT AS seconds
            FROM range({first}, {last}) AS t(i)""").to_arrow_table()
        orders = duck.sql(f"""
            SELECT i AS order_id,
                   TIMESTAMPTZ '2023-12-31 15:00:00+00'
                       + to_microseconds(CAST(i * {step} AS BIGINT)) + INTERVAL 20 MINUTE AS at,
                   (hash(i * 7 + 1) % {customers})::BIGINT AS customer_id,
                   (['app', 'web', 'store', 'call'])[1 + (hash(i * 3 + 2) % 4)::INTEGER] AS channel,
                   (1000 + hash(i * 5 + 3) % 90000)::DOUBLE AS amount,
                   hash(i * 11 + 5) % 20 <> 0 AS paid
            FROM range({first}, {last}) AS t(i) WHERE hash(i * 19 + 7) % 20 = 0""").to_arrow_table()
        write_deltalake(lake.root / "visits", visits, mode="append", writer_properties=WRITER)
        write_deltalake(lake.root / "orders", orders, mode="append", writer_properties=WRITER)


def timed(engine, query: Query, *, rewrites: bool = True, best: int = 1) -> tuple[float, list]:
    """Seconds of the fastest of some runs, and the cells."""
    model, fastest, cells = Model.load(MODEL), float("inf"), []
    for _ in range(best):
        began = time.perf_counter()
        cells = evaluate(model, query, engine, as_of=NOW, rewrites=rewrites).cells
        fastest = min(fastest, time.perf_counter() - began)
    return fastest, cells


def same(one: list, two: list) -> str:
    return "the same cells" if set(one) == set(two) else "DIFFERENT CELLS"


def compare(what: str, ours: float, peer: float, named: str, goal: str, note: str) -> None:
    print(f"{what:<42}{ours:9.3f} s{peer:10.3f} s  {peer / ours:7.1f} ×  {named} ({goal}; {note})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=10_000_000)
    events = parser.parse_args().events
    with tempfile.TemporaryDirectory(prefix="nachim-metrics-") as folder:
        lake = Lake(Path(folder) / "lake")
        began = time.perf_counter()
        generate(lake, events)
        print(f"{events:,} events generated in {time.perf_counter() - began:.0f} s")
        engine = lake.engine(memory="4GB" if events > 20_000_000 else "1GB", timeout=900, held=0)
        shared(engine)
        new_day(engine)
        rolling(engine, events)
        sequences(engine)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"peak memory {peak:.2f} GB (goal: under 6)")


def shared(engine) -> None:
    """All KPIs of a page in one question, against one question for each."""
    asked = Query(TWENTY, Grain.MONTH, FIRST, END)
    ours, cells = timed(engine, asked, best=2)
    each, single = 0.0, []
    for name in TWENTY:
        seconds, found = timed(engine, Query((name,), Grain.MONTH, FIRST, END))
        each, single = each + seconds, single + found
    compare("20 KPIs by month, shared scans", ours, each, "one query each", "goal 3 ×", same(cells, single))


def new_day(engine) -> None:
    """A day that has come, against the whole history at the same grain: of seven days, each asked once, the fastest."""
    ours = float("inf")
    for back in range(7, 0, -1):
        day = END - timedelta(days=back)
        seconds, cells = timed(engine, Query(TWENTY, Grain.DAY, day, day + timedelta(days=1)))
        ours = min(ours, seconds)
    full, every = timed(engine, Query(TWENTY, Grain.DAY, FIRST, END))
    last = [cell for cell in every if cell.period == day.isoformat()]
    compare("a new day of 20 KPIs", ours, full, "all three years again", "goal 50 ×", same(cells, last))


def rolling(engine, events: int) -> None:
    """Different customers of the last 28 days, each day of three years; the range join is slow, so of fewer days."""
    query = Query(("mau",), Grain.DAY, FIRST, END)
    ours, _cells = timed(engine, query)
    days = 60 if events <= 10_000_000 else 20
    some = Query(("mau",), Grain.DAY, END - timedelta(days=days), END)
    joined, few = timed(engine, some, rewrites=False)
    ours_few, same_days = timed(engine, some)
    whole = joined * (END - FIRST).days / days
    note = f"{same(few, same_days)} on {days} days, of which {joined:.1f} s against {ours_few:.2f} s"
    compare("28-day distinct, each day of 3 years", ours, whole, f"range join, from {days} days", "goal 20 ×", note)
    sketch = hll(engine, days) * (END - FIRST).days / days
    compare("", ours, sketch, "range join by HyperLogLog", "goal 0.5 ×", f"approximate, from {days} days")


def hll(engine, days: int) -> float:
    """The same question with approx_count_distinct in DuckDB's own words."""
    version = {"visits": engine.version("visits")}
    kept = END - timedelta(days=days)
    import sqlglot

    text = f"""
        SELECT d.day, APPROX_COUNT_DISTINCT(v.customer_id) AS n
        FROM (SELECT CAST(UNNEST(GENERATE_SERIES(TIMESTAMP '{kept}', TIMESTAMP '{END - timedelta(days=1)}',
              INTERVAL 1 DAY)) AS DATE) AS day) AS d
        JOIN "visits" AS v ON CAST(v.at AT TIME ZONE 'Asia/Seoul' AS DATE) > d.day - 28
          AND CAST(v.at AT TIME ZONE 'Asia/Seoul' AS DATE) <= d.day
        WHERE v.at >= TIMESTAMPTZ '{kept - timedelta(days=29)} 00:00:00+00' GROUP BY 1"""
    tree = sqlglot.parse_one(text, dialect="duckdb")
    began = time.perf_counter()
    engine.execute(tree, version)
    return time.perf_counter() - began


def sequences(engine) -> None:
    """7-day conversion by ASOF join, against the union of both events under a window."""
    query = Query(("conversion",), Grain.MONTH, date(2026, 1, 1), END)
    ours, cells = timed(engine, query)
    kept, run.features = run.features, lambda *_: ()
    try:
        window, others = timed(engine, query)
    finally:
        run.features = kept
    note = same(cells, others)
    compare("7-day conversion by month, one year", ours, window, "window over the union", "no goal", note)


if __name__ == "__main__":
    main()
