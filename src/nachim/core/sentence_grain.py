"""How often a metric is counted, as a sentence says it: 월 매출, 일 평균, 주당, per week."""

# ruff: noqa: E501 (a pattern stays on its line)

from __future__ import annotations

import re
from collections.abc import Iterable

from nachim.core.period import Grain
from nachim.core.sentence_text import Span

ALONE = r"(?<![\d가-힣])"
PATTERNS = (
    (Grain.MONTH, re.compile(rf"{ALONE}월(?:간|평균|별|매출|\s*(?=\d)|\s+(?!말|초)(?=\S))|(?<![가-힣])매\s*(?:월|달)|한\s*달\s*(?:에|평균|동안)|{ALONE}월(?=방문|주문|신규|구독|이탈|해지|반복|활성|이용|사용|구매|결제|가입|판매|거래|순|총|객)")),
    (Grain.WEEK, re.compile(rf"{ALONE}주(?:간|평균|당|별|\s+(?:평균|\d|방문|주문|매출|신규))|(?<![가-힣])매\s*주(?!문)|일주일(?:에|\s*평균)|한\s*주\s*(?:에|평균)")),
    (Grain.DAY, re.compile(rf"{ALONE}일(?:\s*평균|별|간|일|매출|방문|주문|\s+(?=\S)|(?=\d))|(?<![가-힣])하루(?!\s*(?:빨리|하루|만|안|이내))|(?<![가-힣])매일|(?<!\d)1일\s*(?:평균|당)")),
    (Grain.QUARTER, re.compile(r"(?<![\d가-힣])(?<!번 )(?<!음 )(?<!난 )분기\s*(?:평균|별|당|간)|(?<![\d가-힣])(?<!번 )(?<!음 )(?<!난 )분기\s*(?=[가-힣])(?!말|내|안|중|동안|까지)|매\s*분기|분기마다")),
    (Grain.YEAR, re.compile(rf"{ALONE}연(?:간|평균|매출|별|\s+(?=\S)|\s*(?=\d))|(?<![가-힣])매년|해마다|1년에|{ALONE}년간")),
    (Grain.HOUR, re.compile(r"시간당|매\s*시간|\bhourly\b|\b(?:per|an|each)\s+hour\b")),
    (Grain.MONTH, re.compile(r"\bmonthly\b|\b(?:per|a|each|every)\s+month\b|/\s*mo(?:nth)?\b")),
    (Grain.WEEK, re.compile(r"\bweekly\b|\b(?:per|a|each|every)\s+week\b|/\s*w(?:ee)?k\b")),
    (Grain.DAY, re.compile(r"\bdaily\b|\b(?:per|a|each|every)\s+day\b|/\s*day\b")),
    (Grain.QUARTER, re.compile(r"\bquarterly\b|\b(?:per|a|each|every)\s+quarter\b")),
    (Grain.YEAR, re.compile(r"\bannual(?:ly)?\b|\byearly\b|\b(?:per|a|each|every)\s+year\b")),
)  # fmt: skip


def grains(text: str, taken: Iterable[Span]) -> list[tuple[Span, Grain]]:
    """Every grain named outside the phrases of time, left to right."""
    spans = list(taken)
    found = [(Span(*match.span()), grain) for grain, pattern in PATTERNS for match in pattern.finditer(text)]
    return sorted(one for one in found if not any(one[0].overlaps(span) for span in spans))
