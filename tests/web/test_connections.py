"""Connections on the settings page."""

import pytest
from django.urls import reverse

from nachim.app.models import Connection, Series
from tests import company as made
from tests.company import CANARY

FORM = {"name": "warehouse", "engine": "postgres", "host": "127.0.0.1", "port": "9", "database": "shop",
        "user": "reader", "password": CANARY, "schema": "", "zone": "Asia/Seoul", "seconds": "5",
        "every_minutes": "60", "secure": "on"}  # fmt: skip


@pytest.fixture
def warehouse(company):
    return made.connection(company.alice)


def test_alice_adds_one_and_reads_how_it_went(alice):
    assert alice.post("/settings/connections/new/", FORM).url == "/settings/"
    one = Connection.objects.get()
    assert (one.zone, one.secure, one.password) == ("Asia/Seoul", True, "kept")
    page = alice.get("/settings/").content.decode()
    assert "warehouse" in page and "닿을 수 없습니다" in page
    assert CANARY not in page
    assert CANARY not in alice.get("/settings/audit/").content.decode()


def test_the_password_is_never_shown_again(alice, warehouse):
    page = alice.get(reverse("connection-edit", args=[warehouse.pk])).content.decode()
    assert CANARY not in page and warehouse.secret not in page and 'type="password"' in page
    wrong = alice.post(reverse("connection-edit", args=[warehouse.pk]), FORM | {"port": "x"})
    assert wrong.status_code == 422 and CANARY not in wrong.content.decode()


def test_an_empty_password_keeps_the_one_there_is_but_not_for_another_host(alice, warehouse):
    path = reverse("connection-edit", args=[warehouse.pk])
    form = FORM | {"password": ""}
    assert alice.post(path, form | {"seconds": "7"}).status_code == 302
    warehouse.refresh_from_db()
    assert (warehouse.seconds, warehouse.password) == (7, "kept")
    moved = alice.post(path, form | {"port": "10"})
    assert moved.status_code == 422 and list(moved.context["form"].errors) == ["password"]


def test_a_host_that_is_not_allowed_says_who_can_allow_it(alice):
    answer = alice.post("/settings/connections/new/", FORM | {"host": "10.0.0.1"})
    assert answer.status_code == 422 and "NACHIM_CONNECTION_HOSTS" in answer.content.decode()
    assert not Connection.objects.exists()


def test_bob_and_carol_see_no_connections(alice, bob, carol, warehouse, visitor, company):
    for person in (bob, carol):
        assert person.get("/settings/").status_code == 403
        assert person.post(reverse("connection-test", args=[warehouse.pk])).status_code == 403
    assert visitor(company.mallory).get(reverse("connection-edit", args=[warehouse.pk])).status_code == 404


def test_one_in_use_stays_and_says_why(alice, company, warehouse):
    from nachim.app.models import Table

    Table.objects.create(name="visits", source={"connection": "warehouse", "table": "visits"})
    alice.post(reverse("connection-remove", args=[warehouse.pk]))
    assert Connection.objects.exists() and "visits" in alice.get("/settings/").content.decode()
    page = alice.get("/data/").content.decode()
    assert "warehouse" in page and "?table=visits" not in page


def test_a_page_says_what_is_stale(alice, company, orders, django_capture_on_commit_callbacks):
    from nachim.app.actions.refresh import refresh

    kpi = made.kpi(company.alice, made.goal(company.alice), made.revenue())
    refresh()
    Series.objects.update(problem={"ko": "“warehouse” 연결에 닿을 수 없습니다.", "en": "It cannot be reached."})
    for path in ("/", f"/kpis/{kpi.pk}/"):
        page = alice.get(path).content.decode()
        assert "닿을 수 없습니다" in page and "계산한" in page
