"""Values people write in: who may, exactly what is kept, and what stood there before."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from nachim.app import audit, language, policy
from nachim.app.actions import goals, metrics, tables, teams, undo
from nachim.app.actions.refresh import refresh
from nachim.app.actions.values import Value, write_values
from nachim.app.definition import form
from nachim.app.definition.apply import apply
from nachim.app.definition.export import current, to_yaml
from nachim.app.home import lake
from nachim.app.models import AuditEntry, Metric, Observation, Refresh, Table
from nachim.app.queries.metrics import suggestions
from nachim.app.queries.now import now
from nachim.app.queries.scorecard import kpi_rows
from nachim.app.queries.values import due, entries, stored, written
from nachim.core.period import Grain
from nachim.lake.mapping import Role
from nachim.metrics.run import Query, evaluate
from tests import company as made

pytestmark = pytest.mark.django_db
LATER = datetime(2026, 11, 27, tzinfo=UTC)


def recall(actor=policy.SYSTEM, name="recall", unit="percent", **manual):
    return metrics.save_metric(
        actor, name=name, label_ko="인지도", label_en="Recall", unit=unit, better="up", spec={"manual": manual}
    )


def month(key):
    return language.calendar().period(Grain.MONTH, date.fromisoformat(f"{key}-01"))


def value(key, number, note=""):
    return Value(month(key), number, note)


@pytest.fixture
def metric(company, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        return recall()


@pytest.fixture
def kpi(company, metric):
    goal = made.goal(company.alice)
    return made.kpi(company.alice, goal, metric, target=False, owner=company.mina)


def observed(grain="month"):
    """What the mart has of the metric: period and value of its closed cells."""
    refresh()
    found = Observation.objects.filter(grain=grain, dim="", state="ok", series__metric__name="recall")
    return dict(found.values_list("period", "value"))


def test_a_metric_written_by_hand_has_its_table_before_anybody_wrote(metric):
    table = Table.objects.get(name="written_recall")
    assert table.source == {"lake": "written_recall", "key": "day", "time": "day"}
    assert (table.expected_every_days, table.rows, str(table)) == (31, 0, "“인지도”의 값")
    assert lake().table("written_recall").columns.keys() == {"day", "value", "note", "by", "at"}
    assert lake().table("written_recall").rows == 0
    assert metrics.known_issues() == set()


def test_others_are_calculated_from_it_before_it_has_a_value(company, metric):
    metrics.save_metric(
        company.bob,
        name="double",
        label_ko="두 배",
        label_en="",
        unit="percent",
        better="up",
        spec={"calc": "recall * 2"},
    )
    write_values(company.bob, metric, [value("2026-01", 0.25)])
    found = evaluate(language.model(), Query(("double",)), lake().engine(), as_of=LATER)
    assert [cell.value for cell in found.cells] == [0.5]


def test_what_is_written_becomes_the_number_of_its_kpi(company, metric, kpi):
    assert kpi_rows(kpi.__class__.objects.all())[0].status == "no_entry"
    changes = write_values(company.mina, metric, [value("2026-01", 0.125, "조사 1회"), value("2026-03", 0.3)])
    assert [(one.before.value, one.after.number) for one in changes] == [(None, 0.125), (None, 0.3)]
    assert observed() == {"2026-01-01": 0.125, "2026-03-01": 0.3}
    assert observed("quarter") == {"2026-01-01": 0.3}
    row = kpi_rows(kpi.__class__.objects.all())[0]
    assert (row.closed.value, row.status) == (0.3, "no_target")
    table = Table.objects.get(name="written_recall")
    assert (table.rows, language.calendar().today(table.last_row_at)) == (2, date(2026, 3, 31))
    assert Refresh.objects.latest("pk").versions == {"written_recall": table.version}


def test_correcting_and_taking_back_keeps_what_stood_there(company, metric, kpi):
    write_values(company.mina, metric, [value("2026-01", 0.1, "처음"), value("2026-02", 0.2)])
    first = lake().table("written_recall").version
    write_values(company.bob, metric, [value("2026-01", 0.15, "고침"), value("2026-02", None)])
    assert observed() == {"2026-01-01": 0.15}
    entry = AuditEntry.objects.filter(action="value.write").latest("pk")
    assert (entry.actor, entry.object_name) == (company.bob, "recall")
    assert entry.before == {
        "2026-01-01": {"value": 0.1, "note": "처음"}, "2026-02-01": {"value": 0.2, "note": ""},
    }  # fmt: skip
    assert entry.after == {
        "2026-01-01": {"value": 0.15, "note": "고침"}, "2026-02-01": {"value": None, "note": ""},
    }  # fmt: skip
    assert audit.broken_link() is None
    shown = {one.period.key: (one.value, one.note, one.by) for one in written(metric)}
    assert shown == {"2026-01-01": (0.15, "고침", "Bob"), "2026-02-01": (None, "", "Bob")}
    # The lake has both versions: a number of before is computed again from the one of before.
    before = lake().table("written_recall").snapshot(first)
    assert before.count() == 2 and lake().table("written_recall").rows == 2
    tree = evaluate(language.model(), Query(("recall",)), lake().engine(), as_of=LATER)
    assert tree.versions == {"written_recall": first + 1}


def test_the_same_again_is_written_once(company, metric):
    write_values(company.bob, metric, [value("2026-01", 0.1), value("2026-02", 0.2)])
    version, entries_ = lake().table("written_recall").version, AuditEntry.objects.count()
    assert write_values(company.bob, metric, [value("2026-01", 0.1), value("2026-02", 0.2)]) == []
    assert write_values(company.bob, metric, [value("2025-12", None)]) == []
    assert (lake().table("written_recall").version, AuditEntry.objects.count()) == (version, entries_)
    write_values(company.bob, metric, [value(f"2025-{at:02}", at) for at in range(1, 13)])
    assert lake().table("written_recall").version == version + 1  # one commit, however many


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([("2199-01", 1.0)], "시작하지 않은"),
        ([("2026-01", 1.0), ("2026-01", 2.0)], "두 번"),
        ([("2026-01", 1e16)], "너무 큽니다"),
        ([("2026-01", float("nan"))], "너무 큽니다"),
        ([("2026-01", 1.0, "가" * 301)], "메모가 너무"),
    ],
)
def test_what_nobody_means_is_refused_and_nothing_is_written(company, metric, wrong, said):
    with pytest.raises(ValidationError, match=said):
        write_values(company.bob, metric, [value("2025-01", 5.0), *(value(*one) for one in wrong)])
    assert stored(metric) == {}


@pytest.mark.parametrize(
    "note", ["\ufffd", "=1+1", "a\u2028b", "줄\n둘", '"따옴표", 쉼표\t탭', "null", "-", "N/A", "ㅎ" * 300]
)
def test_a_note_is_kept_as_it_was_written(company, metric, note):
    write_values(company.bob, metric, [value("2026-01", 1e15, note), value("2026-02", -1e-7, " 가 ")])
    assert [(one.value, one.note) for one in written(metric)] == [(-1e-7, "가"), (1e15, note)]


def test_a_period_of_another_grain_is_refused(company, metric):
    quarter = language.calendar().period(Grain.QUARTER, date(2026, 1, 1))
    with pytest.raises(ValidationError, match="이런 기간"):
        write_values(company.bob, metric, [Value(quarter, 1.0)])


def test_the_period_under_way_may_be_written_early(company, metric, kpi):
    today = language.calendar().today(timezone.now())
    write_values(company.bob, metric, [Value(language.calendar().period(Grain.MONTH, today), 0.5)])
    assert [one.value for one in entries(metric)][:1] == [0.5]
    assert observed() == {}


def test_nobody_writes_what_is_computed(company, orders):
    revenue = made.revenue()
    with pytest.raises(ValidationError, match="계산"):
        write_values(company.bob, revenue, [value("2026-01", 1.0)])


@pytest.mark.parametrize(
    ("person", "allowed"),
    [("alice", True), ("adam", True), ("bob", True), ("mina", True), ("lena", False), ("carol", False),
     ("audra", False), ("mallory", False)],
)  # fmt: skip
def test_who_may_write(company, metric, kpi, person, allowed):
    """Alice owns the company, Bob edits, Mina owns the KPI; Lena leads none of its teams, Mallory is outside."""
    who = getattr(company, person)
    assert policy.can(who, "value.write", metric) is allowed
    if allowed:
        assert len(write_values(who, metric, [value("2026-01", 0.1)])) == 1
    else:
        with pytest.raises(policy.NotAllowed):
            write_values(who, metric, [value("2026-01", 0.1)])
        assert stored(metric) == {}


def test_a_lead_writes_for_the_team_and_an_owner_only_while_the_kpi_is_theirs(company, metric, kpi):
    team = teams.save_team(company.bob, label="서울", lead=company.lena, members=[company.mina])
    goals.save_kpi(company.bob, kpi, teams=[team])
    lena = company.lena.__class__.objects.get(pk=company.lena.pk)
    assert policy.can(lena, "value.write", metric)
    goals.archive_kpi(company.bob, kpi)
    lena, mina = (type(one).objects.get(pk=one.pk) for one in (company.lena, company.mina))
    assert not policy.can(lena, "value.write", metric) and not policy.can(mina, "value.write", metric)


def test_an_owner_who_only_looks_does_not_write(company, metric, kpi):
    goals.save_kpi(company.bob, kpi, owner=company.carol)
    assert not policy.can(company.carol, "value.write", metric)
    assert due(company.carol, [kpi], date(2026, 4, 10)) == []


def test_what_a_file_brought_and_what_is_written_are_one_value(company, metric, kpi, tmp_path):
    """Rows from a spreadsheet go into the same table; a correction on the page leaves no second row in the period."""
    path = tmp_path / "values.csv"
    path.write_text("day,value\n2026-01-31,0.1\n2026-02-15,0.2\n2026-02-28,0.25\n", encoding="utf-8")
    mapping = tables.look(path, path.name, "written_recall").mapping
    assert {column.name: column.role for column in mapping.kept}["day"] is Role.KEY
    tables.import_now(policy.SYSTEM, path, "written_recall", mapping, drift="accept")
    assert Table.objects.get(name="written_recall").source["time"] == "day"
    assert observed() == {"2026-01-01": 0.1, "2026-02-01": 0.25}
    write_values(company.bob, metric, [value("2026-02", 0.3)])
    assert observed() == {"2026-01-01": 0.1, "2026-02-01": 0.3}
    assert [row["value"] for row in stored(metric)["2026-02-01"]] == [None, 0.3]


def test_amounts_add_up_and_a_gap_between_them_is_no_zero(company, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        spent = recall(over_time="sum", unit="KRW")
    made.kpi(company.alice, made.goal(company.alice), spent, target=False)
    write_values(company.bob, spent, [value("2026-01", 100.1), value("2026-03", 0.2)])
    assert observed() == {"2026-01-01": 100.1, "2026-03-01": 0.2}
    assert observed("quarter") == {}
    write_values(company.bob, spent, [value("2026-02", 0.3)])
    assert observed("quarter") == {"2026-01-01": 100.6}
    assert spent.additive


def test_undo_writes_what_stood_there_once_and_never_over_a_later_hand(company, metric):
    write_values(company.bob, metric, [value("2026-01", 0.1, "가")])
    facts = [["2026-01-01", [0.1, "가"], [0.2, "나"]], ["2026-02-01", [None, ""], [0.5, ""]]]
    write_values(company.bob, metric, [value("2026-01", 0.2, "나"), value("2026-02", 0.5)])
    token = undo.token(company.bob, "values", pk=metric.pk, values=facts)
    assert undo.take_back(company.bob, token).place == "metric-values"
    assert [(one.value, one.note) for one in written(metric)] == [(None, ""), (0.1, "가")]
    with pytest.raises(ValidationError):
        undo.take_back(company.bob, token)
    write_values(company.bob, metric, [value("2026-01", 0.2, "나"), value("2026-02", 0.5)])
    write_values(company.alice, metric, [value("2026-02", 0.6)])
    with pytest.raises(ValidationError):
        undo.take_back(company.bob, undo.token(company.bob, "values", pk=metric.pk, values=facts))


def test_missing_is_what_is_over_and_empty_since_the_first_value(company, metric):
    last = language.calendar().period(Grain.MONTH, language.calendar().today(timezone.now())).previous()
    assert [one.period for one in entries(metric) if one.missing] == [last]
    write_values(company.bob, metric, [Value(last.moved(-3), 1.0), Value(last.moved(-1), 1.0)])
    assert [one.period for one in entries(metric) if one.missing] == [last, last.moved(-2)]


def test_the_owner_is_asked_for_the_last_closed_period(company, metric, kpi):
    refresh()
    asked = now(company.mina).values
    last = language.calendar().period(Grain.MONTH, language.calendar().today(timezone.now())).previous()
    assert [(one.kpi, one.period) for one in asked] == [(kpi, last)]
    assert not now(company.mina).calm and now(company.bob).values == []
    write_values(company.mina, metric, [Value(last, 0.4)])
    refresh()
    assert now(company.mina).values == []


def test_its_table_goes_with_it_unless_somebody_wrote(company, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        first, second = recall(), recall(name="other")
    write_values(company.bob, second, [value("2026-01", 1.0)])
    with django_capture_on_commit_callbacks(execute=True):
        metrics.delete_metric(company.bob, first)
        metrics.delete_metric(company.bob, second)
    assert [table.name for table in Table.objects.all()] == ["written_other"]
    assert lake().names() == ["written_other"]
    with django_capture_on_commit_callbacks(execute=True):
        again = recall(name="other")
    assert [one.value for one in written(again)] == [1.0]


def test_a_name_no_table_may_have_is_refused(company):
    with pytest.raises(ValidationError):
        recall(name="a" * 60)
    assert not Metric.objects.exists() and not Table.objects.exists()


@pytest.mark.parametrize("spec", [{"manual": 3}, {"manual": {"every": "month", "more": 1}}, {"manual": {"every": "x"}}])
def test_a_definition_that_is_none_is_refused_with_its_sentence(company, spec):
    with pytest.raises(ValidationError):
        metrics.save_metric(company.bob, name="x", label_ko="x", label_en="", unit="count", better="up", spec=spec)
    assert not Table.objects.exists()


def test_how_often_it_is_written_says_when_its_table_is_late(company, metric):
    metrics.save_metric(company.bob, metric, spec={"manual": {"every": "quarter"}}, reason="분기 조사")
    assert Table.objects.get(name="written_recall").expected_every_days == 92


def test_its_values_are_no_table_that_suggests_metrics(company, metric):
    write_values(company.bob, metric, [value("2026-01", 1.0)])
    assert suggestions() == []


DEFINITION = """
workspace: {name: 모아옷장}
metrics:
  recall: {label: {ko: 인지도}, unit: percent, manual: {}}
  spent: {unit: KRW, manual: {over_time: sum, every: week}}
  doubled: {unit: percent, calc: recall * 2}
