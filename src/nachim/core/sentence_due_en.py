"""English phrases of time: within 3 months, by Q4, by the end of the year, by Dec 31, every quarter, over last year."""

# ruff: noqa: E501 (a pattern stays on its line)

from __future__ import annotations

import re
from datetime import date, timedelta

from nachim.core.period import Grain
from nachim.core.sentence_due import CADENCE, DUE, PAST, START, STRETCH, Days, Due, Rule, full_year, moved, span_of

NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "eighteen": 18, "twenty": 20, "twenty-four": 24, "thirty": 30, "sixty": 60,
    "ninety": 90, "hundred": 100, "a hundred": 100, "a couple of": 2, "half a": 0, "the": 1, "": 1,
}  # fmt: skip
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
WEEKDAY = r"(?P<weekday>mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)day"
COUNT = (
    r"(?P<n>\d{1,4}|half a|a hundred|a couple of|" + "|".join(w for w in NUMBERS if w and " " not in w) + r")?[\s-]*"
)
UNIT = r"(?P<u>calendar days|days?|weeks?|months?|quarters?|half[\s-]?years?|years?|hours?|minutes?)"
BY = r"(?:by|before|until|till|no later than|in|within|during|for|over|through|this|at|on|due|come|throughout)"
END = r"(?P<edge>(?:the\s+)?(?:very\s+)?(?:end|close|start|beginning|middle|mid)(?:[\s-]of)?\s+|year[\s-]end\s+|(?:early|late|mid)[\s-]+)?(?:of\s+)?(?:the\s+)?"
PERIOD = r"(?P<what>fiscal year|financial year|calendar year|year|quarter|month|week|half)"


