"""Amounts in a sentence: 15 %, 10%p, 12억 3,000만 원, 1분 30초, 두 배, 절반, 3할, 1.2 million won, twice.

Values are in base units: shares for percents, won, seconds, and plain numbers for the rest.
"""

# ruff: noqa: E501 (a pattern stays on its line)

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from nachim.core.sentence_text import Span

# What an amount is by its own unit: a share, percentage points, a factor, or a quantity.
SHARE, POINTS, FACTOR, QUANTITY = "share", "points", "factor", "quantity"
SIZES = {
    "조": 10**12, "천억": 10**11, "백억": 10**10, "십억": 10**9, "억": 10**8, "천만": 10**7, "백만": 10**6, "십만": 10**5,
    "만": 10**4, "천": 10**3, "백": 100, "십": 10,
    "trillion": 10**12, "billion": 10**9, "bn": 10**9, "b": 10**9, "million": 10**6, "mn": 10**6, "mm": 10**6, "m": 10**6,
    "thousand": 10**3, "k": 10**3, "hundred": 100,
}  # fmt: skip
SECONDS = {
    "초": 1,
    "분": 60,
    "시간": 3600,
    "일": 86400,
    "주": 604800,
    "s": 1,
    "min": 60,
    "h": 3600,
    "day": 86400,
    "week": 604800,
}
SINO = {"일": 1, "이": 2, "삼": 3, "사": 4, "오": 5, "육": 6, "칠": 7, "팔": 8, "구": 9}
NATIVE = {"한": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9, "열": 10, "스무": 20,
          "서른": 30, "마흔": 40, "쉰": 50}  # fmt: skip
ENGLISH = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
    "fifteen": 15, "twenty": 20, "twenty-five": 25, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90, "a hundred": 100, "one hundred": 100,
}  # fmt: skip


@dataclass(frozen=True)
class Amount:
    """One number with its unit. `unit` is None where none is written; `other` is the end of a range."""

    span: Span
    sort: str
    value: Decimal
    unit: str | None = None
    signed: int = 0
    other: Decimal | None = None


