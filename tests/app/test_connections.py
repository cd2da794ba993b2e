"""Connections: who may, what is refused, and where a password never turns up."""

import stat
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection as database

from nachim.app import engines, policy
from nachim.app.actions import connections
from nachim.app.actions.refresh import refresh
from nachim.app.definition.export import current, to_yaml
from nachim.app.home import home
from nachim.app.models import AuditEntry, Change, Connection, Observation, Series, Table
from nachim.metrics.messages import EngineFailed
from tests import company as made
from tests.company import CANARY


def test_alice_connects_and_nobody_else_may(company):
    one = made.connection(company.alice)
    for person in (company.bob, company.carol, company.mallory):
        for change in (
            lambda who: connections.save_connection(who, name="other", engine="postgres", host="127.0.0.1"),
            lambda who: connections.save_connection(who, one, seconds=5),
            lambda who: connections.try_connection(who, one),
            lambda who: connections.remove_connection(who, one),
            connections.renew_keys,
        ):
            with pytest.raises(policy.NotAllowed):
                change(person)
    assert Connection.objects.get().seconds == 120
    connections.save_connection(company.alice, one, seconds=5)
    connections.remove_connection(company.alice, one)
    assert not Connection.objects.exists()


def test_a_password_is_found_nowhere(company, caplog):
    one = made.connection(company.alice)
    connections.save_connection(company.alice, one, password=CANARY + "2")
    assert engines.password_of(one) == CANARY + "2"
    connections.try_connection(company.alice, one)
    trail = [str([entry.before, entry.after]) for entry in AuditEntry.objects.all()]
    assert [entry.after["password_renewed"] for entry in AuditEntry.objects.order_by("pk")] == [True, True]
    assert "settings" in Change.objects.values_list("topic", flat=True)
    dump = StringIO()
    call_command("dumpdata", "app", stdout=dump)
    places = {"trail": str(trail), "export": to_yaml(current()), "database": dump.getvalue(), "logs": caplog.text,
              "names": repr(one) + str(one) + repr(engines.reach(one)) + repr(engines.address_of(one))}  # fmt: skip
    assert {name for name, text in places.items() if CANARY in text} == set()
    assert "password: kept" in places["export"]
    assert not [path for path in home().rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert stat.S_IMODE((home() / "connections.key").stat().st_mode) == 0o600


def test_a_kept_password_goes_to_no_other_address(company):
    made.connection(company.alice)
    for field, value in (("port", 10), ("user", "root"), ("engine", "clickhouse")):
        with pytest.raises(ValidationError) as told:
            connections.save_connection(company.alice, Connection.objects.get(), **{field: value})
        assert list(told.value.message_dict) == ["password"]
    with pytest.raises(ValidationError):
        connections.save_connection(company.alice, Connection.objects.get(), secure=False)
    moved = connections.save_connection(company.alice, Connection.objects.get(), port=10, password="another")
    assert (moved.port, engines.password_of(moved)) == (10, "another")
    connections.save_connection(company.alice, moved, database="other", schema="web")
    spark = connections.save_connection(company.alice, moved, engine="spark")
    assert (spark.engine, spark.password) == ("spark", ""), "Spark has none, so the one there was is gone"


def test_the_same_again_is_no_change(company):
    one = made.connection(company.alice)
    count = AuditEntry.objects.count()
    connections.save_connection(company.alice, one, engine="postgres", seconds=120)
    assert AuditEntry.objects.count() == count


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [({"name": "a:b"}, "name"), ({"name": "a.b"}, "name"), ({"name": ""}, "name"), ({"name": "1a"}, "name"),
     ({"engine": "oracle"}, "engine"), ({"host": "/var/run/postgresql"}, "host"), ({"host": "a,b"}, "host"),
     ({"host": "10.0.0.1"}, "host"), ({"host": "169.254.169.254"}, "host"), ({"host": "127.0.0.2"}, "host"),
     ({"port": 70000}, "port"), ({"seconds": 0}, "seconds"), ({"every_minutes": 0}, "every_minutes"),
     ({"database": "host=evil"}, "database"), ({"database": "postgres://evil/x"}, "database"),
     ({"user": "a b"}, "user"), ({"zone": "Mars/Olympus"}, "zone"), ({"engine": "spark", "port": 0}, "password")],
)  # fmt: skip
def test_what_no_connection_can_be_is_refused_at_its_field(company, fields, wrong):
    with pytest.raises(ValidationError) as told:
        made.connection(company.alice, **fields)
    assert list(told.value.message_dict) == [wrong]
    assert not Connection.objects.exists()


