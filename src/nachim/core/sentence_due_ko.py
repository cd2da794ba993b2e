"""Korean phrases of time: 3개월 내, 이번 분기, 내년 상반기, 9월 말, 12/31, 분기마다, 전년 대비."""

# ruff: noqa: E501 (a pattern stays on its line)

from __future__ import annotations

import re
from datetime import date, timedelta

from nachim.core.period import Grain
from nachim.core.sentence_due import CADENCE, DUE, PAST, START, STRETCH, Days, Due, Rule, full_year, moved, span_of

NATIVE = {
    "한": 1, "두": 2, "세": 3, "석": 3, "서": 3, "네": 4, "넉": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8,
    "아홉": 9, "열두": 12, "열한": 11, "열": 10, "일": 1, "이": 2, "삼": 3, "사": 4, "오": 5, "육": 6, "십이": 12, "십": 10,
}  # fmt: skip
DAY_WORDS = {"하루": 1, "이틀": 2, "사흘": 3, "나흘": 4, "닷새": 5, "엿새": 6, "이레": 7, "여드레": 8, "아흐레": 9,
             "열흘": 10, "보름": 15, "일주일": 7, "한주": 7}  # fmt: skip
SPOKEN = {"일": "1", "이": "2", "삼": "3", "사": "4"}
WEEKDAYS = "월화수목금토일"
NUMBER = rf"(?P<n>\d{{1,4}}|(?<![가-힣])(?:{'|'.join(sorted(NATIVE, key=len, reverse=True))}))"
LENGTH = rf"(?:{NUMBER}\s*(?P<u>개\s*월|달|개\s*년|년|해|개\s*분기|(?<=[한두세네] )분기|(?<=[한두세네])분기|주일|주|일)(?!째|차|연속|당)(?P<half>\s*반)?|(?P<w>{'|'.join(DAY_WORDS)}|반\s*년))"
WITHIN = r"\s*(?:동안|간)?\s*(?:이내|안|내)(?:에|로|까지)?(?![가-힣]*률|내|년|려|리|외|부|용)"
REACHED = r"(?:\s*만에|\s*후(?:까지|에)?|\s*뒤(?:까지|에)?|\s*동안|\s*간(?!격)|(?<=개월)\s*까지|\s*에\s*걸쳐|\s*이면)"
BEHIND = r"(?:최근|지난|직전|과거|이전|처음|첫|매|약\s*지난)\s*"
AHEAD = r"(?:향후|앞으로|앞으로의|다음|이후|오는|지금부터|오늘부터)\s*"
COMPARED = r"\s*(?:의\s*)?(?:같은\s*(?:기간|달)|동\s*기간|동기|동월|동분기|실적|수준)?\s*(?:(?:과\s*|와\s*)?(?:대비|보다|에\s*비해|에\s*비하여|비)(?![률용교])|(?:의\s*)?(?=\d[\d.]*\s*배|두\s*배|세\s*배|절반))"
# 2025년 매출보다: the period is what the metric is compared with, not when.
THAN = r"(?=\s*(?!작년|지난|전년|전월|전분기|올해|이번|상반기|하반기)[가-힣]{1,8}보다|\s*(?:매출|실적)\s*대비)"
YEAR = (
    r"(?P<year>올\s*한\s*해|올해|올\s*(?=[상하]반기|[1-4]\s*분기|연말|년말)|금년도?|당해\s*(?:연도|년도)?|이번\s*(?:해|연도)|내년도?|명년|다음\s*해|차년도|"
    r"내후년|작년|지난해|지난\s*해|전년도?|재작년|(?<!\d)(?:20\d\d|'?\d\d)\s*년도?|(?<![\d.])20\d\d(?=\s*[상하]반기|\s*[1-4]\s*(?:분기|q)|\s*q[1-4])|"
    r"fy\s*'?(?:20)?\d\d(?:\s*(?:년도?|회계\s*연도))?|(?<!\d)(?:20)?\d\d\s*fy|(?P<fiscal>(?:이번|올해|다음|당|차기|내년)?\s*회계\s*(?:연도|년도)))"
)
PART = (
    r"(?:(?P<half>[상하])\s*반기|(?P<quarter>[1-4]|(?<![가-힣])[일이삼사](?=분기))\s*(?:/\s*4\s*)?분기|(?P<q>[1-4])\s*q(?![a-z])|q\s*(?P<q2>[1-4])(?!\d)|h\s*(?P<h>[12])(?!\d)|"
    r"(?P<month>1[0-2]|0?[1-9])\s*월(?!간|평균|별|급|요)(?:\s*(?P<day>[12]\d|3[01]|0?[1-9])\s*일(?!\s*(?:평균|일|간))|"
    r"\s*(?P<week>[1-5]|첫|둘|셋|넷|다섯|첫째|둘째|셋째|넷째|마지막)\s*(?:째\s*)?주(?:차)?)?)"
)
EDGE = r"(?:\s*(?P<edge>말일?|초순?|중순|상순|하순))?(?![가-힣]{0}기)"
TAIL = (
    r"(?:\s*(?P<before>이?전)(?:까지|에)|\s*(?P<start>부터|이후(?:부터)?|시작)|(?P<compared>"
    + COMPARED
    + r"|"
    + THAN
    + r")|"
    r"\s*(?:까지|안에|안으로|이내에?|내에?(?![가-힣])|동안|기간|중에?(?![가-힣])|에는?(?![가-힣])|기준))?"
)
THIS = r"(?P<which>이번|금번|지금|요번|이|금|당|다다음|다음|내|차|오는|지난|전|저번|직전)"


