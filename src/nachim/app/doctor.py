"""Is everything sound? Home, database, lake, mart, audit trail: what is wrong and what to do."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from nachim.app import audit as trail
from nachim.app.actions.series import wanted
from nachim.app.home import folder, home, lake
from nachim.app.models import ImportRun, Observation, Table


@dataclass(frozen=True)
class Check:
    ok: bool
    ko: str
    en: str

    def text(self, locale: str) -> str:
        return self.en if locale == "en" else self.ko


def checks(*, audit: bool = False, fix: bool = False) -> Iterator[Check]:
    """Every check in turn; `fix` first removes what stopped imports left behind."""
    if fix:
        lake().clean()
        for path in _forgotten_uploads():
            path.unlink(missing_ok=True)
    yield _home()
    yield _database()
    yield from _lake()
    yield _uploads()
    yield from _mart()
    if audit:
        yield _audit()


def _home() -> Check:
    mode = home().stat().st_mode & 0o077
    return Check(mode == 0, f"{home()}: 소유자만 읽을 수 있습니다." if not mode else f"{home()}: 다른 사람도 읽을 수 있습니다. chmod 700으로 닫으세요.",
                 f"{home()} is readable by its owner alone." if not mode else f"{home()} is open to others; close it with chmod 700.")  # fmt: skip


def _database() -> Check:
    if connection.vendor != "sqlite":
        return Check(True, "데이터베이스에 이어져 있습니다.", "The database answers.")
    with connection.cursor() as cursor:
        answer = cursor.execute("PRAGMA quick_check").fetchone()[0]
    sound = answer == "ok"
    return Check(sound, "데이터베이스가 온전합니다." if sound else f"데이터베이스가 손상되었습니다: {answer}",
                 "The database is sound." if sound else f"The database is damaged: {answer}")  # fmt: skip


def _lake() -> Iterator[Check]:
    problems = lake().check()
    names = lake().names()
    if not problems:
        yield Check(True, f"표 {len(names)}개가 온전합니다.", f"All {len(names)} tables are sound.")
    for problem in problems:
        yield Check(False, problem.text("ko"), problem.text("en"))
    for table in Table.objects.filter(version__gte=0):
        stored = lake().table(table.name)
        if not stored.exists:
            yield Check(False, f"“{table.name}” 표의 행이 사라졌습니다.", f"The rows of “{table.name}” are gone.")


def _forgotten_uploads():
    kept = set(ImportRun.objects.exclude(state=ImportRun.State.CANCELLED).values_list("path", flat=True))
    return [path for path in folder("uploads").iterdir() if path.name not in kept]


def _uploads() -> Check:
    left = _forgotten_uploads()
    if not left:
        return Check(True, "남은 임시 파일이 없습니다.", "No leftovers among the uploads.")
    return Check(False, f"올리다 만 파일 {len(left)}개가 남았습니다. nachim doctor --fix로 지웁니다.",
                 f"{len(left)} uploads nobody uses; nachim doctor --fix removes them.")  # fmt: skip


def _mart() -> Iterator[Check]:
    troubled = [series for series in wanted() if series.problem]
    for series in troubled:
        yield Check(False, f"{series.metric.name}: {series.problem.get('ko')}", f"{series.metric.name}: {series.problem.get('en')}")
    if not troubled:
        count = Observation.objects.count()
        yield Check(True, f"측정값 {count:,}개, 계산하지 못한 지표가 없습니다.", f"{count:,} observations; every metric computes.")


def _audit() -> Check:
    broken = trail.broken_link()
    if broken is None:
        return Check(True, "감사 기록의 사슬이 이어져 있습니다.", "The audit chain is whole.")
    return Check(False, f"감사 기록 {broken.pk}번에서 사슬이 끊겼습니다.", f"The audit chain breaks at entry {broken.pk}.")