def test_a_name_is_given_once_and_kept(company):
    one = made.connection(company.alice)
    with pytest.raises(ValidationError) as twice:
        made.connection(company.alice)
    with pytest.raises(ValidationError) as renamed:
        connections.save_connection(company.alice, one, name="other")
    assert list(twice.value.message_dict) == list(renamed.value.message_dict) == ["name"]


def test_the_environment_may_hold_it(company, monkeypatch):
    one = made.connection(company.alice)
    connections.save_connection(company.alice, one, variable="WAREHOUSE_PASSWORD")
    assert (one.secret, one.password) == ("", "${WAREHOUSE_PASSWORD}")
    with pytest.raises(EngineFailed, match="WAREHOUSE_PASSWORD"):
        engines.password_of(one)
    monkeypatch.setenv("WAREHOUSE_PASSWORD", CANARY)
    assert engines.password_of(one) == CANARY
    for name in ("NACHIM_SECRET_KEY", "path", "A B", "A}"):
        with pytest.raises(ValidationError):
            connections.save_connection(company.alice, one, variable=name)


def test_keys_are_renewed(company):
    one, two = made.connection(company.alice), made.connection(company.alice, name="other", password="")
    token = one.secret
    assert connections.renew_keys(company.alice) == 1
    one.refresh_from_db()
    two.refresh_from_db()
    assert one.secret != token and engines.password_of(one) == CANARY and two.secret == ""
    (home() / "connections.key").unlink()
    with pytest.raises(ValidationError):
        connections.renew_keys(company.alice)
    with pytest.raises(EngineFailed) as lost:
        engines.password_of(one)
    assert "nachim connect add" in lost.value.text("en")


def test_a_stopped_rotation_loses_nothing(company, monkeypatch):
    one = made.connection(company.alice)

    def killed(self):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(engines.Keys, "drop_old", killed)
        connections.renew_keys(company.alice)
    one.refresh_from_db()
    assert engines.password_of(one) == CANARY
    assert connections.renew_keys(company.alice) == 1


def visits(seen=None) -> Table:
    if seen:
        Connection.objects.update(tables=seen)
    return Table.objects.create(
        name="visits",
        source={"connection": "warehouse", "table": "web.visits", "key": "visit_id", "time": "visited_at"},
    )


SEEN = {"web.visits": {"visit_id": "integer", "visited_at": "time", "pages": "integer"}}


def metric(actor, **spec):
    from nachim.app.actions import metrics

    return metrics.save_metric(actor, name="visits", label_ko="방문", unit="count", better="up", spec=spec)


def test_metrics_are_written_while_the_engine_is_away(company):
    made.connection(company.alice)
    visits(SEEN)
    assert metric(company.bob, agg="count(visits)").pk
    with pytest.raises(ValidationError) as told:
        metric(company.bob, agg="sum(visits.pagess)")
    assert "pages" in str(told.value)


def test_on_a_table_never_seen_a_metric_is_checked_for_form_alone_and_a_wrong_one_says_why(company):
    made.connection(company.alice)
    visits()
    with pytest.raises(ValidationError) as told:
        metric(company.bob, agg="sum(visitz.pages)")
    assert "닿을 수 없습니다" in str(told.value) and "127.0.0.1" not in str(told.value)
    assert metric(company.bob, agg="count(visits)").pk


def test_what_does_not_answer_holds_nothing_else_up(company, orders):
    made.connection(company.alice)
    visits(SEEN)
    goal = made.goal(company.alice)
    made.kpi(company.alice, goal, made.revenue())
    made.kpi(company.alice, goal, metric(company.alice, agg="count(visits)"), target=False)
    done = refresh()
    assert done.problems == 1 and Observation.objects.filter(series__metric__name="revenue").exists()
    problem = Series.objects.get(metric__name="visits").problem
    assert "warehouse" in problem["ko"] and "127.0.0.1" not in problem["en"] and CANARY not in str(problem)


def test_a_connection_in_use_is_not_removed_and_files_do_not_go_into_its_tables(company, tmp_path):
    one = made.connection(company.alice)
    visits()
    with pytest.raises(ValidationError, match="visits"):
        connections.remove_connection(company.alice, one)
    with pytest.raises(ValidationError, match="warehouse"):
        made.import_orders(tmp_path, table="visits")


def test_the_plain_database_file_has_no_password(company, tmp_path):
    made.connection(company.alice)
    if database.vendor == "sqlite":
        path = tmp_path / "copy.db"
        with database.cursor() as cursor:
            whole = "\n".join(cursor.connection.iterdump())
        path.write_text(whole, encoding="utf-8")
        assert "app_connection" in whole and CANARY not in whole