def stretch(match: re.Match[str], days: Days) -> Due | None:
    """A length of time counted from today."""
    before = match.string[: match.start()]
    if re.search(BEHIND + r"$", before):
        return Due(span_of(match), PAST)
    unit = re.sub(r"\s", "", match["u"] or "")
    if match["w"]:
        months, ahead = (6, 0) if match["w"].startswith("반") else (0, DAY_WORDS[match["w"]])
    else:
        count = NATIVE[match["n"]] if match["n"] in NATIVE else int(match["n"])
        if unit == "년" and count >= 20:
            return None  # 27년 안에 names the year.
        size = {"개월": 1, "달": 1, "년": 12, "개년": 12, "해": 12, "분기": 3, "개분기": 3, "반기": 6}.get(unit, 0)
        months, ahead = count * size, count * {"주": 7, "주일": 7, "일": 1}.get(unit, 0)
        if match["half"]:
            months, ahead = months + size // 2, ahead + (15 if size == 1 else 3 if size == 0 else 0)
    role = STRETCH if months == 0 and not match["ahead"] else DUE
    return Due(span_of(match), role, days.after(months, ahead), days.today)


def named(match: re.Match[str], days: Days) -> Due | None:
    """올해, 내년 상반기, 2026년 4분기, FY26, 9월 말, 12월 31일: a year, a part of one, or both."""
    year, fiscal, past = _year(match, days)
    first, last = _part(match, days, year, fiscal)
    if first is None or last is None:
        return None
    first, last = _edge(match["edge"], first, last, whole=not _has_part(match))
    return _tailed(match, first, last, past)


def this(match: re.Match[str], days: Days) -> Due | None:
    """이번 분기, 다음 달, 금주 금요일, 지난달: a period by its distance from today."""
    which, what = match["which"], re.sub(r"\s", "", match["what"])
    ahead = 2 if which == "다다음" else 1 if which in ("다음", "내", "차", "오는") else 0
    past = which in ("지난", "전", "저번", "직전")
    if which == "오는" and what != "주말":
        ahead = 0
    if what.startswith("주"):
        first, last = days.week(ahead)
        if match["weekday"]:
            last = first + timedelta(days=WEEKDAYS.index(match["weekday"]))
        return _tailed(match, first, last, past)
    months = {"달": 1, "월": 1, "분기": 3, "반기": 6}[what]
    first, last = days.running(months, ahead)
    if match["day"]:
        last = last.replace(day=int(match["day"]))
    first, last = _edge(match["edge"], first, last, whole=False)
    return _tailed(match, first, last, past)


