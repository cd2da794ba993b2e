"""How a line of scoring_cases.yaml is asked, by the `check` of its group."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import yaml

from nachim.core.compare import vs_before, vs_pace, vs_target
from nachim.core.exact import exact, split_money
from nachim.core.grade import Band, GradeError, Grades, Scale, marks, relative
from nachim.core.rollup import Child, Measured, RollupError, check_weights, combine, reconcile, roll_up
from nachim.core.scoring import Done, Entry, ScoreRefused, propose, score
from nachim.core.status import Guard, Odds, Reading, Status, Verdict, judge
from nachim.core.status_change import Standing, settle
from nachim.core.target import TargetError, target_from_json
from nachim.core.workdays import Days, prorate

GROUPS = yaml.safe_load((Path(__file__).parent / "scoring_cases.yaml").read_text("utf-8"))
TARGET = (
    "kind", "method", "direction", "baseline", "level", "threshold", "stretch", "scores", "low", "high",
    "tolerance_low", "tolerance_high", "steps", "partial", "late", "by", "relative", "rate", "grace", "start", "due",
    "trajectory", "business_days", "total",
)  # fmt: skip
FORMULAS = ("ratio", "stratec", "infor", "progress")


def target_of(case, **more):
    spec = {name: case[name] for name in TARGET if name in case} | more
    return target_from_json({"start": "2026-01-01", "due": "2026-12-31"} | spec)


def published(name, direction, b, t, a):
    """What other products print, as a percentage; undef where they divide by zero, - where it does not apply."""
    up = direction == "up"
    if name == "progress":
        return "-" if b is None else (a - b) / (t - b) * 100
    if name == "ratio":
        top, bottom = (a, t) if up else (t, a)
        return top / bottom * 100 if bottom else "undef"
    if t == 0:
        met = a >= t if up else a <= t
        return (100 if met else 0) if name == "stratec" else (1 + a if up else 1 - a) * 100
    if name == "stratec":
        return (a / t if up else 2 - a / t) * 100
    return (1 + (a - t) / abs(t) if up else 1 - (a - t) / abs(t)) * 100


def formulas(case):
    t, a = exact(case["level"]), exact(case["actual"])
    b = exact(case["baseline"]) if "baseline" in case else None
    for name in FORMULAS:
        found = published(name, case["direction"], b, t, a)
        assert found == case[name] if isinstance(found, str) else round(float(found), 1) == case[name], name
    word, said = case["ours"].split()
    target = target_of(case)
    if word == "refused":
        assert propose(target).method == said
        return
    made = score(target, case["actual"])
    assert (made.method, made.displayed) == (word, Decimal(said))


def proposes(case):
    found = propose(target_of(case), money=case.get("money", False))
    assert (found.method, found.code) == (case["proposes"], case["because"])
    assert found.text("ko") != found.text("en")


def scores(case):
    try:
        target = target_of(case)
        if isinstance(case.get("actual"), list):
            actual = [Done(one["name"], one["on"], one.get("share", 1)) for one in case["actual"]]
        else:
            actual = case.get("actual")
        cap = {"cap": None if case["cap"] is None else exact(case["cap"]) / 100} if "cap" in case else {}
        made = score(target, actual, **cap)
    except TargetError as error:
        assert error.code == case["cannot"]
        assert error.text("ko") != error.text("en")
        return
    except ScoreRefused as refused:
        assert (refused.code, refused.alternative) == (case["refused"], case["use"])
        assert refused.text("ko") != refused.text("en")
        return
    assert "cannot" not in case and "refused" not in case, made
    if case.get("none"):
        assert made is None
        return
    assert made.displayed == Decimal(str(case["score"]))
    assert not made.displayed.is_signed() or made.displayed
    assert made.capped * 100 == exact(case["capped"]) if "capped" in case else made.capped <= made.raw
    assert case.get("flag") is None or case["flag"] in made.flags
    assert "raw" not in case or made.raw == Fraction(case["raw"])


def hits(case):
    today = date(2026, 7, 1)
    entries = []
    for value in case["periods"]:
        word = value if isinstance(value, str) else ""
        due = today + timedelta(days=10) if word == "later" else today - timedelta(days=3)
        given = None if word else value
        entries.append(Entry(given, due, *(("휴업", "대표") if word == "excused" else ("", ""))))
    target = target_of({name: one for name, one in case.items() if name != "due"}, kind="hit_rate")
    assert target.counted(tuple(entries), today) == (case["hit"], case["due"])
    made = score(target, entries, today=today)
    assert (made and made.displayed) == (None if case["score"] is None else Decimal(str(case["score"])))


def rolled(case):
    children = [
        Child(f"k{at}", weight, None if one is None else exact(one) / 100)
        for at, (weight, one) in enumerate(zip(case["weights"], case["scores"], strict=True))
    ]
    more = {"withhold_above": exact(case["limit"]) / 100} if "limit" in case else {}
    try:
        made = roll_up(children, **more)
    except RollupError as error:
        assert error.code == case["refused"]
        return
    assert made.score == (None if case["total"] is None else exact(case["total"]) / 100)
    assert made.missing * 100 == case.get("missing", 0)
    assert made.said.code == case.get("said", "complete")
    assert made.withheld or sum(share.used for share in made.shares) == 1


def weighed(case):
    wrong, doubts = check_weights([(f"k{at}", one) for at, one in enumerate(case["weights"])])
    assert ([one.code for one in wrong], [one.code for one in doubts]) == (case["wrong"], case["doubts"])


def combined(case):
    if case["rule"] == "reconcile":
        assert reconcile(case["parent"], case["values"]) == case["gives"]
        return
    if "parts" in case:
        children = [Measured(numerator=top, denominator=bottom) for top, bottom in case["parts"]]
    else:
        by = case.get("by") or [1] * len(case["values"])
        children = [Measured(value, weight=weight) for value, weight in zip(case["values"], by, strict=True)]
    try:
        made = combine(case["rule"], children, ratio=case.get("ratio", False))
    except RollupError as error:
        assert (error.code, error.alternative) == (case["refused"], case.get("use", ""))
        return
    if made is not None and "parts" in case:
        made *= 100
    assert (None if made is None else round(float(made), 6)) == case["gives"]


def changes(case):
    unit = case.get("unit", "count")
    if "level" in case:
        made = vs_target(case["now"], case["level"], unit)
    elif "expected" in case:
        made = vs_pace(case["now"], case["expected"], unit)
    else:
        made = vs_before(case["now"], case["before"], unit)
    assert made.text("ko") == case["change"]


def prorated(case):
    days = Days(frozenset(case.get("closed", ())))
    who = (case.get("joined"), case.get("left"))
    try:
        made = prorate(case["level"], case["first"], case["last"], *who, days, additive=case.get("additive", True))
    except ValueError:
        assert case.get("refused")
        return
    assert made == case["gives"]


def band(row):
    grade, low, high = row
    low_word, low_at = low.split() if low else ("이상", None)
    high_word, high_at = high.split() if high else ("미만", None)
    ends = [exact(one) if one else None for one in (low_at, high_at)]
    return Band(grade, *ends, low_word == "이상", high_word == "이하")


def graded(case):
    try:
        if "bands" in case:
            grades = Grades(tuple(band(row) for row in case["bands"]))
        else:
            grades = Grades.cut(
                [tuple(one) for one in case["cuts"]], case["lowest"], inclusive=case.get("inclusive", True)
            )
    except GradeError as error:
        assert error.code == case["cannot"]
        return
    assert grades.of(exact(case["share"]) / 100, decimals=case.get("decimals")) == case["grade"]


def pointed(case):
    if "rows" in case:
        assert marks(case["rows"], case.get("extra", 0)) == exact(case["gives"])
    else:
        scale = Scale.of(case["scale"], between=case.get("between", False))
        assert scale.at(exact(case["share"]) / 100) == exact(case["gives"])


def ranked(case):
    people = {f"p{at:02d}": one for at, one in enumerate(case["people"], 1)}
    try:
        made = relative(people, case["shares"], ties=case.get("ties", "higher"))
    except GradeError as error:
        assert error.code == case["cannot"]
        return
    assert list(made.seats.values()) == case["seats"]
    assert "".join(made.grades[name] for name in people) == case["grades"]
    assert list(made.calibrate) == case.get("calibrate", [])


def divided(case):
    try:
        made = split_money(case["total"], case["by"], case.get("unit", 1))
    except ValueError:
        assert case.get("refused")
        return
    assert made == (case["gives"], case["rest"])
    assert sum(made[0]) + made[1] == case["total"]


def paths(case):
    found = target_of(case).expected(case["on"], None, Days(frozenset(case.get("closed", ()))))
    assert round(found, 6) == case["expects"]


def judged(case):
    odds = case.get("odds")
    if odds is not None:
        odds = Odds(None, odds) if isinstance(odds, str) else Odds(odds / 100)
    guards = []
    if "guard" in case:
        bound = "max" if "max" in case["guard"] else "min"
        guards = [Guard("반품률", "count", bound, case["guard"][bound], case["guard"]["value"])]
    made = judge(
        None if case.get("untargeted") else target_of(case), actual=case.get("actual"), period_label="26.06",
        period_end=case.get("on", date(2026, 6, 30)), today=case.get("today", date(2026, 7, 2)), unit="count",
        guards=guards, data=case.get("data", "ok"), odds=odds, period_start=case.get("from"),
        days=Days(weekend=frozenset(), named={name: tuple(days) for name, days in case.get("named", {}).items()}),
    )  # fmt: skip
    assert made.status == case["status"], made
    assert made.code == case.get("code", made.code)
    assert case.get("says", "") in made.sentence("ko")
    assert made.sentence("en") != made.sentence("ko")


def settled(case):
    if case.get("met"):
        now = Verdict(Status.MET, "met", final=True)
    else:
        odds = case["odds"] / 100
        status = Status.ON_PACE if odds >= 0.7 else Status.AT_RISK if odds >= 0.3 else Status.BEHIND
        now = Verdict(status, "odds_even", reading=Reading("odds", odds, 0.7, 0.3))
    knocking = Status(case["knocking"]) if "knocking" in case else None
    before = Standing(Status(case["shown"]), knocking, int(knocking is not None)) if "shown" in case else None
    assert settle(before, now).status == case["shows"]


CHECKS = {
    "formulas": formulas, "propose": proposes, "score": scores, "hits": hits, "rollup": rolled, "weights": weighed,
    "combine": combined, "change": changes, "prorate": prorated, "grade": graded, "points": pointed,
    "relative": ranked, "split": divided, "path": paths, "status": judged, "settle": settled,
}  # fmt: skip
CASES = [(group["title"], group["check"], case) for group in GROUPS for case in group["cases"]]
