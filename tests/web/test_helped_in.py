"""Who forgot their password, or was robbed of a session, is helped by who keeps the people."""

import pytest
from django.urls import reverse

from nachim.app.actions import factors, people
from nachim.app.models import AuditEntry, Device, Factor
from nachim.app.policy import NotAllowed
from tests.web.test_signin import app, code_now, sign_in  # noqa: F401


@pytest.fixture
def alice_in(company, visitor):
    person = visitor()
    sign_in(person, "alice@example.com")
    return person


def handed_over(keeper, person, **fields) -> str:
    keeper.post(reverse("person-link", args=[person.pk]), **fields)
    return keeper.get(reverse("settings")).context["link"]["link"].removeprefix("http://testserver")


def test_a_link_gives_a_new_password_and_ends_what_was_open(alice_in, company, visitor):
    old = visitor()
    sign_in(old)
    first, way = handed_over(alice_in, company.bob), handed_over(alice_in, company.bob)
    assert visitor().get(first).status_code == 404, "a newer one was made"
    person = visitor()
    assert person.post(way, password="south by southwest").status_code == 302
    assert person.get("/").status_code == 200 and old.get("/").status_code == 302
    assert visitor().get(way).status_code == 404, "it works once"


def test_it_goes_by_the_second_proof_unless_that_is_lost(app, alice_in, company, visitor):  # noqa: F811
    person = visitor()
    assert person.post(handed_over(alice_in, company.bob), password="south by southwest").url == reverse("second")
    assert person.get("/").status_code == 302
    assert person.post(reverse("second"), code=code_now()).status_code == 302
    person = visitor()
    way = handed_over(alice_in, company.bob, forget="1")
    assert not Factor.objects.exists()
    assert person.post(way, password="north by northeast").url == "/now/" and person.get("/").status_code == 200
    assert AuditEntry.objects.filter(action="people.link").first().after == {"forget_factors": True}


def test_who_makes_one_has_just_proved_who_they_are(alice, company):
    page = reverse("person", args=[company.bob.pk])
    assert alice.post(reverse("person-link", args=[company.bob.pk])).url == f"{reverse('again')}?next={page}"


def test_admins_make_none_for_owners(company):
    for do in (people.new_link, factors.sign_out):
        with pytest.raises(NotAllowed):
            do(company.adam, company.alice)


def test_a_person_is_signed_out_everywhere(alice_in, company, visitor):
    browsers = [visitor(), visitor()]
    for person in browsers:
        sign_in(person)
    alice_in.post(reverse("person-sign-out", args=[company.bob.pk]))
    assert [person.get("/").status_code for person in browsers] == [302, 302]
    assert alice_in.get("/").status_code == 200 and not Device.objects.filter(user=company.bob).exists()