"""


def test_a_file_makes_it_and_export_says_it_all_again(company, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        apply(policy.SHELL, form.read(DEFINITION))
    assert sorted(lake().names()) == ["written_recall", "written_spent"]
    text = to_yaml(current())
    assert "manual: {}" in text and "every: week" in text
    assert all(step.verb == "keep" for step in apply(policy.SHELL, form.read(text)).steps)
    assert to_yaml(current()) == text
    assert {step.verb for step in apply(policy.SHELL, form.read(DEFINITION)).steps} == {"keep"}


def test_a_dry_run_leaves_no_table(company, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        apply(policy.SHELL, form.read(DEFINITION), dry_run=True)
    assert (lake().names(), Table.objects.count()) == ([], 0)


def test_a_file_of_a_company_makes_another_with_the_same_definitions(company, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        apply(policy.SHELL, form.read(DEFINITION))
    text = to_yaml(current())
    for model in (Metric, Table):
        model.objects.all().delete()
    for name in lake().names():
        lake().table(name).delete()
    with django_capture_on_commit_callbacks(execute=True):
        apply(policy.SHELL, form.read(text))
    assert to_yaml(current()) == text
    write_values(policy.SHELL, Metric.objects.get(name="recall"), [value("2026-01", 0.5)])
    assert [(one.value, one.by) for one in written(Metric.objects.get(name="recall"))] == [(0.5, "command line")]


def test_every_day_of_written_values_is_placed_for_the_next_refresh(company, metric, kpi):
    """A correction makes its own periods stale and no other."""
    write_values(company.bob, metric, [value(f"2026-{at:02}", at) for at in range(1, 7)])
    refresh()
    version = lake().table("written_recall").version
    write_values(company.bob, metric, [value("2026-03", 0.5)])
    touched = lake().table("written_recall").touched_since(version, "day")
    assert touched == [(date(2026, 3, 31), date(2026, 4, 1))]
    assert observed()["2026-03-01"] == 0.5
    assert timedelta(days=1) == touched[0][1] - touched[0][0]