def stretch(match: re.Match[str], days: Days) -> Due | None:
    unit, word = match["u"].replace(" ", "").replace("-", "").rstrip("s"), (match["n"] or "").strip()
    if unit in ("hour", "minute"):
        return None
    half = word == "half a"
    if unit == "quarter" and not word and "next" in match[0]:
        return None  # "in the next quarter" names the quarter.
    count = int(word) if word.isdigit() else NUMBERS[word]
    months = {"month": 1, "quarter": 3, "halfyear": 6, "year": 12}.get(unit, 0)
    ahead = {"day": 1, "calendarday": 1, "week": 7}.get(unit, 0)
    day = days.after(months // 2 if half else months * count, ahead * count)
    return Due(span_of(match), DUE if months else STRETCH, day, days.today)


def relative(match: re.Match[str], days: Days) -> Due | None:
    """this quarter, next year, by the end of the month."""
    which, what = match["which"] or "this", match["what"]
    ahead = 1 if which in ("next", "coming", "upcoming", "following") else 0
    if which in ("last", "previous", "prior", "past"):
        return Due(span_of(match), PAST)
    if what == "week":
        first, last = days.week(ahead)
    elif what in ("fiscal year", "financial year"):
        first, last = days.part(days.fiscal + ahead, 12, 1)
    elif what in ("year", "calendar year"):
        first, last = days.year(days.today.year + ahead)
    else:
        first, last = days.running({"month": 1, "quarter": 3, "half": 6}[what], ahead)
    return _edged(match, first, last)


def part(match: re.Match[str], days: Days) -> Due | None:
    """Q4, H1 2027, the second half of next year, FY26, 2027."""
    if match["year_first"]:
        year: int | None = full_year(re.sub(r"\D", "", match["year_first"]))
    elif match["year"]:
        word = match["year"]
        plus = 1 if word.startswith("next") else 0
        year = full_year(re.sub(r"\D", "", word)) if re.search(r"\d", word) else days.fiscal + plus
    else:
        year = None
    quarter = match["q"] or {"first": "1", "second": "2", "third": "3", "fourth": "4", "last": "4", "final": "4"}.get(
        match["nth"] or "")  # fmt: skip
    half = match["h"] or {"first": "1", "second": "2"}.get(match["nth_half"] or "")
    months, number = (3, int(quarter)) if quarter else (6, int(half or 1))
    first, last = days.coming(months, number) if year is None else days.part(year, months, number)
    return _edged(match, first, last)


def fiscal(match: re.Match[str], days: Days) -> Due | None:
    first, last = days.part(full_year(match["fy"]), 12, 1)
    return _edged(match, first, last)


def year(match: re.Match[str], days: Days) -> Due | None:
    return _edged(match, *days.year(int(match["y"])))


def year_end(match: re.Match[str], days: Days) -> Due | None:
    ahead = 1 if match["next"] else 0
    if match["what"] in ("eoq", "quarter"):
        first, last = days.running(3, ahead)
    elif match["what"] in ("eom", "month"):
        first, last = days.running(1, ahead)
    else:
        first, last = days.year(days.today.year + ahead)
    return Due(span_of(match), DUE, last, first)


def month(match: re.Match[str], days: Days) -> Due | None:
    """by March, by the end of June 2027, by Dec 31, by 31 December 2026."""
    number = MONTHS.index(match["month"][:3]) + 1
    written = match["y"]
    at = int(written) if written else days.coming_month(number)
    if match["year"]:
        at = days.today.year + (1 if match["year"].startswith("next") else 0)
    first, last = days.month(at, number)
    on = match["d"] or match["d2"]
    if on:
        last = last.replace(day=int(on))
        if not written and not match["year"] and last < days.today:
            last = last.replace(year=at + 1)
        return Due(
            span_of(match), START if match["by"].startswith(("from", "since", "start")) else DUE, last, days.today
        )
    return _edged(match, first, last)


def weekday(match: re.Match[str], days: Days) -> Due | None:
    name = match["weekday"][:3]
    at = ("mon", "tue", "wed", "thu", "fri", "sat", "sun").index(name)
    monday, _sunday = days.week(1 if match["which"] == "next" else 0)
    day = monday + timedelta(days=at)
    return Due(span_of(match), DUE, day if day >= days.today else day + timedelta(weeks=1), days.today)


def near(match: re.Match[str], days: Days) -> Due | None:
    return Due(span_of(match), DUE, days.after(days=0 if match["near"] == "today" else 1), days.today)


def again(match: re.Match[str], days: Days) -> Due | None:
    what = match["what"] or {"quarterly": "quarter", "monthly": "month", "weekly": "week"}[match["ly"]]
    grain = Grain(what)
    if what == "week":
        last = days.week()[1]
    elif what == "year":
        last = days.year(days.today.year)[1]
    else:
        last = days.running(3 if what == "quarter" else 1)[1]
    return Due(span_of(match), CADENCE, last, days.today, grain)


def behind(match: re.Match[str], days: Days) -> Due | None:
    return Due(span_of(match), PAST)


def _edged(match: re.Match[str], first: date, last: date) -> Due:
    edge, by = match["edge"] or "", match["by"] or ""
    if by.startswith(("from", "since", "starting")):
        return Due(span_of(match), START, first)
    if by.startswith(("than", "versus", "vs", "compared")) or (
        by.startswith("over") and match["edge"] is None and last < first
    ):
        return Due(span_of(match), PAST)
    if by.startswith("before") and not re.search("end|close", edge):
        return Due(span_of(match), DUE, first - timedelta(days=1))
    if re.search("start|beginning|early", edge):
        return Due(span_of(match), DUE, first if re.search("start|beg", edge) else first + (last - first) // 3, first)
    if re.search("mid", edge) and (last - first).days > 360:
        return Due(span_of(match), DUE, moved(first, 6) - timedelta(days=1), first)
    if re.search("mid", edge):
        return Due(span_of(match), DUE, first + (last - first) // 2, first)
    return Due(span_of(match), DUE, last, first)


def _rule(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


FROM = (
    r"(?P<by>(?:" + BY[3:-1] + r"|from|since|starting(?:\s+in|\s+from)?|than|versus|vs\.?|compared\s+(?:to|with))\s+)"
)
OF = r"(?:(?:\s+of|,|\s+in)?\s*(?P<year>(?:fy\s*'?)?20\d\d|fy\s*'?\d\d|'\d\d|(?:this|next|the)\s+(?:fiscal\s+|financial\s+)?year)(?!\d))?"
COMPARED = r"(?:compared\s+(?:to|with)|versus|vs\.?|than|over|from|against|relative\s+to|on)"
RULES: tuple[Rule, ...] = (
    (_rule(rf"\b(?:with)?in(?:side)?\s+(?:the\s+)?(?:next\s+|coming\s+|following\s+)?{COUNT}{UNIT}\b(?:\s+from\s+(?:now|today))?"), stretch),
    (_rule(rf"\b(?:over|during|for|in|throughout)\s+the\s+(?:next|coming|following)\s+{COUNT}(?P<u>days|weeks|months|quarters|years)\b"), stretch),
    (_rule(rf"\b(?:the\s+)?next\s+{COUNT}(?P<u>days|weeks|months|quarters|years)\b"), stretch),
    (_rule(r"\b(?:after|for|over)\s+(?P<n>\d{1,4}|two|three|four|five|six|nine|ten|twelve)\s+(?P<u>days|weeks|months|quarters|years)\b(?!\s+(?:in\s+a\s+row|running|old))"), stretch),
    (_rule(rf"\b{COUNT}(?P<u>days|weeks|months|quarters|years|day|week|month|year)\s+from\s+(?:now|today)\b"), stretch),
    (_rule(rf"\b{FROM}?{END}(?P<which>this|next|current|coming|upcoming|following|last|previous|prior|past)\s+{PERIOD}\b(?:'s\s+end)?"), relative),
    (_rule(rf"\b{FROM}(?P<edge>(?:the\s+)?(?:end|close)(?:\s+of)?\s+)(?:of\s+)?(?:the\s+|our\s+)?(?P<which>(?!))?{PERIOD}\b"), relative),
    (_rule(rf"\b(?P<by>)(?P<edge>(?:the\s+)?end\s+of\s+)(?:the\s+)?(?P<which>(?!))?{PERIOD}\b"), relative),
    (_rule(rf"\b{FROM}(?P<edge>(?!))?(?:the\s+)(?P<which>(?!))?{PERIOD}\b(?=\s*(?:ends|closes|is out|is over|end)\b)\s*(?:ends|closes|is out|is over|end)"), relative),
    (_rule(rf"\b{FROM}?{END}(?P<year_first>(?:fy\s*)?(?:20)?\d\d[\s-]*)?(?:q(?P<q>[1-4])|h(?P<h>[12])|(?:the\s+)?(?P<nth>first|second|third|fourth|last|final)\s+quarter|(?:the\s+)?(?P<nth_half>first|second)\s+half)\b{OF}"), part),
    (_rule(rf"\b{FROM}?{END}(?:fy|fiscal(?:\s+year)?|financial\s+year)\s*'?(?P<fy>20\d\d|\d\d)\b"), fiscal),
    (_rule(rf"\b{FROM}{END}(?P<y>20\d\d)\b(?![-/.]\d)"), year),
    (_rule(r"\b(?:by|before|until|at|for)?\s*(?:the\s+)?(?P<next>next\s+)?(?:(?P<what>year|quarter|month)(?:'s)?[\s-]end|(?P<e>eoy|eoq|eom))\b".replace("(?P<e>eoy|eoq|eom)", "(?:eoy)")), year_end),
    (_rule(r"\b(?:by|before|until|at)?\s*(?P<next>(?!))?(?P<what>eoq|eom)\b"), year_end),
    (_rule(rf"\b{FROM}(?:the\s+)?{END}(?:(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?{MONTH}(?![a-z])(?:\s+(?:the\s+)?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?![\d%]))?(?:(?:,|\s+of)?\s*(?:(?P<y>20\d\d)|(?P<year>(?:this|next)\s+year))\b)?"), month),
    (_rule(rf"\b(?:by|before|until|on)\s+(?P<which>next|this)?\s*{WEEKDAY}\b"), weekday),
    (_rule(r"\b(?:by|before|until)\s+(?P<near>today|tomorrow)\b"), near),
    (_rule(r"\b(?:every|each)\s+(?P<what>quarter|month|week|year)\b(?P<ly>(?!))?"), again),
    (_rule(r"\b(?P<what>quarter|month|week|year)\s+(?:over|on|after|by|to)\s+(?:quarter|month|week|year)\b"), behind),
    (_rule(rf"\b{COMPARED}\s+(?:the\s+)?(?:same\s+\w+\s+)?(?:of\s+|as\s+)?(?:last|previous|prior|past)\s+(?:year|quarter|month|week|half)\b(?:'s)?(?:\s+level)?"), behind),
    (_rule(rf"\b{COMPARED}\s+(?:fy\s*)?20\d\d\b(?!-)"), behind),
    (_rule(r"\b(?:last|past|previous)\s+(?:\d+\s+)?(?:years?|quarters?|months?|weeks?|days?)\b"), behind),
    (_rule(r"\b\d+\s+(?:consecutive|straight)\s+\w+|\b\d+\s+\w+\s+in\s+a\s+row"), behind),
)  # fmt: skip
