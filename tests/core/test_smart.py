from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachim.catalog.vocabulary import vocabulary
from nachim.core.sentence import read
from nachim.core.smart import LETTERS, check, check_all
from nachim.core.smart_change import History

WORDS = vocabulary()
TODAY = date(2026, 11, 24)

# The letter under which an example stands is the one judged.
BAD = [
    ("매출을 늘리자!", "specific"),
    ("고객 만족도를 높이자!", "measurable"),
    ("한 달 만에 매출 10배 증가!", "achievable"),
    ("사내 봉사활동 참여율을 높이자!", "relevant"),
    ("언젠가 고객 만족도를 높이자!", "time_bound"),
    ("우리 브랜드 인지도를 높이자!", "trackable"),
    ("고객센터 전화 응대 시간 30초 단축!", "impact"),
    ("앱 다운로드 수", "impact"),
]
GOOD = [
    ("3개월 내 월 매출 15% 증가!", "specific"),
    ("설문 조사 점수 4.5점 이상 유지!", "measurable"),
    ("1년 내 30% 성장!", "achievable"),
    ("재구매율 20% 증가!", "relevant"),
    ("올해 4분기까지 고객 만족도 90% 달성!", "time_bound"),
    ("SNS 팔로워 수 10% 증가, 브랜드 검색량 20% 증가!", "trackable"),
    ("고객 불만 처리 건수 20% 감소!", "impact"),
]
WHOLE = [
    "6개월 안에 월 방문자 수를 30% 증가시키자",
    "이번 분기 동안 월 매출을 15% 증가시키자!",
    "3개월 내 월 매출 15% 증가",
]


def judged(sentence, **known):
    reading = read(sentence, TODAY, WORDS)
    return check(reading, reading.first, WORDS, **known)


@pytest.mark.parametrize("sentence, letter", BAD)
def test_a_bad_example_fails_the_letter_it_stands_under(sentence, letter):
    found = judged(sentence).checks[letter]
    assert found.verdict == "fail"
    assert found.fix


@pytest.mark.parametrize("sentence, letter", GOOD)
def test_a_good_example_passes_the_letter_it_is_praised_for(sentence, letter):
    reading = read(sentence, TODAY, WORDS)
    assert [one.checks[letter].verdict for one in check_all(reading, WORDS)] == ["pass"] * len(reading.kpis)


@pytest.mark.parametrize("sentence", WHOLE)
def test_a_good_kpi_passes_every_letter(sentence):
    assert judged(sentence).passed


def test_a_survey_score_to_be_kept_is_specific_and_measurable():
    checks = judged("고객 만족도 설문조사 점수를 평균 4.5점 이상으로 유지하자!").checks
    assert {name for name, one in checks.items() if one.verdict == "fail"} == {"time_bound"}


@pytest.mark.parametrize("locale", ["ko", "en"])
@pytest.mark.parametrize(
    "sentence", [*(one for one, _letter in BAD + GOOD), *WHOLE, "아무 말", "", "Increase brand awareness"]
)
def test_every_letter_has_a_sentence_in_both_languages(sentence, locale):
    found = judged(sentence, locale=locale)
    assert tuple(found.checks) == LETTERS
    for one in found.checks.values():
        assert one.reason.endswith((".", "。"))
        assert "{" not in one.reason + (one.fix or "")
        if one.verdict == "fail":
            assert one.fix


@pytest.mark.parametrize(
    "sentence, better",
    [("앱 다운로드 수를 20% 늘리자", "MAU"), ("통화 시간 30초 단축", "첫 문의 해결률"), ("페이지뷰 50% 증가", "전환율"), ("팔로워 10% 증가", "브랜드 검색량")],  # noqa: E501
)  # fmt: skip
def test_a_vanity_metric_gets_the_better_one(sentence, better):
    found = judged(sentence)
    assert better in found.checks["impact"].fix
    assert better in found.rewrite


def test_the_wrong_way_is_not_relevant():
    assert judged("이탈률을 10% 늘리자").checks["relevant"].verdict == "fail"
    assert judged("쿠폰 사용률을 10% 늘리자").checks["relevant"].verdict == "pass"


def test_a_goal_with_another_outcome_is_not_served():
    assert judged("재구매율 20% 증가", serves=frozenset({"retention"})).checks["relevant"].verdict == "pass"
    assert judged("재구매율 20% 증가", serves=frozenset({"people"})).checks["relevant"].verdict == "fail"


