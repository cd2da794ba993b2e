"""check: a goal in one sentence, read and judged letter by letter."""

import json
from datetime import date

import click

from nachim.catalog.vocabulary import vocabulary
from nachim.cli.words import command, locale, option, padded, say, width, wrong
from nachim.core.sentence import read
from nachim.core.smart import LETTERS, check_all
from nachim.core.smart_rewrite import GRAINS, written

NAMES = {
    "specific": ("S 구체적", "S specific"), "measurable": ("M 잴 수 있음", "M measurable"),
    "achievable": ("A 이룰 만함", "A achievable"), "relevant": ("R 성과와 이어짐", "R relevant"),
    "time_bound": ("T 기한", "T time-bound"), "trackable": ("데이터로 추적", "trackable"),
    "impact": ("결과에 영향", "impact"),
}  # fmt: skip
MARKS = {
    "pass": ("✓", "통과", "pass", "green"),
    "fail": ("✗", "미흡", "fail", "red"),
    "unknown": ("?", "알 수 없음", "unknown", "yellow"),
}


@command("check", "목표 문장을 읽고 SMART 기준으로 하나씩 살핍니다.",
         "Read a goal in one sentence and judge it letter by letter.")  # fmt: skip
@click.argument("sentence", metavar="SENTENCE")
@option(
    "--today",
    metavar="DATE",
    ko="기준일 YYYY-MM-DD (기본: 오늘)",
    en="The day to count from, YYYY-MM-DD (default: today).",
)
@option("--json", "as_json", is_flag=True, ko="JSON으로 냅니다.", en="Print JSON.")
def check(sentence, today, as_json):
    try:
        day = date.fromisoformat(today) if today else date.today()
    except ValueError as error:
        raise wrong(
            f"--today {today}: 2026-11-24처럼 날짜를 적으세요.", f"--today {today}: give a date such as 2026-11-24."
        ) from error
    words = vocabulary()
    reading = read(sentence, day, words)
    found = check_all(reading, words, locale=locale())
    # The rewritten sentence speaks the sentence's own language, the reasons the reader's.
    rewrites = [one.rewrite for one in check_all(reading, words)]
    if as_json:
        kpis = [as_fields(one, new) for one, new in zip(found, rewrites, strict=True)]
        unread = [reading.text[span.start : span.end] for span in reading.unread]
        click.echo(json.dumps(kpis[0] | {"unread": unread, "kpis": kpis}, ensure_ascii=False, indent=2))
        return
    _underlined(reading)
    for one, new in zip(found, rewrites, strict=True):
        _told(one, new, words)


def as_fields(one, rewrite):
    """The fields of one KPI, as `--json` prints them."""
    stated = one.stated
    return {
        "metric": stated.metric,
        "direction": stated.direction,
        "kind": stated.kind,
        "value": int(stated.value) if stated.value is not None and stated.value == int(stated.value) else stated.value,
        "unit": stated.unit,
        "grain": stated.grain.value if stated.grain else None,
        "due": stated.due.isoformat() if stated.due else None,
        "checks": {
            letter: {"verdict": check.verdict, "reason": check.reason, "fix": check.fix}
            for letter, check in ((letter, one.checks[letter]) for letter in LETTERS)
        },
        "rewrite": rewrite,
    }


def _underlined(reading):
    """The sentence, with ~~~ under what was not understood."""
    click.echo(reading.text)
    if reading.unread:
        marks = [" "] * len(reading.text)
        for span in reading.unread:
            marks[span.start : span.end] = ["~"] * (span.end - span.start)
        click.echo("".join(mark * width(letter) for mark, letter in zip(marks, reading.text, strict=True)).rstrip())
        click.echo(say("물결 친 말은 이해하지 못했습니다.", "The words marked ~ were not understood."))


def _told(one, rewrite, words):
    korean = locale() == "ko"
    click.echo()
    click.echo(_in_short(one.stated, words))
    wide = max(width(ko if korean else en) for ko, en in NAMES.values())
    for letter in LETTERS:
        check = one.checks[letter]
        mark, ko, en, colour = MARKS[check.verdict]
        name = NAMES[letter][0 if korean else 1]
        verdict = click.style(f"{mark} {padded(ko if korean else en, 10)}", fg=colour)
        click.echo(f"  {padded(name, wide)}  {verdict}  {check.reason}")
        if check.fix and check.verdict != "pass":
            click.echo(f"  {' ' * wide}  {' ' * 12}  → {check.fix}")
    if rewrite:
        click.echo(say(f"고친 문장: {rewrite}", f"Rewritten: {rewrite}"))


def _in_short(stated, words):
    """What was read, in one line: 매출 (revenue) · ↑ 15% 변화 · 월 · 2027-02-24까지."""
    known = words.metrics.get(stated.metric or "")
    parts = [f"{known.label[locale()]} ({known.name})" if known else stated.subject or say("지표 없음", "no metric")]
    arrow = {"up": "↑", "down": "↓"}.get(stated.direction or "", "")
    if stated.value is None:
        parts.append(f"{arrow} {say('숫자 없음', 'no amount')}".strip())
    else:
        kinds = {"relative": ("변화", "change"), "absolute": ("변화", "change"), "level": ("수준", "level"),
                 "multiple": ("로", "of today")}  # fmt: skip
        shown = written(stated.value, stated.unit, locale())
        points = "p" if stated.kind == "absolute" and stated.unit == "percent" else ""
        space = "" if stated.kind == "multiple" and locale() == "ko" else " "
        parts.append(f"{arrow} {shown}{points}{space}{say(*kinds[stated.kind])}".strip())
    if stated.grain:
        parts.append(say(*GRAINS[stated.grain]))
    if stated.due:
        parts.append(say(f"{stated.due}까지", f"by {stated.due}"))
    return " · ".join(parts)
