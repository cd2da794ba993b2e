"""구름서랍, a simulated cloud storage: two weeks for nothing, then a plan a month, until somebody cancels.

Whoever puts a folder in step in the first days stays; so do few of the others.
"""

from datetime import date
from functools import partial

import numpy as np

from nachim.demo.company import Company, Event, tables_of
from nachim.demo.rhythm import Rhythm, free
from nachim.demo.world import DAY, MOMENT, NUMBER, Growing, Id, Of, World, generate, generate_day

GUIDE_DROPPED = Event("guide_dropped", 300, 0, 3.0)
PRICE_RISE = Event("price_rise", 395, 0, 33_000 / 29_000)
SYNC_OUTAGE = Event("sync_outage", 470, 2, 6.0)
EVENTS = (GUIDE_DROPPED, PRICE_RISE, SYNC_OUTAGE)

PLANS, PLAN_SHARE, PRICES = ("개인", "팀", "비즈니스"), (0.60, 0.33, 0.07), np.array([4_900, 29_000, 119_000])
PERSONAL, TEAM, BUSINESS = range(3)
CHANNELS, CHANNEL_SHARE = ("검색 광고", "유튜브", "제휴 블로그", "추천", "직접"), (0.27, 0.16, 0.12, 0.19, 0.26)
PAID, CAMPAIGNS, CLICK_COST = (0, 1, 2), ("클라우드 검색어", "파일 정리 영상", "업무 도구 소개"), (1_350, 720, 880)
STEPS, INSTALL, SYNC, INVITE = ("앱 설치", "폴더 동기화", "동료 초대"), 0, 1, 2
DEVICES, DEVICE_SHARE = ("Windows", "웹", "모바일", "Mac"), (0.44, 0.24, 0.19, 0.13)
REASONS = ("쓰지 않음", "가격", "다른 서비스로 옮김", "기타")
KINDS, COMPLAINT, QUESTION = ("불만", "문의"), 0, 1
TOPICS, TROUBLE = ("동기화", "결제·요금제", "공유·권한", "기타"), 0

SIGNUPS_A_DAY, TRIAL_DAYS = 17, 14
SYNCS, SYNCS_UNGUIDED = np.array([0.70, 0.79, 0.90]), 0.46
# The share of trials that pays in the end, with and without the folder in step.
PAYS, PAYS_WITHOUT = np.array([0.36, 0.46, 0.55]), 0.55
CHURN, NEW_MONTHS, NEW_CHURN, WITHOUT_CHURN = np.array([0.047, 0.024, 0.012]), 3, 1.4, 1.3
PRICE_SHOCK, PRICE_SHOCK_DAYS = 2.0, 60
TRIAL, PAYING, GONE = range(3)
RHYTHM = Rhythm(
    growth=1.42,
    weekdays=(1.22, 1.2, 1.18, 1.14, 1.02, 0.56, 0.6),
    season=(1.05, 0.98, 1.08, 1.03, 1.0, 1.0, 0.95, 0.92, 1.04, 1.0, 1.0, 0.95),
    holiday=0.5,
    big=0.32,
    hours=np.array([3, 2, 1, 1, 1, 1, 2, 6, 22, 44, 52, 48, 24, 42, 50, 50, 46, 40, 24, 14, 11, 11, 9, 6], float),
    free_hours=np.array([7, 4, 2, 1, 1, 1, 2, 4, 8, 14, 20, 22, 21, 23, 26, 26, 24, 22, 21, 23, 26, 25, 19, 12], float),
)