@pytest.mark.parametrize(
    "sentence, verdict",
    [
        ("한 달 안에 매출 15% 증가", "pass"),
        ("한 달 안에 매출 50% 증가", "fail"),
        ("1년 안에 매출 50% 증가", "pass"),
        ("매출 50% 증가", "unknown"),
        ("연말까지 매출 12억 원 달성", "unknown"),
        ("연말까지 매출을 10억에서 11억으로 늘리자", "pass"),
        ("다음 달까지 매출을 10억에서 30억으로 늘리자", "fail"),
        ("이탈률을 150% 줄이자", "fail"),
        ("전환율 120% 달성", "fail"),
        ("한 달 안에 NPS 5점 상승", "pass"),
        ("한 달 안에 NPS 80점 상승", "fail"),
        ("3개월 내 구매 전환율 1%p 향상", "pass"),
        ("이번 달 안에 재구매율 40%p 향상", "fail"),
        ("분기마다 매출 10% 증가", "pass"),
    ],
)
def test_a_change_is_plausible_by_what_a_month_usually_moves(sentence, verdict):
    assert judged(sentence).checks["achievable"].verdict == verdict


def test_the_companys_own_past_comes_before_the_usual_bands():
    past = History(best=0.12, median=0.05, worst=-0.03)
    found = judged("3개월 내 매출 15% 증가", history=past).checks["achievable"]
    assert found.verdict == "fail"
    assert "+12%" in found.reason and "+5%" in found.reason and "-3%" in found.reason
    assert judged("3개월 내 매출 10% 증가", history=past).checks["achievable"].verdict == "pass"


def test_odds_come_before_the_past():
    past = History(best=0.12, median=0.05, worst=-0.03)
    assert judged("3개월 내 매출 15% 증가", history=past, odds=0.6).checks["achievable"].verdict == "pass"
    assert judged("3개월 내 매출 10% 증가", history=past, odds=0.05).checks["achievable"].verdict == "fail"


def test_data_that_are_not_there_fail_tracking():
    assert judged("매출 10% 증가", tracked=False).checks["trackable"].verdict == "fail"
    assert "연결" in judged("매출 10% 증가", tracked=True).checks["trackable"].reason


def test_a_date_that_has_passed_is_no_date():
    assert judged("2026년 3월까지 매출 10% 증가").checks["time_bound"].verdict == "fail"


@pytest.mark.parametrize("sentence", [*(one for one, _letter in BAD), "고객 만족도 개선", "이직률 감소", "MRR 늘리기", "Increase sales",  # noqa: E501
                                      "Cut complaints", "대기 시간 단축", "한 달 안에 이탈률을 90% 줄이자"])  # fmt: skip  # noqa: E501
def test_the_rewritten_sentence_passes_every_letter(sentence):
    found = judged(sentence)
    again = judged(found.rewrite)
    assert {name: one.verdict for name, one in again.checks.items()} == dict.fromkeys(LETTERS, "pass"), found.rewrite


@pytest.mark.parametrize(
    "sentence",
    ["3개월 내 월 매출 15% 증가", "연말까지 매출 12억 3,000만 원 달성", "내년 3월까지 대기 시간을 15분에서 8분으로 줄이자", "연말까지 이탈률 5% 이하 유지",  # noqa: E501
     "연말까지 재구매율 10%p 개선", "내년까지 매출 2배", "연말까지 불량률을 절반으로 줄이자", "이번 달 신규 고객 100명 확보", "연말까지 CSAT 4.5점 이상 유지",  # noqa: E501
     "Increase monthly revenue by 15% within 3 months", "Keep CSAT at 4.5 or higher by Q4", "Reduce churn from 5% to 3% by Q1 2027",  # noqa: E501
     "Increase repeat purchase rate by 5 percentage points by Q4", "Cut response time from 6 hours to 2 hours by June"],
)  # fmt: skip
def test_a_sentence_that_was_good_means_the_same_rewritten(sentence):
    found = judged(sentence)
    left, right = found.stated, read(found.rewrite, TODAY, WORDS).first
    for name in ("metric", "direction", "kind", "value", "unit", "grain", "due", "base", "keep"):
        assert getattr(left, name) == getattr(right, name), (name, found.rewrite)


EXAMPLES = st.sampled_from([*(one for one, _letter in BAD + GOOD), *WHOLE])


@given(st.one_of(st.text(max_size=120), st.lists(EXAMPLES, max_size=3).map(", ".join)),
       st.dates(date(1, 1, 1), date(9999, 12, 31)), st.sampled_from(["ko", "en"]))  # fmt: skip
def test_any_text_is_judged(text, today, locale):
    for found in check_all(read(text, today, WORDS), WORDS, locale=locale):
        assert all(one.reason and one.verdict in ("pass", "fail", "unknown") for one in found.checks.values())
        assert found.rewrite is None or found.rewrite.strip()


def test_the_last_day_there_is_has_a_rewrite():
    reading = read("매출을 늘리자!", date.max, WORDS)
    assert check(reading, reading.first, WORDS).rewrite == "9999년 12월 31일까지 매출 15% 증가"
