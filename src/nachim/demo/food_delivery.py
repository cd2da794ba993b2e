"""한입배달, a simulated delivery app: installs become sign-ups, sign-ups order, and some order again.

An order decides at once whether and when its customer orders next, so growth by new people and growth by people who
stay can part ways, and do.
"""

from datetime import date
from functools import partial

import numpy as np

from nachim.demo.company import Company, Event, tables_of
from nachim.demo.rhythm import Rhythm
from nachim.demo.world import DAY, MOMENT, NUMBER, Growing, Id, Of, Rows, World, generate, generate_day

INVITE_PUSH = Event("invite_push", 270, 0, 1.8)
RIDER_SHORTAGE = Event("rider_shortage", 410, 40, 1.75)
RAINY_COUPONS = Event("rainy_coupons", 492, 12, 1.3)
EVENTS = (INVITE_PUSH, RIDER_SHORTAGE, RAINY_COUPONS)

AREAS, AREA_SHARE = ("성수·왕십리", "마포·신촌", "강남·서초", "분당·판교", "인천 송도"), (0.24, 0.22, 0.25, 0.17, 0.12)
SONGDO = 4
CHANNELS, CHANNEL_SHARE = ("검색 광고", "SNS 광고", "자연 유입", "친구 초대"), (0.29, 0.27, 0.31, 0.13)
INVITED = 3
PAID, CAMPAIGNS, CLICK_COST = (0, 1), ("배달 검색어", "첫 주문 릴스"), (960, 780)
STORES = ("Android", "iOS")
FOODS, FOOD_SHARE = ("치킨", "한식", "분식", "피자·버거", "중식", "카페·디저트"), (0.25, 0.22, 0.15, 0.16, 0.11, 0.11)
FOOD_PRICE = np.array([23_500, 15_500, 13_000, 22_000, 18_500, 12_500])
COUPONS, COUPON_OFF = (
    ("첫 주문 1만 원", "친구 초대 5천 원", "주말 3천 원", "비 오는 날 4천 원"),
    np.array([10_000, 5_000, 3_000, 4_000]),
)
STATUSES, CANCELLED = ("완료", "취소"), 1
PROBLEMS = ("누락", "오배송", "파손")
KINDS, COMPLAINT, QUESTION = ("불만", "문의"), 0, 1
TOPICS = ("늦은 배달", "누락·오배송", "결제·쿠폰", "기타")
LATE, WRONG, MONEY, OTHER = range(4)

INSTALLS_A_DAY, JOINS, ORDERS_FIRST = 140, 0.55, 0.42
COMES_BACK, INVITED_COMES_BACK = np.array([0.46, 0.64, 0.77, 0.855]), 0.40
COMMISSION, PROMISE = 0.15, 45
RHYTHM = Rhythm(
    growth=1.55,
    weekdays=(0.88, 0.86, 0.89, 0.93, 1.12, 1.2, 1.15),
    season=(1.06, 1.0, 0.97, 0.95, 0.95, 0.98, 1.06, 1.07, 0.96, 0.95, 1.0, 1.08),
    holiday=1.08,
    big=0.55,
    hours=np.array([7, 4, 2, 1, 0.4, 0.3, 0.4, 1, 3, 7, 16, 38, 45, 26, 15, 13, 18, 40, 66, 62, 44, 33, 24, 14], float),
    free_hours=np.array(
        [11, 7, 4, 2, 1, 0.5, 0.4, 1, 3, 9, 21, 38, 45, 37, 27, 23, 28, 47, 63, 56, 41, 33, 26, 17],
        float,
    ),
)  # fmt: skip


