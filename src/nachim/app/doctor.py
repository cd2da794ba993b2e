"""Is everything sound? Home, database, lake, mart, connections, audit: what is wrong and what to do about it."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import DatabaseError, connection
from django.utils import timezone

from nachim.app import audit as trail
from nachim.app import policy
from nachim.app.actions.connections import try_connection
from nachim.app.actions.series import wanted
from nachim.app.database import place
from nachim.app.home import folder, home, lake
from nachim.app.models import AuditEntry, Connection, ImportRun, Observation, Schedule, Table
from nachim.app.present import workers
from nachim.lake.repair import Problem

LATE_SECONDS = 3600
CLOCK_SECONDS = 60
ROOM_BYTES, ROOM_SHARE = 500_000_000, 0.02
# Younger files may belong to an import that is under way.
YOUNG_SECONDS = 3600
OVER = (ImportRun.State.DONE, ImportRun.State.CANCELLED)
LAKE_PROBLEMS = {
    "unreadable": ("읽을 수 없습니다. 백업에서 되돌리세요", "cannot be read; restore it from a backup"),
    "missing_file": ("파일이 사라졌습니다. 백업에서 되돌리세요", "is gone; restore it from a backup"),
    "orphan_file": ("멈춘 가져오기가 남긴 파일입니다. nachim doctor --fix로 치웁니다",
                    "was left by a stopped import; nachim doctor --fix removes it"),
    "no_table": ("표가 되지 못한 폴더입니다. nachim doctor --fix로 치웁니다",
                 "never became a table; nachim doctor --fix removes it"),
    "leftover": ("멈춘 가져오기가 남겼습니다. nachim doctor --fix로 치웁니다",
                 "was left by a stopped import; nachim doctor --fix removes it"),
}  # fmt: skip


@dataclass(frozen=True)
class Check:
    ok: bool
    ko: str
    en: str

    def text(self, locale: str) -> str:
        return self.en if locale == "en" else self.ko


def checks(*, audit: bool = False, fix: bool = False) -> Iterator[Check]:
    """Every check in turn; `fix` first removes what stopped imports left behind."""
    yield _home()
    yield _disk()
    database = _database()
    yield database
    if not database.ok:
        return
    if fix:
        _fix()
    yield from _lake()
    yield from _leftovers()
    yield from _mart()
    yield from _connections()
    yield from _work()
    if audit:
        yield _audit()


def _home() -> Check:
    open_to = [
        path
        for path in (home(), home() / "secret.key", home() / "connections.key", home() / "app.db")
        if _is_open(path)
    ]
    if not open_to:
        return Check(True, f"{home()}: 소유자만 읽을 수 있습니다.", f"{home()} is readable by its owner alone.")
    names = " ".join(map(str, open_to))
    return Check(
        False,
        f"다른 사람도 읽을 수 있습니다. 닫으세요: chmod go= {names}",
        f"Open to others. Close it: chmod go= {names}",
    )


def _is_open(path: Path) -> bool:
    """Whether others reach a file: a closed home protects what is in it."""
    if not path.exists() or not path.stat().st_mode & 0o077:
        return False
    return path == home() or bool(home().stat().st_mode & 0o077)


def _disk() -> Check:
    room = shutil.disk_usage(home())
    free, share = room.free / 1e9, room.free / room.total
    ok = room.free >= ROOM_BYTES and share >= ROOM_SHARE
    korean, english = ("", "") if ok else (" 자리를 만드세요.", " Make room.")
    return Check(
        ok,
        f"{home()}: 디스크에 {free:,.1f} GB ({share:.0%}) 남았습니다.{korean}",
        f"{home()}: {free:,.1f} GB ({share:.0%}) left on the disk.{english}",
    )


def _database() -> Check:
    where, answer, ahead = place(connection.settings_dict), "ok", 0.0
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                answer = cursor.execute("PRAGMA quick_check").fetchone()[0]
            else:
                cursor.execute("SELECT clock_timestamp()")
                ahead = (cursor.fetchone()[0] - timezone.now()).total_seconds()
    except DatabaseError as error:
        answer = " ".join(str(error).split())
    if answer != "ok":
        return Check(False, f"{where}: 데이터베이스를 쓸 수 없습니다 ({answer}). 백업에서 되돌리세요.",
                     f"{where}: the database cannot be used ({answer}). Restore it from a backup.")  # fmt: skip
    if abs(ahead) > CLOCK_SECONDS:
        return Check(False, f"{where}: 데이터베이스의 시계가 {ahead:+.0f}초 다릅니다. 두 시계를 맞추세요.",
                     f"{where}: its clock differs by {ahead:+.0f} s. Set both clocks.")  # fmt: skip
    return Check(True, f"{where}: 데이터베이스가 온전합니다.", f"{where}: the database is sound.")


def _fix() -> None:
    lake().clean()
    for problem in _lake_problems():
        if problem.kind in ("orphan_file", "leftover") and problem.path.is_file():
            problem.path.unlink(missing_ok=True)
        elif problem.kind == "no_table":
            shutil.rmtree(problem.path, ignore_errors=True)
    for path in [*forgotten_uploads(), *_forgotten_quarantine()]:
        path.unlink(missing_ok=True)


def _lake_problems() -> list[Problem]:
    passing = ("orphan_file", "leftover", "no_table")
    return [problem for problem in lake().check() if problem.kind not in passing or _is_old(problem.path)]


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > YOUNG_SECONDS
    except FileNotFoundError:
        return False


def _lake() -> Iterator[Check]:
    problems = _lake_problems()
    names = set(lake().names())
    lost = [table.name for table in Table.objects.filter(version__gte=0) if table.name not in names]
    if not problems and not lost:
        yield Check(True, f"표 {len(names)}개가 온전합니다.", f"All {len(names)} tables are sound.")
    for problem in problems:
        yield _lake_check(problem)
    for name in lost:
        yield Check(False, f"“{name}” 표의 행이 사라졌습니다. 되돌리거나 다시 가져오세요.",
                    f"The rows of “{name}” are gone. Restore a backup or import the files again.")  # fmt: skip


def _lake_check(problem: Problem) -> Check:
    korean, english = LAKE_PROBLEMS[problem.kind]
    detail = f" ({problem.detail})" if problem.detail else ""
    return Check(False, f"{problem.path}: {korean}{detail}.", f"{problem.path} {english}{detail}.")


def forgotten_uploads() -> list[Path]:
    """Uploads no import will ask for: of those that are in or were given up, and of no import at all."""
    kept = set(ImportRun.objects.exclude(state__in=OVER).values_list("path", flat=True))
    return sorted(path for path in folder("uploads").iterdir() if path.name not in kept and _is_old(path))


def _forgotten_quarantine() -> list[Path]:
    """Half-written quarantine files; whole ones stay until somebody repairs the rows."""
    return sorted(path for path in folder("quarantine").iterdir() if path.suffix != ".csv" and _is_old(path))


def _leftovers() -> Iterator[Check]:
    over = set(ImportRun.objects.filter(state__in=OVER).values_list("path", flat=True))
    left = [*(path for path in forgotten_uploads() if path.name not in over), *_forgotten_quarantine()]
    if not left:
        yield Check(True, "남은 임시 파일이 없습니다.", "No leftovers among uploads and quarantine.")
        return
    yield Check(False, f"쓰지 않는 파일 {len(left)}개가 남았습니다. nachim doctor --fix로 치웁니다.",
                f"{len(left)} files that nobody uses; nachim doctor --fix removes them.")  # fmt: skip


def _mart() -> Iterator[Check]:
    troubled = [series for series in wanted() if series.problem]
    for series in troubled:
        name = series.metric.name
        yield Check(False, f"{name}: {series.problem.get('ko')}", f"{name}: {series.problem.get('en')}")
    if not troubled:
        count = Observation.objects.count()
        yield Check(
            True,
            f"측정값 {count:,}개, 계산하지 못한 지표가 없습니다.",
            f"{count:,} observations; every metric computes.",
        )


def _connections() -> Iterator[Check]:
    for one in Connection.objects.all():
        tried = try_connection(policy.SHELL, one)
        if tried.problem:
            yield Check(False, tried.problem["ko"], tried.problem["en"])
        else:
            title = one.get_engine_display()
            yield Check(
                True,
                f"“{one.name}” 연결({title})이 {tried.seconds:.1f}초 만에 답했습니다.",
                f"The connection “{one.name}” ({title}) answered in {tried.seconds:.1f} s.",
            )


def _work() -> Iterator[Check]:
    """Workers, and what they should have done by now. Nobody works where nothing is switched on: that is no fault."""
    there = len(workers())
    yield Check(True, f"작업자 {there}개가 돌고 있습니다." if there else "작업자가 없습니다. nachim up이 켭니다.",
                f"Workers running: {there}." if there else "No worker is running; nachim up starts one.")  # fmt: skip
    late = [one.name for one in Schedule.objects.all() if (timezone.now() - one.due).total_seconds() > LATE_SECONDS]
    if not late:
        yield Check(True, "밀린 정기 작업이 없습니다.", "No schedule is late.")
    elif there:
        yield Check(False, f"작업자가 있는데도 밀린 정기 작업: {', '.join(late)}. 긴 작업이 막고 있지 않은지 보세요.",
                    f"Late although a worker runs: {', '.join(late)}. See whether a long job holds it up.")  # fmt: skip
    else:
        yield Check(True, f"밀린 정기 작업: {', '.join(late)}. nachim up을 켜면 이어집니다.",
                    f"Late: {', '.join(late)}. They go on when nachim up runs.")  # fmt: skip


def _audit() -> Check:
    broken = trail.broken_link()
    if broken is None:
        count = AuditEntry.objects.count()
        return Check(
            True, f"감사 기록 {count:,}건의 사슬이 이어져 있습니다.", f"The chain of {count:,} audit entries is whole."
        )
    entry = broken.entry
    what = f"{entry.at:%Y-%m-%d %H:%M} {entry.actor_name} {entry.action} {entry.object_name}" if entry else ""
    korean, english = BREAKS[broken.how]
    return Check(False, korean.format(pk=broken.pk, what=what), english.format(pk=broken.pk, what=what))


BREAKS = {
    "altered": ("감사 기록 {pk}번({what})의 내용이 바뀌었습니다. 여기서 사슬이 끊깁니다. 백업과 견주세요.",
                "Audit entry {pk} ({what}) was altered: the chain breaks here. Compare it with a backup."),
    "missing": ("감사 기록 {pk}번({what}) 바로 앞의 기록이 사라졌거나 끼어들었습니다. 백업과 견주세요.",
                "Before audit entry {pk} ({what}) an entry was taken out or put in. Compare it with a backup."),
    "cut": ("감사 기록 {pk}번부터 최근 기록이 사라졌습니다. 백업과 견주세요.",
            "The newest audit entries, from {pk} on, are gone. Compare with a backup."),
}  # fmt: skip
