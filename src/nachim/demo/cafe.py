"""볕든커피, a simulated chain of six cafés: guests known by their card, members by their phone.

Members come back far more often, and few guests have heard that they could be one.
"""

from datetime import date
from functools import partial

import numpy as np

from nachim.demo.company import Company, Event, tables_of
from nachim.demo.rhythm import Rhythm
from nachim.demo.world import DAY, MOMENT, NUMBER, Growing, Id, Of, Rows, World, generate, generate_day

# The chance to come back after a visit: of a guest, of a member, and its factor after a long wait.
COMES_BACK, MEMBER_COMES_BACK, LONG_WAIT_COMES_BACK = 0.58, 0.88, 0.93
MEMBERS_RETURN = Event("members_return", 0, 0, MEMBER_COMES_BACK / COMES_BACK)
STAFF_EXPLAINS = Event("staff_explains", 310, 0, 4.0)
CAKE_SET = Event("cake_set", 365, 0, 1.07)
BARISTA_GONE = Event("barista_gone", 440, 42, 2.0)
EVENTS = (MEMBERS_RETURN, STAFF_EXPLAINS, CAKE_SET, BARISTA_GONE)

STORES = ("강남역점", "광화문점", "판교점", "성수점", "연남점", "부산 서면점")
GANGNAM, YEONNAM = 0, 4
STORE_SHARE = np.array([0.21, 0.17, 0.16, 0.18, 0.15, 0.13])
CHANNELS, CHANNEL_SHARE = ("매장", "포장", "배달"), (0.52, 0.39, 0.09)
PRODUCTS = ("아메리카노", "라떼", "시즌 음료", "디저트 세트")
PRODUCT_SHARE, PRODUCT_PRICE = (0.47, 0.24, 0.17, 0.12), np.array([4_500, 5_200, 6_300, 9_800])
COUPONS = ("열 잔 모으면 한 잔", "생일 한 잔")
TOLD_BY, STAFF, POSTER, APP = ("직원 안내", "매장 안내문", "앱"), 0, 1, 2
KINDS, CSAT, NPS, KNOWS = ("csat", "nps", "멤버십을 안다"), 0, 1, 2
TICKETS = ("불만", "문의")
TOPICS, WAIT, TASTE, STAFFED, OTHER = ("대기 시간", "음료", "직원", "기타"), 0, 1, 2, 3
MEDIA, CAMPAIGNS, CLICK_COST = ("지도 검색", "인스타그램"), ("가까운 카페", "시즌 음료"), (310, 260)

NEWCOMERS_A_DAY = 168
JOINS, KNOWN_SHARE = 0.020, 0.19
FREE_CUP = 10
OFFICE = Rhythm(1.12, (1.18, 1.2, 1.22, 1.2, 1.16, 0.56, 0.42), holiday=0.45, big=0.3)
STROLL = Rhythm(1.12, (0.84, 0.82, 0.84, 0.88, 1.02, 1.36, 1.28), holiday=1.15, big=0.7)
OF_STORE = (OFFICE, OFFICE, OFFICE, STROLL, STROLL, STROLL)
RHYTHM = Rhythm(
    growth=1.12,
    weekdays=(1.0,) * 7,
    season=(0.95, 0.94, 0.98, 1.02, 1.06, 1.07, 1.08, 1.08, 1.02, 1.0, 0.96, 0.96),
    hours=np.array([0, 0, 0, 0, 0, 0, 0, 26, 54, 42, 32, 38, 62, 66, 40, 34, 31, 27, 24, 20, 14, 7, 0, 0], float),
    free_hours=np.array([0, 0, 0, 0, 0, 0, 0, 6, 15, 26, 36, 42, 47, 55, 60, 60, 52, 42, 33, 28, 22, 11, 0, 0], float),
)
CLOSES = 22 * 3600 - 60


