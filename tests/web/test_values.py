"""Writing values in on a page and over the API: what is typed and pasted, what is wrong with it, and undoing it."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from nachim.app import language
from nachim.app.actions import goals
from nachim.app.actions.refresh import refresh
from nachim.app.actions.values import Value, write_values
from nachim.app.models import Action, AuditEntry, Metric, Table
from nachim.app.queries.values import SHOWN, written
from nachim.core.period import Grain
from nachim.web.words import period_words
from tests import company as made

TOKEN = re.compile(r'name="token" value="([^"]+)"')


@pytest.fixture
def metric(company):
    return made.by_hand()


@pytest.fixture
def kpi(company, metric):
    return made.kpi(company.alice, made.goal(company.alice), metric, target=False, owner=company.mina)


def month(back=0, grain=Grain.MONTH):
    """The period so many before the one under way."""
    return language.calendar().period(grain, language.calendar().today(timezone.now())).moved(-back)


def url(metric):
    return reverse("metric-values", args=[metric.pk])


def values(metric):
    return {one.period.key: (one.value, one.note) for one in written(metric) if one.value is not None}


def test_the_page_shows_the_newest_periods_and_what_is_missing(mina, metric, kpi, company):
    write_values(company.mina, metric, [Value(month(3), 0.125, "조사"), Value(month(1), 0.2)])
    page = mina.get(url(metric))
    shown = page.context["rows"].rows
    assert [entry.period for entry, *_fields in shown] == [month(at) for at in range(SHOWN)]
    assert [entry.period for entry in page.context["missing"]] == [month(2)]
    text = page.content.decode()
    assert f'href="#id_value_{month(2).key}"' in text and text.count("아직 없음") == 2
    assert 'value="12.5%"' in text and "Mina" in text and period_words(month(3)) in text
    assert page.context["older"] == 2 * SHOWN and len(mina.get(url(metric), count="36").context["rows"].rows) == 36
    assert len(mina.get(url(metric), count="x" * 9).context["rows"].rows) == SHOWN


def test_what_is_typed_is_written_in_the_unit_of_the_metric(mina, metric, kpi):
    answer = mina.post(url(metric), {f"value_{month(1).key}": "12.5", f"note_{month(1).key}": "11월 조사"})
    assert answer.status_code == 302 and answer.url == url(metric)
    assert values(metric) == {month(1).key: (0.125, "11월 조사")}
    page = mina.get(url(metric)).content.decode()
    assert "값 1개를 저장했습니다" in page and TOKEN.search(page)
    assert mina.get(reverse("kpi", args=[kpi.pk])).context["row"].closed.value == 0.125


def test_only_what_was_changed_is_written(mina, metric, kpi, company):
    """Whoever saves an old page takes nothing back that somebody else wrote since."""
    write_values(company.mina, metric, [Value(month(2), 0.1), Value(month(1), 0.2)])
    old = {f"{name}_{month(at).key}": text for at, text in ((2, "10%"), (1, "20%")) for name in ("value", "was_value")}
    write_values(company.bob, metric, [Value(month(2), 0.5)])
    entries = AuditEntry.objects.count()
    assert mina.post(url(metric), old).status_code == 302
    assert AuditEntry.objects.count() == entries and values(metric)[month(2).key][0] == 0.5
    assert "바뀐 것이 없습니다" in mina.get(url(metric)).content.decode()
    mina.post(url(metric), old | {f"value_{month(1).key}": "25"})
    assert values(metric) == {month(2).key: (0.5, ""), month(1).key: (0.25, "")}


def test_an_emptied_field_takes_the_value_back(mina, metric, kpi, company):
    write_values(company.mina, metric, [Value(month(1), 0.2)])
    mina.post(url(metric), {f"value_{month(1).key}": "", f"was_value_{month(1).key}": "20%"})
    assert values(metric) == {}
    page = mina.get(url(metric))
    assert "지움" in page.content.decode() and mina.get(reverse("kpi", args=[kpi.pk])).context["row"].closed is None
    assert [entry.period for entry in page.context["missing"]] == [month(1)]


def test_what_is_no_number_stays_as_it_was_typed(mina, metric, kpi):
    answer = mina.post(url(metric), {f"value_{month(1).key}": "많이", f"value_{month(2).key}": "5"})
    text = answer.content.decode()
    assert answer.status_code == 422 and 'value="많이"' in text and 'value="5"' in text and "숫자가 아닙니다" in text
    assert values(metric) == {}


def test_a_note_needs_its_value_and_goes_with_it(mina, metric, kpi, company):
    answer = mina.post(url(metric), {f"note_{month(1).key}": "조사 중"})
    assert answer.status_code == 422 and "메모에는 값이 있어야" in answer.content.decode()
    write_values(company.mina, metric, [Value(month(1), 0.2, "조사")])
    sent = {f"was_value_{month(1).key}": "20%", f"note_{month(1).key}": "조사", f"was_note_{month(1).key}": "조사"}
    assert mina.post(url(metric), sent | {f"value_{month(1).key}": ""}).status_code == 302
    assert [(one.value, one.note) for one in written(metric)] == [(None, "")]
    token = TOKEN.search(mina.get(url(metric)).content.decode())[1]
    mina.post(reverse("undo"), token=token)
    assert values(metric) == {month(1).key: (0.2, "조사")}


def test_two_columns_are_pasted(mina, metric, kpi):
    lines = "\n".join(f"{period_words(month(at))}\t{at},5{at}0\t메모 {at}" for at in (3, 2, 1))
    assert mina.post(url(metric), pasted=f"월\t값\n{lines}").status_code == 302
    assert values(metric) == {
        month(at).key: (pytest.approx((1000 * at + 500 + 10 * at) / 100), f"메모 {at}") for at in (3, 2, 1)
    }


def test_what_is_wrong_with_a_paste_is_told_line_by_line_and_it_stays(mina, metric, kpi):
    text = f"{month(1).key[:7]}\t5\n지난달\t5\n{month(-1).key[:7]}\t5\n{month(2).key[:7]}\t많이"
    answer = mina.post(url(metric), pasted=text)
    page = answer.content.decode()
    assert answer.status_code == 422 and values(metric) == {}
    assert [f"{at}번째 줄" in page for at in (1, 2, 3, 4)] == [False, True, True, True]
    assert "지난달\t5" in page
    assert mina.post(url(metric), pasted="아무것도").status_code == 422
    assert mina.post(url(metric), pasted="x\t\n").status_code == 422


def test_undo_takes_back_what_was_just_saved(mina, metric, kpi, company):
    write_values(company.mina, metric, [Value(month(1), 0.2, "앞")])
    mina.post(url(metric), pasted=f"{month(1).key}\t30\n{month(2).key}\t40")
    token = TOKEN.search(mina.get(url(metric)).content.decode())[1]
    assert mina.post(reverse("undo"), token=token).url == url(metric)
    assert values(metric) == {month(1).key: (0.2, "앞")}
    assert AuditEntry.objects.filter(action="value.write").count() == 3
    assert mina.post(reverse("undo"), token=token).url == reverse("now")  # once


def test_a_long_paste_is_saved_without_a_token_too_long_to_carry(bob, metric):
    made_ = made.by_hand(name="daily", every="day", over_time="sum")
    days = [month(at, Grain.DAY) for at in range(1, 201)]
    assert bob.post(url(made_), pasted="\n".join(f"{one.key}\t1" for one in days)).status_code == 302
    assert len(values(made_)) == 200
    assert not TOKEN.search(bob.get(url(made_)).content.decode())


def test_who_may_not_write_finds_no_button_and_no_page(company, visitor, metric, kpi):
    refresh()
    for person, status in (("alice", 200), ("bob", 200), ("mina", 200), ("carol", 403), ("mallory", 404)):
        who = visitor(getattr(company, person))
        assert who.get(url(metric)).status_code == status, person
        assert who.post(url(metric), pasted="2026-01\t1").status_code == (302 if status == 200 else status)
    for path in ("metric", "kpi"):
        one = metric if path == "metric" else kpi
        assert url(metric) in visitor(company.mina).get(reverse(path, args=[one.pk])).content.decode()
        assert url(metric) not in visitor(company.carol).get(reverse(path, args=[one.pk])).content.decode()


def test_a_kpi_nobody_wrote_yet_leads_to_the_page(company, mina, carol, metric, kpi):
    for path in (reverse("company"), reverse("card", args=[kpi.pk]), reverse("kpi", args=[kpi.pk])):
        assert url(metric) in mina.get(path).content.decode(), path
        assert url(metric) not in carol.get(path).content.decode(), path
    assert "아직 값이 있는 기간이 없습니다" in mina.get(reverse("kpi", args=[kpi.pk])).content.decode()
    row = mina.get(reverse("company")).content.decode()
    assert "미입력" in row or "아직 아무도" in row


def test_a_kpi_whose_value_is_late_leads_there_too(company, mina, metric, kpi):
    write_values(company.mina, metric, [Value(month(4), 0.3)])
    refresh()
    assert url(metric) in mina.get(reverse("company")).content.decode()
    write_values(company.mina, metric, [Value(month(1), 0.3)])
    refresh()
    assert url(metric) not in mina.get(reverse("company")).content.decode()


def test_the_home_of_an_owner_asks_for_it(company, mina, metric, kpi):
    refresh()
    page = mina.get(reverse("now")).content.decode()
    assert f"{period_words(month(1))} 값을 적어 주세요" in page and url(metric) in page
    write_values(company.mina, metric, [Value(month(1), 0.3)])
    refresh()
    assert url(metric) not in mina.get(reverse("now")).content.decode()


def test_what_is_overdue_comes_first_on_the_home(company, mina, metric, kpi):
    Action.objects.create(title="전화", owner=company.mina, due=timezone.now().date() - timedelta(days=3))
    assert "기한이 지났습니다" in mina.get(reverse("now")).content.decode()


def new(person, **fields):
    sent = {
        "way": "manual",
        "label_ko": "인지도",
        "unit": "percent",
        "better": "up",
        "every": "month",
        "over_time": "last",
    }
    return person.post("/metrics/new/", sent | fields)


def test_the_fifth_way_to_a_metric_is_to_have_people_write_it(bob):
    page = bob.get("/metrics/new/", way="manual").content.decode()
    assert "사람이 적는 지표" in page and "식으로 쓰기" in page
    answer = new(bob, every="quarter", over_time="sum")
    metric = Metric.objects.get()
    assert answer.url == url(metric)
    assert metric.spec == {"manual": {"over_time": "sum", "every": "quarter"}}
    assert Table.objects.get().name == f"written_{metric.name}"
    assert len(bob.get(url(metric)).context["rows"].rows) == SHOWN
    shown = bob.get(reverse("metric", args=[metric.pk])).content.decode()
    assert "사람이 분기마다 적는 값; 더 긴 기간은 그 합" in shown


def test_its_form_comes_back_as_it_was_saved(bob):
    new(bob)
    metric = Metric.objects.get()
    assert metric.spec == {"manual": {}}
    form = bob.get(reverse("metric-edit", args=[metric.pk])).context["form"]
    assert (form.way, form.initial["every"], form.initial["over_time"]) == ("manual", "month", "last")
    bob.post(reverse("metric-edit", args=[metric.pk]), {
        "way": "manual", "label_ko": "인지도", "unit": "percent", "better": "up", "every": "week", "over_time": "last",
    })  # fmt: skip
    assert Metric.objects.get().spec == {"manual": {"every": "week"}}


def test_a_computed_metric_has_no_such_page(bob, orders):
    assert bob.get(url(made.revenue())).status_code == 404


def test_a_program_writes_and_reads_values(company, program, metric, kpi):
    mina = program(company.mina, "write", "read")
    path = f"/metrics/{metric.name}/values"
    sent = {"values": [{"period": "2026-01", "value": 0.125, "note": "조사"}, {"period": "2026년 2월", "value": 0.2}]}
    answer = mina.post(path, sent)
    assert answer.status_code == 200
    assert [(one["period"], one["value"], one["note"], one["by"]) for one in answer.json()] == [
        ("2026-01-01", 0.125, "조사", "Mina"), ("2026-02-01", 0.2, "", "Mina"),
    ]  # fmt: skip
    assert mina.post(path, sent).json() == []  # the same again changes nothing
    assert mina.post(path, {"values": [{"period": "2026-02-28", "value": None}]}).json()[0]["value"] is None
    assert [(one["period"], one["value"]) for one in mina.get(path).json()] == [
        ("2026-02-01", None), ("2026-01-01", 0.125),
    ]  # fmt: skip


def test_a_program_is_told_which_of_its_values_is_wrong(company, program, metric):
    bob = program(company.bob, "write")
    path = f"/metrics/{metric.name}/values"
    answer = bob.post(path, {"values": [{"period": "2026-01", "value": 1}, {"period": "지난달", "value": 1}]})
    assert answer.status_code == 422 and answer.json()["errors"][0]["where"] == "values.1.period"
    assert bob.post(path, {"values": [{"period": "2199-01", "value": 1}]}).status_code == 422
    assert bob.post(path, {"values": []}).status_code == 422
    assert bob.post(path, {"values": [{"period": "2026-01", "value": "many"}]}).status_code == 422
    assert values(metric) == {}


def test_a_request_sent_twice_with_one_key_is_carried_out_once(company, program, metric):
    bob = program(company.bob, "write")
    path, sent = f"/metrics/{metric.name}/values", {"values": [{"period": "2026-01", "value": 0.5}]}
    first = bob.post(path, sent, Idempotency_Key="a")
    again = bob.post(path, sent, Idempotency_Key="a")
    assert first.status_code == 200 and first.content == again.content
    assert AuditEntry.objects.filter(action="value.write").count() == 1


def test_a_program_finds_no_values_of_what_is_computed(company, program, orders):
    revenue = made.revenue()
    bob = program(company.bob, "write", "read")
    assert bob.get(f"/metrics/{revenue.name}/values").status_code == 422
    sent = {"values": [{"period": "2026-01", "value": 1}]}
    assert bob.post(f"/metrics/{revenue.name}/values", sent).status_code == 422


def test_a_guardrail_people_write_and_a_kpi_put_away(company, mina, metric, kpi):
    goals.archive_kpi(company.alice, kpi)
    assert mina.get(url(metric)).status_code == 403