_SIZE = r"(?:천억|백억|십억|천만|백만|십만|조|억|만|천(?!원\w)|천|백|십)"
_DIGITS = r"\d[\d,]*(?:\.\d+)?"
_NEXT = rf"(?:\s*{_DIGITS}\s*{_SIZE}{{1,2}}|\s*{_DIGITS}(?=\s*(?:원|명|건|개|점|회)))"
_EN_SIZE = r"(?:trillion|billion|bn|million|mn|mm|thousand|hundred|[bmk](?![a-z]))"
_NUMBER = (
    rf"(?P<sign>(?<![\d%a-z가-힣~])[-+△▲▽▼]\s*)?(?P<money>₩|\\|\$|€|krw\s*|usd\s*)?(?<![\d.])(?P<digits>{_DIGITS})"
    rf"(?:\s*(?P<sizes>{_SIZE}{{1,2}}(?:{_NEXT})*)|\s*(?P<en>{_EN_SIZE})(?![가-힣]))?"
)
_WORDS = (
    r"(?<![가-힣\d])(?P<sino>(?:[일이삼사오육칠팔구]?[십백천])+[일이삼사오육칠팔구]?[만억조]?|[일이삼사오육칠팔구]?[만억조](?!점)|[일이삼사오육칠팔구](?=\s*(?:퍼센트|%|프로(?!그|젝))))"
    r"(?=\s*(?:원(?!가|인|칙)|퍼센트|%|프로(?!그|젝|모|세)|명|건(?!강)|점(?!포|유)|배|개(?!선|월)|회(?!의|사|원)))"
    rf"|(?<![가-힣])(?P<native>{'|'.join(NATIVE)})(?=\s*(?:배|명|건|곳|시간|개(?!월|선)|점(?!포|유)))(?!\s*(?:명|건)당)"
    rf"|\b(?P<english>{'|'.join(sorted(ENGLISH, key=len, reverse=True))})(?=[\s-]*(?:percent|%|per cent|points?|times|fold|hours?|minutes?|seconds?|days?|dollars|million|thousand))(?:\s+(?P<en2>million|thousand))?"
)
_UNITS: tuple[tuple[str, str, str | None, str], ...] = (
    # sort, unit, time unit, pattern
    (POINTS, "percent", None, r"%\s*p(?![a-z])|%\s*-?\s*p(?:oin)?ts?(?![a-z])|%\s*포인트|(?:퍼센트|프로)\s*포인트|p\.\s?p\.?|pp(?![a-z])|percentage[\s-]*points?|percent[\s-]*points?|pct\s*pts?|%\s*포(?![가-힣])"),
    (POINTS, "bps", None, r"bps?(?![a-z])|basis\s*points?"),
    (SHARE, "ppm", None, r"ppm(?![a-z])"),
    (SHARE, "percent", None, r"%|퍼센트|프로(?!그|젝|모|세|필|덕|듀)|per\s?cent(?![a-z])|pct(?![a-z])"),
    (SHARE, "tenth", None, r"할(?!인|당|수|일|증|부|머|아|매|로윈)"),
    (FACTOR, "ratio", None, r"배(?!송|달|너|포|당|치|정|경|분|출|제|움|수|우|열|려|관|기)|x(?![a-z0-9])|×|[\s-]*times(?![a-z])|[\s-]*fold(?![a-z])"),
    (QUANTITY, "KRW", None, r"원(?!가|인|천|칙|활|격|자재|장|료|본|룸|년)|won(?![a-z])|krw"),
    (QUANTITY, "USD", None, r"달러|dollars?(?![a-z])|usd|us\$"),
    (QUANTITY, "seconds", "시간", r"시간(?!대|당|제|외|표)"),
    (QUANTITY, "people", None, r"명(?!확|단|당|칭|절|예|품|함|의\s*고객\s*중)|인(?!당|기|원|건|상|하|력|이|데|쇄|재|식|지|수|증|터|용|천|사|스|던|\s)|사람(?!당)|people(?![a-z])|persons?(?![a-z])|개사|개\s*사(?![가-힣])"),
    (QUANTITY, "count", None, r"건(?!강|물|당|축|설|전|의당|수)|개(?!월|선|년|점|설|발|소|인|편|최|통|척|시|장|혁|별|정|당|입|업)|회(?!의|사|원|복|계|전|수|식|차|당|비)|번(?!째|호|역)|곳|대(?!비|기|응|상|로|면|표|출|처|행|폭|고객|별|손님|이상|\s*고객)|호점|개점|팀(?!장|원|별|의|이|당)|통(?!화|신|계|해|합|과)|판(?!매|단)|잔(?!존)|박스|세트"),
    (QUANTITY, "points", None, r"점(?!유|포|검|심|장|진|차|수|주|원|대\s*고객)|points?(?![a-z])|pts?(?![a-z])|포인트|stars?(?![a-z])|out\s+of\s+\d+"),
    (QUANTITY, "seconds", "초", r"초(?!기|과|반|급|안|등|보|중|순|봉|저|대|청|여름)|[\s-]*(?:seconds?|secs?)(?![a-z])|s(?![a-z0-9])"),
    (QUANTITY, "seconds", "분", r"분(?!기|의|야|석|류|량|위|할|배|리|양|쟁|명|실|납|포|산|당)|[\s-]*(?:minutes?|mins?)(?![a-z])"),
    (QUANTITY, "seconds", "h", r"[\s-]*(?:hours?|hrs?)(?![a-z])|h(?![a-z0-9])"),
    (QUANTITY, "seconds", "일", r"일(?!반|본|정|간|자|상|년|부|률|일|주|평균|차|별|매출|주문|방문)|[\s-]*days?(?![a-z])"),
    (QUANTITY, "seconds", "주", r"주(?!문|요|년|당|간|차|일|말|의|력|도|로|목|식|기|소|변|택|방)|[\s-]*weeks?(?![a-z])"),
)  # fmt: skip
UNITS = tuple((sort, unit, clock, re.compile(r"\s*(?:" + pattern + ")")) for sort, unit, clock, pattern in _UNITS)
NUMBER = re.compile(f"{_NUMBER}|{_WORDS}")
FRACTION = re.compile(
    r"(?P<half>절반|(?<![가-힣])반(?=\s*(?:으로|토막|감))|(?<![가-힣])반값|\b(?:in\s+)?half\b(?![\s-]*(?:of\s+(?:the\s+|this\s+|next\s+)?(?:year|20)|year|\d|a\s))|\bhalv(?:e|ed|es|ing)\b)"
    r"|(?P<of>\d)\s*분의\s*(?P<n>\d)|(?<![\d/])(?P<n2>[1-9])\s*/\s*(?P<of2>[2-9])(?=\s*(?:로|으로|수준|이하|만큼|of\b))"
    r"|\b(?P<word>doubl(?:e|es|ed|ing)|twice|twofold|two-fold|tripl(?:e|es|ed|ing)|threefold|three-fold|quadrupl(?:e|es|ed|ing)|fourfold|tenfold|ten-fold)\b"
    r"|(?P<fold>갑절|곱절)|\b(?:by\s+)?(?:a|one)\s+(?P<part>third|quarter|half|fifth)\b(?!\s+of\s+the\s+year)"
)
WORDS = {
    "doubl": 2,
    "twice": 2,
    "twofo": 2,
    "two-f": 2,
    "tripl": 3,
    "three": 3,
    "quadr": 4,
    "fourf": 4,
    "tenfo": 10,
    "ten-f": 10,
}
PARTS = {"third": Decimal(1) / 3, "quarter": Decimal("0.25"), "half": Decimal("0.5"), "fifth": Decimal("0.2")}
CLOCK = {"하루": 1, "이틀": 2, "사흘": 3, "나흘": 4, "닷새": 5, "일주일": 7, "열흘": 10, "보름": 15, "반나절": 0.5}
LENGTH = re.compile(rf"(?<![가-힣])(?P<clock>{'|'.join(CLOCK)})(?=\s*(?:이내|안|이하|미만|로|으로|내|단축|줄))")
ZERO = re.compile(r"(?<![가-힣a-z])(?:제로|영)(?=\s*(?:건|로|화|달성))|\bzero\b")
RANGE = re.compile(r"\s*(?:~|-|to|and|에서)\s*(?=\d)")


