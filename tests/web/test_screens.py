"""Screens on a wall: a link shows what its maker sees now, KPIs alone, until it ends."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from nachim.app.actions import people, refresh, screens, teams
from nachim.app.models import AuditEntry, Membership, Screen
from nachim.app.queries.screens import ON_A_PAGE, slides
from nachim.web.views.screens import MOST_WRONG
from tests import company as made
from tests.company import PASSWORD


@pytest.fixture
def house(company, orders):
    company.seoul = teams.save_team(company.bob, label="서울", lead=company.lena, members=[company.mina])
    company.busan = teams.save_team(company.bob, label="부산")
    company.goal = made.goal(company.bob, teams=[company.seoul], owner=company.mina)
    company.kpi = made.kpi(
        company.bob, company.goal, made.revenue(), owner=company.mina, teams=[company.seoul], label="서울 매출"
    )
    company.other = made.kpi(
        company.bob, made.goal(company.bob, title="부산", teams=[company.busan]), made.orders_metric(),
        teams=[company.busan], label="부산 주문",
    )  # fmt: skip
    refresh.refresh()
    return company


def opened(token):
    return Client().get(reverse("tv", args=[token]))


def every_page(screen):
    return [[row.kpi for row in slide.rows] for slide in slides(Screen.objects.get(pk=screen.pk))]


def test_an_owner_makes_a_link_that_shows_the_company_and_each_team_without_a_name(house, alice):
    assert alice.post(reverse("screens"), name="로비", seconds="20", days="30").url.startswith(reverse("again"))
    alice.post(reverse("again"), proof=PASSWORD)
    page = alice.post(reverse("screens"), name="로비", seconds="20", days="30").content.decode()
    link = re.search(r"<pre[^>]*>(http[^<]+)</pre>", page)[1]
    answer = Client().get(link)
    assert answer.status_code == 200 and answer.headers["X-Robots-Tag"].startswith("noindex")
    assert answer.headers["Referrer-Policy"] == "no-referrer" and "no-store" in answer.headers["Cache-Control"]
    screen = Screen.objects.get()
    assert link.split("/")[-2] not in str(screen.__dict__) and AuditEntry.objects.first().action == "screen.create"
    assert link not in alice.get(reverse("screens")).content.decode(), "shown once"
    assert every_page(screen) == [[house.kpi, house.other], [house.kpi], [house.other]]
    for slide in (0, 1, 2):
        with_clock = answer if slide == 0 else opened(link.split("/")[-2])
        assert "Mina" not in with_clock.content.decode() and "Alice" not in with_clock.content.decode()


def test_it_takes_no_input_and_has_no_way_into_the_rest(house):
    _screen, token = screens.make_screen(house.alice, name="로비", days=1)
    page = opened(token).content.decode()
    assert not re.search(r"<(a|form|input|button|select|textarea)\b", page)
    assert Client().post(reverse("tv", args=[token])).status_code == 405


def test_a_lead_shows_what_she_sees_and_no_more_even_later(house):
    screen, token = screens.make_screen(house.lena, name="서울 벽", days=1)
    assert all(house.other not in rows for rows in every_page(screen)) and opened(token).status_code == 200
    teams.save_team(house.bob, house.busan, lead=house.lena)
    assert any(house.other in rows for rows in every_page(screen)), "as she sees it at that time"


def test_of_one_team_alone(house):
    screen, _token = screens.make_screen(house.alice, name="부산 벽", days=1, team=house.busan)
    assert every_page(screen) == [[house.other]]
    with pytest.raises(screens.policy.NotAllowed):
        screens.make_screen(house.lena, name="부산 벽", days=1, team=house.busan)


def test_a_link_ends_when_it_is_revoked_expires_or_its_maker_may_not_have_one(house, alice):
    first, token = screens.make_screen(house.alice, name="로비", days=1)
    assert alice.post(reverse("screen-revoke", args=[first.pk])).status_code == 302
    answer = opened(token)
    assert answer.status_code == 404 and "새 링크" in answer.content.decode()
    second, token = screens.make_screen(house.alice, name="로비", days=1)
    Screen.objects.filter(pk=second.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert opened(token).status_code == 404
    _third, token = screens.make_screen(house.lena, name="벽", days=1)
    Membership.objects.filter(user=house.lena).update(role="member")
    assert opened(token).status_code == 404
    Membership.objects.filter(user=house.lena).update(role="lead")
    assert opened(token).status_code == 200
    people.remove(house.alice, house.lena)
    assert opened(token).status_code == 404


def test_guesses_are_slowed_down(house):
    statuses = [opened("wrong").status_code for _try in range(MOST_WRONG + 2)]
    assert statuses[0] == 404 and statuses[-1] == 429


def test_many_kpis_go_onto_more_pages(house):
    for at in range(ON_A_PAGE):
        made.kpi(house.bob, house.goal, house.kpi.metric, label=f"K{at}", teams=[house.seoul])
    screen, _token = screens.make_screen(house.alice, name="로비", days=1)
    sizes = [(slide.title, len(slide.rows), slide.part, slide.parts) for slide in slides(screen)]
    assert sizes == [("", 6, 1, 1), ("서울", 6, 1, 2), ("서울", 1, 2, 2), ("부산", 1, 1, 1)]


def test_a_company_without_kpis_says_so(company):
    _screen, token = screens.make_screen(company.alice, name="로비", days=1)
    assert "보여 줄 KPI가 없습니다" in opened(token).content.decode()


@pytest.mark.parametrize(("field", "value"), [("name", " "), ("days", 0), ("seconds", 1)])
def test_what_a_screen_needs(company, field, value):
    with pytest.raises(screens.ValidationError):
        screens.make_screen(company.alice, **{"name": "로비", "days": 1, "seconds": 20, field: value})
