"""Every KPI of the catalogue once more, by pandas alone: {first of the month: value}, nothing where there is none."""

import pandas as pd

from tests.catalog.company import LAST, MONTHS, frames

GONE = {"cancelled", "canceled", "refunded", "failed", "취소", "주문취소", "결제취소", "환불", "결제실패"}
KNOWN = {}


def kpi(function):
    KNOWN[function.__name__] = function
    return function


def table(name):
    return frames()[name]


def month(times):
    return times.dt.strftime("%Y-%m-01")


def monthly(frame, time, value):
    """`value(group)` of the rows of each month."""
    found = {key: value(group) for key, group in frame.groupby(month(frame[time]))}
    return pd.Series(found, index=MONTHS, dtype=float)


def counted(frame, time):
    return monthly(frame, time, len).fillna(0)


def paid():
    orders = table("orders")
    return orders[~orders.status.fillna("paid").str.lower().isin(GONE)]


def pairs(start, end, by, at, until, window, *, following=False):
    """For each start: when the first end of the same `by` came, from then on (`following`: later), in the window."""
    ends = end.dropna(subset=[by, until]).sort_values(until)
    by_key = {key: group[until].tolist() for key, group in ends.groupby(by)}
    found = []
    for key, moment in zip(start[by], start[at], strict=True):
        later = (one for one in by_key.get(key, ()) if (one > moment if following else one >= moment))
        hit = next(later, None)
        found.append(hit if hit is not None and hit < moment + window else pd.NaT)
    return start.assign(end_at=pd.to_datetime(pd.Series(found, index=start.index), utc=True))


def days(count):
    return pd.Timedelta(days=count)


def share(frame, at):
    return monthly(frame, at, lambda group: group.end_at.notna().mean())


def hours(frame, at):
    frame = frame.dropna(subset=["end_at"])
    return monthly(frame, at, lambda group: (group.end_at - group[at]).dt.total_seconds().mean() / 3600)


def before(series, months=1):
    return series.shift(months)


@kpi
def revenue():
    return monthly(paid(), "ordered_at", lambda group: group.amount.sum())


@kpi
def revenue_growth():
    return revenue() / before(revenue()) - 1


@kpi
def revenue_growth_yoy():
    return revenue() / before(revenue(), 12) - 1


@kpi
def market_share():
    return monthly(table("market"), "month", lambda group: group.sales[group.ours].sum() / group.sales.sum())


@kpi
def orders():
    return counted(paid(), "ordered_at")


@kpi
def aov():
    return monthly(paid(), "ordered_at", lambda group: group.amount.mean())


@kpi
def gross_margin():
    lines = table("order_lines").merge(paid()[["order_id", "ordered_at"]], on="order_id")
    return 1 - monthly(lines, "ordered_at", lambda group: (group.cost * group.quantity).sum()) / revenue()


@kpi
def order_processing_time():
    found = pairs(table("orders"), table("deliveries"), "order_id", "ordered_at", "shipped_at", days(14))
    return hours(found, "ordered_at")


@kpi
def delivery_time():
    found = pairs(table("orders"), table("deliveries"), "order_id", "ordered_at", "delivered_at", days(14))
    return hours(found, "ordered_at")


@kpi
def on_time_delivery():
    promised = table("deliveries").dropna(subset=["promised_at"])
    return monthly(promised, "delivered_at", lambda group: (group.delivered_at <= group.promised_at).mean())


@kpi
def delivery_error_rate():
    return monthly(table("deliveries"), "delivered_at", lambda group: group.problem.notna().mean())


@kpi
def waiting_time():
    return monthly(table("visits"), "visited_at", lambda group: group.wait_minutes.mean())


@kpi
def visits():
    return counted(table("visits"), "visited_at")


@kpi
def visitors():
    return monthly(table("visits"), "visited_at", lambda group: group.visitor_id.nunique())


@kpi
def conversion():
    found = pairs(table("visits"), table("orders"), "customer_id", "visited_at", "ordered_at", days(7))
    return share(found, "visited_at")


@kpi
def cart_abandonment():
    found = pairs(table("carts"), table("orders"), "customer_id", "created_at", "ordered_at", days(1))
    return 1 - share(found, "created_at")


@kpi
def coupon_use():
    return monthly(paid(), "ordered_at", lambda group: group.coupon.notna().mean())


@kpi
def new_customers():
    first = table("orders").groupby("customer_id").ordered_at.min().reset_index()
    return counted(first, "ordered_at")


@kpi
def signups():
    return counted(table("signups"), "signed_up_at")


@kpi
def first_order_conversion():
    found = pairs(table("signups"), table("orders"), "customer_id", "signed_up_at", "ordered_at", days(30))
    return share(found, "signed_up_at")


def again(window):
    orders = table("orders")
    return pairs(orders, orders, "customer_id", "ordered_at", "ordered_at", days(window), following=True)


@kpi
def reorder_30d():
    return share(again(30), "ordered_at")


@kpi
def repeat_purchase_rate():
    return monthly(paid(), "ordered_at", lambda group: (group.customer_id.value_counts() >= 2).mean())


@kpi
def customer_retention():
    def value(group):
        last = group.sort_values("ordered_at").groupby("customer_id").tail(1)
        return last.end_at.notna().mean()

    return monthly(again(90), "ordered_at", value)


@kpi
def churn():
    return 1 - customer_retention()


@kpi
def subscription_churn():
    gone = counted(table("subscriptions").dropna(subset=["cancelled_at"]), "cancelled_at")
    return gone / before(monthly(table("payments"), "paid_at", lambda group: group.subscription_id.nunique()))


