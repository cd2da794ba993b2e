"""Channels: an address goes in and never comes out; each is told once, outside of its own quiet hours."""

import json
from datetime import UTC, datetime, time

import pytest
from django.core.exceptions import ValidationError

from nachim.app import engines, policy
from nachim.app.actions import channels, connections, digest
from nachim.app.models import AuditEntry, Channel, Watching
from tests import company as made

DAYTIME, NIGHT = datetime(2026, 11, 3, 3, tzinfo=UTC), datetime(2026, 11, 3, 14, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def mail(**fields) -> Channel:
    channel = made.channel(kind="mail", address="team@example.com, boss@example.com", **fields)
    Channel.objects.update(told_until=LONG_AGO)
    channel.refresh_from_db()
    return channel


def test_an_address_is_stored_encrypted_and_stands_in_no_audit_entry(company):
    channel = made.channel(company.alice)
    assert made.CANARY not in channel.secret
    assert made.CANARY in json.loads(engines.keys().decrypt(channel.secret))["address"]
    channels.save_channel(
        company.alice, channel, name="other", kind="webhook", quiet_begins=time(1), quiet_ends=time(2)
    )
    assert made.CANARY in engines.keys().decrypt(channel.secret)
    assert made.CANARY not in str(list(AuditEntry.objects.values_list("before", "after")))


def test_new_keys_keep_the_addresses_readable(company):
    channel = made.channel(company.alice)
    before = channel.secret
    assert connections.renew_keys(company.alice) == 1
    channel.refresh_from_db()
    assert channel.secret != before and made.CANARY in engines.keys().decrypt(channel.secret)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"kind": "mail", "address": "nobody"}, "address"),
        ({"kind": "slack", "address": "hooks.slack.com/x"}, "address"),
        ({"kind": "slack", "address": ""}, "address"),
        ({"kind": "alimtalk", "address": "https://api.example/x", "keys": {"secret": "s"}}, "sender"),
        ({"kind": "pigeon", "address": "https://api.example/x"}, "kind"),
    ],
)
def test_what_cannot_work_is_refused_where_it_is_typed(company, fields, where):
    with pytest.raises(ValidationError) as error:
        made.channel(company.alice, **fields)
    assert where in error.value.message_dict and not Channel.objects.exists()


def test_another_kind_needs_its_own_address(company):
    channel = made.channel(company.alice)
    with pytest.raises(ValidationError):
        channels.save_channel(company.alice, channel, name="x", kind="mail", quiet_begins=time(1), quiet_ends=time(2))


def test_each_channel_is_told_once_and_not_in_its_quiet_hours(company, orders, mailoutbox):
    mail(quiet_begins=time(21), quiet_ends=time(8))
    metric = made.revenue()
    for _each in range(3):
        made.finding(metric, created_at=DAYTIME)
    assert digest.tell(NIGHT) == 0 and not mailoutbox
    assert digest.tell(DAYTIME) == 3 and len(mailoutbox) == 1
    assert mailoutbox[0].to == ["team@example.com", "boss@example.com"]
    assert digest.tell(DAYTIME) == 0 and len(mailoutbox) == 1


def test_a_channel_for_what_got_worse_hears_nothing_else_and_a_paused_one_nothing(company, orders, mailoutbox):
    mail(worse_only=True)
    metric = made.revenue()
    made.finding(metric, created_at=DAYTIME, worse=False)
    assert digest.tell(DAYTIME) == 0
    made.finding(metric, created_at=DAYTIME)
    Channel.objects.update(paused=True)
    assert digest.tell(DAYTIME) == 0
    Channel.objects.update(paused=False)
    assert digest.tell(DAYTIME) == 1 and len(mailoutbox) == 1


def test_what_a_channel_does_not_take_is_said_beside_it_and_tried_again(company, orders):
    channel = made.channel(company.alice)
    Channel.objects.update(told_until=LONG_AGO)
    made.finding(made.revenue(), created_at=DAYTIME)
    assert digest.tell(DAYTIME) == 0
    channel.refresh_from_db()
    assert channel.problem and made.CANARY not in channel.problem and channel.told_until == LONG_AGO


def test_a_test_message_says_whether_it_arrived(company, mailoutbox):
    assert channels.try_channel(company.alice, mail()) == "" and len(mailoutbox) == 1
    closed = made.channel(company.alice, name="closed")
    assert "127.0.0.1" in channels.try_channel(company.alice, closed)


def test_how_many_findings_are_wanted_is_the_companys_to_say(company):
    assert Watching.budget() == 2
    channels.set_budget(company.alice, 5)
    channels.set_budget(company.alice, 3.5)
    assert Watching.budget() == 3.5 and Watching.objects.count() == 1
    with pytest.raises(ValidationError):
        channels.set_budget(company.alice, 1000)


def test_only_owners_touch_channels(company):
    with pytest.raises(policy.NotAllowed):
        made.channel(company.bob)
