"""What happened at the simulated shop: the events its generator plants. truths.yaml says the same, for tests alone."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """`first` is the day after the start it begins on, `days` how long it lasts (0: for good), `size` its factor or shift."""

    id: str
    first: int
    days: int
    size: float

    def on(self, day: int) -> bool:
        return self.first <= day and (self.days == 0 or day < self.first + self.days)

    def factor(self, day: int) -> float:
        return self.size if self.on(day) else 1.0


CHECKOUT_BUG = Event("checkout_bug", 470, 9, 0.65)
OUTER_RETURNS = Event("outer_returns", 430, 42, 2.0)
COUPON_CAMPAIGN = Event("coupon_campaign", 505, 10, 1.25)
COUPON_BASKET = Event("coupon_basket", 505, 10, 0.88)
BOT_TRAFFIC = Event("bot_traffic", 300, 14, 1.40)
FREE_SHIPPING = Event("free_shipping", 365, 0, 1.08)
DELIVERY_DELAY = Event("delivery_delay", 400, 21, 2.0)
PC_GAP = Event("pc_gap", 250, 3, 0.0)
MEMBER_PUSH = Event("member_push", 200, 14, 1.60)
LOYALTY = Event("loyalty", 420, 0, 1.30)

EVENTS = (
    CHECKOUT_BUG, OUTER_RETURNS, COUPON_CAMPAIGN, COUPON_BASKET, BOT_TRAFFIC, FREE_SHIPPING, DELIVERY_DELAY, PC_GAP,
    MEMBER_PUSH, LOYALTY,
)  # fmt: skip
