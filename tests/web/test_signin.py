"""Second proofs, passkeys, devices and sessions."""

import json
import re
import time
from datetime import timedelta

import pytest
from django.conf import settings as known
from django.urls import reverse
from django.utils import timezone

from nachim.app import engines, limits
from nachim.app.actions import connections, factors, people
from nachim.app.models import AuditEntry, Device, Factor, RecoveryCode, Tries
from nachim.core import totp
from nachim.web.signin import expired
from tests.company import PASSWORD
from tests.web.passkey import Passkey

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def sign_in(person, email="bob@example.com", password=PASSWORD, **fields):
    return person.post("/login/", {"email": email, "password": password, **fields})


def code_now(steps=0):
    return totp.code(SECRET, int(time.time() // 30) + steps)


def sent(person, url, body):
    return person.client.post(url, json.dumps(body), content_type="application/json")


@pytest.fixture
def app(company):
    """Bob has an authenticator app, whose last code was a while ago."""
    return Factor.objects.create(user=company.bob, kind="totp", secret=engines.keys().encrypt(SECRET))


@pytest.fixture
def bob_in(company, visitor):
    """Bob, who has just signed in."""
    person = visitor()
    assert sign_in(person).status_code == 302
    return person


def test_the_password_alone_does_not_let_in_who_has_a_second_proof(app, company, visitor):
    person = visitor()
    assert sign_in(person, next="/goals/").url == reverse("second")
    assert person.get("/").status_code == 302
    assert person.post(reverse("second"), code="000000").status_code == 422
    typed = code_now()
    assert person.post(reverse("second"), code=typed).url == "/goals/"
    assert person.get("/").status_code == 200
    other = visitor()
    sign_in(other)
    assert other.post(reverse("second"), code=typed).status_code == 422, "a code works once"


def test_nobody_gets_to_the_second_proof_without_the_first(app, company, visitor):
    person = visitor()
    assert person.get(reverse("second")).url == reverse("login")
    sign_in(person)
    session = person.client.session
    session["second"] = session["second"] | {"at": time.time() - 601}
    session.save()
    assert person.post(reverse("second"), code=code_now()).url == reverse("login")


def test_guessing_codes_is_slowed_down_for_the_person_not_the_browser(app, company, visitor):
    for _at in range(5):
        person = visitor()
        sign_in(person)
        assert person.post(reverse("second"), code="000000").status_code == 422
    assert person.post(reverse("second"), code=code_now()).status_code == 422
    Tries.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert person.post(reverse("second"), code=code_now()).status_code == 302


def test_an_app_is_added_by_its_first_code_and_recovery_codes_are_shown_once(bob_in, company):
    shown = bob_in.get(reverse("app"))
    secret = shown.context["secret"].replace(" ", "")
    assert "<svg" in shown.content.decode() and "style=" not in shown.content.decode()
    assert bob_in.post(reverse("app"), code="000000").status_code == 422
    answer = bob_in.post(reverse("app"), code=totp.code(secret, int(time.time() // 30)))
    codes = answer.context["codes"]
    assert len(codes) == 10 == RecoveryCode.objects.filter(user=company.bob).count()
    stored = (
        str(list(Factor.objects.values()))
        + str(list(RecoveryCode.objects.values()))
        + str(list(AuditEntry.objects.values()))
    )
    assert secret not in stored and not any(one.replace("-", "") in stored for one in codes)
    assert codes[0] not in bob_in.get(reverse("security")).content.decode()


def test_a_recovery_code_lets_in_once(app, company, visitor):
    code = factors.new_codes(company.bob)[0]
    for status in (302, 422):
        person = visitor()
        sign_in(person)
        assert person.post(reverse("second"), code=code.lower()).status_code == status
    assert AuditEntry.objects.filter(action="self.recovery_used").get().after == {"left": 9}


def test_new_keys_of_connections_keep_the_apps(app, company):
    connections.renew_keys(company.alice)
    assert factors.proves(company.bob, code_now()) == "totp"


def test_where_the_key_is_gone_a_recovery_code_still_works(app, company):
    code = factors.new_codes(company.bob)[0]
    Factor.objects.update(secret="x")
    assert factors.proves(company.bob, code_now()) == "" and factors.proves(company.bob, code) == "recovery"


def test_changing_how_one_signs_in_needs_a_fresh_proof(company, visitor):
    person = visitor(company.bob)
    for name, method in (("app", "get"), ("recovery", "post"), ("passkey-new", "get")):
        assert getattr(person, method)(reverse(name)).url == reverse("again")
    assert person.post(reverse("again"), proof="wrong").status_code == 422
    assert person.post(reverse("again"), proof=PASSWORD).status_code == 302
    assert person.get(reverse("app")).status_code == 200


def passkey_of(person, **kwargs):
    key = Passkey(**kwargs)
    made = key.make(person.get(reverse("passkey-new")).json())
    assert sent(person, reverse("passkey-new"), {"credential": made, "name": "노트북"}).status_code == 200
    return key


def test_a_passkey_is_all_one_needs(bob_in, company, visitor):
    key = passkey_of(bob_in)
    assert Factor.objects.get(user=company.bob).name == "노트북"
    person = visitor()
    answer = sent(person, reverse("passkey"), key.sign(person.get(reverse("passkey")).json()))
    assert answer.json() == {"next": "/now/"} and person.get("/").wsgi_request.user == company.bob


def test_a_passkey_is_a_second_proof_and_only_of_its_person(bob_in, company, visitor):
    key = passkey_of(bob_in)
    Factor.objects.create(user=company.carol, kind="totp", secret=engines.keys().encrypt(SECRET))
    person = visitor()
    assert sign_in(person, "carol@example.com").url == reverse("second")
    assert sent(person, reverse("passkey"), key.sign(person.get(reverse("passkey")).json())).status_code == 422
    sign_in(person)
    assert sent(person, reverse("passkey"), key.sign(person.get(reverse("passkey")).json())).status_code == 200


@pytest.mark.parametrize(
    "how", ["challenge", "origin", "unverified", "replayed", "cloned", "stranger", "nonsense", "inactive"]
)
def test_what_is_no_answer_of_a_passkey_is_refused(how, bob_in, company, visitor):
    key, person = passkey_of(bob_in), visitor()
    options = person.get(reverse("passkey")).json()
    if how == "challenge":
        answer = key.sign({"challenge": "AAAA"})
    elif how == "origin":
        key.origin = "https://evil.example"
        answer = key.sign(options)
    elif how == "unverified":
        answer = key.sign(options, verified=False)
    elif how == "replayed":
        answer = key.sign(options)
        assert sent(visitor(), reverse("passkey"), answer).status_code == 422, "of another browser"
        assert sent(person, reverse("passkey"), answer).status_code == 200
        person.post("/logout/")
    elif how == "cloned":
        assert sent(person, reverse("passkey"), key.sign(options)).status_code == 200
        person.post("/logout/")
        key.uses -= 1
        answer = key.sign(person.get(reverse("passkey")).json())
    elif how == "stranger":
        answer = Passkey().sign(options)
    elif how == "inactive":
        people.remove(company.alice, company.bob)
        answer = key.sign(options)
    else:
        answer = ["x"]
    assert sent(person, reverse("passkey"), answer).status_code == 422
    assert person.get("/").status_code == 302


def test_a_passkey_that_does_not_verify_its_person_is_not_kept(bob_in):
    made = Passkey().make(bob_in.get(reverse("passkey-new")).json(), verified=False)
    assert sent(bob_in, reverse("passkey-new"), {"credential": made}).status_code == 422


def test_nobody_removes_anothers_proof(bob_in, app, company, visitor):
    lena = visitor()
    sign_in(lena, "lena@example.com")
    assert lena.post(reverse("factor-remove", args=[app.pk])).status_code == 404
    assert bob_in.post(reverse("factor-remove", args=[app.pk])).status_code == 302
    assert not Factor.objects.exists() and not RecoveryCode.objects.exists()


def test_a_new_password_signs_out_everywhere_else(company, visitor):
    here, there = visitor(), visitor()
    sign_in(here), sign_in(there)
    url = reverse("password")
    assert here.post(url, old="wrong", new="south by southwest").status_code == 422
    assert here.post(url, old=PASSWORD, new="password12").status_code == 422
    assert here.post(url, old=PASSWORD, new="south by southwest").status_code == 302
    assert here.get("/").status_code == 200 and there.get("/").status_code == 302


def test_other_devices_are_listed_and_signed_out(company, visitor):
    here, there, third = visitor(), visitor(), visitor()
    for person, agent in ((here, "Firefox/1 Linux"), (there, "Mozilla Chrome/9 Windows"), (third, "")):
        person.client.defaults["HTTP_USER_AGENT"] = agent
        sign_in(person)
    shown = here.get(reverse("security")).content.decode()
    assert "Firefox · Linux" in shown and "Chrome · Windows" in shown
    other = Device.objects.get(session_key=there.client.session.session_key)
    assert here.post(reverse("device-end", args=[other.pk])).status_code == 302
    assert there.get("/").status_code == 302 and third.get("/").status_code == 200
    assert here.post(reverse("devices-end")).status_code == 302
    assert third.get("/").status_code == 302 and here.get("/").status_code == 200
    third.post("/logout/")
    assert Device.objects.count() == 1


@pytest.mark.parametrize(
    ("idle", "age", "status"),
    [(1, 1, 200), (23 * 3600, 0, 200), (25 * 3600, 0, 302), (60, 13 * 86400, 200), (60, 15 * 86400, 302)],
)
def test_a_session_ends_when_it_is_idle_or_old(company, visitor, idle, age, status):
    person = visitor()
    sign_in(person)
    session, now = person.client.session, time.time()
    session["seen"], session["began"] = now - idle, now - max(idle, age)
    session.save()
    key = session.session_key
    assert expired(session) == (status == 302), "the live stream asks the same"
    assert person.get("/").status_code == status
    assert Device.objects.filter(session_key=key).exists() == (status == 200)


def test_counts_hold_over_processes_and_end_with_their_time(db):
    assert [limits.take("x", "y", most=2, seconds=60) for _at in range(4)] == [True, True, False, False]
    assert limits.take("x", "z", most=2, seconds=60)
    limits.forget("x", "y")
    assert limits.take("x", "y", most=2, seconds=60)
    Tries.objects.update(until=timezone.now() - timedelta(seconds=1))
    limits.sweep()
    assert not Tries.objects.exists()


def test_pages_of_signing_in_keep_the_policy(bob_in, visitor, company):
    for person, name in ((visitor(), "login"), (bob_in, "security"), (bob_in, "app"), (bob_in, "again")):
        answer = person.get(reverse(name))
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?! src)", answer.content.decode())
    assert known.SESSION_COOKIE_HTTPONLY