@kpi
def revenue_churn():
    gone = table("subscriptions").dropna(subset=["cancelled_at"])
    return monthly(gone, "cancelled_at", lambda group: group.amount.sum()) / before(mrr())


@kpi
def mrr():
    return monthly(table("payments"), "paid_at", lambda group: group.amount.sum())


@kpi
def arpu():
    return mrr() / monthly(table("payments"), "paid_at", lambda group: group.customer_id.nunique())


@kpi
def ltv():
    orders = table("orders")
    number = orders.ordered_at.dt.year * 12 + orders.ordered_at.dt.month
    born = number.groupby(orders.customer_id).transform("min")
    first = orders.groupby("customer_id").ordered_at.transform("min")
    near = orders.assign(born_at=first)[number - born < 12]
    spent = near.groupby("customer_id").agg(born_at=("born_at", "first"), amount=("amount", "sum")).reset_index()
    return monthly(spent, "born_at", lambda group: group.amount.mean())


@kpi
def spend_per_customer():
    return monthly(paid(), "ordered_at", lambda group: group.amount.sum() / group.customer_id.nunique())


@kpi
def revisit_rate():
    visits = table("visits")
    found = pairs(visits, visits, "customer_id", "visited_at", "visited_at", days(30), following=True)
    return share(found, "visited_at")


@kpi
def return_rate():
    found = pairs(table("orders"), table("returns"), "order_id", "ordered_at", "returned_at", days(14))
    return share(found, "ordered_at")


def active(length):
    """Different customers in the `length` days up to each month's end."""
    visits, found = table("visits"), {}
    for key in MONTHS:
        end = min(pd.Timestamp(key, tz="Asia/Seoul") + pd.DateOffset(months=1), LAST)
        near = visits[(visits.visited_at < end) & (visits.visited_at >= end - days(length))]
        found[key] = near.customer_id.nunique()
    return pd.Series(found, dtype=float)


@kpi
def mau():
    return active(28)


@kpi
def wau():
    return active(7)


@kpi
def dau():
    visits = table("visits")
    daily = visits.groupby(visits.visited_at.dt.floor("D")).customer_id.nunique()
    every = pd.date_range("2025-01-01", "2026-03-31", freq="D", tz="Asia/Seoul")
    daily = daily.reindex(every, fill_value=0)
    return daily.groupby(daily.index.strftime("%Y-%m-01")).mean()


@kpi
def stickiness():
    return dau() / mau()


@kpi
def downloads():
    return counted(table("app_installs"), "installed_at")


@kpi
def followers():
    return monthly(table("social"), "day", lambda group: group.followers[group.day == group.day.max()].sum())


@kpi
def brand_search():
    return monthly(table("searches"), "day", lambda group: group.searches.sum())


@kpi
def social_engagement():
    return monthly(table("social"), "day", lambda group: group.engagements.sum() / group.impressions.sum())


@kpi
def ctr():
    return monthly(table("ads"), "day", lambda group: group.clicks.sum() / group.impressions.sum())


def spend():
    return monthly(table("ads"), "day", lambda group: group.spend.sum())


@kpi
def cac():
    return spend() / new_customers()


@kpi
def roas():
    return revenue() / spend()


@kpi
def new_contracts():
    contracts = table("contracts")
    return counted(contracts[contracts.kind.fillna("new").isin(["new", "신규"])], "signed_at")


@kpi
def lead_conversion():
    return share(
        pairs(table("leads"), table("contracts"), "lead_id", "created_at", "signed_at", days(90)), "created_at"
    )


@kpi
def response_time():
    found = pairs(table("tickets"), table("replies"), "ticket_id", "opened_at", "sent_at", days(7))
    return hours(found, "opened_at")


def answers(*kinds):
    surveys = table("surveys").dropna(subset=["score"])
    return surveys[surveys.kind.fillna("csat").str.lower().isin(kinds)]


@kpi
def csat():
    return monthly(answers("csat"), "answered_at", lambda group: group.score.mean())


@kpi
def satisfied_share():
    return monthly(answers("csat"), "answered_at", lambda group: (group.score >= 4).mean())


def promoters(group):
    return 100 * ((group.score >= 9).mean() - (group.score <= 6).mean())


@kpi
def nps():
    return monthly(answers("nps"), "answered_at", promoters)


@kpi
def enps():
    return monthly(answers("enps"), "answered_at", promoters)


def complaining():
    tickets = table("tickets")
    return tickets[tickets.kind.isin(["불만", "Complaint"])]


@kpi
def complaints():
    return counted(complaining(), "opened_at")


@kpi
def complaint_rate():
    return complaints() / orders()


@kpi
def complaint_handling_time():
    found = pairs(complaining(), table("tickets"), "ticket_id", "opened_at", "closed_at", days(30))
    return hours(found, "opened_at")


@kpi
def first_contact_resolution():
    tickets = table("tickets")
    return 1 - share(
        pairs(tickets, tickets, "customer_id", "opened_at", "opened_at", days(7), following=True), "opened_at"
    )


@kpi
def handle_time():
    return monthly(table("tickets"), "opened_at", lambda group: group.handle_seconds.mean())


@kpi
def defect_rate():
    return monthly(table("inspections"), "inspected_at", lambda group: group.defects.sum() / group.made.sum())


@kpi
def no_show_rate():
    return monthly(table("appointments"), "due_at", lambda group: (~group.came).mean())


@kpi
def employee_turnover():
    return monthly(table("headcount"), "month", lambda group: group.left.sum() / group.people.sum())
