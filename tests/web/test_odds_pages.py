"""Odds on pages: the fan, the editor, another view of a status, months across, and the record."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from nachim.app.actions import goals
from nachim.app.actions.forecasts import look_ahead
from nachim.app.models import AuditEntry, Call, StatusOverride, Target
from nachim.core.period import Calendar, Grain
from tests import company as made
from tests.app.test_forecasts import feast_weeks, monthly
from tests.planted import noon, plant


@pytest.fixture
def last():
    """The last day of the last month that is over."""
    calendar = Calendar()
    return calendar.period(Grain.MONTH, calendar.today(timezone.now())).start.date() - timedelta(days=1)


@pytest.fixture
def span(last):
    return {"start": last - timedelta(days=170), "due": last + timedelta(days=190)}


@pytest.fixture
def kpi(company, orders, last):
    one = made.kpi(company.bob, made.goal(company.bob), made.revenue(company.bob), target=False)
    plant(one, monthly(), last, partial=900.0)
    return one


@pytest.fixture
def aimed(company, kpi, span):
    goals.set_target(company.bob, kpi, kind="reach", direction="up", level=14_100.0, baseline=9_000.0, **span)
    look_ahead()
    return kpi


def text(answer):
    return answer.content.decode()


def test_the_page_says_the_odds_and_what_it_takes_and_draws_the_fan(carol, aimed):
    page = text(carol.get(f"/kpis/{aimed.pk}/"))
    assert "달성 확률" in page and "남은" in page and "80% 구간" in page
    assert "달성 확률" in text(carol.get("/"))


def test_who_cannot_know_says_so_with_the_reason(carol, company, kpi, span, last):
    plant(kpi, monthly(8), last)
    goals.set_target(company.bob, kpi, kind="reach", direction="up", level=14_100.0, baseline=9_000.0, **span)
    look_ahead()
    page = text(carol.get(f"/kpis/{kpi.pk}/"))
    assert "판단 불가" in page and "8개뿐" in page


def typed(span, level, **more):
    return {"kind": "reach", "direction": "up", "level": level, "baseline": "", "path": "",
            "start": str(span["start"]), "due": str(span["due"]), **more}  # fmt: skip


def test_the_odds_follow_what_is_typed(bob, kpi, span):
    easy = text(bob.client.get(f"/kpis/{kpi.pk}/target/odds/", typed(span, "1만")))
    hard = text(bob.client.get(f"/kpis/{kpi.pk}/target/odds/", typed(span, "3만")))
    assert "99% 이상" in easy and "1% 미만" in hard and "한 번도" in hard
    assert 'data-fill="id_level"' in easy
    assert "숫자가 아닙니다" in text(bob.client.get(f"/kpis/{kpi.pk}/target/odds/", typed(span, "만 원쯤")))
    wrong = bob.client.get(f"/kpis/{kpi.pk}/target/odds/", typed(span, "1만", baseline="2만"))
    assert 'class="error"' in text(wrong)
    assert "확률" in text(bob.client.get(f"/kpis/{kpi.pk}/target/odds/", typed(span, "")))


def test_seasons_are_chosen_with_one_click_and_stay(bob, kpi, span, last):
    day = last - timedelta(days=399)
    days = [day + timedelta(days=at) for at in range(400)]
    plant(kpi, [100.0 if one.weekday() < 5 else 20.0 for one in days], last, grain="day")
    assert bob.get(f"/kpis/{kpi.pk}/target/").status_code == 200
    assert bob.post(f"/kpis/{kpi.pk}/target/", typed(span, "14100", path="seasonal")).status_code == 302
    seasons = Target.objects.get().spec["trajectory"]["seasonal"]
    assert seasons["weekday"][6] < 0.5 < 1 < seasons["weekday"][0]
    more = typed(span, "14200", path="seasonal", reason="더")
    assert bob.post(f"/kpis/{kpi.pk}/target/", more).status_code == 302
    assert "seasonal" in Target.objects.first().spec["trajectory"]


def test_a_new_target_has_its_odds_at_once(bob, aimed, span):
    before = Call.objects.count()
    bob.post(f"/kpis/{aimed.pk}/target/", typed(span, "20000", reason="더 높이"))
    assert Call.objects.count() == before + 1 and Call.objects.first().target.version == 2


def test_bob_sees_it_differently_until_a_day_and_carol_may_not(bob, carol, aimed, company):
    until = str(timezone.localdate() + timedelta(days=20))
    form = {"status": "behind", "reason": "큰 고객이 떠난다", "until": until}
    assert carol.post(f"/kpis/{aimed.pk}/override/", form).status_code == 403
    assert bob.post(f"/kpis/{aimed.pk}/override/", {**form, "reason": " "}).status_code == 422
    assert bob.post(f"/kpis/{aimed.pk}/override/", {**form, "until": "2020-01-01"}).status_code == 422
    assert not StatusOverride.objects.exists()
    assert bob.post(f"/kpis/{aimed.pk}/override/", form).status_code == 302
    page = text(carol.get(f"/kpis/{aimed.pk}/"))
    assert "큰 고객이 떠난다" in page and "계산으로는" in page and 'class="status behind"' in page
    assert AuditEntry.objects.filter(action="status.override").count() == 1
    bob.post(f"/kpis/{aimed.pk}/override/", {"undo": ""})
    assert "큰 고객이 떠난다" not in text(carol.get(f"/kpis/{aimed.pk}/"))


def test_an_override_ends_by_itself(company, carol, aimed):
    StatusOverride.objects.create(
        kpi=aimed, status="behind", reason="지난 일", until=date(2020, 1, 1), author_name="Bob"
    )
    assert "지난 일" not in text(carol.get(f"/kpis/{aimed.pk}/"))


def test_months_stand_across_with_colour_and_word(carol, aimed):
    page = text(carol.get("/months/"))
    assert page.count('scope="col"') == 13 and 'class="num mark hit"' in page and "진행 중" in page
    earlier = text(carol.get("/months/", until="2020-01-15"))
    assert "20.01" in earlier and "mark hit" not in earlier


def test_the_record_shows_what_was_said_and_what_came(carol, aimed):
    target = Target.objects.get()
    assert "기다리는" in text(carol.get("/odds/"))
    Call.objects.bulk_create([
        Call(kpi=aimed, target=target, grain="month", first="2025-01-01", steps=3, due=date(2025, 3, 31), p=p, came=c,
             pace=c, value=1.0) for p, c in [(0.9, True), (0.2, False), (0.8, True)]
    ])  # fmt: skip
    page = text(carol.get("/odds/"))
    assert 'class="reliability"' in page and "Brier" in page and "아직 결과가 적어" in page


# --- what must never be red, on the pages


def on(monkeypatch, day):
    monkeypatch.setattr(timezone, "now", lambda: noon(day))


RED = ("status behind", "mark miss")


@pytest.mark.parametrize("feast", [date(2026, 2, 17), date(2026, 9, 25)])
def test_the_pages_are_not_red_at_a_feast_that_the_year_before_explains(monkeypatch, carol, company, orders, feast):
    last = feast + timedelta(days=6 - feast.weekday())
    kpi = made.kpi(company.bob, made.goal(company.bob), made.revenue(company.bob), target=False, cadence="week")
    plant(kpi, feast_weeks(last), last)
    keep = {"kind": "keep", "direction": "up", "level": 950.0}
    goals.set_target(company.bob, kpi, start=date(2026, 1, 1), due=date(2026, 12, 31), **keep)
    on(monkeypatch, last + timedelta(days=2))
    look_ahead()
    for path in ("/", f"/kpis/{kpi.pk}/", f"/kpis/{kpi.pk}/history/"):
        page = text(carol.get(path))
        assert not any(word in page for word in RED), path
        assert "status on_pace" in page, path


def test_a_feast_month_like_last_years_is_not_red_in_the_bowler(monkeypatch, carol, company, orders):
    kpi = made.kpi(company.bob, made.goal(company.bob), made.revenue(company.bob), target=False)
    feasts = {(2025, 1), (2025, 10), (2026, 2)}
    months = [(year, month) for year in (2024, 2025, 2026) for month in range(1, 13)][:27]
    plant(kpi, [800.0 if month in feasts else 1_000.0 for month in months], date(2026, 3, 31))
    keep = {"kind": "keep", "direction": "up", "level": 950.0}
    goals.set_target(company.bob, kpi, start=date(2026, 1, 1), due=date(2026, 12, 31), **keep)
    on(monkeypatch, date(2026, 4, 2))
    page = text(carol.get("/months/"))
    assert "mark miss" not in page and "mark near" in page and "mark hit" in page


def test_a_month_three_days_old_is_red_nowhere(monkeypatch, carol, company, kpi_of_july):
    on(monkeypatch, date(2026, 7, 3))
    look_ahead()
    for path in ("/", f"/kpis/{kpi_of_july.pk}/", "/months/"):
        assert not any(word in text(carol.get(path)) for word in RED), path


@pytest.fixture
def kpi_of_july(company, orders):
    one = made.kpi(company.bob, made.goal(company.bob), made.revenue(company.bob), target=False)
    plant(one, monthly(), date(2026, 6, 30), partial=1_200.0)
    goals.set_target(
        company.bob, one, kind="reach", direction="up", level=13_000.0, start=date(2026, 1, 1), due=date(2026, 12, 31)
    )
    return one


def test_months_are_judged_by_the_target_of_their_time(monkeypatch, carol, company, orders):
    kpi = made.kpi(company.bob, made.goal(company.bob), made.revenue(company.bob), target=False)
    plant(kpi, [1_000.0] * 18, date(2026, 6, 30))
    span = {"kind": "keep", "direction": "up", "start": date(2026, 1, 1), "due": date(2026, 12, 31)}
    first = goals.set_target(company.bob, kpi, level=900.0, **span)
    later = goals.set_target(company.bob, kpi, level=1_500.0, reason="more", **span)
    Target.objects.filter(pk=first.pk).update(valid_from=date(2026, 1, 1))
    Target.objects.filter(pk=later.pk).update(valid_from=date(2026, 6, 1))
    on(monkeypatch, date(2026, 7, 4))
    page = text(carol.get("/months/"))
    assert page.count("mark hit") == 5 and page.count("mark miss") == 1


# --- odds come from what is stored


def test_pages_fit_no_model(monkeypatch, carol, bob, aimed, span):
    for place in ("nachim.analysis.forecast.batch.combine", "nachim.app.queries.outlook.forecast"):
        monkeypatch.setattr(place, lambda *_given, **_more: pytest.fail("a model was fitted on a page"))
    for path in ("/", f"/kpis/{aimed.pk}/", "/months/", "/odds/", f"/kpis/{aimed.pk}/history/"):
        assert carol.get(path).status_code == 200
    assert "확률" in text(bob.client.get(f"/kpis/{aimed.pk}/target/odds/", typed(span, "3만")))
