"""Findings: found on data with a planted fall, told once, judged and acted on, with every step in the audit trail."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from django.core.exceptions import ValidationError

from nachim.app import policy
from nachim.app.actions import digest, findings, metrics, new_table
from nachim.app.actions.refresh import refresh
from nachim.app.models import Action, AuditEntry, Event, Finding
from tests import company as made

START, DAYS, FALL = date(2026, 1, 1), 200, 180
NOW = datetime(2026, 7, 20, 3, tzinfo=UTC)


@pytest.fixture
def fallen(company, tmp_path):
    """Two hundred days of orders; in the last twenty the web sells a third as often."""
    rng, lines = np.random.default_rng(3), ["주문번호,주문일시,고객ID,결제금액,채널,상태"]
    for day in range(DAYS):
        for channel, mean in (("앱", 30), ("웹", 30 if day < FALL else 10), ("전화", 8), ("매장", 9), ("제휴", 10)):
            for _one in range(rng.poisson(mean)):
                when = f"{START + timedelta(days=day)} {rng.integers(0, 24):02}:15"
                lines.append(f"{len(lines)},{when},c{rng.integers(0, 400)},10000,{channel},paid")
    made.import_orders(tmp_path, "\n".join(lines) + "\n")
    metric = made.orders_metric()
    made.kpi(company.alice, made.goal(company.alice), metric, target=False)
    refresh(NOW)
    return company


def test_a_fall_is_found_once_with_its_segment_and_an_answer(fallen):
    Event.objects.create(
        name="웹 3.0 배포", kind="release", first=START + timedelta(days=FALL), last=START + timedelta(days=FALL)
    )
    new = findings.look(NOW)
    worse = [one for one in new if one.worse and one.kind != "fault"]
    assert len(worse) == 1
    found = worse[0]
    print([(one.slice, one.since, one.noticed, one.last, one.usual, one.seen, one.paragraph["ko"]) for one in new])
    assert abs((found.since - START).days - FALL) <= 2 and (found.noticed - START).days <= FALL + 3
    assert found.waterfall[0][0].endswith("웹") and found.waterfall[0][2] < 0
    assert "웹" in found.paragraph["ko"] and "웹 3.0 배포" in found.paragraph["ko"]
    assert found.answer.startswith("sales")
    assert findings.look(NOW) == []


def test_a_metric_on_a_table_without_rows_holds_up_no_other(company, orders):
    columns = [{"name": "id", "type": "text", "role": "key"}, {"name": "at", "type": "time", "role": "time"}]
    new_table.describe_table(policy.SYSTEM, name="clicks", label="", columns=columns)
    goal = made.goal(company.alice)
    empty = metrics.save_metric(policy.SYSTEM, name="clicks", unit="count", better="up", spec={"agg": "count(clicks)"})
    made.kpi(company.alice, goal, empty, target=False)
    made.kpi(company.alice, goal, made.orders_metric(), target=False)
    refresh(NOW)
    assert [one for one in findings.look(NOW) if one.kind != "fault"] == []


def test_someone_sees_it_explains_it_or_acts_and_the_trail_says_so(company, orders):
    found = made.finding(made.revenue())
    with pytest.raises(ValidationError):
        findings.judge(company.bob, found, "explained")
    findings.judge(company.bob, found, "explained", "설 연휴")
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.actor, entry.after["note"]) == ("finding.judge", company.bob, "설 연휴")
    action = findings.act(
        company.bob, found, title="결제 고치기", owner=company.carol, due=date(2100, 1, 1), play="checkout-friction"
    )
    found.refresh_from_db()
    assert found.state == Finding.State.ACTION and action.finding == found
    findings.finish(company.bob, action)
    assert Action.objects.get().done_at is not None


@pytest.mark.parametrize(
    "fields", [{"title": " "}, {"due": date(2020, 1, 1)}, {"play": "no-such"}], ids=["title", "due", "play"]
)
def test_an_action_needs_a_title_a_day_ahead_and_a_known_play(company, orders, fields):
    found = made.finding(made.revenue())
    given = {"title": "x", "owner": None, "due": date(2100, 1, 1), "play": "", **fields}
    with pytest.raises(ValidationError):
        findings.act(company.bob, found, **given)
    assert not Action.objects.exists()


def test_the_calendar_names_holidays_and_the_companys_own_events(company):
    findings.write_event(company.bob, name="앱 배포", kind="release", first=date(2026, 5, 4))
    names = [one.name for one in findings.happenings(date(2026, 5, 5), date(2026, 5, 6))]
    assert "앱 배포" in names and any("어린이날" in name for name in names)
    with pytest.raises(ValidationError):
        findings.write_event(company.bob, name="x", kind="release", first=date(2026, 5, 4), last=date(2026, 5, 1))


DAYTIME, NIGHT = datetime(2026, 11, 3, 3, tzinfo=UTC), datetime(2026, 11, 3, 14, tzinfo=UTC)


def test_new_findings_are_told_in_one_digest_once_and_not_at_night(company, orders, settings, mailoutbox):
    settings.NOTIFY, settings.PUBLIC_URL = "mail team@example.com", "https://kpi.example"
    metric = made.revenue()
    for _each in range(3):
        made.finding(metric, created_at=DAYTIME)
    assert digest.tell(NIGHT) == 0 and not mailoutbox
    assert digest.tell(DAYTIME) == 3 and len(mailoutbox) == 1
    assert "3" in mailoutbox[0].subject and mailoutbox[0].body.count("매출이 줄었습니다.") == 3
    assert "https://kpi.example/findings/" in mailoutbox[0].body
    assert digest.tell(DAYTIME) == 0 and len(mailoutbox) == 1


def test_what_no_channel_took_is_tried_again(company, orders, settings):
    settings.NOTIFY = "slack http://127.0.0.1:9/hook"
    found = made.finding(made.revenue(), created_at=DAYTIME)
    assert digest.tell(DAYTIME) == 0
    found.refresh_from_db()
    assert found.told_at is None


def test_a_channel_of_an_unknown_kind_is_named():
    with pytest.raises(ValueError, match="pigeon"):
        digest.channels("pigeon over-there")
