"""The open addresses, and the locks on every door: sessions that ended, writes from elsewhere, missing tokens."""

import pytest
from django.test import Client
from django.urls import reverse

from nachim.app.actions import people as people_actions
from nachim.app.actions import screens
from nachim.app.models import OneTimeLink
from tests.web.access import OPEN


@pytest.mark.parametrize("name", OPEN)
def test_open_addresses(name, company, visitor):
    args = []
    if name == "invite":
        args = [people_actions.invite(company.alice, email="dave@example.com", name="Dave", role="viewer")[1]]
    if name == "setup":
        args = [people_actions._issue(OneTimeLink.Purpose.SETUP, people_actions.timedelta(minutes=1))]
    if name == "tv":
        args = [screens.make_screen(company.alice, name="wall", days=1)[1]]
    get, post = OPEN[name]
    assert visitor().get(reverse(name, args=args)).status_code == get
    if post is not None:
        assert visitor().post(reverse(name, args=args)).status_code == post


def test_a_person_who_left_is_a_stranger(company, visitor):
    bob = visitor(company.bob)
    assert bob.get("/").status_code == 200
    people_actions.remove(company.alice, company.bob)
    assert bob.get("/").status_code == 302


def test_writes_from_another_site_are_refused(alice):
    answer = alice.client.post("/goals/new/", {"title": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_every_write_needs_its_token(company):
    client = Client(enforce_csrf_checks=True)
    client.force_login(company.alice)
    for path in ("/goals/new/", "/data/upload/", "/settings/", "/logout/"):
        assert client.post(path, {"title": "x"}).status_code == 403
