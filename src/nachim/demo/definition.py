"""What the simulated shop wants: its tables, metrics, goals and KPIs, as a definition file would say it."""

from datetime import date

PEOPLE = (
    {"email": "alice@example.com", "name": "김하늘", "role": "owner"},
    {"email": "bob@example.com", "name": "이준호", "role": "editor"},
    {"email": "carol@example.com", "name": "박서연", "role": "viewer"},
)
ALICE, BOB, CAROL = (person["email"] for person in PEOPLE)

SOURCES = {
    "orders": {"label": "주문", "key": "주문번호", "time": "주문일시", "entities": {"customer": "고객ID"}, "dims": ["채널", "지역", "카테고리", "쿠폰사용"]},
    "order_lines": {"label": "주문 상품", "key": "line_id", "time": "ordered_at", "dims": ["category"]},
    "sessions": {"label": "방문", "key": "session_id", "time": "visited_at", "entities": {"customer": "customer_id"}, "dims": ["channel", "source"]},
    "returns": {"label": "반품", "key": "return_id", "time": "returned_at", "dims": ["category", "reason"]},
    "signups": {"label": "가입", "key": "customer_id", "time": "joined_at", "entities": {"customer": "customer_id"}, "dims": ["source"]},
    "surveys": {"label": "설문", "key": "survey_id", "time": "answered_at", "dims": ["region"]},
    "ads": {"label": "광고", "key": "ad_id", "time": "day", "dims": ["source"]},
}  # fmt: skip

PAID = "\"주문상태\" = '결제완료'"


def _metric(ko: str, en: str, unit: str, better: str, **how) -> dict:
    return {"label": {"ko": ko, "en": en}, "unit": unit, "better": better, **how}


METRICS = {
    "revenue": _metric("매출", "Revenue", "KRW", "up", agg='sum(orders."결제금액")', where=PAID),
    "orders": _metric("주문 수", "Orders", "count", "up", agg="count(orders)", where=PAID),
    "aov": _metric("객단가", "Average order value", "KRW", "up", calc="revenue / orders"),
    "buyers": _metric("구매 고객 수", "Buyers", "people", "up", agg="count_distinct(orders.customer)", where=PAID),
    "revenue_per_buyer": _metric("1인당 구매액", "Revenue per buyer", "KRW", "up", calc="revenue / buyers"),
    "coupon_rate": _metric("쿠폰 사용률", "Coupon rate", "percent", "down", agg="avg(\"쿠폰사용\" = '예')", **{"from": "orders"}, where=PAID),
    "cancel_rate": _metric("취소율", "Cancellation rate", "percent", "down", agg="avg(\"주문상태\" = '취소')", **{"from": "orders"}),
    "delivery_days": _metric("평균 배송일", "Delivery time", "days", "down", agg='avg(orders."배송일수")', where=PAID),
    "visits": _metric("방문 수", "Visits", "count", "up", agg="count(sessions)"),
    "conversion": _metric("구매 전환율", "Conversion rate", "percent", "up", agg="avg(sessions.ordered)"),
    "cart_abandonment": _metric("장바구니 이탈률", "Cart abandonment", "percent", "down", calc="1 - done / carts", **{"with": {
        "done": {"agg": "sum(sessions.ordered)"}, "carts": {"agg": "sum(sessions.added_to_cart)"}}}),
    "signups": _metric("신규 가입", "Sign-ups", "people", "up", agg="count(signups)"),
    "returned": _metric("반품 수", "Returned items", "count", "down", agg="count(returns)"),
    "lines": _metric("판매 상품 수", "Items sold", "count", "up", agg="count(order_lines)"),
    "return_rate": _metric("반품률", "Return rate", "percent", "down", calc="returned / lines"),
    "nps": _metric("추천 지수(NPS)", "NPS", "points", "up", agg="100 * (avg(score >= 9) - avg(score <= 6))", **{"from": "surveys"}, where="kind = 'nps'"),
    "csat": _metric("고객 만족도", "CSAT", "points", "up", agg="avg(score)", **{"from": "surveys"}, where="kind = 'csat'"),
    "ad_spend": _metric("광고비", "Ad spend", "KRW", "down", agg="sum(ads.spend)"),
    "ctr": _metric("광고 클릭률", "Click-through rate", "percent", "up", calc="clicks / shown", **{"with": {
        "clicks": {"agg": "sum(ads.clicks)"}, "shown": {"agg": "sum(ads.impressions)"}}}),
    "cac": _metric("가입 한 명당 광고비", "Cost per sign-up", "KRW", "down", calc="ad_spend / signups"),
    "roas": _metric("광고 수익률(ROAS)", "ROAS", "ratio", "up", calc="revenue / ad_spend"),
}  # fmt: skip


def year_of(today: date) -> tuple[date, date]:
    """The stretch the goals run over: the year of today, or until the middle of it while the year is young."""
    if today.month >= 4:
        return date(today.year, 1, 1), date(today.year, 12, 31)
    return date(today.year - 1, 7, 1), date(today.year, 6, 30)


