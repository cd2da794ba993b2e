"""Tokens: the secret is shown once, the scope narrows, and nothing opens after its end."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from nachim.app import policy
from nachim.app.actions import people, tokens
from nachim.app.models import ApiToken, AuditEntry
from tests import company as made

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return made.people()


def token(user, *scopes, days=1):
    return tokens.make_token(user, name="loader", scopes=list(scopes), days=days)


def test_the_secret_is_256_bits_behind_a_prefix_and_only_its_hash_is_kept(company):
    one, secret = token(company.bob, "read")
    assert tokens.TOKEN.fullmatch(secret) and secret.startswith(one.prefix)
    kept = " ".join(str(value) for value in ApiToken.objects.values().get().values())
    assert secret not in kept and secret[-64:] not in kept
    said = " ".join(f"{entry.before} {entry.after}" for entry in AuditEntry.objects.all())
    assert "token.create" in AuditEntry.objects.values_list("action", flat=True) and secret[-64:] not in said


@pytest.mark.parametrize(
    ("scopes", "may", "may_not"),
    [
        (["read"], ["company.view", "data.view"], ["goal.edit", "data.ingest", "token.edit"]),
        (["write"], ["company.view", "goal.edit"], ["data.ingest", "people.edit", "token.edit", "self.edit"]),
        (["ingest"], ["data.ingest"], ["company.view", "goal.edit"]),
        (["goal.edit"], ["goal.edit"], ["company.view", "kpi.edit"]),
        (["read", "ingest"], ["company.view", "data.ingest"], ["goal.edit"]),
    ],
)
def test_a_token_may_what_both_its_scope_and_its_person_may(company, scopes, may, may_not):
    """Bob edits; people are the owner's to change."""
    user, _token = tokens.holder(token(company.bob, *scopes)[1])
    assert [name for name in may if not policy.can(user, name)] == []
    assert [name for name in may_not if policy.can(user, name)] == []
    assert policy.can(company.bob, "goal.edit")


def test_a_token_of_a_viewer_writes_nothing(company):
    user, _token = tokens.holder(token(company.carol, "write")[1])
    assert not policy.can(user, "goal.edit")


def test_no_token_makes_tokens(company):
    user, _token = tokens.holder(token(company.alice, "write")[1])
    with pytest.raises(policy.NotAllowed):
        token(user, "read")


@pytest.mark.parametrize("end", ["revoked", "expired", "left", "other"])
def test_nothing_opens_after_its_end(company, end):
    one, secret = token(company.bob, "read")
    assert tokens.holder(secret)[0] == company.bob
    if end == "revoked":
        tokens.revoke_token(company.alice, one)
    elif end == "expired":
        ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif end == "left":
        people.remove(company.alice, company.bob)
    else:
        secret = secret[:-1] + ("0" if secret[-1] != "0" else "1")
    assert tokens.holder(secret) is None


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"scopes": []}, {"scopes": ["everything"]}, {"scopes": ["token.edit"]}, {"days": 0}]
)
def test_what_makes_no_sense_is_refused(company, wrong):
    with pytest.raises(ValidationError):
        tokens.make_token(company.bob, **{"name": "x", "scopes": ["read"], "days": 1, **wrong})


def test_nobody_makes_a_token_for_another_or_revokes_anothers(company):
    one, _secret = token(company.bob, "read")
    with pytest.raises(policy.NotAllowed):
        tokens.make_token(company.alice, name="x", scopes=["read"], days=1, user=company.bob)
    with pytest.raises(policy.NotAllowed):
        tokens.revoke_token(company.carol, one)
    tokens.revoke_token(company.alice, one)


def test_signing_keys_differ_and_are_not_the_token(company):
    one, secret = token(company.bob, "ingest")
    other, _secret = token(company.bob, "ingest")
    key = tokens.signing_key(one)
    assert key != tokens.signing_key(other) and key not in secret and key != one.token_hash
