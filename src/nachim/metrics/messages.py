"""Every sentence the language says about a definition, in Korean and English."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

TEXTS = {
    "yaml": ("YAML을 읽을 수 없습니다: {detail}", "This is not readable YAML: {detail}"),
    "not_a_mapping": ("이름과 값의 묶음이어야 합니다.", "A mapping of names to values is expected here."),
    "duplicate_key": ("“{name}” 항목이 두 번 나옵니다.", "“{name}” is given twice."),
    "unknown_key": ("“{name}” 항목은 없습니다. 쓸 수 있는 것: {expected}.", "There is no “{name}” here. Expected: {expected}."),
    "bad_value": ("값이 맞지 않습니다: {detail}", "This value does not fit: {detail}"),
    "missing": ("“{name}” 항목이 필요합니다.", "“{name}” is missing."),
    "kind": (
        "지표에는 agg, calc, manual 가운데 하나만 있어야 합니다. 지금: {found}.",
        "A metric needs exactly one of agg, calc, manual. Found: {found}.",
    ),
    "not_yet": ("“{name}” 정의는 아직 계산할 수 없습니다.", "“{name}” cannot be computed yet."),
    "syntax": ("식을 읽을 수 없습니다: {text} ({detail})", "This expression cannot be read: {text} ({detail})"),
    "refused": ("식에서 “{fragment}” 부분은 쓸 수 없습니다. 쓸 수 있는 것: {expected}.",
                "“{fragment}” is not allowed in an expression. Allowed: {expected}."),
    "unknown_source": ("“{name}” 데이터 표는 없습니다.", "There is no source “{name}”."),
    "unknown_table": ("“{name}” 표가 데이터에 아직 없습니다.", "The table “{name}” has no data yet."),
    "unknown_column": ("“{source}” 표에 “{name}” 열이 없습니다.", "“{source}” has no column “{name}”."),
    "unknown_metric": ("“{name}” 지표는 없습니다.", "There is no metric “{name}”."),
    "unknown_dim": ("“{metric}” 지표는 “{name}”(으)로 나눌 수 없습니다. “{source}” 표의 차원: {expected}.",
                    "“{metric}” cannot be sliced by “{name}”. Dimensions of “{source}”: {expected}."),
    "ambiguous": ("“{name}” 이름이 여러 표에 있습니다. 표 이름을 앞에 적으세요: {expected}.",
                  "“{name}” is in several tables. Put the table's name before it: {expected}."),
    "types": ("“{fragment}”: {left}와 {right}는 견줄 수 없습니다.", "“{fragment}” compares {left} with {right}."),
    "not_a_number": ("“{fragment}”: 숫자 열이 필요한데 {type}입니다.", "“{fragment}” needs numbers, and this is {type}."),
    "not_a_condition": ("“{fragment}”: 참과 거짓을 가르는 조건이 필요합니다.", "“{fragment}” is not a condition."),
    "no_aggregate": ("agg에는 sum, count, count_distinct, avg, min, max, median 가운데 하나가 필요합니다: {text}",
                     "An agg needs one of sum, count, count_distinct, avg, min, max, median: {text}"),
    "bare_column": ("“{fragment}” 열이 집계 밖에 있습니다.", "“{fragment}” stands outside an aggregate."),
    "nested": ("“{fragment}”: 집계 안에 집계를 넣을 수 없습니다.", "“{fragment}” nests an aggregate in an aggregate."),
    "two_sources": ("한 agg는 한 표만 읽습니다. 지금: {found}. 나누어 만들고 calc로 합치세요.",
                    "One agg reads one source; found {found}. Make two metrics and join them by calc."),
    "cycle": ("서로를 정의하는 고리가 있습니다: {path}", "These define each other in a circle: {path}"),
    "no_time": ("“{source}” 표에 시각 열이 없어 기간으로 나눌 수 없습니다.", "“{source}” has no time column, so it has no periods."),
    "time_type": ("“{name}” 열은 시각이 아니라 {type}입니다.", "“{name}” is {type}, not a time."),
    "join_key": ("“{name}” 표에는 이을 키가 하나 필요합니다.", "“{name}” needs one key column to be joined by."),
    "duplicates": (
        "“{table}” 표의 “{key}”가 겹쳐 값이 부풀게 됩니다. 겹친 값: {values}. 겹친 행을 지우거나 다른 열로 이으세요.",
        "“{key}” is not unique in “{table}”, so the numbers would be inflated. Duplicates: {values}. Remove them or join by another column.",
    ),
    "overflow": ("“{metric}” 합계가 셀 수 있는 크기를 넘었습니다.", "The sum of “{metric}” is larger than can be counted."),
}  # fmt: skip

TYPES = {
    "text": ("글자", "text"), "number": ("숫자", "a number"), "integer": ("숫자", "a number"), "time": ("시각", "a time"),
    "bool": ("참/거짓", "true/false"), "null": ("빈 값", "nothing"),
}  # fmt: skip


@dataclass(frozen=True)
class Issue:
    """One thing wrong with a definition: what, where (path in the file and its line), and the nearest valid name."""

    code: str
    where: str = ""
    line: int | None = None
    file: str = ""
    params: dict[str, Any] = field(default_factory=dict, hash=False)
    nearest: str = ""

    def text(self, locale: str = "ko") -> str:
        which = 1 if locale == "en" else 0
        params = {key: TYPES[value][which] if value in TYPES and key in ("left", "right", "type") else value
                  for key, value in self.params.items()}  # fmt: skip
        sentence = TEXTS[self.code][which].format(**params)
        if self.nearest:
            sentence += f" Did you mean “{self.nearest}”?" if which else f" 혹시 “{self.nearest}”인가요?"
        place = ":".join(str(part) for part in (self.file, self.line) if part)
        head = " ".join(part for part in (place, self.where) if part)
        return f"{head}: {sentence}" if head else sentence

    def __str__(self) -> str:
        return self.text()


class MetricError(Exception):
    """A definition or a query that cannot be computed; `issues` says why, one sentence each."""

    def __init__(self, issues: list[Issue]):
        super().__init__("\n".join(str(issue) for issue in issues))
        self.issues = issues

    def text(self, locale: str = "ko") -> str:
        return "\n".join(issue.text(locale) for issue in self.issues)


class SpecError(MetricError):
    """The definitions themselves are wrong."""


class DuplicateKeys(MetricError):
    """A joined key is not unique in the data."""


def nearest(name: str, names: Any) -> str:
    """The closest of `names`, or an empty string."""
    lowered = {str(one).lower(): str(one) for one in names}
    found = get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    return lowered[found[0]] if found else ""


NOTES = {
    "complete": (
        "{source}: {through}까지의 자료가 온전한 것으로 봅니다({rule}).",
        "{source}: taken as complete through {through} ({rule}).",
    ),
    "timeless": ("{source}: 시각이 없는 표입니다.", "{source}: has no time."),
    "empty": ("{source}: 행이 없습니다.", "{source}: has no rows."),
    "zero": (
        "온전한 기간에 행이 없으면 합계와 건수는 0, 평균은 자료 없음입니다.",
        "Where a source is complete and has no rows, sums and counts are 0 and averages have no data.",
    ),
    "days": (
        "하루는 {tz} {day_start}에, 한 주는 {week_start}에, 회계연도는 {fiscal_year_start}월에 시작합니다.",
        "Days begin at {day_start} in {tz}, weeks on {week_start}, fiscal years in month {fiscal_year_start}.",
    ),
    "manual": ("{metric}: 손으로 적는 지표라 계산하지 않습니다.", "{metric}: written in by hand, not computed."),
}
WEEKDAYS = {"monday": "월요일", "tuesday": "화요일", "wednesday": "수요일", "thursday": "목요일", "friday": "금요일",
            "saturday": "토요일", "sunday": "일요일"}  # fmt: skip
DEFAULT_RULE = ("마지막 행이 있는 날의 끝까지, 기본 규칙", "the end of its last row's day, by default")


@dataclass(frozen=True)
class Note:
    """A choice the definition left open, as the lineage tells it."""

    code: str
    params: dict[str, Any] = field(default_factory=dict, hash=False)

    def text(self, locale: str = "ko") -> str:
        which = 1 if locale == "en" else 0
        params = dict(self.params)
        if self.code == "complete":
            params["rule"] = params["rule"] or DEFAULT_RULE[which]
        if self.code == "days" and not which:
            params["week_start"] = WEEKDAYS[params["week_start"]]
        return NOTES[self.code][which].format(**params)

    def __str__(self) -> str:
        return self.text()