def edge_of(match: re.Match[str], days: Days) -> Due | None:
    """연말, 월말, 분기 말, 연내: the end of the period that runs."""
    what = match["what"]
    if what in ("연", "년", "해"):
        first, last = days.year(days.today.year)
    else:
        first, last = days.running({"월": 1, "달": 1, "분기": 3, "반기": 6}[what])
    return _tailed(match, first, last, False)


def dated(match: re.Match[str], days: Days) -> Due | None:
    """2026-12-31, 26.12.31, 12/31까지, 2026.12: a date by its numbers."""
    year = full_year(match["y"]) if match["y"] else None
    month = int(match["m"])
    if match["d"] is None:
        first, last = days.month(year or days.coming_month(month), month)
        return _tailed(match, first, last, False)
    if year is None:
        day = date(days.today.year, month, int(match["d"]))
        day = day if day >= days.today else day.replace(year=days.today.year + 1)
    else:
        day = date(year, month, int(match["d"]))
    return _tailed(match, day, day, False, since=days.today)


def weekday(match: re.Match[str], days: Days) -> Due | None:
    """금요일까지: the next one to come."""
    ahead = (WEEKDAYS.index(match["weekday"]) - days.today.weekday()) % 7
    return Due(span_of(match), DUE, days.after(days=ahead), days.today)


def day_of_month(match: re.Match[str], days: Days) -> Due | None:
    """25일까지: this month's, or next month's when it has passed."""
    day = days.today.replace(day=int(match["day"]))
    return Due(span_of(match), DUE, day if day >= days.today else moved(day, 1), days.today)


def near(match: re.Match[str], days: Days) -> Due | None:
    """오늘, 내일, 모레."""
    day = days.after(days={"오늘": 0, "금일": 0, "내일": 1, "명일": 1, "모레": 2, "글피": 3}[match["near"]])
    return Due(span_of(match), DUE, day, days.today)


def again(match: re.Match[str], days: Days) -> Due | None:
    """분기마다, 매월: the end of the one that runs."""
    what = next(one for one in (match["every"], match["each"], match["by"]) if one)
    if what in ("주", "한 주", "한주"):
        return Due(span_of(match), CADENCE, days.week()[1], days.today, Grain.WEEK)
    if what in ("년", "해", "연"):
        return Due(span_of(match), CADENCE, days.year(days.today.year)[1], days.today, Grain.YEAR)
    if what == "분기":
        return Due(span_of(match), CADENCE, days.running(3)[1], days.today, Grain.QUARTER)
    if what == "반기":
        return Due(span_of(match), CADENCE, days.running(6)[1], days.today)
    return Due(span_of(match), CADENCE, days.running(1)[1], days.today, Grain.MONTH)


def behind(match: re.Match[str], days: Days) -> Due | None:
    """전년 대비, 작년 같은 기간보다: what it is compared with."""
    return Due(span_of(match), PAST)


def _year(match: re.Match[str], days: Days) -> tuple[int | None, bool, bool]:
    """The year named, whether it is a fiscal one, whether it has passed."""
    word = re.sub(r"\s", "", match["year"] or "")
    if not word:
        return None, False, False
    if match["fiscal"]:
        ahead = 1 if word.startswith(("다음", "차기", "내년")) else 0
        return days.fiscal + ahead, True, False
    if "fy" in word:
        return full_year(re.sub(r"\D", "", word)), True, False
    if word[0] in "'0123456789":
        return full_year(re.sub(r"\D", "", word)), False, False
    past = {"작년": 1, "지난해": 1, "전년": 1, "전년도": 1, "재작년": 2}
    if word in past:
        return days.today.year - past[word], False, True
    later = {"내년": 1, "내년도": 1, "명년": 1, "다음해": 1, "차년도": 1, "내후년": 2}
    return days.today.year + later.get(word, 0), False, False


