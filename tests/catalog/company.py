"""A company on the standard tables: fifteen months, seeded, small. Frames for pandas, arrow tables for the engine."""

from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa

ZONE = "Asia/Seoul"
FIRST, LAST = pd.Timestamp("2025-01-01", tz=ZONE), pd.Timestamp("2026-04-01", tz=ZONE)
MONTHS = [f"{month}-01" for month in pd.period_range("2025-01", "2026-03", freq="M").astype(str)]


def moments(random, size):
    """Times over the whole span, to the microsecond so that no two fall together."""
    span = int((LAST - FIRST).total_seconds() * 1e6)
    return FIRST + pd.to_timedelta(np.sort(random.integers(0, span, size)), unit="us")


def later(random, times, hours):
    """Times after others, by an exponential delay with this mean."""
    return times + pd.to_timedelta((random.exponential(hours, len(times)) * 3.6e9).astype("int64") + 1, unit="us")


def ids(prefix, size):
    return [f"{prefix}{at}" for at in range(size)]


def some(random, values, share):
    """The values where chance says so, nothing elsewhere."""
    return pd.Series(values).where(random.random(len(values)) < share)


@cache
def frames() -> dict[str, pd.DataFrame]:
    """Every standard table as a frame; times carry the company's zone, missing values are missing."""
    random = np.random.default_rng(20260401)
    made: dict[str, pd.DataFrame] = {}
    people = [f"c{at}" for at in range(1500)]
    who = (random.beta(0.8, 2, 20_000) * len(people)).astype(int)

    signed = moments(random, 600)
    made["signups"] = pd.DataFrame(
        {"customer_id": people[:600], "signed_up_at": signed, "channel": random.choice(["검색", "광고", "소개"], 600)}
    )
    size = 4000
    # Half the orders come from people who signed up shortly before, the other half from anyone.
    ordered = moments(random, size)
    customers = np.array([people[at] for at in who[:size]], dtype=object)
    early = random.choice(600, 350, replace=False)
    ordered = ordered.append(pd.DatetimeIndex(later(random, signed[early], 200)))
    customers = np.append(customers, np.array(people[:600], dtype=object)[early])
    inside = ordered < LAST
    ordered, customers = ordered[inside], customers[inside]
    size = len(ordered)
    orders = pd.DataFrame(
        {
            "order_id": ids("o", size),
            "ordered_at": ordered,
            "customer_id": customers,
            "amount": random.integers(50, 900, size) * 100.0,
            "status": random.choice(
                ["paid", "PAID", "결제완료", "cancelled", "취소", None], size, p=[0.4, 0.1, 0.34, 0.08, 0.04, 0.04]
            ),
            "coupon": some(random, ids("k", size), 0.3).to_numpy(),
            "channel": random.choice(["앱", "웹", "매장"], size),
            "region": random.choice(["서울", "부산"], size),
        }
    )
    made["orders"] = orders
    lines = orders.loc[orders.index.repeat(random.integers(1, 3, size)), ["order_id", "amount"]].reset_index(drop=True)
    made["order_lines"] = pd.DataFrame(
        {
            "line_id": ids("l", len(lines)),
            "order_id": lines.order_id,
            "quantity": random.integers(1, 3, len(lines)),
            "cost": (lines.amount * 0.2).round(2),
            "category": random.choice(["옷", "신발"], len(lines)),
        }
    )
    size = 9000
    visited = moments(random, size)
    made["visits"] = pd.DataFrame(
        {
            "visit_id": ids("v", size),
            "visited_at": visited,
            "customer_id": some(random, [people[at] for at in who[5000 : 5000 + size]], 0.8).to_numpy(),
            "visitor_id": [f"d{at}" for at in random.integers(0, 2500, size)],
            "wait_minutes": some(random, random.exponential(12, size).round(2), 0.5).to_numpy(),
            "channel": random.choice(["검색", "광고", "직접"], size),
            "device": random.choice(["앱", "웹"], size),
        }
    )
    # A third of the carts are bought: their order follows within hours.
    bought = orders.iloc[np.sort(random.choice(len(orders), 700, replace=False))]
    before = bought.ordered_at - pd.to_timedelta((random.exponential(3, 700) * 3.6e9).astype("int64") + 1, unit="us")
    carts = pd.concat(
        [
            pd.DataFrame({"created_at": before, "customer_id": bought.customer_id}),
            pd.DataFrame({"created_at": moments(random, 1500), "customer_id": [people[at] for at in who[14000:15500]]}),
        ]
    ).sort_values("created_at", ignore_index=True)
    made["carts"] = carts[carts.created_at >= FIRST].assign(cart_id=lambda one: ids("b", len(one)))
    _service(made, random, people)
    _shipping(made, random)
    _money(made, random, people)
    _daily(made, random)
    return made