def amounts(text: str, taken: list[Span]) -> list[Amount]:
    """Every amount outside the spans already understood, left to right."""
    found = [one for one in _all(text) if not any(one.span.overlaps(span) for span in taken)]
    found.sort(key=lambda one: (one.span.start, -one.span.end))
    kept: list[Amount] = []
    for one in found:
        if kept and one.span.overlaps(kept[-1].span):
            continue
        if kept and (merged := _merged(text, kept[-1], one)):
            kept[-1] = merged
        else:
            kept.append(one)
    return kept


def _all(text: str) -> Iterator[Amount]:
    for match in FRACTION.finditer(text):
        yield Amount(
            Span(*match.span()),
            SHARE if match["part"] else FACTOR,
            _fraction(match),
            "percent" if match["part"] else "ratio",
        )
    for match in ZERO.finditer(text):
        yield Amount(Span(*match.span()), QUANTITY, Decimal(0))
    for match in LENGTH.finditer(text):
        yield Amount(Span(*match.span()), QUANTITY, Decimal(str(CLOCK[match["clock"]])) * 86400, "seconds")
    for match in NUMBER.finditer(text):
        value = _value(match)
        if value is None:
            continue
        sign = match["sign"] or ""
        yield _with_unit(text, match, value, 1 if "+" in sign or "▲" in sign else -1 if sign.strip() else 0)


def _fraction(match: re.Match[str]) -> Decimal:
    if match["half"]:
        return Decimal("0.5")
    if match["fold"]:
        return Decimal(2)
    if match["part"]:
        return PARTS[match["part"]]
    if match["word"]:
        return Decimal(WORDS[match["word"][:5]])
    count, of = (match["n"], match["of"]) if match["of"] else (match["n2"], match["of2"])
    return Decimal(count) / Decimal(of) if of != "0" else Decimal(0)


