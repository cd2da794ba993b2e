"""Metrics of several engines in one query: each is computed where its rows are, and the cells meet."""

import pytest

from nachim.core.period import Grain
from nachim.metrics.across import Across
from nachim.metrics.check import check
from nachim.metrics.engine import Pinned
from nachim.metrics.messages import EngineFailed, MetricError
from nachim.metrics.run import Query, evaluate
from nachim.metrics.spec import Model
from tests.engines.company import NOW, duck, model
from tests.engines.test_same_cells import WINTER

ASKED = Query(("orders", "visits", "conversion"), Grain.WEEK, *WINTER, by=("채널",))


def split_company(*moved: str) -> dict:
    data = model()
    for name in moved:
        source = data["sources"][name]
        source |= {"connection": "warehouse", "table": source.pop("lake")}
    return data


@pytest.mark.parametrize("pinned", [False, True])
def test_a_calc_over_two_engines_gives_the_cells_of_one(postgres, pinned):
    engine = Across(duck(), {"warehouse": lambda: postgres})
    engine = Pinned(engine) if pinned else engine
    found = evaluate(Model.load(split_company("visits")), ASKED, engine, as_of=NOW)
    assert found.cells == evaluate(Model.load(model()), ASKED, duck(), as_of=NOW).cells
    assert "-- warehouse: PostgreSQL" in found.sql and '"web"."visits"' in found.sql
    assert "scan warehouse:visits as visits" in found.plan
    assert any("warehouse:visits" in note.text("en") and "as it is now" in note.text("en") for note in found.notes)


def test_tables_of_two_engines_are_not_joined(postgres):
    engine = Across(duck(), {"warehouse": lambda: postgres})
    asked = Query(("orders",), Grain.ALL, by=("city",))
    with pytest.raises(MetricError) as refusal:
        evaluate(Model.load(split_company("stores")), asked, engine, as_of=NOW)
    assert refusal.value.issues[0].code == "two_engines" and "warehouse:stores" in refusal.value.text("ko")


def test_a_connection_that_is_not_there_is_one_sentence():
    for engine in (duck(), Across(duck(), {})):
        found = [issue for issue in check(Model.load(split_company("visits")), engine) if issue.code != "unknown_table"]
        assert {issue.code for issue in found} == {"unknown_connection"}, [str(one) for one in found]


def test_a_table_that_is_not_there_is_told_as_one_of_the_lake_is(postgres):
    data = split_company("visits")
    data["sources"]["visits"]["table"] = "nowhere"
    found = check(Model.load(data), Across(duck(), {"warehouse": lambda: postgres}))
    assert {issue.code for issue in found} == {"unknown_table"}


def test_errors_never_carry_the_password(postgres):
    from dataclasses import replace

    from nachim.connect.engines import open_engine

    with pytest.raises(EngineFailed) as away:
        open_engine(replace(postgres.address, user="nobody"), "s3cret-word").columns("orders")
    assert away.value.issues[0].code == "engine_away" and "s3cret" not in away.value.text("en")
    assert "s3cret" not in repr(open_engine(postgres.address, "s3cret-word"))
    shown = open_engine(postgres.address, "s3cret-word").scrubbed("postgres://u:s3cret-word@db/x password=other failed")
    assert "s3cret" not in shown and "other" not in shown


def test_the_session_only_reads_and_stops_in_time(postgres):
    from dataclasses import replace

    from nachim.connect.engines import open_engine

    with pytest.raises(EngineFailed, match="read-only"), postgres._told():
        postgres.fetch("DELETE FROM web.orders")
    quick = open_engine(replace(postgres.address, seconds=1), postgres.secret)
    with pytest.raises(EngineFailed) as slow, quick._told():
        quick.fetch("SELECT pg_sleep(5)")
    assert slow.value.issues[0].code == "engine_slow"
    quick.close()