def _service(made, random, people):
    size = 1200
    opened = moments(random, size)
    closed = later(random, opened, 40)
    made["tickets"] = pd.DataFrame(
        {
            "ticket_id": ids("t", size),
            "opened_at": opened,
            "closed_at": pd.Series(closed).where(closed < LAST),
            "customer_id": random.choice(people[:300], size),
            "kind": random.choice(["불만", "Complaint", "질문", None], size, p=[0.08, 0.04, 0.8, 0.08]),
            "handle_seconds": random.integers(60, 900, size).astype(float),
            "channel": random.choice(["전화", "채팅"], size),
        }
    )
    answered = later(random, opened, 5)
    first = pd.DataFrame({"ticket_id": made["tickets"].ticket_id, "sent_at": answered})[random.random(size) < 0.9]
    second = first.assign(sent_at=first.sent_at + pd.Timedelta(minutes=37))[random.random(len(first)) < 0.4]
    replies = pd.concat([first, second]).query("sent_at < @LAST").sort_values("sent_at", ignore_index=True)
    made["replies"] = replies.assign(reply_id=ids("r", len(replies)))
    size = 3000
    kind = random.choice(["nps", "csat", "NPS", None, "enps"], size, p=[0.35, 0.35, 0.05, 0.1, 0.15])
    score = np.where(
        np.isin(kind, ["nps", "NPS", "enps"]),
        random.choice([10, 9, 8, 7, 5, 2], size),
        random.choice([5, 4, 3, 2], size),
    )
    made["surveys"] = pd.DataFrame(
        {
            "answer_id": ids("a", size),
            "answered_at": moments(random, size),
            "score": some(random, score.astype(float), 0.98).to_numpy(),
            "kind": kind,
        }
    )
    size = 800
    made["appointments"] = pd.DataFrame(
        {
            "appointment_id": ids("p", size),
            "due_at": moments(random, size),
            "came": random.random(size) < 0.88,
            "department": random.choice(["내과", "외과"], size),
        }
    )
    size = 500
    leads = pd.DataFrame(
        {"lead_id": ids("e", size), "created_at": moments(random, size), "source": random.choice(["소개", "웹"], size)}
    )
    made["leads"] = leads
    won = leads[random.random(size) < 0.3]
    contracts = pd.DataFrame({"signed_at": later(random, won.created_at, 700), "lead_id": won.lead_id})
    contracts = contracts[contracts.signed_at < LAST].reset_index(drop=True)
    made["contracts"] = contracts.assign(
        contract_id=ids("n", len(contracts)),
        kind=random.choice(["new", "신규", "renewal", None], len(contracts)),
        owner=random.choice(["김", "이"], len(contracts)),
    )


def _shipping(made, random):
    sent = made["orders"][random.random(len(made["orders"])) < 0.93]
    shipped = later(random, sent.ordered_at, 15)
    delivered = later(random, shipped, 20)
    known = (delivered < LAST).to_numpy()
    made["deliveries"] = pd.DataFrame(
        {
            "delivery_id": ids("s", len(sent)),
            "order_id": sent.order_id,
            "shipped_at": shipped,
            "delivered_at": delivered,
            "promised_at": (sent.ordered_at + pd.Timedelta(hours=60)).where(random.random(len(sent)) < 0.9),
            "problem": some(random, random.choice(["파손", "오배송"], len(sent)), 0.04).to_numpy(),
            "carrier": random.choice(["가", "나"], len(sent)),
        }
    )[known].reset_index(drop=True)
    back = made["deliveries"][random.random(len(made["deliveries"])) < 0.09]
    returns = pd.DataFrame({"order_id": back.order_id, "returned_at": later(random, back.delivered_at, 100)})
    returns = returns[returns.returned_at < LAST].reset_index(drop=True)
    made["returns"] = returns.assign(
        return_id=ids("u", len(returns)), reason=random.choice(["치수", "변심"], len(returns))
    )