def _has_part(match: re.Match[str]) -> bool:
    return any(match[name] for name in ("half", "quarter", "q", "q2", "h", "month"))


def _part(match: re.Match[str], days: Days, year: int | None, fiscal: bool) -> tuple[date | None, date | None]:
    """The first and last day named. A quarter or half of 올해 is one of the fiscal year that runs."""
    quarter = match["quarter"] or match["q"] or match["q2"]
    quarter = SPOKEN.get(quarter, quarter)
    half = {"상": 1, "하": 2, "1": 1, "2": 2}.get(match["half"] or match["h"] or "")
    if quarter or half:
        months, number = (3, int(quarter)) if quarter else (6, half or 1)
        if year is None:
            return days.coming(months, number)
        if not fiscal and (match["year"] or "")[:1] not in "'0123456789":
            year += days.fiscal - days.today.year
        return days.part(year, months, number)
    if match["month"]:
        month = int(match["month"])
        at = year or days.coming_month(month)
        first, last = days.month(at, month)
        if match["day"]:
            last = last.replace(day=int(match["day"]))
            if year is None and last < days.today:
                last = last.replace(year=at + 1)
        elif match["week"]:
            last = _week_of(first, match["week"])
            first = last - timedelta(days=6)
        return first, last
    if year is None:
        return None, None
    return days.part(year, 12, 1) if fiscal else days.year(year)


def _week_of(first: date, word: str) -> date:
    """The Sunday of a month's nth week; a week belongs to the month of its Thursday."""
    number = {"첫": 1, "첫째": 1, "둘": 2, "둘째": 2, "셋": 3, "셋째": 3, "넷": 4, "넷째": 4, "다섯": 5, "마지막": 0}
    at = number.get(word, 0) if not word.isdigit() else int(word)
    thursday = first + timedelta(days=(3 - first.weekday()) % 7)
    if at:
        return thursday + timedelta(weeks=at - 1, days=3)
    while (thursday + timedelta(weeks=1)).month == first.month:
        thursday += timedelta(weeks=1)
    return thursday + timedelta(days=3)


def _edge(edge: str | None, first: date, last: date, *, whole: bool) -> tuple[date, date]:
    """The end, the beginning (the first month of a year, ten days of a month) or the middle of a period."""
    if edge is None or edge in ("말", "말일", "하순"):
        return first, last
    if edge in ("초", "초순", "상순"):
        return first, moved(first, 1) - timedelta(days=1) if whole or (last - first).days > 31 else first.replace(
            day=10
        )
    return first, first.replace(day=20) if (last - first).days <= 31 else first + (last - first) // 2


def _tailed(match: re.Match[str], first: date, last: date, past: bool, since: date | None = None) -> Due | None:
    """What the words behind make of a period: before it, from it on, compared with it."""
    if past or match["compared"] is not None:
        return Due(span_of(match), PAST)
    if match["start"]:
        return Due(span_of(match), START, first)
    if match["before"] and first != last:
        return Due(span_of(match), DUE, first - timedelta(days=1))
    return Due(span_of(match), DUE, last, since or first)


