"""Metrics: suggested, made by choosing, calculated, written; refused with the engine's own sentences."""

import pytest
from django.urls import reverse

from nachim.app.models import Metric, MetricVersion, Observation
from tests import company as made


def new(person, **fields):
    sent = {
        "way": "agg",
        "label_ko": "결제 매출",
        "unit": "KRW",
        "better": "up",
        "table": "orders",
        "function": "sum",
        "column": "결제금액",
    }
    return person.post("/metrics/new/", sent | fields)


def test_suggestions_are_adopted_with_one_click(bob, orders):
    page = bob.get("/metrics/")
    names = [one.name for _table, some in page.context["suggested"] for one, _label, _words in some]
    assert names[:3] == ["revenue", "orders", "aov"]
    assert bob.post("/metrics/suggested/", metric=["revenue", "orders", "aov"]).url == "/metrics/"
    assert set(Metric.objects.values_list("name", flat=True)) == {"revenue", "orders", "aov"}
    assert reverse("goal-new") in bob.get("/metrics/").content.decode(), "the next step is one button away"


def test_what_is_there_under_another_name_is_not_suggested_again(bob, orders):
    made.orders_metric()
    Metric.objects.filter(name="orders").update(name="order_count", spec={"agg": "count(orders)"})
    some = bob.get("/metrics/").context["suggested"][0][1]
    assert "count(orders)" not in [one.spec.get("agg") for one, _label, _words in some]


def test_a_metric_by_choosing(bob, orders):
    answer = new(
        bob, column_0="상태", operator_0="=", value_0="paid", column_1="결제금액", operator_1=">", value_1="1만"
    )
    metric = Metric.objects.get()
    assert answer.url == reverse("metric", args=[metric.pk])
    assert metric.name == "결제_매출"
    assert metric.spec == {
        "agg": 'sum(orders."결제금액")',
        "from": "orders",
        "where": '"상태" = \'paid\' and "결제금액" > 10000',
    }
    shown = bob.get(answer.url)
    assert "결제금액" in shown.content.decode()
    assert [round(point.value) for point in shown.context["standing"].points] == [20_000, 0]


def test_counting_needs_no_column(bob, orders):
    new(bob, function="count", column="", unit="count")
    assert Metric.objects.get().spec == {"agg": "count(orders)"}


def test_a_quote_in_a_value_stays_a_value(bob, orders):
    new(bob, column_0="상태", operator_0="=", value_0="it's') or ('1'='1")
    assert Metric.objects.get().spec["where"] == "\"상태\" = 'it''s'') or (''1''=''1'"


