"""Single sign-on against a provider that runs here: who is let in, and what is refused."""

import urllib.request

import pytest
from django.urls import reverse

from nachim.app.actions import people
from nachim.app.models import AuditEntry, Identity
from tests.web.oidc_server import CLIENT, OTHER_KEY, SECRET, started


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args):
        return None


@pytest.fixture
def provider(settings):
    server = started()
    settings.OIDC_ISSUER, settings.OIDC_CLIENT, settings.OIDC_SECRET = server.issuer, CLIENT, SECRET
    settings.OIDC_NAME = "모아 로그인"
    yield server
    server.shutdown()
    server.server_close()


def at_provider(url: str) -> str:
    """What the browser does there: asked, it is sent back."""
    try:
        urllib.request.build_opener(Stay()).open(url, timeout=5)
    except urllib.error.HTTPError as answer:
        answer.close()
        return answer.headers["Location"]
    raise AssertionError("no way back")


def round_trip(person, **query):
    back = at_provider(person.get(reverse("sso"), **query).url)
    return person.client.get(back.removeprefix("http://testserver"))


def test_a_member_comes_in_by_a_verified_address_and_then_by_the_providers_name(provider, company, visitor):
    person = visitor()
    assert "모아 로그인" in person.get("/login/").content.decode()
    answer = round_trip(person, next="/goals/")
    assert (answer.status_code, answer.url) == (302, "/goals/")
    assert person.get("/").wsgi_request.user == company.bob
    assert AuditEntry.objects.filter(action="session.start", actor=company.bob).get().after == {"how": "sso"}
    provider.claims = {"email": "someone.else@example.com"}
    again = visitor()
    assert round_trip(again).status_code == 302 and again.get("/").wsgi_request.user == company.bob
    assert Identity.objects.count() == 1


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "stranger@example.com"}, {"email": ""}, {"email_verified": False}, {"email": "mallory@example.com"},
        {"nonce": "another"}, {"aud": "another"}, {"iss": "https://evil.example"}, {"exp": 1_000_000_000},
        {"aud": [CLIENT, "another"]}, {"sub": None},
    ],
    ids=str,
)  # fmt: skip
def test_nobody_else_is_let_in(provider, company, visitor, claims):
    provider.claims = claims
    person = visitor()
    assert round_trip(person).status_code == 422
    assert person.get("/").status_code == 302 and not Identity.objects.exists()


@pytest.mark.parametrize(
    "bent", [{"key": OTHER_KEY}, {"key": SECRET * 4, "algorithm": "HS256"}, {"key": None, "algorithm": "none"}]
)
def test_a_token_that_the_provider_did_not_sign_is_refused(provider, company, visitor, bent):
    for name, value in bent.items():
        setattr(provider, name, value)
    assert round_trip(visitor()).status_code == 422


def test_an_answer_to_nobodys_question_and_one_used_twice_are_refused(provider, company, visitor):
    person = visitor()
    back = at_provider(person.get(reverse("sso")).url).removeprefix("http://testserver")
    assert visitor().client.get(back).status_code == 422, "of another browser"
    assert person.client.get(back.replace("state=", "state=x")).status_code == 422
    assert person.client.get(back).status_code == 422, "the question was used up by the wrong answer"


def test_an_address_that_passes_to_another_does_not_pass_the_account_on(provider, company, visitor):
    assert round_trip(visitor()).status_code == 302
    provider.claims = {"sub": "u-2"}
    assert round_trip(visitor()).status_code == 422


def test_who_left_is_not_let_in(provider, company, visitor):
    assert round_trip(visitor()).status_code == 302
    people.remove(company.alice, company.bob)
    assert round_trip(visitor()).status_code == 422


def test_a_provider_that_is_gone_or_describes_another_is_said(provider, company, visitor, settings):
    provider.says = "https://evil.example"
    assert visitor().get(reverse("sso")).status_code == 422
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    assert "답하지 않습니다" in visitor().get(reverse("sso")).content.decode()
    settings.OIDC_ISSUER = "http://login.example.com"
    assert visitor().get(reverse("sso")).status_code == 422, "in the clear"
    settings.OIDC_ISSUER = ""
    assert visitor().get(reverse("sso")).status_code == 404
