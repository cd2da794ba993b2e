"""In and out."""

from datetime import timedelta

import pytest
from django.utils import timezone

from nachim.app.actions import people
from nachim.app.models import OneTimeLink
from nachim.web.views import session
from tests.company import PASSWORD


def sign_in(person, email="alice@example.com", password=PASSWORD, **fields):
    return person.post("/login/", {"email": email, "password": password, **fields})


def test_signing_in_leads_where_one_wanted_to_go(company, visitor):
    answer = sign_in(visitor(), "ALICE@example.com", next="/goals/")
    assert (answer.status_code, answer.url) == (302, "/goals/")


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_no_sign_in_leads_to_another_site(company, visitor, elsewhere):
    assert sign_in(visitor(), next=elsewhere).url == "/now/"


def test_the_answer_does_not_tell_whether_an_address_is_known(company, visitor):
    known = sign_in(visitor(), password="wrong")
    unknown = sign_in(visitor(), "nobody@example.com", "wrong")
    assert known.status_code == unknown.status_code == 422
    errors = [answer.context["form"].non_field_errors() for answer in (known, unknown)]
    assert errors[0] == errors[1]


def test_after_five_failures_even_the_right_password_waits(company, visitor):
    person = visitor()
    for _attempt in range(session.MOST_FAILURES):
        assert sign_in(person, password="wrong").status_code == 422
    assert sign_in(person).status_code == 422
    assert sign_in(person, "bob@example.com").status_code == 302, "others are not held up"


def test_unknown_addresses_wait_as_well(company, visitor):
    person = visitor()
    said = [str(sign_in(person, "nobody@example.com", "x").context["form"].non_field_errors()) for _ in range(6)]
    assert said[4] != said[5]


def test_another_network_is_not_held_up(company, visitor):
    person = visitor()
    for _attempt in range(session.MOST_FAILURES):
        sign_in(person, password="wrong")
    answer = person.client.post(
        "/login/",
        {"email": "alice@example.com", "password": PASSWORD, "csrfmiddlewaretoken": "-"},
        REMOTE_ADDR="10.0.0.9",
    )
    assert answer.status_code == 302


def test_the_session_gets_a_new_key(company, visitor):
    person = visitor()
    person.client.get("/login/")
    person.client.session["x"] = 1
    before = person.client.session.session_key
    sign_in(person)
    assert person.client.session.session_key != before


def test_signing_out_is_a_write(alice):
    assert alice.get("/logout/").status_code == 405
    assert alice.post("/logout/").status_code == 302
    assert alice.get("/").status_code == 302


def test_an_invited_person_chooses_a_password_and_is_in(company, visitor):
    _user, token = people.invite(company.alice, email="dave@example.com", name="Dave", role="viewer")
    dave = visitor()
    assert "dave@example.com" in dave.get(f"/invite/{token}/").content.decode()
    weak = dave.post(f"/invite/{token}/", password="short")
    assert weak.status_code == 422
    assert weak.context["form"].errors["password"]
    assert dave.post(f"/invite/{token}/", password=PASSWORD).url == "/now/"
    assert dave.get("/goals/").status_code == 200
    assert visitor().get(f"/invite/{token}/").status_code == 404
    assert sign_in(visitor(), "dave@example.com").status_code == 302


def test_an_invitation_ends_with_its_time_and_with_its_person(company, visitor):
    dave, token = people.invite(company.alice, email="dave@example.com", name="Dave", role="viewer")
    erin, other = people.invite(company.alice, email="erin@example.com", name="Erin", role="viewer")
    OneTimeLink.objects.filter(user=dave).update(expires_at=timezone.now() - timedelta(seconds=1))
    people.remove(company.alice, erin)
    assert visitor().get(f"/invite/{token}/").status_code == 404
    assert visitor().post(f"/invite/{other}/", password=PASSWORD).status_code == 404


def test_a_link_of_one_purpose_does_not_open_the_other(company, visitor):
    _user, token = people.invite(company.alice, email="dave@example.com", name="Dave", role="viewer")
    assert visitor().get(f"/setup/{token}/").status_code == 404


def test_the_language_is_kept_for_people_who_are_not_signed_in(company, visitor):
    person = visitor()
    assert "Sign in" in person.get("/login/", lang="en").content.decode()
    assert "Sign in" in person.get("/login/").content.decode()
    assert person.get("/login/", lang="xx").headers["Content-Language"] == "en"
