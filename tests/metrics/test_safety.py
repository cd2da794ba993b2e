"""Whatever people write, what reaches an engine is made of known tables, known columns and a short list of nodes."""

import contextlib

from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from nachim.core.period import Grain
from nachim.metrics.bind import Binder
from nachim.metrics.messages import MetricError
from nachim.metrics.run import Query, evaluate
from nachim.metrics.spec import Model, SpecError
from tests.metrics.company import SPEC, Tables, at, orders

ENGINE = Tables(orders=orders((1, at("2026-01-01"), "a", "app", 10.0, "paid")))
COLUMNS = {"order_id", "ordered_at", "customer_id", "channel", "amount", "status"}
# Every node a condition or a measure may become.
KNOWN = (
    exp.Column,
    exp.Identifier,
    exp.Literal,
    exp.Boolean,
    exp.Null,
    exp.Paren,
    exp.And,
    exp.Or,
    exp.Not,
    exp.Is,
    exp.In,
    exp.Between,
    exp.EQ,
    exp.NEQ,
    exp.GT,
    exp.GTE,
    exp.LT,
    exp.LTE,
    exp.Like,
    exp.ILike,
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Div,
    exp.Mod,
    exp.Neg,
    exp.Nullif,
    exp.Cast,
    exp.DataType,
    exp.Case,
    exp.If,
    exp.Coalesce,
    exp.Lower,
    exp.Upper,
    exp.Abs,
)
WORDS = st.sampled_from(
    [
        "amount",
        "status",
        "channel",
        "orders.amount",
        "orders",
        "customer",
        "ordered_at",
        "'paid'",
        "1",
        "0.5",
        "null",
        "true",
        "and",
        "or",
        "not",
        "=",
        "<>",
        "<",
        ">=",
        "in",
        "between",
        "like",
        "is",
        "(",
        ")",
        ",",
        "+",
        "-",
        "*",
        "/",
        "%",
        "case",
        "when",
        "then",
        "else",
        "end",
        "coalesce",
        "lower",
        "abs",
        "sum",
        "avg",
        "count",
        "count_distinct",
        "max",
        "select",
        "from",
        "where",
        "union",
        "exists",
        "(select 1)",
        "read_text('/etc/passwd')",
        "getenv('HOME')",
        "read_csv('x')",
        "current_setting('x')",
        "pragma_version()",
        "::",
        "int",
        "over ()",
        ";",
        "--",
        "/*",
        "*/",
        "$1",
        "?",
        "[",
        "]",
        "{",
        "}",
        "->",
        "||",
        "@",
        "#1",
        "'",
        '"',
        "`",
        "$$",
        "e'\\''",
        "x'41'",
        "interval '1 day'",
        "date '2026-01-01'",
        "collate",
        "using sample 1",
        "qualify",
        "exclude",
        "columns(*)",
        "lambda x: x",
        "struct_pack(a := 1)",
        "try_cast",
        "nextval('x')",
        "주문",
        "\x00",
        "\\",
    ]
)
TEXT = st.one_of(st.lists(WORDS, max_size=9).map(" ".join), st.text(max_size=30))


def bound(**metric):
    data = Model.load(SPEC).dump()
    data["metrics"] = {"it": metric}
    return Binder(Model.load(data), ENGINE).metric("it")


def assert_known(tree):
    for node in tree.walk():
        assert isinstance(node, KNOWN), repr(node)
        if isinstance(node, exp.Column):
            assert node.table == "orders"
            assert node.name in COLUMNS


@settings(max_examples=600, deadline=None)
@given(text=TEXT)
@example(text="status = 'a' or exists (from orders)")
@example(text="amount in (select 1)")
@example(text="amount between symmetric 1 and 2")
def test_a_condition_is_refused_in_a_sentence_or_known_to_its_last_node(text):
    try:
        found = bound(agg="count(orders)", where=text)
    except SpecError as error:
        assert all(issue.text(locale) for issue in error.issues for locale in ("ko", "en"))
        return
    for measure in found.measures.values():
        if measure.where is not None:
            assert_known(measure.where)


@settings(max_examples=600, deadline=None)
@given(inner=TEXT, call=st.sampled_from(["sum({})", "count({})", "avg({})", "count_distinct({})", "max({})", "{}"]))
@example(inner="(select 1)", call="sum({})")
def test_a_measure_is_refused_in_a_sentence_or_known_to_its_last_node(inner, call):
    try:
        found = bound(**{"agg": call.format(inner), "from": "orders"})
    except SpecError as error:
        assert all(issue.text(locale) for issue in error.issues for locale in ("ko", "en"))
        return
    for measure in found.measures.values():
        if measure.value is not None:
            assert_known(measure.value)


@settings(max_examples=300, deadline=None)
@given(text=TEXT)
def test_a_filter_of_a_query_runs_or_is_told_why_not(text):
    with contextlib.suppress(MetricError):
        evaluate(Model.load(SPEC), Query(("all_orders",), Grain.ALL, where=text), ENGINE, as_of=at("2030-01-01"))


@settings(max_examples=300, deadline=None)
@given(text=TEXT)
def test_a_calc_is_refused_in_a_sentence_or_computes(text):
    data = Model.load(SPEC).dump()
    data["metrics"]["it"] = {"calc": text}
    with contextlib.suppress(MetricError):
        evaluate(Model.load(data), Query(("it",), Grain.ALL), ENGINE, as_of=at("2030-01-01"))


@settings(max_examples=300, deadline=None)
@given(
    text=st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from(
                [
                    "metrics:",
                    "sources:",
                    "calendar:",
                    "\n",
                    "  ",
                    "a",
                    "{",
                    "}",
                    "[",
                    "]",
                    ": ",
                    ", ",
                    "agg",
                    "calc",
                    "&x",
                    "*x",
                    "<<",
                    "!!python/object:os.system",
                    "tz",
                    "joins",
                    "on",
                    "yes",
                    "1",
                    "2026-01-01",
                    "null",
                    "'",
                    '"',
                    "- ",
                    "? ",
                    "|",
                    "%",
                    "@",
                ]
            ),
            max_size=14,
        ).map("".join),
    )
)
def test_any_text_is_a_model_or_a_list_of_issues(text):
    try:
        Model.load(text, file="x.yaml")
    except SpecError as error:
        assert error.issues
        assert all(issue.text(locale) for issue in error.issues for locale in ("ko", "en"))


def test_values_may_hold_any_sign():
    for value in ("a;b", "x--y", "/* c */", "o'clock", 'say "hi"', "백%_\\", "{name}"):
        table = orders(
            (1, at("2026-01-01"), "a", value, 10.0, "paid"), (2, at("2026-01-01"), "a", "other", 5.0, "paid")
        )
        where = "channel = '{}'".format(value.replace("'", "''"))
        found = evaluate(
            Model.load(SPEC), Query(("revenue",), Grain.ALL, where=where), Tables(orders=table), as_of=at("2030-01-01")
        )
        assert [cell.value for cell in found.cells] == [10], value