class FoodDelivery(World):
    layout = {
        "installs": {"install_id": Id("I"), "installed_at": MOMENT, "channel": Of(CHANNELS), "store": Of(STORES)},
        "signups": {
            "customer_id": Id("C"), "signed_up_at": MOMENT, "channel": Of(CHANNELS), "area": Of(AREAS),
        },
        "orders": {
            "order_id": Id("O", 7), "ordered_at": MOMENT, "customer_id": Id("C"), "amount": NUMBER, "discount": NUMBER,
            "delivery_fee": NUMBER, "commission": NUMBER, "coupon": Of(COUPONS), "food": Of(FOODS), "area": Of(AREAS),
            "channel": Of(CHANNELS), "status": Of(STATUSES), "nth": NUMBER,
        },
        "deliveries": {
            "delivery_id": Id("D", 7), "order_id": Id("O", 7), "delivered_at": MOMENT, "promised_at": MOMENT,
            "minutes": NUMBER, "rider_pay": NUMBER, "problem": Of(PROBLEMS), "area": Of(AREAS),
        },
        "tickets": {
            "ticket_id": Id("T"), "opened_at": MOMENT, "customer_id": Id("C"), "order_id": Id("O", 7),
            "kind": Of(KINDS), "topic": Of(TOPICS), "area": Of(AREAS), "handle_seconds": NUMBER,
        },
        "replies": {"reply_id": Id("R"), "ticket_id": Id("T"), "sent_at": MOMENT, "minutes": NUMBER},
        "surveys": {
            "answer_id": Id("V"), "answered_at": MOMENT, "customer_id": Id("C"), "kind": Of(("csat",)),
            "score": NUMBER, "area": Of(AREAS),
        },
        "ads": {
            "ad_id": Id("A"), "day": MOMENT, "channel": Of(CHANNELS), "campaign": Of(CAMPAIGNS), "spend": NUMBER,
            "impressions": NUMBER, "clicks": NUMBER,
        },
    }  # fmt: skip
    moments = {
        "installs": "installed_at", "signups": "signed_up_at", "orders": "ordered_at", "deliveries": "delivered_at",
        "tickets": "opened_at", "replies": "sent_at", "surveys": "answered_at", "ads": "day",
    }  # fmt: skip
    early, known, rhythm = 150, ("signups",), RHYTHM

    def __init__(self, start: date, seed: int):
        super().__init__(start, seed)
        self.people = Growing()
        self.due: dict[int, list[np.ndarray]] = {}
        self.joining: dict[int, list[tuple[np.ndarray, np.ndarray]]] = {}

    def live(self, at: int, day: date, random: np.random.Generator) -> None:
        level = RHYTHM.level(day, self.start)
        installs = self._installs(at, day, random, level)
        before = self.people.size
        fresh, joined = self._signups(at, day, random)
        customer = np.unique(np.concatenate([np.empty(0, np.int64), *self.due.pop(at, [])]))
        if RAINY_COUPONS.on(at):
            idle = random.integers(0, before, int(len(customer) * (RAINY_COUPONS.size - 1) * 1.1))
            customer = np.unique(np.concatenate([customer, idle]))
        seconds = at * DAY + RHYTHM.clock(random, len(customer), day)
        # Those who have just joined order after they have.
        customer, seconds = np.concatenate([customer, fresh]), np.concatenate([seconds, joined])
        order = np.argsort(seconds, kind="stable")
        self._orders(at, day, random, customer[order], np.minimum(seconds[order], at * DAY + DAY - 1))
        self._ads(at, random, installs)

    def _installs(self, at: int, day: date, random: np.random.Generator, level: float) -> np.ndarray:
        """Installs by channel today; a part of them joins today or in the days after."""
        share = np.array(CHANNEL_SHARE)
        pushed = INVITE_PUSH.on(at)
        if pushed:
            share = share + np.eye(4)[INVITED] * (INVITE_PUSH.size - 1)
        n = random.poisson(INSTALLS_A_DAY * level**0.9 * share.sum())
        channel = random.choice(4, n, p=share / share.sum())
        seconds = at * DAY + np.sort(RHYTHM.clock(random, n, day))
        self.post(
            "installs", seconds, install_id=self.number("installs", n), channel=channel,
            store=(random.random(n) < 0.44).astype(int),
        )  # fmt: skip
        joins = random.random(n) < JOINS
        later = np.where(random.random(n) < 0.78, 0, random.geometric(0.35, n))
        for days in np.unique(later[joins]):
            picked = joins & (later == days)
            self.joining.setdefault(at + int(days), []).append((channel[picked], seconds[picked] if days == 0 else
                                                                np.full(picked.sum(), -1)))  # fmt: skip
        return np.bincount(channel, minlength=4)

    def _signups(self, at: int, day: date, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Who joins today; those of them who order today, and when."""
        parts = self.joining.pop(at, [])
        channel = np.concatenate([np.empty(0, np.int64), *(one[0] for one in parts)])
        seconds = np.concatenate([np.empty(0, np.int64), *(one[1] for one in parts)])
        n = len(channel)
        later = at * DAY + RHYTHM.clock(random, n, day)
        seconds = np.minimum(np.where(seconds < 0, later, seconds + random.integers(60, 900, n)), at * DAY + DAY - 1200)
        order = np.argsort(seconds, kind="stable")
        channel, seconds = channel[order], seconds[order]
        area = random.choice(len(AREAS), n, p=AREA_SHARE)
        customer = self.people.add(
            n, channel=channel, area=area, keen=random.random(n), orders=0, pushed=INVITE_PUSH.on(at)
        )
        self.post("signups", seconds, customer_id=customer, channel=channel, area=area)
        buys = random.random(n) < ORDERS_FIRST
        days = np.where(random.random(n) < 0.5, 0, np.minimum(random.geometric(0.14, n), 28))
        for one in np.unique(days[buys & (days > 0)]):
            self.due.setdefault(at + int(one), []).append(customer[buys & (days == one)])
        now = buys & (days == 0)
        return customer[now], seconds[now] + random.integers(120, 1200, int(now.sum()))

    def _orders(
        self, at: int, day: date, random: np.random.Generator, customer: np.ndarray, seconds: np.ndarray
    ) -> None:
        n, people = len(customer), self.people
        area, channel = people["area"][customer], people["channel"][customer]
        people["orders"][customer] += 1
        nth = people["orders"][customer]
        food = random.choice(len(FOODS), n, p=FOOD_SHARE)
        goods = np.maximum(9_000, FOOD_PRICE[food] * random.lognormal(-0.03, 0.26, n) // 100 * 100)
        coupon = self._coupons(at, day, random, nth, channel)
        discount = np.where(coupon >= 0, np.minimum(COUPON_OFF[coupon], goods), 0)
        fee = random.choice([2_000, 3_000, 3_500, 4_000], n, p=[0.2, 0.45, 0.25, 0.1])
        cancelled = random.random(n) < 0.028
        number = self.number("orders", n)
        self.post(
            "orders", seconds, order_id=number, customer_id=customer, amount=goods - discount + fee, discount=discount,
            delivery_fee=fee, commission=goods * COMMISSION // 10 * 10, coupon=coupon, food=food, area=area,
            channel=channel, status=np.where(cancelled, CANCELLED, 0), nth=nth,
        )  # fmt: skip
        rows = {"order": number, "seconds": seconds, "customer": customer, "area": area, "sent": ~cancelled}
        minutes, problem = self._deliveries(at, random, rows)
        self._words(at, random, {**rows, "minutes": minutes, "problem": problem})
        self._comings(at, day, random, customer, nth, minutes)

    def _coupons(
        self, at: int, day: date, random: np.random.Generator, nth: np.ndarray, channel: np.ndarray
    ) -> np.ndarray:
        draw, n = random.random(len(nth)), len(nth)
        coupon = np.where((day.weekday() >= 5) & (draw < 0.22), 2, -1)
        if RAINY_COUPONS.on(at):
            coupon = np.where(draw < 0.55, 3, coupon)
        coupon = np.where((nth <= 2) & (channel == INVITED) & (draw < 0.8), 1, coupon)
        return np.where((nth == 1) & (random.random(n) < 0.75), 0, coupon)

    def _deliveries(self, at: int, random: np.random.Generator, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
        """How many minutes each order takes, and what goes wrong (-1: nothing)."""
        order, seconds, area = rows["order"], rows["seconds"], rows["area"]
        n = len(order)
        busy = np.isin(seconds % DAY // 3600, (12, 18, 19)) * 4.5
        minutes = 17 + busy + random.gamma(5.0, 2.7, n)
        short = RIDER_SHORTAGE.on(at) & (area == SONGDO)
        minutes = np.where(short, minutes * RIDER_SHORTAGE.size, minutes).astype(np.int64)
        problem = np.where(random.random(n) < 0.011, random.choice(3, n, p=[0.55, 0.27, 0.18]), -1)
        pay = 2_500 + 25 * np.clip(minutes - 25, 0, 40) + random.integers(0, 5, n) * 100
        sent = np.flatnonzero(rows["sent"])
        self.post(
            "deliveries", (seconds + minutes * 60)[sent], delivery_id=order[sent], order_id=order[sent],
            promised_at=(seconds + PROMISE * 60)[sent], minutes=minutes[sent], problem=problem[sent], area=area[sent],
            rider_pay=(pay // 10 * 10)[sent],
        )  # fmt: skip
        return minutes, problem

    def _words(self, at: int, random: np.random.Generator, rows: Rows) -> None:
        """Complaints, questions and stars for the orders that came."""
        n, sent, wrong = len(rows["order"]), rows["sent"], rows["problem"] >= 0
        came = rows["seconds"] + np.where(sent, rows["minutes"] * 60, 300)
        late = np.clip((rows["minutes"] - PROMISE) / 20, 0, 2)
        draw = random.random(n)
        complains = sent & (draw < 0.004 + 0.12 * late + 0.45 * wrong)
        asks = ~complains & (random.random(n) < 0.012)
        picked = np.flatnonzero(complains | asks)
        usual = random.choice([MONEY, OTHER], len(picked))
        topic = np.where(wrong, WRONG, np.where(late > 0, LATE, OTHER))[picked]
        ticket, opened = self.number("tickets", len(picked)), came[picked] + random.integers(60, 3_600, len(picked))
        self.post(
            "tickets", opened, ticket_id=ticket, customer_id=rows["customer"][picked], order_id=rows["order"][picked],
            kind=np.where(complains[picked], COMPLAINT, QUESTION), topic=np.where(asks[picked], usual, topic),
            area=rows["area"][picked], handle_seconds=random.gamma(4, 55, len(picked)) + 60,
        )  # fmt: skip
        waited = (3 + random.gamma(1.6, 9 + 8 * RIDER_SHORTAGE.on(at), len(picked))).astype(np.int64)
        self.post("replies", opened + waited * 60, reply_id=ticket, ticket_id=ticket, minutes=waited)
        stars = np.flatnonzero(sent & (random.random(n) < 0.14))
        felt = 4.55 + random.normal(0, 0.62, len(stars)) - 0.8 * late[stars] - 1.5 * wrong[stars]
        self.post(
            "surveys", came[stars] + random.integers(600, 30_000, len(stars)), kind=0,
            answer_id=self.number("surveys", len(stars)), customer_id=rows["customer"][stars],
            score=np.clip(np.round(felt), 1, 5), area=rows["area"][stars],
        )  # fmt: skip

    def _comings(
        self,
        at: int,
        day: date,
        random: np.random.Generator,
        customer: np.ndarray,
        nth: np.ndarray,
        minutes: np.ndarray,
    ) -> None:
        """Who will order again, and when."""
        people, n = self.people, len(customer)
        chance = COMES_BACK[np.minimum(nth, 4) - 1] * (0.72 + 0.56 * people["keen"][customer])
        lured = people["pushed"][customer] & (people["channel"][customer] == INVITED) & (nth == 1)
        chance *= np.where(lured, INVITED_COMES_BACK, 1.0)
        chance *= np.where(minutes > PROMISE + 10, 0.62, 1.0)
        again = np.flatnonzero(random.random(n) < np.minimum(chance, 0.93))
        gaps = np.minimum(2 + random.gamma(1.5, 6.3, (5, len(again))).astype(np.int64), 90)
        days = self.coming(random, gaps, self.ahead(day))
        for one in np.unique(days):
            self.due.setdefault(at + int(one), []).append(customer[again[days == one]])

    def _ads(self, at: int, random: np.random.Generator, installs: np.ndarray) -> None:
        paid = np.array(PAID)
        clicks = (installs[paid] / random.uniform(0.16, 0.21, 2)).astype(np.int64) + random.integers(0, 6, 2)
        self.post(
            "ads", np.full(2, at * DAY + 86_340), ad_id=self.number("ads", 2), channel=paid, campaign=np.arange(2),
            spend=clicks * np.array(CLICK_COST) * random.normal(1, 0.05, 2) // 100 * 100,
            impressions=clicks / random.uniform(0.013, 0.021, 2), clicks=clicks,
        )  # fmt: skip


COMPANY = Company(
    "startup",
    {"ko": "한입배달", "en": "Hanip Delivery"},
    tables_of("startup"),
    EVENTS,
    growth=RHYTHM.growth,
    plan={
        "revenue": (66_000_000, 2.1), "orders": (115, 2.1), "signups": (560, 2.3), "first_orders": (240, 2.1),
        "buyers": (1_800, 2.3),
    },
    pulse="orders",
    generate=partial(generate, FoodDelivery),
    generate_day=partial(generate_day, FoodDelivery),
)  # fmt: skip