class Cafe(World):
    layout = {
        "orders": {
            "order_id": Id("O", 7), "ordered_at": MOMENT, "customer_id": Id("M"), "card_id": Id("K"),
            "store": Of(STORES), "channel": Of(CHANNELS), "product": Of(PRODUCTS), "cups": NUMBER,
            "amount": NUMBER, "cost": NUMBER, "coupon": Of(COUPONS), "wait_minutes": NUMBER,
        },
        "signups": {
            "customer_id": Id("M"), "signed_up_at": MOMENT, "card_id": Id("K"), "store": Of(STORES),
            "told_by": Of(TOLD_BY),
        },
        "surveys": {
            "answer_id": Id("V"), "answered_at": MOMENT, "order_id": Id("O", 7), "kind": Of(KINDS), "score": NUMBER,
            "store": Of(STORES),
        },
        "tickets": {
            "ticket_id": Id("T"), "opened_at": MOMENT, "order_id": Id("O", 7), "kind": Of(TICKETS), "topic": Of(TOPICS),
            "store": Of(STORES),
        },
        "replies": {"reply_id": Id("R"), "ticket_id": Id("T"), "sent_at": MOMENT, "minutes": NUMBER},
        "ads": {
            "ad_id": Id("A"), "day": MOMENT, "channel": Of(MEDIA), "campaign": Of(CAMPAIGNS), "spend": NUMBER,
            "impressions": NUMBER, "clicks": NUMBER,
        },
    }  # fmt: skip
    moments = {
        "orders": "ordered_at", "signups": "signed_up_at", "surveys": "answered_at", "tickets": "opened_at",
        "replies": "sent_at", "ads": "day",
    }  # fmt: skip
    early, known, rhythm = 200, ("signups",), RHYTHM

    def __init__(self, start: date, seed: int):
        super().__init__(start, seed)
        self.people = Growing()
        self.due: dict[int, list[np.ndarray]] = {}

    def live(self, at: int, day: date, random: np.random.Generator) -> None:
        new = self._newcomers(day, random)
        guest = np.concatenate([new, *self.due.pop(at, [])])
        seconds = at * DAY + np.minimum(RHYTHM.clock(random, len(guest), day), CLOSES)
        order = np.argsort(seconds, kind="stable")
        guest, seconds = guest[order], seconds[order]
        rows = self._orders(at, random, guest, seconds)
        self._members(at, random, rows)
        self._words(at, random, rows)
        self._comings(at, day, random, rows)
        self._ads(at, day, random)

    def _newcomers(self, day: date, random: np.random.Generator) -> np.ndarray:
        busy = np.array([one.level(day, self.start) for one in OF_STORE]) * RHYTHM.season[day.month - 1]
        counts = random.poisson(NEWCOMERS_A_DAY * STORE_SHARE * busy)
        n = counts.sum()
        return self.people.add(
            n, store=np.repeat(np.arange(len(STORES)), counts), keen=random.random(n), member=-1, cups=0,
            knows=random.random(n) < KNOWN_SHARE,
        )  # fmt: skip

    def _orders(self, at: int, random: np.random.Generator, guest: np.ndarray, seconds: np.ndarray) -> Rows:
        n, people = len(guest), self.people
        store, member = people["store"][guest], people["member"][guest]
        share = np.array(PRODUCT_SHARE)
        if CAKE_SET.on(at):
            share = share + np.array([-0.05, -0.02, 0, 0.07])
        product = random.choice(4, n, p=share)
        cups = 1 + (random.random(n) < 0.24) + (random.random(n) < 0.07)
        channel = random.choice(3, n, p=CHANNEL_SHARE)
        people["cups"][guest] += cups
        cup = (member >= 0) & (people["cups"][guest] >= FREE_CUP)
        people["cups"][guest[cup]] = 0
        coupon = np.where(cup, 0, np.where((member >= 0) & (random.random(n) < 0.008), 1, -1))
        price = PRODUCT_PRICE[product] * cups + random.choice([0, 500, 1_000], n, p=[0.6, 0.28, 0.12])
        amount = np.where(coupon >= 0, np.maximum(0, price - PRODUCT_PRICE[0]), price)
        busy = np.isin(seconds % DAY // 3600, (8, 12, 13)) * 1.8 + (channel == 2) * 3
        wait = 2.0 + busy + random.gamma(2.2, 0.95, n)
        wait = np.where(BARISTA_GONE.on(at) & (store == GANGNAM), wait * BARISTA_GONE.size, wait)
        order = self.number("orders", n)
        self.post(
            "orders", seconds, order_id=order, customer_id=member, card_id=guest, store=store, channel=channel,
            product=product, cups=cups, amount=amount, cost=price * random.normal(0.34, 0.02, n) // 10 * 10,
            coupon=coupon, wait_minutes=np.round(wait),
        )  # fmt: skip
        return {"guest": guest, "order": order, "seconds": seconds, "store": store, "wait": wait, "member": member}

    def _members(self, at: int, random: np.random.Generator, rows: Rows) -> None:
        """Who becomes a member over the counter, and who at least hears of it."""
        people, guest, store = self.people, rows["guest"], rows["store"]
        told = STAFF_EXPLAINS.on(at) & (store == YEONNAM)
        chance = JOINS * np.where(people["knows"][guest], 3.2, 0.45) * np.where(told, STAFF_EXPLAINS.size, 1.0)
        heard = random.random(len(guest)) < np.where(told, 0.45, 0.006)
        people["knows"][guest[heard]] = True
        joins = (rows["member"] < 0) & (random.random(len(guest)) < chance)
        picked = np.unique(guest[joins], return_index=True)[1]
        new = np.flatnonzero(joins)[np.sort(picked)]
        number = self.number("members", len(new))
        people["member"][guest[new]], people["knows"][guest[new]], people["cups"][guest[new]] = number, True, 0
        by_staff = random.random(len(new)) < np.where(told[new], 0.86, 0.3)
        how = np.where(by_staff, STAFF, random.choice([POSTER, APP], len(new), p=[0.62, 0.38]))
        self.post(
            "signups", rows["seconds"][new] + random.integers(30, 180, len(new)), customer_id=number,
            card_id=guest[new], store=store[new], told_by=how,
        )  # fmt: skip

    def _words(self, at: int, random: np.random.Generator, rows: Rows) -> None:
        people, n = self.people, len(rows["order"])
        long = np.clip((rows["wait"] - 6) / 6, 0, 2)
        answers = np.flatnonzero(random.random(n) < 0.06)
        kind = random.choice(3, len(answers), p=[0.5, 0.25, 0.25])
        felt = 4.35 - 1.0 * long[answers] + random.normal(0, 0.6, len(answers))
        recommends = 8.0 + 1.6 * (people["keen"][rows["guest"][answers]] - 0.5) - 1.5 * long[answers]
        recommends += random.normal(0, 1.4, len(answers))
        knows = people["knows"][rows["guest"][answers]]
        scores = [np.clip(np.round(felt), 1, 5), np.clip(np.round(recommends), 0, 10), knows.astype(float)]
        self.post(
            "surveys", rows["seconds"][answers] + random.integers(600, 5_400, len(answers)), kind=kind,
            answer_id=self.number("surveys", len(answers)), order_id=rows["order"][answers],
            score=np.choose(kind, scores), store=rows["store"][answers],
        )  # fmt: skip
        writes = np.flatnonzero(random.random(n) < 0.0022 + 0.02 * long)
        waited = random.random(len(writes)) < np.minimum(0.9, 0.08 + long[writes])
        topic = np.where(waited, WAIT, random.choice([TASTE, STAFFED, OTHER], len(writes), p=[0.45, 0.25, 0.3]))
        opened = rows["seconds"][writes] + random.integers(300, 7_200, len(writes))
        ticket = self.number("tickets", len(writes))
        self.post(
            "tickets", opened, ticket_id=ticket, order_id=rows["order"][writes], topic=topic,
            store=rows["store"][writes], kind=np.where(waited | (random.random(len(writes)) < 0.6), 0, 1),
        )  # fmt: skip
        minutes = (20 + random.gamma(1.4, 130, len(writes))).astype(np.int64)
        self.post("replies", opened + minutes * 60, reply_id=ticket, ticket_id=ticket, minutes=minutes)

    def _comings(self, at: int, day: date, random: np.random.Generator, rows: Rows) -> None:
        people, guest = self.people, rows["guest"]
        member = people["member"][guest] >= 0
        chance = np.where(member, MEMBER_COMES_BACK, COMES_BACK) * (0.78 + 0.36 * people["keen"][guest])
        chance *= np.where(rows["wait"] > 9, LONG_WAIT_COMES_BACK, 1.0)
        again = np.flatnonzero(random.random(len(guest)) < np.minimum(chance, 0.965))
        scale = np.where(member[again], 3.6, 7.5)
        gaps = np.minimum(1 + random.gamma(1.5, scale, (4, len(again))).astype(np.int64), 100)
        ahead = np.array([self.ahead(day, one) for one in OF_STORE])
        for store in range(len(STORES)):
            here = np.flatnonzero(rows["store"][again] == store)
            days = self.coming(random, gaps[:, here], ahead[store])
            for one in np.unique(days):
                self.due.setdefault(at + int(one), []).append(guest[again[here[days == one]]])

    def _ads(self, at: int, day: date, random: np.random.Generator) -> None:
        clicks = random.poisson(np.array([150, 110]) * RHYTHM.level(day, self.start))
        self.post(
            "ads", np.full(2, at * DAY + 79_100), ad_id=self.number("ads", 2), channel=np.arange(2),
            campaign=np.arange(2), spend=clicks * np.array(CLICK_COST) * random.normal(1, 0.05, 2) // 100 * 100,
            impressions=clicks / random.uniform(0.012, 0.021, 2), clicks=clicks,
        )  # fmt: skip


COMPANY = Company(
    "store",
    {"ko": "볕든커피", "en": "Sunlit Coffee"},
    tables_of("store"),
    EVENTS,
    growth=RHYTHM.growth,
    plan={"revenue": (100_000_000, 1.3), "visits": (3_150, 1.24), "member_signups": (52, 2.1)},
    pulse="orders",
    generate=partial(generate, Cafe),
    generate_day=partial(generate_day, Cafe),
)  # fmt: skip
