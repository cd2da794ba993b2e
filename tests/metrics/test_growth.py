"""What a definition makes does not outgrow it: no few lines cost minutes or the machine's memory."""

import pytest

from nachim.metrics.bind import MOST_FRAMES, MOST_LEVELS, Binder
from nachim.metrics.check import check
from nachim.metrics.expression import Checker, parse
from nachim.metrics.lineage import reach
from nachim.metrics.messages import SpecError
from nachim.metrics.scope import Problem
from nachim.metrics.spec import Model
from tests.metrics.company import SPEC
from tests.metrics.test_safety import ENGINE, bound

# Looked at twice at each level, the shortest of these would be looked at a billion times.
LONG = {
    "sum": {"agg": f"sum({'+'.join(['amount'] * 50)})", "from": "orders"},
    "division": {"agg": f"sum({'/'.join(['amount'] * 50)})", "from": "orders"},
    "in": {"agg": "count(orders)", "where": "(" * 16 + "amount in (1, 2, 3)" + " in (true, false, true))" * 16},
    "between": {"agg": "count(orders)", "where": "(" * 16 + "amount > 1" + ") between true and false" * 16},
}


@pytest.mark.parametrize("metric", LONG.values(), ids=LONG)
def test_each_part_of_a_long_formula_is_looked_at_once(metric, monkeypatch):
    looked, row = [], Checker.row

    def counted(self, node):
        looked.append(node)
        assert len(looked) < 1000, "a formula of two hundred parts"
        return row(self, node)

    monkeypatch.setattr(Checker, "row", counted)
    assert bound(**metric).measures and len(looked) > 30


@pytest.mark.parametrize("word", ["decimal", "INT", "date", "varchar"])
@pytest.mark.parametrize("between", ["", "(", "[", "f(", "1 + "])
def test_types_that_call_each_other_are_not_tried_in_every_way(word, between):
    with pytest.raises(Problem, match="too_deep"):
        parse(f"{word}({between}" * 40 + "1" + ")" * 80)


def test_columns_named_like_types_are_columns():
    assert parse("(date between '2026-01-01' and ((('2026-01-31')))) and int in (1, 2) and (text) = 'a'")


def chain(count, **link) -> Model:
    """m0 counts orders; each further one is made of the one before, which `%s` stands for."""
    data = Model.load(SPEC).dump()
    made = {f"m{at}": {key: value.replace("%s", f"m{at - 1}") for key, value in link.items()} for at in range(1, count)}
    data["metrics"] = {"m0": {"agg": "count(orders)"}} | made
    return Model.load(data)


@pytest.mark.parametrize(("link", "code", "fits"), [
    ({"calc": "%s + %s"}, "too_wide", 8), ({"calc": "%s + 1"}, "too_wide", 40),
    ({"at": "%s", "shift": "1 month"}, "too_tall", MOST_FRAMES),
])  # fmt: skip
def test_metrics_that_call_metrics_are_refused_before_they_grow_beyond_bounds(link, code, fits):
    assert check(chain(fits, **link), ENGINE) == []
    model = chain(500, **link)
    assert {issue.code for issue in check(model, ENGINE)} == {code}
    assert reach(model, "m499")[1] == {"orders"}
    with pytest.raises(SpecError, match="단계가 너무 많습니다"):
        Binder(model, ENGINE).metric("m499")


def test_one_that_stands_on_too_tall_a_tower_is_no_fault_of_those_below():
    model = chain(MOST_LEVELS + 5, calc="%s")
    binder = Binder(model, ENGINE)
    with pytest.raises(SpecError):
        binder.metric(f"m{MOST_LEVELS + 4}")
    assert binder.metric("m20").formula is not None