def _money(made, random, people):
    months = pd.date_range("2025-01-01", "2026-03-01", freq="MS", tz=ZONE)
    paid, ended = [], []
    for at in range(220):
        begins, fee = int(random.integers(0, 12)), float(random.choice([9900, 29000, 99000]))
        lives = int(random.geometric(0.06))
        head = {"subscription_id": f"b{at}", "customer_id": people[at % 200], "amount": fee, "plan": f"{fee:.0f}"}
        paid += [
            {**head, "paid_at": month + pd.Timedelta(hours=9, seconds=at)} for month in months[begins : begins + lives]
        ]
        over = begins + lives < len(months)
        gone = months[begins + lives] + pd.Timedelta(days=3, seconds=at) if over else pd.NaT
        ended.append({**head, "started_at": months[begins], "cancelled_at": gone})
    made["payments"] = (
        pd.DataFrame(paid).sort_values("paid_at", ignore_index=True).assign(payment_id=lambda one: ids("m", len(one)))
    )
    made["subscriptions"] = pd.DataFrame(ended)
    brands = ["우리", "하늘", "바다"]
    made["market"] = pd.DataFrame(
        [
            {"month": month, "brand": brand, "sales": float(random.integers(10, 90)) * 1e6, "ours": brand == "우리"}
            for month in months
            for brand in brands
        ]
    )
    made["headcount"] = pd.DataFrame(
        [
            {"month": month, "team": team, "people": int(random.integers(20, 40)), "left": int(random.integers(0, 3))}
            for month in months
            for team in ("개발", "영업")
        ]
    )


def _daily(made, random):
    days = pd.date_range(FIRST, LAST, freq="D", inclusive="left")
    ads = [{"day": day, "campaign": name} for day in days for name in ("겨울", "봄")]
    shown = random.integers(500, 3000, len(ads))
    made["ads"] = pd.DataFrame(ads).assign(
        ad_id=ids("g", len(ads)),
        impressions=shown,
        clicks=random.binomial(shown, 0.02),
        spend=random.integers(2, 20, len(ads)) * 1000.0,
    )
    social = [{"day": day, "channel": name} for day in days for name in ("인스타", "유튜브")]
    seen = random.integers(200, 2000, len(social))
    made["social"] = pd.DataFrame(social).assign(
        impressions=seen,
        engagements=random.binomial(seen, 0.04),
        followers=1000 + np.arange(len(social)) * 2 + random.integers(0, 9, len(social)),
    )
    made["searches"] = pd.DataFrame(
        [
            {"day": day, "keyword": word, "searches": int(random.integers(5, 90))}
            for day in days
            for word in ("모아", "moa")
        ]
    )
    made["inspections"] = pd.DataFrame({"inspected_at": days + pd.Timedelta(hours=10)}).assign(
        lot_id=ids("z", len(days)),
        made=random.integers(100, 300, len(days)),
        line=random.choice(["1", "2"], len(days)),
        defects=lambda one: random.binomial(one.made, 0.02),
    )
    size = 900
    made["app_installs"] = pd.DataFrame(
        {
            "install_id": ids("i", size),
            "installed_at": moments(random, size),
            "store": random.choice(["구글", "애플"], size),
        }
    )


def arrow(frame: pd.DataFrame) -> pa.Table:
    """A frame as the engine reads it: instants in UTC, missing values null."""
    made = {}
    for name in frame.columns:
        column = frame[name]
        if isinstance(column.dtype, pd.DatetimeTZDtype):
            made[name] = pa.array(column.dt.tz_convert("UTC"), pa.timestamp("us", "UTC"))
        elif pd.api.types.is_bool_dtype(column.dtype):
            made[name] = pa.array(column, pa.bool_())
        elif pd.api.types.is_integer_dtype(column.dtype):
            made[name] = pa.array(column, pa.int64())
        elif pd.api.types.is_float_dtype(column.dtype):
            made[name] = pa.array(column, pa.float64(), from_pandas=True)
        else:
            made[name] = pa.array([None if pd.isna(one) else one for one in column], pa.string())
    return pa.table(made)
