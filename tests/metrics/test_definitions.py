"""Definitions with mistakes: each gets its own sentence, with the place and the nearest name."""

import pyarrow as pa
import pytest

from nachim.metrics.check import check
from nachim.metrics.messages import DuplicateKeys, SpecError
from nachim.metrics.run import Query, evaluate, spec_hash, tables_of
from nachim.metrics.spec import Model
from tests.metrics.company import SPEC, Tables, at, orders

ENGINE = Tables(orders=orders((1, at("2026-01-01"), "a", "app", 10.0, "paid")))

# One mistake a line: the metric, and what the sentence must hold.
MISTAKES = [
    ("{agg: sum(orders.amuont)}", ["amuont", "“amount”인가요"]),
    ("{agg: sum(order.amount)}", ["order", "“orders”인가요"]),
    ("{agg: sum(orders.status)}", ["status", "글자"]),
    ("{agg: orders.amount}", ["sum, count"]),
    ("{agg: sum(orders.amount) + orders.amount}", ["집계 밖"]),
    ("{agg: sum(avg(orders.amount))}", ["집계 안에"]),
    ("{agg: count(orders), where: \"status = 3\"}", ["status = 3", "글자", "숫자"]),
    ("{agg: count(orders), where: \"amount\"}", ["조건"]),
    ("{agg: count(orders), where: \"ordered_at > 'someday'\"}", ["시각"]),
    ("{agg: count(orders), where: \"status = (select 1)\"}", ["쓸 수 없습니다"]),
    ("{agg: count(orders), where: \"status = 'a'; drop table orders\"}", ["“;”"]),
    ("{agg: count(orders), where: \"true -- \"}", ["“--”"]),
    ("{agg: count(orders), where: \"status = getenv('HOME')\"}", ["쓸 수 없습니다"]),
    ("{agg: sum(read_text('/etc/passwd'))}", ["쓸 수 없습니다"]),
    ("{agg: count(orders), where: \"amount >\"}", ["읽을 수 없습니다"]),
    ("{calc: revenue / oders}", ["oders", "“orders”인가요"]),
    ("{calc: revenue || orders}", ["쓸 수 없습니다"]),
    ("{calc: bad + 1}", ["고리", "bad → bad"]),
]  # fmt: skip


@pytest.mark.parametrize(("definition", "words"), MISTAKES)
def test_a_mistake_gets_its_own_sentence(definition, words):
    issues = check(Model.load(SPEC + f"  bad: {definition}\n"), ENGINE)
    assert len(issues) == 1
    assert all(word in issues[0].text("ko") for word in words), issues[0].text("ko")
    assert issues[0].where == "metrics.bad"
    assert "{" not in issues[0].text("en")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("metrics:\n  a: {agg: count(orders), wher: x}\n", 2, ["wher", "“where”인가요"]),
        ("metrics:\n  a: {label: x}\n", 2, ["하나만"]),
        ("metrics:\n  a: {agg: x, calc: y}\n", 2, ["agg, calc"]),
        ("metrics:\n  a: {at: revenue, shift: 1 mouth}\n", 2, ["1 mouth", "-1 month"]),
        ("metrics:\n  a: {at: revenue, window: -7 days}\n", 2, ["-7 days", "7 days"]),
        ("rows:\n  r: {sequence: {by: customer, start: a, end: b}}\n", 2, ["within"]),
        ("rows:\n  r: {sequence: {by: customer, start: a, within: 7 days}}\n", 2, ["start와 end"]),
        ("rows:\n  r: {sequence: {by: customer, start: a, end: b, within: soon}}\n", 2, ["soon"]),
        ("rows:\n  r: {label: x}\n", 2, ["sequence와 cohort"]),
        ("metrics:\n  a: {agg: x}\n  a: {agg: y}\n", 3, ["두 번"]),
        ("calendar: {fiscal_year_start: 13}\n", 1, ["fiscal_year_start"]),
        ("sources:\n  s: {time: t}\n", 2, ["lake"]),
        ("- a list\n", 1, ["묶음"]),
        ("metrics: [\n", None, ["YAML"]),
    ],
)
def test_a_file_with_a_mistake_names_its_line(text, line, words):
    with pytest.raises(SpecError) as caught:
        Model.load(text, file="metrics.yaml")
    said = caught.value.text("ko")
    assert all(word in said for word in words), said
    assert said.startswith("metrics.yaml")
    if line:
        assert f"metrics.yaml:{line}" in said


def test_a_model_survives_its_dump():
    model = Model.load(SPEC)
    assert Model.load(model.dump()) == model


def test_the_hash_follows_what_a_metric_stands_on():
    model = Model.load(SPEC)
    other = Model.load(SPEC.replace("status = 'paid'", "status = 'done'", 1))
    assert spec_hash(model, "aov") != spec_hash(other, "aov")
    assert spec_hash(model, "buyers") == spec_hash(other, "buyers")
    assert tables_of(model, "aov") == {"orders"}


LOOKUP = """
sources:
  lines: {lake: lines, time: sold_at, dims: [products.size], joins: {products: product}}
  products: {lake: products, key: product}
metrics:
  revenue: {agg: sum(lines.n * products.price)}
"""


def shop(*products):
    lines = pa.table({
        "sold_at": pa.array([at("2026-01-01")] * 3, pa.timestamp("us", "UTC")), "product": ["tea", "tea", "cake"],
        "n": pa.array([1, 2, 1]),
    })  # fmt: skip
    names, sizes, prices = zip(*products, strict=True)
    return Tables(lines=lines, products=pa.table({"product": list(names), "size": list(sizes), "price": list(prices)}))


def test_a_lookup_multiplies_nothing():
    engine = shop(("tea", "S", 3.0), ("cake", "L", 5.0))
    result = evaluate(Model.load(LOOKUP), Query(("revenue",), by=("size",)), engine, as_of=at("2030-01-01"))
    assert {cell.slices[0][1]: cell.value for cell in result.cells} == {"S": 9, "L": 5}


def test_a_duplicated_key_is_an_error_that_names_it_not_a_wrong_number():
    engine = shop(("tea", "S", 3.0), ("tea", "S", 3.5), ("cake", "L", 5.0))
    with pytest.raises(DuplicateKeys, match="tea ×2"):
        evaluate(Model.load(LOOKUP), Query(("revenue",)), engine, as_of=at("2030-01-01"))


def test_an_unknown_dimension_names_those_there_are():
    with pytest.raises(SpecError, match="channel"):
        evaluate(Model.load(SPEC), Query(("revenue",), by=("chanel",)), ENGINE, as_of=at("2030-01-01"))


def test_a_plan_prints_and_scans_a_shared_table_once():
    result = evaluate(Model.load(SPEC), Query(("revenue", "buyers", "aov")), ENGINE, as_of=at("2030-01-01"))
    assert result.plan.count("scan orders") == 1
    assert result.sql.count('FROM "orders"') == 1
