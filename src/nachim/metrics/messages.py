"""Every sentence the language says about a definition, in Korean and English."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from string import Formatter
from typing import Any

from nachim.core.korean import josa

TEXTS = {
    "yaml": ("YAML을 읽을 수 없습니다: {detail}", "This is not readable YAML: {detail}"),
    "not_a_mapping": ("이름과 값의 묶음이어야 합니다.", "A mapping of names to values is expected here."),
    "duplicate_key": ("“{name}” 항목이 두 번 나옵니다.", "“{name}” is given twice."),
    "unknown_key": ("“{name}” 항목은 없습니다. 쓸 수 있는 것: {expected}.",
                    "There is no “{name}” here. Expected: {expected}."),
    "bad_value": ("값이 맞지 않습니다: {detail}", "This value does not fit: {detail}"),
    "not_text": ("글자가 와야 합니다.", "Text is expected here."),
    "not_whole": ("정수가 와야 합니다: {name}", "A whole number is expected here: {name}"),
    "not_a_list": ("목록이 와야 합니다.", "A list is expected here."),
    "not_a_clock": ("“05:00”처럼 시각이 와야 합니다: {name}", "A time such as “05:00” is expected here: {name}"),
    "too_small": ("{ge} 이상이어야 합니다: {name}", "It must be at least {ge}: {name}"),
    "too_large": ("{le} 이하여야 합니다: {name}", "It must be at most {le}: {name}"),
    "not_one_of": ("“{name}” 값은 쓸 수 없습니다. 쓸 수 있는 것: {expected}.",
                   "“{name}” is not a choice here. Expected: {expected}."),
    "unknown_zone": ("“{name}” 시간대는 없습니다.", "There is no time zone “{name}”."),
    "too_deep": ("너무 깊거나 길어 읽을 수 없습니다. 여럿 가운데 하나는 in (…)으로 적으세요.",
                 "This is too deep or too long to read. Write one of many as in (…)."),
    "too_wide": ("지표가 지표를 거듭 불러 식이 너무 커집니다. 부르는 것을 줄이세요.",
                 "Metrics that call metrics over and over make this formula too large. Call fewer of them."),
    "too_tall": ("지표가 지표를 부르는 단계가 너무 많습니다. 단계를 줄이세요.",
                 "Metrics call metrics in too many steps. Use fewer."),
    "missing": ("“{name}” 항목이 필요합니다.", "“{name}” is missing."),
    "kind": (
        "지표에는 agg, calc, at, manual 가운데 하나만 있어야 합니다. 지금: {found}.",
        "A metric needs exactly one of agg, calc, at, manual. Found: {found}.",
    ),
    "not_yet": ("“{name}” 정의는 아직 계산할 수 없습니다.", "“{name}” cannot be computed yet."),
    "frame_of": (
        "“{name}” 항목은 at 지표에만 씁니다. 이 지표({kind})의 이름을 at에 적은 지표를 하나 더 만드세요.",
        "“{name}” belongs to a metric of kind at. Make another metric whose at names this one ({kind}).",
    ),
    "bad_period": ("기간을 읽을 수 없습니다: {detail}. 기간의 첫날을 적으세요.",
                   "This is not a period: {detail}. Write its first day."),
    "rows_kind": ("행 정의에는 sequence와 cohort 가운데 하나만 있어야 합니다.",
                  "Rows are made by exactly one of sequence and cohort."),
    "not_a_duration": ("“{name}”: ‘7 days’, ‘24 hours’, ‘1 month’처럼 길이를 적으세요.",
                       "“{name}”: write a length such as “7 days”, “24 hours” or “1 month”."),
    "not_a_shift": ("“{name}”: ‘-1 month’, ‘-1 year align weekday’, ‘-1 year align lunar’처럼 적으세요.",
                    "“{name}”: write it like “-1 month”, “-1 year align weekday” or “-1 year align lunar”."),
    "not_both": ("{one:와/과} {two:은/는} 함께 쓸 수 없습니다.", "“{one}” and “{two}” cannot stand together."),
    "over_what": ("over에는 eval: avg, max, min 가운데 하나가 필요합니다.", "“over” needs eval: avg, max or min."),
    "no_frame": ("at에는 shift, window, to_date, all, eval 가운데 하나가 필요합니다.",
                 "An at needs one of shift, window, to_date, all, eval."),
    "sequence_steps": ("sequence에는 start와 end, 또는 steps에 둘 이상의 표가 필요합니다.",
                       "A sequence needs start and end, or steps with two sources or more."),
    "unknown_entity": ("“{source}” 표에는 “{name}” 개체가 없습니다. 있는 것: {expected}. "
                       "entities에 개체와 그 열을 적으세요.",
                       "“{source}” has no entity “{name}”. It has: {expected}. Name it with its column in entities."),
    "entity_types": ("“{name}”의 열 종류가 달라 이을 수 없습니다: “{one}”({first}), “{two}”({second}).",
                     "“{name}” is of different types and cannot be followed: “{one}” ({first}), “{two}” ({second})."),
    "rows_of_rows": ("“{name}”: 행 정의에는 데이터 표의 이름만 씁니다.",
                     "“{name}”: rows are made from sources only, not from other rows."),
    "two_places": ("“{name}”의 표들이 서로 다른 연결에 있어 이을 수 없습니다: {found}.",
                   "The tables of “{name}” are on different connections and cannot be followed: {found}."),
    "value_needed": ("“{name}”에는 value가 없습니다. cohort에 value: 열 이름을 적으세요.",
                     "“{name}” has no value. Write value: a column in the cohort."),
    "per_needs": ("per에는 집계의 집계가 필요합니다. 예: avg(sum(orders.amount)).",
                  "per needs an aggregate of an aggregate, such as avg(sum(orders.amount))."),
    "frame_of_manual": ("“{name}”: 사람이 적는 지표인데 적은 값이 놓이는 “{source}” 소스가 없습니다. "
                        "열 day와 value가 있는 그 소스를 sources에 두세요.",
                        "“{name}” is written by hand, and there is no source “{source}” of what people wrote. "
                        "Name it under sources, with the columns day and value."),
    "mixed_condition": ("“{fragment}” 조건은 {dims:와/과} 다른 차원을 함께 써서 all에서 나눌 수 없습니다. "
                        "and로 나누어 적으세요.",
                        "“{fragment}” mixes {dims} with other dimensions, so “all” cannot leave it out. "
                        "Write it as two conditions joined by and."),
    "too_many_spans": ("기간이 너무 많습니다({spans:,}개, 최대 {most:,}개). 기간을 줄이거나 더 큰 단위로 보세요.",
                       "That is too many stretches of time ({spans:,} of at most {most:,}). "
                       "Ask for a shorter range or a coarser grain."),
    "stock_hours": ("over_time 지표의 {function:은/는} 하루 단위로만 셉니다. 창이나 이동을 하루의 배수로 적으세요.",
                    "“{function}” of an over_time metric is counted in whole days. "
                    "Write windows and shifts in whole days."),
    "syntax": ("“{text}” 식을 읽을 수 없습니다. 괄호와 따옴표의 짝, 빠진 값이 없는지 보세요.",
               "“{text}” cannot be read. Look for an unpaired bracket or quote, or a missing value."),
    "empty": ("식이 비어 있습니다.", "The expression is empty."),
    "not_a_metric": ("calc에는 지표 이름만 씁니다. {fragment:은/는} 열입니다: agg로 지표를 만들어 그 이름을 쓰세요.",
                     "A calc names metrics only, and “{fragment}” is a column: make an agg of it and name that."),
    "refused": ("식에서 “{fragment}” 부분은 쓸 수 없습니다. 쓸 수 있는 것: {expected}.",
                "“{fragment}” is not allowed in an expression. Allowed: {expected}."),
    "unknown_source": ("“{name}” 데이터 표는 없습니다.", "There is no source “{name}”."),
    "not_joined": ("“{source}” 표에는 “{name}” 표가 이어져 있지 않습니다. “{source}” 표의 joins에 적으세요.",
                   "“{source}” is not joined to “{name}”. Say how in the joins of “{source}”."),
    "unknown_table": ("“{name}” 표가 데이터에 아직 없습니다.", "The table “{name}” has no data yet."),
    "unknown_column": ("“{source}” 표에 “{name}” 열이 없습니다.", "“{source}” has no column “{name}”."),
    "unknown_metric": ("“{name}” 지표는 없습니다.", "There is no metric “{name}”."),
    "unknown_dim": ("“{metric}” 지표는 {name:으로/로} 나눌 수 없습니다. “{source}” 표의 차원: {expected}.",
                    "“{metric}” cannot be sliced by “{name}”. Dimensions of “{source}”: {expected}."),
    "ambiguous": ("{name:이/가} 어느 표의 것인지 알 수 없습니다. 표 이름을 앞에 적으세요: {expected}.",
                  "It is not clear whose “{name}” is meant. Put the table's name before it: {expected}."),
    "no_source": ("“{text}” 식이 어느 표를 읽는지 알 수 없습니다. from에 적으세요: {expected}.",
                  "It is not clear which source “{text}” reads. Say it in from: {expected}."),
    "types": ("“{fragment}”: {left:와/과} {right:은/는} 견줄 수 없습니다.",
              "“{fragment}” compares {left} with {right}."),
    "not_a_number": ("“{fragment}”: 숫자 열이 필요한데 {type}입니다.",
                     "“{fragment}” needs numbers, and this is {type}."),
    "not_a_condition": ("“{fragment}”: 참과 거짓을 가르는 조건이 필요합니다.", "“{fragment}” is not a condition."),
    "no_aggregate": ("agg에는 sum, count, count_distinct, avg, min, max, median 가운데 하나가 필요합니다: {text}",
                     "An agg needs one of sum, count, count_distinct, avg, min, max, median: {text}"),
    "bare_column": ("“{fragment}” 열이 집계 밖에 있습니다.", "“{fragment}” stands outside an aggregate."),
    "nested": ("“{fragment}”: 집계 안에 집계를 넣을 수 없습니다.", "“{fragment}” nests an aggregate in an aggregate."),
    "two_sources": ("한 agg는 한 표만 읽습니다. 지금: {found}. 나누어 만들고 calc로 합치세요.",
                    "One agg reads one source; found {found}. Make two metrics and join them by calc."),
    "cycle": ("서로를 정의하는 고리가 있습니다: {path}", "These define each other in a circle: {path}"),
    "no_time": ("“{source}” 표에 시각 열이 없어 기간으로 나눌 수 없습니다.",
                "“{source}” has no time column, so it has no periods."),
    "time_type": ("“{name}” 열은 시각이 아니라 {type}입니다.", "“{name}” is {type}, not a time."),
    "join_key": ("“{name}” 표에는 이을 키가 하나 필요합니다.", "“{name}” needs one key column to be joined by."),
    "duplicates": (
        "“{table}” 표의 “{key}”가 겹쳐 값이 부풀게 됩니다. 겹친 값: {values}. 겹친 행을 지우거나 다른 열로 이으세요.",
        "“{key}” is not unique in “{table}”, so the numbers would be inflated. "
        "Duplicates: {values}. Remove them or join by another column.",
    ),
    "not_a_moment": ("{fragment:은/는} 시각이 아닙니다. ‘2026-01-31’이나 ‘2026-01-31 09:00’처럼 적으세요.",
                     "{fragment} is not a time. Write it like '2026-01-31' or '2026-01-31 09:00'."),
    "mixed": ("“{fragment}”: {left:와/과} {right:이/가} 한자리에 섞여 있습니다.",
              "“{fragment}” mixes {left} with {right}."),
    "not_text_column": ("“{fragment}”: 글자 열이 필요한데 {type}입니다.",
                        "“{fragment}” needs text, and this is {type}."),
    "one_value": ("“{fragment}”: 집계에는 값이 하나만 들어갑니다.", "“{fragment}”: an aggregate takes one value."),
    "complete_rule": ("“{text}” 규칙을 읽을 수 없습니다. 쓸 수 있는 것: now, max(열), max(열) - 1 day.",
                      "The rule “{text}” cannot be read. Expected: now, max(column), max(column) - 1 day."),
    "join_types": ("“{left}”({one})와 “{right}”({two})는 종류가 달라 이을 수 없습니다.",
                   "“{left}” ({one}) and “{right}” ({two}) are of different types and cannot be joined."),
    "overflow": ("“{metric}”: 너무 크거나 숫자가 아닌 값이 있어 더할 수 없습니다{detail}. "
                 "그런 행을 where로 빼거나 자료를 고치세요.",
                 "“{metric}”: some values are too large or not numbers and cannot be summed{detail}. "
                 "Leave those rows out by where, or mend the data."),
    "unplaced": ("어디에 있는 표인지 하나만 적으세요: lake, 또는 connection과 table.",
                 "Say where the table is, once: lake, or connection and table."),
    "engine_cannot": ("{engine}에서는 {what:을/를} 정확히 계산할 수 없습니다. 표를 데이터로 가져와 계산하세요.",
                      "{engine} cannot compute “{what}” exactly. Import the table and compute it here."),
    "engine_failed": ("“{connection}” 연결({engine})이 질의에 실패했습니다: {detail}",
                      "The connection “{connection}” ({engine}) failed on the query: {detail}"),
    "engine_slow": ("“{connection}” 연결({engine})의 질의가 {seconds}초 안에 끝나지 않아 멈추었습니다. "
                    "기간을 줄여 보세요.",
                    "The query on “{connection}” ({engine}) was stopped after {seconds} seconds. "
                    "Ask for a shorter range."),
    "engine_away": ("“{connection}” 연결({engine})에 닿을 수 없습니다: {detail}. 주소와 비밀번호를 확인하세요.",
                    "The connection “{connection}” ({engine}) cannot be reached: {detail}. "
                    "Check its address and password."),
    "engine_driver": ("“{connection}” 연결에는 {package} 패키지가 필요합니다. 설치하세요: pip install {package}",
                      "The connection “{connection}” needs the package {package}. Install it: pip install {package}"),
    "engine_one_spark": ("“{connection}” 연결: 한 프로세스는 Spark 마스터 하나만 씁니다. "
                         "같은 마스터를 쓰거나 따로 물으세요.",
                         "The connection “{connection}”: one process uses one Spark master. "
                         "Use the same master, or ask apart."),
    "host_unlisted": ("“{connection}” 연결의 호스트 {host:은/는} 허용한 목록에 없습니다. "
                      "nachim을 켜는 사람이 NACHIM_CONNECTION_HOSTS에 더할 수 있습니다.",
                      "The host “{host}” of the connection “{connection}” is not on the list of allowed hosts. "
                      "Whoever runs nachim can add it to NACHIM_CONNECTION_HOSTS."),
    "host_private": ("“{connection}” 연결의 호스트 {host:은/는} 인터넷 밖의 주소입니다. "
                     "허용하려면 nachim을 켜는 사람이 NACHIM_CONNECTION_HOSTS에 적습니다.",
                     "The host “{host}” of the connection “{connection}” has an address outside the internet. "
                     "To allow it, whoever runs nachim puts it in NACHIM_CONNECTION_HOSTS."),
    "host_unresolved": ("“{connection}” 연결의 호스트 {host:을/를} 찾을 수 없습니다.",
                        "The host “{host}” of the connection “{connection}” cannot be found."),
    "host_unreadable": ("“{connection}” 연결의 호스트 {host:은/는} 호스트 이름이나 주소가 아닙니다.",
                        "The host “{host}” of the connection “{connection}” is not a host name or address."),
    "engine_secret": ("“{connection}” 연결의 비밀번호를 읽을 수 없습니다. "
                      "다시 넣으세요: nachim connect add {connection}",
                      "The password of the connection “{connection}” cannot be read. "
                      "Give it again: nachim connect add {connection}"),
    "engine_variable": ("“{connection}” 연결의 비밀번호가 있어야 할 환경 변수 {name:이/가} 비어 있습니다.",
                        "The environment variable {name}, which holds the password of the connection “{connection}”, "
                        "is empty."),
    "password_written": ("비밀번호는 파일에 적지 않습니다. ${{WAREHOUSE_PASSWORD}}처럼 환경 변수 이름을 적거나, "
                         "줄을 빼고 nachim connect add로 넣으세요.",
                         "A password never stands in a file. Name an environment variable, as ${{WAREHOUSE_PASSWORD}}, "
                         "or leave it out and give it by nachim connect add."),
    "unknown_connection": ("“{name}” 연결은 없습니다.", "There is no connection “{name}”."),
    "two_engines": ("{tables}: 서로 다른 연결의 표는 한 번에 이을 수 없습니다. "
                    "한 곳에 모으거나 지표를 나누어 calc로 합치세요.",
                    "{tables}: tables of different connections cannot be joined. Bring them to one place, "
                    "or make two metrics and combine them by calc."),
    "too_many_cells": ("칸이 너무 많습니다({cells:,}개, 최대 {most:,}개). 기간을 줄이거나 더 큰 단위로 보세요.",
                       "That is too many cells ({cells:,} of at most {most:,}). "
                       "Ask for a shorter range or a coarser grain."),
}  # fmt: skip

TYPES = {
    "text": ("글자", "text"), "number": ("숫자", "a number"), "integer": ("숫자", "a number"),
    "time": ("시각", "a time"),
    "bool": ("참/거짓", "true/false"), "null": ("빈 값", "nothing"),
}  # fmt: skip


TYPED = ("left", "right", "type", "one", "two", "first", "second")


class _Sentence(Formatter):
    """{name:은/는} is the name in quotes, or the bare word for a type, with the particle that fits it."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if "/" not in format_spec:
            return str(super().format_field(value, format_spec))
        word = str(value)
        bare = any(word == korean for korean, _english in TYPES.values())
        return josa(word if bare else f"“{word}”", format_spec)


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
        params = {
            key: TYPES[value][which] if key in TYPED and value in TYPES else value for key, value in self.params.items()
        }
        sentence = _Sentence().format(TEXTS[self.code][which], **params)
        if "at" in self.params:
            sentence += f" (at character {self.params['at']})" if which else f" ({self.params['at']}번째 글자)"
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