class CloudStorage(World):
    layout = {
        "signups": {"customer_id": Id("A"), "signed_up_at": MOMENT, "plan": Of(PLANS), "channel": Of(CHANNELS)},
        "onboarding": {
            "step_id": Id("N"), "done_at": MOMENT, "customer_id": Id("A"), "step": Of(STEPS), "plan": Of(PLANS),
        },
        "visits": {
            "visit_id": Id("S", 7), "visited_at": MOMENT, "customer_id": Id("A"), "plan": Of(PLANS),
            "device": Of(DEVICES),
        },
        "subscriptions": {
            "subscription_id": Id("B"), "started_at": MOMENT, "customer_id": Id("A"), "plan": Of(PLANS),
            "amount": NUMBER, "channel": Of(CHANNELS),
        },
        "payments": {
            "payment_id": Id("P"), "paid_at": MOMENT, "customer_id": Id("A"), "subscription_id": Id("B"),
            "plan": Of(PLANS), "amount": NUMBER,
        },
        "cancellations": {
            "cancellation_id": Id("E"), "cancelled_at": MOMENT, "customer_id": Id("A"), "subscription_id": Id("B"),
            "plan": Of(PLANS), "amount": NUMBER, "months": NUMBER, "reason": Of(REASONS),
        },
        "tickets": {
            "ticket_id": Id("T"), "opened_at": MOMENT, "customer_id": Id("A"), "kind": Of(KINDS), "topic": Of(TOPICS),
            "plan": Of(PLANS), "handle_seconds": NUMBER,
        },
        "replies": {"reply_id": Id("R"), "ticket_id": Id("T"), "sent_at": MOMENT, "minutes": NUMBER},
        "surveys": {
            "answer_id": Id("V"), "answered_at": MOMENT, "customer_id": Id("A"), "kind": Of(("nps", "csat")),
            "score": NUMBER, "plan": Of(PLANS),
        },
        "ads": {
            "ad_id": Id("D"), "day": MOMENT, "channel": Of(CHANNELS), "campaign": Of(CAMPAIGNS), "spend": NUMBER,
            "impressions": NUMBER, "clicks": NUMBER,
        },
    }  # fmt: skip
    moments = {
        "signups": "signed_up_at", "onboarding": "done_at", "visits": "visited_at", "subscriptions": "started_at",
        "payments": "paid_at", "cancellations": "cancelled_at", "tickets": "opened_at", "replies": "sent_at",
        "surveys": "answered_at", "ads": "day",
    }  # fmt: skip
    early, known, rhythm = 480, ("signups", "subscriptions"), RHYTHM

    def __init__(self, start: date, seed: int):
        super().__init__(start, seed)
        self.people = Growing()

    def live(self, at: int, day: date, random: np.random.Generator) -> None:
        joined = self._signups(at, day, random)
        self._trials_end(at, day, random)
        self._paydays(at, day, random)
        self._visits(at, day, random)
        self._tickets(at, day, random)
        self._recommendations(at, day, random)
        self._ads(at, random, joined)

    def price(self, at: int) -> np.ndarray:
        return np.where((np.arange(3) == TEAM) & PRICE_RISE.on(at), 33_000, PRICES)

    def _signups(self, at: int, day: date, random: np.random.Generator) -> np.ndarray:
        """Who joins, and which first steps each takes in the days after; the sign-ups by channel."""
        n = random.poisson(SIGNUPS_A_DAY * RHYTHM.level(day, self.start))
        plan, channel = random.choice(3, n, p=PLAN_SHARE), random.choice(len(CHANNELS), n, p=CHANNEL_SHARE)
        seconds = at * DAY + np.sort(RHYTHM.clock(random, n, day))
        unguided = GUIDE_DROPPED.on(at) & (plan == TEAM)
        syncs = random.random(n) < np.where(unguided, SYNCS_UNGUIDED, SYNCS[plan])
        customer = self.people.add(
            n, plan=plan, channel=channel, joined=at, keen=random.random(n), synced=syncs, unguided=unguided,
            state=TRIAL, payday=0, months=0, subscription=-1,
        )  # fmt: skip
        self.post("signups", seconds, customer_id=customer, plan=plan, channel=channel)
        for step, takes, within in (
            (INSTALL, syncs | (random.random(n) < 0.75), DAY // 3),
            (SYNC, syncs, 2 * DAY),
            (INVITE, syncs & (plan != PERSONAL) & (random.random(n) < 0.6), 6 * DAY),
        ):
            done = np.flatnonzero(takes)
            when = seconds[done] + 300 + (within * random.beta(0.7, 3, len(done))).astype(np.int64)
            self.post(
                "onboarding", when, step_id=self.number("onboarding", len(done)), customer_id=customer[done], step=step,
                plan=plan[done],
            )  # fmt: skip
        return np.bincount(channel, minlength=len(CHANNELS))

    def _trials_end(self, at: int, day: date, random: np.random.Generator) -> None:
        people = self.people
        ended = np.flatnonzero((people["joined"] == at - TRIAL_DAYS) & (people["state"] == TRIAL))
        plan = people["plan"][ended]
        chance = PAYS[plan] * np.where(people["synced"][ended], 1.0, PAYS_WITHOUT)
        pays = random.random(len(ended)) < chance
        people["state"][ended] = np.where(pays, PAYING, GONE)
        begun, plan = ended[pays], plan[pays]
        number = self.number("subscriptions", len(begun))
        people["subscription"][begun] = number
        people["payday"][begun] = min(day.day, 28)
        people["months"][begun] = 1
        seconds, amount = at * DAY + np.sort(RHYTHM.clock(random, len(begun), day)), self.price(at)[plan]
        self.post(
            "subscriptions", seconds, subscription_id=number, customer_id=begun, plan=plan, amount=amount,
            channel=people["channel"][begun],
        )  # fmt: skip
        self._pay(seconds + 60, begun, amount)

    def _pay(self, seconds: np.ndarray, customer: np.ndarray, amount: np.ndarray) -> None:
        self.post(
            "payments", seconds, payment_id=self.number("payments", len(customer)), customer_id=customer, amount=amount,
            subscription_id=self.people["subscription"][customer], plan=self.people["plan"][customer],
        )  # fmt: skip

    def _paydays(self, at: int, day: date, random: np.random.Generator) -> None:
        """Whoever's day of the month it is pays again, or has had enough."""
        people = self.people
        due = (people["state"] == PAYING) & (people["payday"] == day.day) & (people["joined"] < at - TRIAL_DAYS)
        customer = np.flatnonzero(due)
        n, plan, months = len(customer), people["plan"][customer], people["months"][customer]
        synced, unguided = people["synced"][customer], people["unguided"][customer]
        shock = (plan == TEAM) & PRICE_RISE.on(at) & (at < PRICE_RISE.first + PRICE_SHOCK_DAYS)
        chance = CHURN[plan] * np.where(months <= NEW_MONTHS, NEW_CHURN, 1.0) * np.where(shock, PRICE_SHOCK, 1.0)
        chance *= np.where(synced, 1.0, np.where(unguided, GUIDE_DROPPED.size, WITHOUT_CHURN))
        leaves = random.random(n) < np.minimum(chance, 0.9)
        seconds = at * DAY + np.sort(RHYTHM.clock(random, n, day))
        amount = self.price(at)[plan]
        people["state"][customer[leaves]] = GONE
        people["months"][customer[~leaves]] += 1
        self._pay(seconds[~leaves], customer[~leaves], amount[~leaves])
        usual, dear = random.choice(4, n, p=[0.44, 0.18, 0.25, 0.13]), random.choice(4, n, p=[0.2, 0.6, 0.15, 0.05])
        reason = np.where(shock, dear, np.where(~synced & (random.random(n) < 0.5), 0, usual))
        gone = customer[leaves]
        self.post(
            "cancellations", seconds[leaves], cancellation_id=self.number("cancellations", len(gone)), customer_id=gone,
            subscription_id=people["subscription"][gone], plan=plan[leaves], amount=amount[leaves],
            months=months[leaves], reason=reason[leaves],
        )  # fmt: skip

    def _visits(self, at: int, day: date, random: np.random.Generator) -> None:
        people = self.people
        there = np.flatnonzero(people["state"] != GONE)
        keen = people["keen"][there]
        chance = (0.08 + 0.36 * keen**1.3) * np.where(people["synced"][there], 1.0, 0.45) * RHYTHM.day(day)
        chance *= 0.75 if SYNC_OUTAGE.on(at) else 1.0
        came = there[random.random(len(there)) < chance]
        came = came[people["joined"][came] < at]
        n = len(came)
        self.post(
            "visits", at * DAY + RHYTHM.clock(random, n, day), visit_id=self.number("visits", n), customer_id=came,
            plan=people["plan"][came], device=random.choice(4, n, p=DEVICE_SHARE),
        )  # fmt: skip

    def _tickets(self, at: int, day: date, random: np.random.Generator) -> None:
        people = self.people
        there = np.flatnonzero((people["state"] != GONE) & (people["joined"] < at))
        chance = 0.0021 * np.where(people["state"][there] == TRIAL, 3.0, 1.0) * RHYTHM.day(day)
        chance *= SYNC_OUTAGE.factor(at) * np.where(people["synced"][there], 1.0, 1.3)
        raised = (people["plan"][there] == TEAM) & PRICE_RISE.on(at) & (at < PRICE_RISE.first + 21)
        asks = random.random(len(there)) < chance * np.where(raised, 1.9, 1.0)
        customer, raised = there[asks], raised[asks]
        n, out = len(customer), SYNC_OUTAGE.on(at)
        topic = np.where(random.random(n) < 0.8 * out, TROUBLE, random.choice(4, n, p=[0.36, 0.24, 0.22, 0.18]))
        topic = np.where(raised & (random.random(n) < 0.55), 1, topic)
        complaint = random.random(n) < np.where(out, 0.6, np.where(raised, 0.45, 0.16))
        opened = at * DAY + RHYTHM.clock(random, n, day)
        ticket = self.number("tickets", n)
        self.post(
            "tickets", opened, ticket_id=ticket, customer_id=customer, topic=topic, plan=people["plan"][customer],
            kind=np.where(complaint, COMPLAINT, QUESTION), handle_seconds=random.gamma(3, 160, n) + 90,
        )  # fmt: skip
        minutes = (12 + random.gamma(1.5, 75 * (3 if out else 1), n) * (2.2 if free(day) else 1.0)).astype(np.int64)
        self.post("replies", opened + minutes * 60, reply_id=ticket, ticket_id=ticket, minutes=minutes)
        rates = np.flatnonzero(random.random(n) < 0.34)
        felt = 4.5 - minutes[rates] / 420 - 0.8 * complaint[rates] + random.normal(0, 0.6, len(rates))
        self._answers(random, opened[rates] + minutes[rates] * 60, customer[rates], 1, np.clip(np.round(felt), 1, 5))

    def _recommendations(self, at: int, day: date, random: np.random.Generator) -> None:
        """Each customer is asked every quarter; one in five answers."""
        people = self.people
        asked = np.flatnonzero((people["state"] == PAYING) & (random.random(people.size) < 0.2 / 90))
        shock = (people["plan"][asked] == TEAM) & PRICE_RISE.on(at) & (at < PRICE_RISE.first + PRICE_SHOCK_DAYS)
        felt = 7.9 + 1.5 * (people["keen"][asked] - 0.5) - 1.3 * ~people["synced"][asked] - 0.9 * shock
        score = np.clip(np.round(felt + random.normal(0, 1.5, len(asked))), 0, 10)
        self._answers(random, at * DAY + RHYTHM.clock(random, len(asked), day), asked, 0, score)

    def _answers(
        self, random: np.random.Generator, after: np.ndarray, customer: np.ndarray, kind: int, score: np.ndarray
    ) -> None:
        n = len(customer)
        self.post(
            "surveys", after + random.integers(600, 7_200, n), answer_id=self.number("surveys", n), kind=kind,
            customer_id=customer, score=score, plan=self.people["plan"][customer],
        )  # fmt: skip

    def _ads(self, at: int, random: np.random.Generator, joined: np.ndarray) -> None:
        paid, n = np.array(PAID), len(PAID)
        clicks = (joined[paid] / random.uniform(0.045, 0.065, n)).astype(np.int64) + random.integers(10, 40, n)
        self.post(
            "ads", np.full(n, at * DAY + 86_340), ad_id=self.number("ads", n), channel=paid, campaign=np.arange(n),
            spend=clicks * np.array(CLICK_COST) * random.normal(1, 0.05, n) // 100 * 100,
            impressions=clicks / random.uniform(0.011, 0.019, n), clicks=clicks,
        )  # fmt: skip


COMPANY = Company(
    "saas",
    {"ko": "구름서랍", "en": "Cloud Drawer"},
    tables_of("saas"),
    EVENTS,
    growth=RHYTHM.growth,
    plan={"mrr": (58_000_000, 1.8), "mau": (2_250, 1.6), "signups": (118, 1.4)},
    pulse="visits",
    generate=partial(generate, CloudStorage),
    generate_day=partial(generate_day, CloudStorage),
)  # fmt: skip