def definition(today: date) -> dict:
    """The whole definition for a shop whose today is `today`."""
    start, due = year_of(today)

    def kpi(name, metric, owner, cadence, level, timing, weight, target, **more):
        return {"name": name, "metric": metric, "owner": owner, "cadence": cadence, "level": level, "timing": timing, "weight": weight,
                "target": {**target, "start": start, "due": due}, **more}  # fmt: skip

    def reach(baseline, level):
        return {"kind": "reach", "direction": "up" if level > baseline else "down", "baseline": baseline, "level": level}

    def least(level):
        return {"kind": "keep", "direction": "up", "level": level}

    def most(level):
        return {"kind": "keep", "direction": "down", "level": level}

    strategic, operational, functional = "strategic", "operational", "functional"
    goals = [
        ("grow-revenue", "매출을 건강하게 키운다", "새 물류 센터 계약은 월 매출 2억 8천만 원을 전제로 합니다.", ALICE, [
            kpi("monthly-revenue", "revenue", ALICE, "month", strategic, "lagging", 40, reach(190_000_000, 280_000_000), guardrails=[{"metric": "return_rate", "max": 0.10}]),
            kpi("app-revenue", "revenue", BOB, "month", operational, "lagging", 20, reach(122_000_000, 195_000_000), label="앱 매출", slice={"채널": "앱"}),
            kpi("daily-orders", "orders", BOB, "day", operational, "leading", 20, reach(80, 105), guardrails=[{"metric": "coupon_rate", "max": 0.2}]),
            kpi("basket", "aov", CAROL, "month", operational, "lagging", 20, reach(74_000, 80_000)),
        ]),
        ("convert", "찾아온 사람이 사게 한다", "방문은 늘었지만 결제까지 가는 길에서 많이 떠납니다.", BOB, [
            kpi("conversion", "conversion", BOB, "week", operational, "leading", 40, least(0.135)),
            kpi("mobile-conversion", "conversion", BOB, "week", functional, "leading", 20, least(0.11), label="모바일웹 전환율", slice={"channel": "모바일웹"}, function="product"),
            kpi("abandonment", "cart_abandonment", CAROL, "week", operational, "leading", 20, reach(0.55, 0.50)),
            kpi("visits", "visits", CAROL, "week", functional, "leading", 20, reach(4_200, 4_900), function="marketing"),
        ]),
        ("come-back", "한 번 산 고객이 다시 온다", "새 고객을 데려오는 값이 다시 오게 하는 값의 다섯 배입니다.", CAROL, [
            kpi("buyers", "buyers", CAROL, "month", strategic, "lagging", 40, reach(2_100, 2_900)),
            kpi("per-buyer", "revenue_per_buyer", CAROL, "month", operational, "lagging", 20, least(80_000)),
            kpi("nps", "nps", ALICE, "month", strategic, "leading", 20, least(42), function="service"),
            kpi("csat", "csat", BOB, "month", functional, "leading", 20, least(4.25), function="service"),
        ]),
        ("deliver", "받은 그대로 마음에 들게 한다", "반품 하나가 주문 세 건의 이익을 지웁니다.", BOB, [
            kpi("return-rate", "return_rate", BOB, "week", operational, "lagging", 50, most(0.085), function="product"),
            kpi("delivery", "delivery_days", BOB, "week", functional, "leading", 30, most(2.2), function="logistics"),
            kpi("cancels", "cancel_rate", CAROL, "day", functional, "leading", 20, most(0.05), function="logistics"),
        ]),
        ("acquire", "새 고객을 알뜰하게 데려온다", "광고비를 늘리지 않고 가입을 늘립니다.", CAROL, [
            kpi("signups", "signups", CAROL, "week", functional, "leading", 25, reach(200, 240), function="marketing"),
            kpi("cost-per-signup", "cac", CAROL, "month", functional, "lagging", 25, reach(6_600, 6_000), function="marketing"),
            kpi("ad-spend", "ad_spend", ALICE, "month", functional, "leading", 15, most(7_000_000), function="finance"),
            kpi("roas", "roas", ALICE, "month", operational, "lagging", 20, least(33)),
            kpi("ctr", "ctr", CAROL, "day", functional, "leading", 15, least(0.015), function="marketing"),
        ]),
    ]  # fmt: skip
    return {
        "workspace": {"name": "모아옷장", "locale": "ko"},
        "calendar": {"tz": "Asia/Seoul"},
        "people": list(PEOPLE),
        "sources": {name: {"lake": name, **source} for name, source in SOURCES.items()},
        "metrics": METRICS,
        "goals": [
            {"name": name, "title": title, "why": why, "start": start, "due": due, "owner": owner, "kpis": kpis}
            for name, title, why, owner, kpis in goals
        ],
    }