class EngineFailed(MetricError):
    """An engine elsewhere did not answer, or not in time; nothing is wrong with the definitions."""


NOTES = {
    "now": (
        "{table}: 스냅샷이 없는 연결이라 지금 있는 행을 읽었습니다.",
        "{table}: read as it is now; a connection keeps no snapshots that could be read again.",
    ),
    "complete": (
        "{source}: {through}까지의 자료가 온전한 것으로 봅니다({rule}).",
        "{source}: taken as complete through {through} ({rule}).",
    ),
    "sequence": (
        "{name}: {start} 하나하나에 대해, 같은 {entity}의 {end:이/가} 그 시각부터 {within} 안에 있는지 봅니다"
        "(창은 끝 시각을 넣지 않고, pick: {pick}). 비율은 {start:을/를} 세며 100%를 넘지 않습니다. "
        "창이 다 지나지 않은 기간은 “아직 여물지 않음”입니다.",
        "{name}: for each of {start}, whether {end} of the same {entity} followed within {within} of it "
        "(the window excludes its end, pick: {pick}). A share counts {start} and never exceeds 100 %; "
        "periods whose windows are still open are immature.",
    ),
    "cohort": (
        "{name}: {entity}마다 첫 사건이 있은 {period:을/를} k = 0으로 셉니다. "
        "아직 끝나지 않은 기간이 든 값은 “아직 여물지 않음”입니다.",
        "{name}: each {entity} counts the {period} of its first event as k = 0. "
        "Values with a period that is not over are immature.",
    ),
    "frame": (
        "{metric}: {frame}. 기간의 값은 {reading}.",
        "{metric}: {frame}. The value of a period is {reading}.",
    ),
    "timeless": ("{source}: 시각이 없는 표입니다.", "{source}: has no time."),
    "empty": ("{source}: 행이 없습니다.", "{source}: has no rows."),
    "undated": (
        "기간을 정하지 않은 전체에는 시각이 비어 있는 행도 들어갑니다.",
        "A total without a range counts rows without a time too.",
    ),
    "zero": (
        "온전한 기간에 행이 없으면 합계와 건수는 0, 평균은 자료 없음입니다.",
        "Where a source is complete and has no rows, sums and counts are 0 and averages have no data.",
    ),
    "days": (
        "하루는 {tz} {day_start}에, 한 주는 {week_start}에, 회계연도는 {fiscal_year_start}월에 시작합니다.",
        "Days begin at {day_start} in {tz}, weeks on {week_start}, fiscal years in month {fiscal_year_start}.",
    ),
    "manual": (
        "{metric}: 사람이 적는 지표인데 적은 값의 소스가 아직 없습니다.",
        "{metric}: written by hand, and there is no source of what people wrote yet.",
    ),
    "by_hand": (
        "{metric}: 사람이 {every}마다 적은 값입니다. 그보다 긴 기간은 {reading}이고, "
        "빠진 값이 있으면 아직 끝나지 않은 기간으로 봅니다.",
        "{metric}: written by hand, once a {every}. A longer period is {reading}, "
        "and counts as unfinished where a value is missing.",
    ),
}
WEEKDAYS = {"monday": "월요일", "tuesday": "화요일", "wednesday": "수요일", "thursday": "목요일", "friday": "금요일",
            "saturday": "토요일", "sunday": "일요일"}  # fmt: skip
READINGS = {
    "end": ("그 끝에서 본 것입니다", "the one as of its end"),
    "start": ("그 첫날에 본 것입니다", "the one as of its first day"),
    "avg": ("{over} 하루하루 값의 평균입니다", "the mean over the days{over}"),
    "max": ("{over} 하루하루 값 가운데 가장 큰 것입니다", "the highest of the days{over}"),
    "min": ("{over} 하루하루 값 가운데 가장 작은 것입니다", "the lowest of the days{over}"),
}
WRITTEN = {
    "last": ("그 마지막 값", "the last of them"),
    "sum": ("그 합", "their sum"),
    "avg": ("그 평균", "their mean"),
}
EVERY = {"day": "날", "week": "주", "month": "달", "quarter": "분기", "year": "해"}
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
        if self.code == "by_hand":
            params |= {"reading": WRITTEN[params["over_time"]][which],
                       "every": params["every"] if which else EVERY[params["every"]]}  # fmt: skip
        if self.code == "frame":
            params["reading"] = READINGS[params["eval"]][which].format(over=params["over"]).strip()
        return _Sentence().format(NOTES[self.code][which], **params)

    def __str__(self) -> str:
        return self.text()