def _value(match: re.Match[str]) -> Decimal | None:
    if match["native"]:
        return Decimal(NATIVE[match["native"]])
    if match["english"]:
        return Decimal(ENGLISH[match["english"]]) * SIZES.get(match["en2"] or "", 1)
    if match["sino"]:
        return Decimal(_sino(match["sino"]))
    digits = _plain(match["digits"])
    if digits is None:
        return None
    if match["en"]:
        return digits * SIZES[match["en"]]
    if not match["sizes"]:
        return digits
    total = section = Decimal(0)
    for number, sizes in re.findall(rf"({_DIGITS})\s*({_SIZE}{{0,2}})", f"{digits}{match['sizes']}"):
        part = _plain(number)
        if part is None:
            return None
        for size in sizes:
            part = (section + part if size in "만억조" else part) * SIZES[size]
            if size in "만억조":
                total, section, part = total + part, Decimal(0), Decimal(0)
        section += part
    return total + section


def _plain(digits: str) -> Decimal | None:
    plain = digits.replace(",", "")
    return Decimal(plain) if len(plain) <= 18 and plain.isascii() else None


def _sino(word: str) -> int:
    """삼십오 is 35, 천만 is 10,000,000."""
    total = section = digit = 0
    for letter in word:
        if letter in SINO:
            digit = SINO[letter]
        elif letter in "십백천":
            section += (digit or 1) * SIZES[letter]
            digit = 0
        else:
            total += (section + digit or 1) * SIZES[letter]
            section = digit = 0
    return total + section + digit


def _with_unit(text: str, match: re.Match[str], value: Decimal, sign: int) -> Amount:
    end = match.end()
    money = (match["money"] or "").strip()
    for sort, unit, clock, pattern in UNITS:
        tail = pattern.match(text, end)
        if tail is None:
            continue
        span = Span(match.start(), tail.end())
        if unit == "bps":
            return Amount(span, POINTS, value / 10_000, "percent", sign)
        if unit == "ppm":
            return Amount(span, SHARE, value / 1_000_000, "percent", sign)
        if unit == "tenth":
            return Amount(span, SHARE, value / 10, "percent", sign)
        if unit == "percent":
            return Amount(span, sort, value / 100, unit, sign)
        if unit == "seconds":
            return Amount(span, sort, value * SECONDS["h" if clock == "시간" else clock or "초"], unit, sign)
        return Amount(span, sort, value, unit, sign)
    if money:
        return Amount(
            Span(match.start(), end),
            QUANTITY,
            value,
            "USD" if money in ("$", "usd") else "EUR" if money == "€" else "KRW",
            sign,
        )
    return Amount(Span(match.start(), end), QUANTITY, value, None, sign)


def _merged(text: str, left: Amount, right: Amount) -> Amount | None:
    """1분 30초 as one amount, 10~15% as a range by its first number."""
    between = text[left.span.end : right.span.start]
    span = Span(left.span.start, right.span.end)
    clock = left.unit == right.unit == "seconds" and between.strip() in ("", "and") and right.value < left.value
    if clock:
        return replace(left, span=span, value=left.value + right.value)
    if re.fullmatch(r"\s*[~\-]\s*", between) and (left.unit in (None, right.unit)) and left.other is None:
        same = (
            left if left.unit else replace(left, sort=right.sort, unit=right.unit, value=_as(left.value, text, right))
        )
        return replace(same, span=span, other=right.value)
    return None


def _as(value: Decimal, text: str, other: Amount) -> Decimal:
    """A bare number in the unit of the number it stands with: 10~15%, 15에서 8분으로."""
    digits = re.match(r"[-+]?\d[\d,]*(?:\.\d+)?", text[other.span.start : other.span.end])
    plain = _plain(digits[0].lstrip("-+")) if digits else None
    return value * other.value / plain if plain else value


def in_unit_of(amount: Amount, text: str, other: Amount) -> Amount:
    """A bare amount read in the unit of the one it goes with."""
    if amount.unit is not None or other.unit is None:
        return amount
    return replace(amount, sort=other.sort, unit=other.unit, value=_as(amount.value, text, other))
