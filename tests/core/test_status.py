"""Sentences, particles, overrides."""

from datetime import UTC, date, datetime

import pytest

from nachim.core.number import format_odds
from nachim.core.period import Calendar, Grain
from nachim.core.status import Guard, Odds, Reading, Status, Verdict, judge
from nachim.core.status_change import Override, OverrideError, check_override, overridden
from nachim.core.status_words import say
from nachim.core.target import Reach

YEAR = {"start": date(2026, 1, 1), "due": date(2026, 12, 31)}
TODAY = date(2026, 7, 2)
RED = Verdict(Status.BEHIND, "behind", {"actual": 1.0, "expected": 2.0, "gap": -1.0}, Reading("pace", 0.5, 0.95, 0.85))


def judged(actual, unit="KRW", **more):
    target = Reach(level=200.0, baseline=100.0, **YEAR)
    return judge(
        target, actual=actual, period_label="26.06", period_end=date(2026, 6, 30), today=TODAY, unit=unit, **more
    )


def test_particles_fit_the_number_before_them():
    guard = Guard("반품률", "percent", "max", 0.05, 0.08)
    assert judged(180.0, guards=[guard]).sentence() == (
        "목표 쪽으로 가고 있지만 보호 지표 반품률이 8.0%로 한도 5.0%를 넘었습니다."
    )
    people = Guard("퇴사", "people", "max", 2, 3)
    assert "퇴사가 3명으로 한도 2명을 넘었습니다" in judged(180.0, guards=[people]).sentence()


def test_three_comparisons_are_three_numbers():
    made = judged(140.0)
    assert made.vs_target == -60 and made.vs_pace == pytest.approx(140 - 149.45, abs=0.01)


def test_why_there_are_no_odds_is_said():
    said = judged(110.0, odds=Odds(None, "too_short"))
    assert said.sentence().endswith("(기록이 짧아 확률 대신 속도로 판단).")
    assert "too short" in said.sentence("en")
    with pytest.raises(ValueError, match="reason"):
        Odds(None)


def test_an_override_stands_beside_what_was_computed_until_it_expires():
    one = Override(Status.ON_PACE, "대형 계약이 7월에 들어옵니다", "김하늘", date(2026, 7, 31))
    shown = overridden(RED, one, TODAY)
    assert shown.status == Status.ON_PACE and "계산으로는" in shown.sentence() and "2026.07.31" in shown.sentence()
    assert overridden(RED, one, date(2026, 8, 1)).status == Status.BEHIND


@pytest.mark.parametrize(
    ("verdict", "change", "code"),
    [
        (RED, {"status": Status.MET}, "not_a_judgement"),
        (RED, {"reason": " "}, "no_reason"),
        (RED, {"until": date(2026, 7, 1)}, "no_expiry"),
        (Verdict(Status.UNHEALTHY, "unhealthy_max"), {}, "guardrail"),
        (Verdict(Status.BEHIND, "missed", final=True), {}, "fact"),
    ],
)
def test_an_override_that_cannot_stand_says_why(verdict, change, code):
    given = {"status": Status.ON_PACE, "reason": "이유", "author": "김하늘", "until": date(2026, 7, 31)} | change
    with pytest.raises(OverrideError) as caught:
        check_override(verdict, Override(**given), TODAY)
    assert caught.value.code == code and caught.value.text("ko") != caught.value.text("en")


@pytest.mark.parametrize(("odds", "ko", "en"), [
    (0.0, "1% 미만", "under 1%"), (0.004, "1% 미만", "under 1%"), (0.01, "1%", "1%"), (0.126, "13%", "13%"),
    (0.99, "99%", "99%"), (1.0, "99% 이상", "over 99%"),
])  # fmt: skip
def test_odds_are_never_nothing_and_never_certain(odds, ko, en):
    assert (format_odds(odds, "ko"), format_odds(odds, "en")) == (ko, en)


def test_a_gap_between_rates_is_in_points():
    params = {"period": "26.10", "actual": 0.083, "level": 0.05, "gap": 0.033, "unit": "percent", "direction": "down"}
    assert say("broken", params, "ko") == "26.10 8.3%는 지켜야 할 5.0%보다 3.3%p 높습니다."
    assert say("broken", params, "en") == "8.3% in 26.10, 3.3%p above the 5.0% to keep."


@pytest.mark.parametrize(("grain", "when"), [(Grain.MONTH, "in Nov 2026"), (Grain.DAY, "on Thu 2026-11-26"),
                                             (Grain.HOUR, "at 2026-11-26 14:00"), (Grain.YEAR, "in 2026")])  # fmt: skip
def test_english_says_when_as_people_do(grain, when):
    period = Calendar().period(grain, datetime(2026, 11, 26, 5, tzinfo=UTC)).label("en")
    assert say("met", {"period": period, "actual": 9.0, "level": 8.0}, "en") == f"9 {when} reaches the target of 8."
