"""What was refused stands in the log `nachim.security`, with whom it concerned and from where."""

import logging

import pytest
from django.urls import reverse

from nachim.app.actions import tokens
from nachim.app.models import AuditEntry, Tries
from tests.company import PASSWORD


@pytest.fixture
def noted(caplog):
    """The events of the log, as (event, who)."""
    caplog.set_level(logging.WARNING, "nachim.security")
    return lambda: [(one.fields["event"], one.fields["who"]) for one in caplog.records if one.name == "nachim.security"]


def test_signing_in_and_out_and_what_fails_of_it(company, visitor, noted):
    person, bob = visitor(), f"user-{company.bob.pk}"
    person.post("/login/", email="bob@example.com", password="wrong")
    person.post("/login/", email="nobody@example.com", password="wrong")
    assert noted() == [("sign-in refused", bob), ("sign-in refused", "a stranger")]
    for _at in range(5):
        person.post("/login/", email="bob@example.com", password="wrong")
    assert noted()[-1] == ("too many sign-ins", bob)
    Tries.objects.all().delete()
    person.post("/login/", email="bob@example.com", password=PASSWORD)
    person.post("/logout/")
    kinds = list(AuditEntry.objects.filter(actor=company.bob).order_by("pk").values_list("action", flat=True))
    assert kinds == ["session.start", "session.end"]


def test_what_a_role_does_not_carry(carol, company, noted):
    carol.get(reverse("settings"))
    carol.client.post("/api/goals", "{}", content_type="application/json")
    who = f"user-{company.carol.pk}"
    assert noted() == [("permission refused", who), ("API: permission refused", who)]


def test_what_comes_from_elsewhere_and_with_no_or_a_wrong_proof(alice, company, visitor, noted):
    alice.client.post("/goals/new/", headers={"Sec-Fetch-Site": "cross-site"})
    visitor().client.get("/api/me", headers={"Authorization": "Bearer nachim_00000000_" + "0" * 64})
    alice.post(reverse("again"), proof="wrong")
    assert [event for event, _who in noted()] == [
        "cross-site write refused", "API: nobody known", "fresh proof refused",
    ]  # fmt: skip


def test_no_line_holds_what_was_typed(company, visitor, caplog):
    person = visitor()
    person.post("/login/", email="bob@example.com", password="s3cret typed by mistake")
    secret = tokens.make_token(company.bob, name="x", scopes=["read"], days=1)[1]
    person.client.get("/api/me", headers={"Authorization": f"Bearer {secret}x"})
    assert caplog.records and not any(
        word in str(one.__dict__) for one in caplog.records for word in ("s3cret", secret)
    )
