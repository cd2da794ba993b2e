"""Every sentence the SMART check says, in Korean and English."""

from __future__ import annotations

from string import Formatter
from typing import Any

from nachim.core.korean import PAIRS, josa
from nachim.core.number import rounded
from nachim.core.sentence_words import Vocabulary

TEXTS = {
    "part_what": ("무엇을", "what"),
    "part_way": ("어느 쪽으로", "which way"),
    "part_amount": ("얼마나", "how much"),
    "specific": ("무엇을 어느 쪽으로 얼마나 바꿀지 적혀 있습니다.", "It says what, which way and how much."),
    "not_specific": ("빠진 것: {parts}.", "Missing: {parts}."),
    "add_what": ("재려는 지표를 적으세요. 예: 월 매출, 재구매율.",
                 "Name the metric, such as monthly revenue or repeat purchase rate."),
    "add_way": ("늘릴지 줄일지 적으세요.", "Say whether it should rise or fall."),
    "add_amount": ("얼마나 바꿀지 숫자로 적으세요. 예: 15% 증가, 4.5점 이상.",
                   "Say how much, such as by 15% or at least 4.5."),
    "add_date": ("언제까지인지 날짜를 적으세요. 예: 3개월 내, 4분기까지.",
                 "Give a date, such as within 3 months or by Q4."),
    "add_base": ("지금 값을 함께 적으세요. 예: 3%에서 5%로.", "Give today's value too, such as from 3% to 5%."),
    "measurable": ("{name:은/는} 데이터나 설문으로 셀 수 있고 숫자가 있습니다.",
                   "Data or a survey gives {name}, and there is a number."),
    "has_number": ("{name:에} 숫자가 있습니다.", "There is a number for {name}."),
    "no_number": ("숫자가 없어 이루었는지 알 수 없습니다.", "Without a number nobody can tell whether it was reached."),
    "no_metric": ("어떤 지표인지 적혀 있지 않습니다.", "It does not say which metric."),
    "unmeasured": ("{name:은/는} 그대로는 숫자가 되지 않습니다.", "There is no number of {name} as such."),
    "measure_by": ("대신 잴 수 있는 지표: {names}.", "Measure instead: {names}."),
    "no_amount_to_judge": ("얼마나인지 적혀 있지 않아 알 수 없습니다.", "It cannot be told without an amount."),
    "over_all": ("100%를 넘는 값은 있을 수 없습니다.", "There is no value beyond 100%."),
    "below_nothing": ("있는 것보다 많이 줄일 수는 없습니다.", "Nothing can fall by more than all of it."),
    "lower_amount": ("목표값을 낮추거나 기한을 늘리세요.", "Lower the target or give it more time."),
    "likely": ("지금까지의 흐름으로 이룰 확률이 {odds}입니다.", "By the forecast the odds are {odds}."),
    "unlikely": ("지금까지의 흐름으로 이룰 확률이 {odds}에 그칩니다.", "By the forecast the odds are only {odds}."),
    "no_base": ("지금 값을 모르므로 얼마나 먼 목표인지 알 수 없습니다.",
                "Today's value is not known, so nobody can tell how far it is."),
    "no_pace": ("기한이 없어 얼마나 빠른 변화인지 알 수 없습니다.", "Without a date its pace cannot be told."),
    "plausible": (
        "{months}개월에 {change}(한 달 {monthly}), 보통의 폭({limit}) 안입니다. 회사 기록은 보지 않았습니다.",
        "{change} in {months} months ({monthly} a month) is within usual bands ({limit}); no history seen.",
    ),
    "implausible": ("{months}개월에 {change}(한 달 {monthly})는 보통의 폭({limit})을 크게 넘습니다.",
                    "{change} in {months} months ({monthly} a month) is beyond what is usual ({limit})."),
    "plausible_limit": ("{months}개월이면 {limit} 안에서 정하거나 기한을 늘리세요.",
                        "Stay within {limit} for {months} months, or give it more time."),
    "past_allows": (
        "같은 길이의 지난 기간: 최고 {best}, 보통 {median}, 최저 {worst}. {change}는 해 볼 만합니다.",
        "Over the same length: best {best}, median {median}, worst {worst}; {change} can be done.",
    ),
    "past_forbids": (
        "같은 길이의 지난 기간: 최고 {best}, 보통 {median}, 최저 {worst}. {change}는 무리입니다.",
        "Over the same length: best {best}, median {median}, worst {worst}; {change} is too much.",
    ),
    "relevant": ("{name:은/는} 회사의 결과와 이어집니다: {outcomes}.", "{name} is tied to results: {outcomes}."),
    "aside": ("{name:은/는} 회사의 성과와 이어지지 않습니다.", "{name} has no bearing on the company's results."),
    "choose_result": ("성과와 이어지는 지표를 고르세요: {names}.", "Choose a metric tied to results: {names}."),
    "this_goal": ("이 목표", "this goal"),
    "relevance_unknown": ("{name:이/가} 어떤 성과로 이어지는지 알 수 없습니다.",
                          "It cannot be told which result {name} serves."),
    "name_goal": ("이 지표가 받치는 목표를 함께 적으세요.", "Name the goal it serves."),
    "other_outcome": ("{name:은/는} {has:와/과} 이어지고, 목표는 {wanted}입니다.",
                      "{name} serves {has}, and the goal is {wanted}."),
    "wrong_way": ("{name:은/는} {way} 좋은 지표인데 거꾸로 적혀 있습니다.",
                  "{name} should be {way}, and the sentence says the opposite."),
    "turn": ("{way} 좋은 쪽으로 고치세요.", "Turn it: it should be {way}."),
    "up": ("높을수록", "higher"),
    "down": ("낮을수록", "lower"),
    "dated": ("기한이 있습니다: {day}.", "It has a date: {day}."),
    "no_date": ("언제까지인지 적혀 있지 않습니다.", "It has no date."),
    "vague": ("“{word}”는 날짜가 아닙니다.", "“{word}” is no date."),
    "past_date": ("기한이 이미 지났습니다: {day}.", "The date has passed: {day}."),
    "trackable": ("{name:은/는} 데이터나 설문으로 계속 잴 수 있습니다.", "Data or a survey can track {name}."),
    "tracked": ("{name:을/를} 셀 데이터가 연결되어 있습니다.", "The data for {name} are connected."),
    "no_data": ("{name:을/를} 셀 데이터가 아직 없습니다.", "There are no data for {name} yet."),
    "connect": ("데이터를 연결하거나 손으로 적는 지표로 만드세요.", "Connect the data, or enter it by hand."),
    "untrackable": ("{name:은/는} 데이터로 따라갈 수 없습니다.", "No data track {name}."),
    "nothing_to_track": ("따라갈 지표가 없습니다.", "There is no metric to track."),
    "countable": ("{name:은/는} 셀 수 있습니다.", "{name} can be counted."),
    "not_in_catalogue": ("“{name}” 지표는 목록에 없어 데이터로 잴 수 있는지 알 수 없습니다.",
                         "“{name}” is not in the catalogue, so it cannot be told whether data track it."),
    "define": ("어느 데이터에서 오는지 정하고 지표로 만드세요.",
               "Say where its data come from and define it as a metric."),
    "impact": ("{name:이/가} 움직이면 결과가 움직입니다.", "When {name} moves, the result moves."),
    "vanity": ("{name:은/는} 늘어도 결과가 그대로일 수 있습니다. {why}", "{name} can move without the result. {why}"),
    "better_metric": ("결과에 더 가까운 지표: {names}.", "Closer to the result: {names}."),
    "impact_unknown": ("{name:이/가} 결과를 움직이는지 알 수 없습니다.",
                       "It cannot be told whether {name} moves the result."),
    "outcome_growth": ("성장", "growth"),
    "outcome_profit": ("이익", "profit"),
    "outcome_acquisition": ("고객 확보", "acquisition"),
    "outcome_retention": ("고객 유지", "retention"),
    "outcome_satisfaction": ("만족", "satisfaction"),
    "outcome_efficiency": ("효율", "efficiency"),
    "outcome_awareness": ("인지도", "awareness"),
    "outcome_people": ("사람", "people"),
}  # fmt: skip


class _Speech(Formatter):
    """`{name:은/는}` puts the particle that fits behind the name."""

    def format_field(self, value: Any, spec: str) -> str:
        if spec in PAIRS:
            return josa(str(value), spec)
        return f"{value}{spec}" if spec else str(value)


def say(code: str, locale: str, **values: str) -> str:
    """One sentence of TEXTS with its values."""
    text = TEXTS[code][0 if locale == "ko" else 1]
    return _Speech().vformat(text, (), values).strip()


def percent(share: float) -> str:
    """A signed share as people read it: +15%, -4.8%."""
    shown = rounded(min(max(share, -1e9), 1e9) * 100, 1)
    text = f"{shown:+,f}".removesuffix(".0")
    return f"{text if shown else '0'}%"


def names_of(names: tuple[str, ...], vocabulary: Vocabulary, locale: str) -> str:
    """The labels of metrics, in one line."""
    return ", ".join(vocabulary.metrics[name].label[locale] for name in names)
