"""Where the operator asks for two proofs, one opens nothing but the way to the second, whichever way one comes."""

import json
import time

import pytest
from django.urls import reverse

from nachim.app.actions import factors, people
from nachim.app.models import Device, OneTimeLink
from nachim.core import totp
from nachim.web import events
from tests.company import PASSWORD
from tests.web.test_signin import SECRET, app, code_now, sign_in  # noqa: F401
from tests.web.test_sso import provider, round_trip  # noqa: F401


@pytest.fixture
def asked_for(settings):
    settings.SECOND_FACTOR = True


def test_who_has_none_makes_one_before_anything_else(asked_for, company, visitor):
    person = visitor()
    assert sign_in(person).status_code == 302
    for path in ("/", "/goals/", "/settings/me/", "/settings/tokens/"):
        assert person.get(path).url == reverse("security")
    assert person.get("/api/me").status_code == 403
    page = person.get(reverse("security"))
    assert page.status_code == 200 and page.context["owed"]
    secret = person.get(reverse("app")).context["secret"].replace(" ", "")
    person.post(reverse("app"), code=totp.code(secret, int(time.time() // 30)))
    assert person.get("/").status_code == 200 and not person.get(reverse("security")).context["owed"]


def test_an_old_session_of_who_has_one_is_asked_for_it(app, asked_for, company, visitor):  # noqa: F811
    person = visitor(company.bob)
    assert person.get("/goals/").url == reverse("second")
    assert person.post(reverse("second"), code=code_now()).url == "/goals/"
    assert person.get("/").status_code == 200


def test_without_the_setting_nothing_is_asked(company, visitor):
    person = visitor()
    sign_in(person)
    assert person.get("/").status_code == 200


@pytest.mark.parametrize(("claims", "says_so", "strong"), [
    ({}, False, False), ({"amr": ["pwd"]}, False, False), ({"amr": "mfa"}, False, False),
    ({"amr": ["pwd", "mfa"]}, False, True), ({}, True, True),
])  # fmt: skip
def test_single_sign_on_counts_as_what_its_token_says(
    provider, app, asked_for, company, visitor, settings, claims, says_so, strong  # noqa: F811
):  # fmt: skip
    provider.claims, settings.OIDC_STRONG = claims, says_so
    person = visitor()
    answer = round_trip(person)
    assert (answer.url == reverse("second")) == (not strong)
    assert person.get("/").status_code == (200 if strong else 302)
    if not strong:
        person.post(reverse("second"), code=code_now())
        assert person.get("/").status_code == 200


def test_no_other_site_signs_somebody_in(provider, company, visitor):  # noqa: F811
    person = visitor()
    answer = person.client.get(reverse("sso"), headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.url == reverse("login")


def test_an_invitation_of_who_comes_back_goes_by_the_second_proof(app, company, visitor):  # noqa: F811
    people.remove(company.alice, company.bob)
    _user, token = people.invite(company.alice, email="bob@example.com", name="Bob", role="viewer")
    person = visitor()
    assert person.post(f"/invite/{token}/", password="south by southwest").url == reverse("second")
    assert person.get("/").status_code == 302
    assert person.post(reverse("second"), code=code_now()).status_code == 302
    assert person.get("/").status_code == 200 and not OneTimeLink.objects.filter(used_at=None).exists()


def test_a_fresh_proof_gives_the_session_a_new_key_and_keeps_its_place(company, visitor):
    person = visitor()
    sign_in(person)
    before = person.client.session.session_key
    answer = person.client.post(f"{reverse('again')}?next=/settings/tokens/", {"proof": PASSWORD})
    assert answer.url == "/settings/tokens/"
    after = person.client.session.session_key
    assert after != before and [one.session_key for one in Device.objects.all()] == [after]
    stranger = visitor()
    stranger.client.cookies["nachim"] = before
    assert stranger.get("/").status_code == 302


@pytest.mark.parametrize("name", ["tokens", "devices-end"])
def test_what_lasts_needs_a_fresh_proof(name, bob):
    assert bob.post(reverse(name), name="x", scopes=["read"], days=1).url.startswith(reverse("again"))


def test_who_has_no_password_yet_makes_one_with_a_fresh_proof_alone(company, visitor):
    company.bob.set_unusable_password()
    company.bob.save()
    person = visitor(company.bob)
    assert person.post(reverse("password"), new="south by southwest").url == reverse("again")
    company.bob.refresh_from_db()
    assert not company.bob.has_usable_password()


def test_recovery_codes_are_hashed_as_passwords_are(app, company):  # noqa: F811
    made = factors.new_codes(company.bob)
    kept = list(company.bob.recovery_codes.values_list("code_hash", flat=True))
    assert len({one[:16] for one in kept}) == 1 and len(set(kept)) == 10
    again = factors.new_codes(company.bob)
    assert made != again and company.bob.recovery_codes.first().code_hash[:16] != kept[0][:16]
    assert factors.proves(company.bob, made[0]) == "" and factors.proves(company.bob, again[9]) == "recovery"


def test_signing_out_clears_what_the_browser_kept(alice):
    assert '"cache"' in alice.post("/logout/").headers["Clear-Site-Data"]


@pytest.mark.parametrize(("first", "second", "same"), [
    ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True), ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
    ("192.0.2.1", "192.0.2.2", False), ("fe80::1%eth0", "fe80::1%eth0", True),
])  # fmt: skip
def test_a_line_of_ipv6_is_one_place(first, second, same, rf):
    from nachim.web.person import network_of

    assert (network_of(rf.get("/", REMOTE_ADDR=first)) == network_of(rf.get("/", REMOTE_ADDR=second))) == same


def test_the_stream_is_closed_to_one_proof(asked_for, company, visitor):
    person = visitor()
    sign_in(person)
    key = person.client.session.session_key
    assert events._listener.func(key)[0] is None
    session = person.client.session
    session["strong"] = True
    session.save()
    assert events._listener.func(key)[0] == company.bob.pk
    assert json.loads(person.get("/api/me").content)["email"] == "bob@example.com"