def _rule(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


MONEY = r"(?!\s*(?:로|으로|수준|이하|배))"
RULES: tuple[Rule, ...] = (
    (_rule(rf"(?P<ahead>{AHEAD})?(?:약\s*)?{LENGTH}(?:{WITHIN}|{REACHED})"), stretch),
    (_rule(rf"(?P<ahead>{AHEAD}){LENGTH}"), stretch),
    (_rule(rf"{YEAR}(?:\s*(?:의|중)?\s*{PART})?\s*{EDGE}{TAIL}"), named),
    (_rule(rf"(?<![\d가-힣a-z.,/])(?P<year>(?P<fiscal>(?!))?){PART}{EDGE}{TAIL}"), named),
    (_rule(rf"(?<![가-힣]){THIS}\s*(?P<what>달|월|분기|반기)(?!간)(?:\s*(?P<day>[12]\d|3[01]|[1-9])\s*일)?{EDGE}(?P<weekday>(?!))?{TAIL}"), this),
    (_rule(rf"(?<![가-힣])(?P<which>이번|금번|이|금|차|다다음|다음|지난|전|오는)\s*(?P<what>주말?)(?!요|일|문)(?:\s*(?P<weekday>[{WEEKDAYS}])요일)?(?P<day>(?!))?(?P<edge>(?!))?{TAIL}"), this),
    (_rule(rf"(?P<what>연|년|해|월|분기|반기)\s*말(?:일)?(?![가-힣]*[^까지에는])?{TAIL}"), edge_of),
    (_rule(rf"(?<![가-힣\d])(?P<what>연|해|(?<!번 )(?<!음 )(?:분기|반기))\s*(?:내에?|안에|안으로|중에?|이내)(?![가-힣]){TAIL}"), edge_of),
    (_rule(rf"(?<![\d.])(?:(?P<y>20\d\d|'?\d\d)\s*[./\-]\s*)(?P<m>1[0-2]|0?[1-9])\s*[./\-]\s*(?P<d>3[01]|[12]\d|0?[1-9])(?![\d%])\.?{TAIL}"), dated),
    (_rule(rf"(?<![\d./\-])(?P<y>20\d\d)\s*[./\-]\s*(?P<m>1[0-2]|0?[1-9])(?P<d>(?!))?(?![\d./%\-])\s*{TAIL}"), dated),
    (_rule(rf"(?<![\d./\-,])(?P<y>(?!))?(?P<m>1[0-2]|0?[1-9])\s*/\s*(?P<d>3[01]|[12]\d|0?[1-9])(?![\d./%])(?!\s*(?:로|으로|수준|이하|배|로)){TAIL}"), dated),
    (_rule(rf"(?<![\d./\-,])(?P<y>(?!))?(?P<m>1[0-2]|0?[1-9])\.(?P<d>3[01]|[12]\d|0?[1-9])(?=\s*(?:까지|전까지|이전)){TAIL}"), dated),
    (_rule(r"(?<![\d월])(?<!월 )(?P<day>3[01]|[12]\d|[1-9])\s*일까지(?!\s*(?:로|단축|줄|낮))"), day_of_month),
    (_rule(rf"(?<![가-힣])(?P<weekday>[{WEEKDAYS}])요일까지"), weekday),
    (_rule(r"(?P<near>오늘|금일|내일|명일|모레|글피)(?:까지|\s*안에|\s*중)"), near),
    (_rule(r"(?P<every>분기|반기|월|달|주|년|해|연)\s*마다|(?<![가-힣])매\s*(?P<each>분기|반기|월|달|주|년|해)(?!출|간\s)(?:\s*말)?(?:까지)?|(?P<by>분기|반기|월|주|연)\s*별로"), again),
    (_rule(r"(?P<p>전년|전월|전분기|전주|전기|작년|지난해|전년도|전일|지난\s*(?:달|분기|주|반기)|작년\s*동기|현재|기존|평소|업계\s*평균|경쟁사|목표|직전\s*(?:분기|월|년))" + COMPARED), behind),
    (_rule(r"전년\s*(?:동기|동월)|전년비|전월비|전분기비|yoy|mom(?![a-z])|qoq"), behind),
    (_rule(rf"{BEHIND}{LENGTH}(?:간|동안)?(?:\s*평균)?(?:{COMPARED})?(?P<ahead>(?!))?"), behind),
    (_rule(r"\d+\s*개?\s*(?:분기|반기|주|달|년|회)\s*연속(?:으로)?"), behind),
    (_rule(rf"{LENGTH}\s*(?:연속|내내|이상|전보다|전\s*대비)(?P<ahead>(?!))?"), behind),
)  # fmt: skip
