"""What happened at the simulated fashion shop: what its generator plants. truths.yaml says the same, for tests."""

from nachim.demo.company import Event

MEMBER_PUSH = Event("member_push", 200, 14, 1.60)
CART_GAP = Event("cart_gap", 250, 3, 0.0)
BOT_TRAFFIC = Event("bot_traffic", 300, 14, 1.40)
FREE_SHIPPING = Event("free_shipping", 365, 0, 1.08)
DELIVERY_DELAY = Event("delivery_delay", 400, 21, 2.5)
LOYALTY = Event("loyalty", 420, 0, 1.60)
OUTER_RETURNS = Event("outer_returns", 430, 42, 2.0)
CHECKOUT_BUG = Event("checkout_bug", 470, 9, 0.65)
COUPON_CAMPAIGN = Event("coupon_campaign", 505, 10, 1.25)

EVENTS = (
    MEMBER_PUSH,
    CART_GAP,
    BOT_TRAFFIC,
    FREE_SHIPPING,
    DELIVERY_DELAY,
    LOYALTY,
    OUTER_RETURNS,
    CHECKOUT_BUG,
    COUPON_CAMPAIGN,
)
