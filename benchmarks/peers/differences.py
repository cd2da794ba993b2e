"""Whether the sides' numbers agree; where they do not, which definition differs, and that nothing else does."""

# ruff: noqa: S608
from collections.abc import Iterator
from pathlib import Path

import duckdb
from questions import ROWS

NEAR = 1e-9


def checked(answers: dict[str, dict], folder: Path) -> Iterator[str]:
    """A line for each question."""
    yield ""
    for name, title in ROWS.items():
        ours = answers["nachim"]["rows"][name]["values"]
        for peer in answers:
            theirs = answers[peer]["rows"][name]["values"]
            if peer == "nachim":
                continue
            if same(ours, theirs):
                yield f"{title}: {peer} gives the same {len(ours)} numbers"
            elif name == "conversion_month" and peer == "metricflow":
                yield from credited(title, ours, theirs, folder)
            else:
                yield f"{title}: {peer} DIFFERS at {first(ours, theirs)}"


def same(one: dict[str, float], two: dict[str, float]) -> bool:
    """The same keys, and numbers that differ by no more than sums of doubles do."""
    return one.keys() == two.keys() and all(abs(one[key] - two[key]) <= NEAR * abs(one[key]) for key in one)


def first(one: dict[str, float], two: dict[str, float]) -> str:
    keys = sorted(one.keys() | two.keys())
    at = next(key for key in keys if key not in one or key not in two or not same({key: one[key]}, {key: two[key]}))
    return f"{at}: {one.get(at)} and {two.get(at)}"


def credited(title: str, ours: dict, theirs: dict, folder: Path) -> Iterator[str]:
    """MetricFlow counts orders, each credited to the last day with a visit; both readings are computed again here."""
    month = "strftime(date_trunc('month', visited_at), '%Y-%m-%d')"
    orders = f"(SELECT customer_id, ordered_at FROM '{folder / 'orders.parquet'}') AS o"
    visits = f"(SELECT visit_id, customer_id, visited_at FROM '{folder / 'visits.parquet'}') AS v"
    share = f"""
        SELECT {month}, avg(CASE WHEN ordered_at < visited_at + INTERVAL 7 DAY THEN 1 ELSE 0 END)
        FROM {visits} ASOF LEFT JOIN {orders} ON v.customer_id = o.customer_id AND o.ordered_at >= v.visited_at
        GROUP BY 1"""
    credit = f"""
        WITH all_visits AS (SELECT {month} AS m, count(*) AS n FROM {visits} GROUP BY 1), won AS (
            SELECT {month} AS m, count(*) AS n FROM {orders} ASOF JOIN (
                SELECT DISTINCT customer_id, CAST(visited_at AS DATE) AS visited_at FROM {visits}) AS d
            ON d.customer_id = o.customer_id AND d.visited_at <= CAST(o.ordered_at AS DATE)
            WHERE CAST(ordered_at AS DATE) < visited_at + INTERVAL 7 DAY GROUP BY 1)
        SELECT m, won.n / all_visits.n FROM all_visits JOIN won USING (m)"""
    with duckdb.connect() as duck:
        shares, credits = (dict(duck.sql(text).fetchall()) for text in (share, credit))
    example = min(ours)
    yield (
        f"{title}: the definitions differ. {example}: nachim {ours[example]:.2%} is the share of visits that an order "
        f"follows within 7 × 24 hours; MetricFlow {theirs[example]:.2%} is orders, each credited to the last visit "
        "on the same day or one of the 6 days before, over visits"
    )
    verdict = {True: "equal", False: "NOT equal"}
    yield (
        f"  by hand, {len(shares)} months of the first are {verdict[same(ours, shares)]} to nachim's, "
        f"and of the second {verdict[same(theirs, credits)]} to MetricFlow's"
    )