@pytest.mark.parametrize(
    ("operator", "value", "where"),
    [
        ("in", "앱, 웹", "\"채널\" in ('앱', '웹')"),
        ("like", "앱", "\"채널\" like '%앱%'"),
        ("null", "", '"채널" is null'),
        ("not null", "x", '"채널" is not null'),
    ],
)
def test_other_comparisons(bob, orders, operator, value, where):
    new(bob, column_0="채널", operator_0=operator, value_0=value)
    assert Metric.objects.get().spec["where"] == where


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"label_ko": ""}, "label_ko"),
        ({"column": ""}, "column"),
        ({"column": "없는 열"}, "column"),
        ({"table": "nothing"}, "table"),
        ({"column": "채널"}, "column"),
        ({"column_0": "결제금액", "operator_0": ">", "value_0": "많이"}, "value_0"),
        ({"column_0": "주문일시", "operator_0": ">", "value_0": "어제"}, "value_0"),
        ({"column_0": "상태", "value_0": ""}, "value_0"),
        ({"value_0": "paid"}, "column_0"),
        ({"where": "상태 = 'paid'; drop table orders"}, "where"),
        ({"where": "없음 = 1"}, "where"),
        ({"name": "1st"}, "name"),
        ({"way": "calc"}, "left"),
        ({"way": "calc", "calc": "매출 / 0 +"}, "calc"),
        ({"way": "calc", "calc": "nothing / 2"}, "calc"),
        ({"way": "text", "text": "sum(read_text('/etc/passwd'))"}, "text"),
        ({"way": "text", "text": ""}, "text"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(bob, orders, fields, field):
    answer = new(bob, **fields)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Metric.objects.exists()


def test_a_calculation_of_two_metrics(bob, orders):
    made.revenue()
    made.orders_metric()
    answer = new(bob, way="calc", label_ko="객단가", label_en="AOV", left="revenue", step="/", right="orders")
    metric = Metric.objects.get(name="aov")
    assert metric.spec == {"calc": "revenue / orders"}
    assert "매출 ÷ 주문 수" in bob.get(answer.url).content.decode()


def test_the_engines_sentence_does_not_name_what_one_is_looking_at(bob, orders):
    answer = new(bob, way="calc", calc="revenu / 2")
    said = answer.context["form"].errors["calc"][0]
    assert "revenu" in said
    assert not said.startswith("metrics.")


def test_a_stored_metric_comes_back_in_its_form(bob, orders):
    new(bob, column_0="상태", operator_0="=", value_0="paid")
    metric = Metric.objects.get()
    form = bob.get(reverse("metric-edit", args=[metric.pk])).context["form"]
    sent = {name: form[name].value() for name in form.fields} | {"way": "agg"}
    sent = {name: value for name, value in sent.items() if value is not None}
    assert bob.post(reverse("metric-edit", args=[metric.pk]), sent).status_code == 302
    metric.refresh_from_db()
    assert metric.version == 1, "saving what was shown changes nothing"


@pytest.mark.parametrize(
    ("spec", "way"),
    [
        ({"agg": "count(orders)"}, "agg"),
        ({"agg": 'sum(orders."결제금액")', "where": "\"상태\" = 'paid'"}, "agg"),
        ({"agg": 'sum("결제금액")', "from": "orders", "where": "\"상태\" in ('paid')"}, "agg"),
        ({"agg": '100 * (avg("결제금액" >= 9) - avg("결제금액" <= 6))', "from": "orders"}, "text"),
        ({"calc": "1 - a / b"}, "calc"),
    ],
)
def test_each_definition_opens_in_the_way_that_can_say_it(alice, orders, spec, way):
    metric = Metric.objects.create(name="x", label_ko="x", spec=spec)
    answer = alice.get(reverse("metric-edit", args=[metric.pk]))
    assert answer.context["way"] == way
    shown = answer.context["form"].initial
    assert spec.get("where", "") in (shown.get("where", ""), "\"상태\" = 'paid'")


def test_a_changed_definition_is_a_new_version_and_the_numbers_follow(bob, orders, company):
    metric = made.revenue()
    goal = made.goal(company.bob)
    made.kpi(company.bob, goal, metric)
    path = reverse("metric-edit", args=[metric.pk])
    fields = {
        "way": "agg",
        "label_ko": "매출",
        "label_en": "Revenue",
        "unit": "KRW",
        "better": "up",
        "table": "orders",
        "function": "max",
        "column": "결제금액",
    }
    unsaid = bob.post(path, fields)
    assert unsaid.status_code == 422 and list(unsaid.context["form"].errors) == ["reason"]
    assert bob.post(path, fields | {"reason": "가장 큰 주문을 봅니다"}).status_code == 302
    assert MetricVersion.objects.filter(metric=metric).count() == 2
    january = Observation.objects.get(series__metric=metric, grain="month", period="2026-01-01", dim="")
    assert january.value == 30_000


def test_what_is_used_is_not_deleted(bob, orders, company):
    metric = made.revenue()
    made.kpi(company.bob, made.goal(company.bob), metric)
    bob.post(reverse("metric-delete", args=[metric.pk]))
    assert Metric.objects.filter(pk=metric.pk).exists()
    page = bob.get(reverse("metric", args=[metric.pk]))
    assert "매출" in str(next(iter(page.context["messages"])))


def test_what_others_are_built_on_is_not_deleted(bob, orders):
    metric = made.revenue()
    new(bob, way="calc", calc="revenue * 2")
    bob.post(reverse("metric-delete", args=[metric.pk]))
    assert Metric.objects.filter(pk=metric.pk).exists()


def test_what_nothing_needs_is_deleted(bob, orders):
    metric = made.revenue()
    assert bob.post(reverse("metric-delete", args=[metric.pk])).url == "/metrics/"
    assert not Metric.objects.exists()


def test_without_a_table_the_way_leads_to_the_first_file(bob):
    assert reverse("upload") in bob.get("/metrics/").content.decode()
    assert reverse("upload") in bob.get("/metrics/new/").content.decode()
