"""The catalogue: what can be added, what is there, and what lacks something."""

from django.urls import reverse

from nachim.app.models import EventRows, Metric
from nachim.app.queries.ask import ask
from nachim.app.queries.catalogue import offers
from nachim.core.period import Grain
from tests import company as made


def states() -> dict[str, str]:
    return {one.entry.name: one.state for one in offers()}


def test_each_kpi_is_there_ready_or_lacking_something(bob, orders):
    made.revenue()
    found = states()
    assert (found["revenue"], found["repeat_purchase_rate"], found["nps"]) == ("there", "ready", "lacking")
    shown = bob.get(reverse("catalogue")).content.decode()
    assert 'value="repeat_purchase_rate"' in shown and 'value="nps"' not in shown and 'value="revenue"' not in shown
    assert next(one.lacking for one in offers() if one.entry.name == "nps") in shown


def test_one_is_added_with_all_it_needs(bob, orders):
    answer = bob.post(reverse("catalogue"), adopt="customer_retention")
    metric = Metric.objects.get(name="customer_retention")
    assert answer.url == reverse("metric", args=[metric.pk])
    assert EventRows.objects.get().name == "order_to_order_90"
    assert states()["customer_retention"] == "there"
    assert bob.post(reverse("catalogue"), adopt="customer_retention").status_code == 302
    assert Metric.objects.filter(name="customer_retention").count() == 1


def test_what_it_is_made_of_is_the_companys_own(bob, orders):
    """Revenue and orders are there under names of the company's own."""
    sales = made.revenue()
    Metric.objects.filter(pk=sales.pk).update(name="매출액")
    for key in ("aov", "revenue_growth"):
        bob.post(reverse("catalogue"), adopt=key)
    found = {metric.name: metric.spec for metric in Metric.objects.all()}
    assert set(found) == {"매출액", "orders", "aov", "revenue_growth"}
    assert found["aov"]["calc"] == "매출액 / orders"
    growth = found["revenue_growth"]
    assert (growth["calc"], growth["with"]["before"]["at"]) == ("매출액 / before - 1", "매출액")
    assert ask(("aov", "revenue_growth"), Grain.MONTH, None, None).cells


def test_what_cannot_be_added_is_refused_with_a_sentence_and_changes_nothing(bob, orders):
    for key in ("nps", "nothing", ""):
        assert bob.post(reverse("catalogue"), adopt=key).url == reverse("catalogue")
    assert not Metric.objects.exists() and not EventRows.objects.exists()


def test_without_a_table_everything_says_what_it_lacks(bob):
    assert set(states().values()) == {"lacking"} and all(one.lacking for one in offers())
    assert bob.get(reverse("catalogue")).status_code == 200


def test_while_a_definition_cannot_be_read_nothing_is_offered(bob, orders):
    EventRows.objects.create(name="broken", spec={"sequence": {"by": "nobody"}})
    assert set(states().values()) == {"lacking"}
    assert bob.get(reverse("catalogue")).status_code == 200
