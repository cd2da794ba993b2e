"""Feeds files, formulas and sentences to what reads them, led by which lines each input reaches (atheris).

What falls, or answers with anything but a sentence, is kept with its input and told at the end; the search goes on.

    pip install atheris            # apart from the lock: it is for this alone
    python tests/fuzz.py sentence|formula|file [--minutes 20] [--keep DIR]
"""

# ruff: noqa: E402  (the readers are imported under atheris's eyes)

import argparse
import hashlib
import os
import shutil
import sys
import tempfile
import time
import traceback
from datetime import date
from pathlib import Path

import atheris

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT), str(ROOT / "tests" / "core")]

with atheris.instrument_imports(include=["nachim.core", "nachim.metrics", "nachim.lake"]):
    from nachim.catalog.vocabulary import vocabulary
    from nachim.core.period import Grain
    from nachim.core.sentence import read
    from nachim.lake import Lake, import_file, inspect
    from nachim.lake.errors import LakeError
    from nachim.metrics.messages import MetricError
    from nachim.metrics.run import Query, evaluate
    from nachim.metrics.spec import Model, SpecError

from sentence_case import cases

from tests.lake.test_importers_fuzz import WHOLE
from tests.metrics.company import SPEC, at
from tests.metrics.test_safety import ENGINE, assert_known, bound

VOCABULARY, TODAY, SLOW_SECONDS = vocabulary(), date(2026, 11, 24), 2.0
NAMES = sorted(WHOLE)
FORMULAS = (
    "status = 'paid' and amount > 10", "amount between 1 and 2", "channel in ('app', 'web')", "not (status is null)",
    "case when amount > 1 then 1 else 0 end", "coalesce(amount, 0) / nullif(amount, 0)", "lower(channel) like 'a%'",
    "sum(orders.amount) / count(orders)", "revenue / orders", "100 * (a - b)", "cast(amount as double)", "ordered_at",
)  # fmt: skip


def sentence(data: bytes) -> None:
    """Any text is answered soon, and what is pointed at lies in it."""
    reading = read(data.decode("utf-8", "replace"), TODAY, VOCABULARY)
    assert reading.kpis
    for span in (*reading.unread, *reading.vague, *(span for span, _what in reading.spans)):
        assert 0 <= span.start < span.end <= len(reading.text)


def formula(data: bytes) -> None:
    """Refused in a sentence of both languages, or known to its last node, or computed."""
    kind, text = data[:1], data[1:].decode("utf-8", "replace")
    try:
        if kind == b"w":
            found = bound(agg="count(orders)", where=text)
        elif kind == b"m":
            found = bound(**{"agg": f"sum({text})", "from": "orders"})
        elif kind == b"d":
            Model.load(text, file="x.yaml")
            return
        else:
            model = Model.load(SPEC).dump()
            model["metrics"]["it"] = {"calc": text}
            evaluate(Model.load(model), Query(("it",), Grain.ALL), ENGINE, as_of=at("2030-01-01"))
            return
    except (SpecError, MetricError) as error:
        assert error.issues and all(issue.text(locale) for issue in error.issues for locale in ("ko", "en"))
        return
    for measure in found.measures.values():
        for tree in (measure.where, measure.value):
            if tree is not None:
                assert_known(tree)


def file(data: bytes) -> None:
    """Refused in a sentence of both languages, or counted row by row."""
    name, path = NAMES[data[0] % len(NAMES)] if data else NAMES[0], None
    with tempfile.TemporaryDirectory(dir=PLACE) as folder:
        path = Path(folder) / name
        path.write_bytes(data[1:])
        lake = Lake(Path(folder) / "lake")
        try:
            mapping = inspect(path).mapping
            rejected = path.with_name("rejected.csv")
            done = import_file(lake, path, "orders", mapping, drift="accept", quarantine=rejected)
        except LakeError as error:
            assert error.text("ko") and error.text("en")
            return
        assert done.read == done.inserted + done.updated + done.unchanged + done.quarantined
        stored = lake.table("orders")
        assert (stored.rows if stored.exists else 0) == done.inserted


PLACE = tempfile.mkdtemp(prefix="nachim-fuzz-")
SEEDS = {
    sentence: [case.sentence.encode() for case in cases()],
    formula: [kind + text.encode() for text in FORMULAS for kind in (b"w", b"m", b"c")] + [b"d" + str(SPEC).encode()],
    file: [bytes([at]) + WHOLE[name] for at, name in enumerate(NAMES)],
}


class Search:
    """Runs one reader on input after input and keeps the first input of each kind of fall."""

    def __init__(self, reader, keep: Path):
        self.reader, self.keep, self.found, self.tried, self.slowest = reader, keep, {}, 0, 0.0

    def __call__(self, data: bytes) -> None:
        self.tried += 1
        began = time.process_time()
        try:
            self.reader(data)
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            self.note(data, f"{type(error).__name__} at {Path(where.filename).name}:{where.lineno}: {error}"[:300])
        took = time.process_time() - began
        if took > self.slowest:
            self.slowest = took
            if took > SLOW_SECONDS:
                self.note(data, f"{took:.1f} s of processor time", "slow")

    def note(self, data: bytes, what: str, kind: str = "") -> None:
        kind = kind or what.split(": ")[0]
        if kind in self.found:
            return
        name = f"{self.reader.__name__}-{hashlib.sha256(data).hexdigest()[:12]}"
        (self.keep / name).write_bytes(data)
        self.found[kind] = f"{name}: {what}"
        print(f"found {self.found[kind]}", flush=True)

    def report(self, minutes: float) -> None:
        name, took, kinds = self.reader.__name__, f"slowest {self.slowest:.2f} s", len(self.found)
        print(f"{name}: {self.tried:,} inputs in {minutes:g} minutes of processor time, {took}, {kinds} kinds of fall")


def main() -> None:
    readers = {reader.__name__: reader for reader in SEEDS}
    arguments = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    arguments.add_argument("reader", choices=readers)
    arguments.add_argument("--minutes", type=float, default=20, help="of processor time")
    arguments.add_argument("--keep", type=Path, default=Path("fuzz-found"), help="where inputs that fell are kept")
    given = arguments.parse_args()
    given.keep.mkdir(parents=True, exist_ok=True)
    reader = readers[given.reader]
    seeds = Path(PLACE) / "seeds"
    seeds.mkdir()
    for number, seed in enumerate(SEEDS[reader]):
        (seeds / str(number)).write_bytes(seed)
    search, end = Search(reader, given.keep), time.process_time() + given.minutes * 60

    def one(data: bytes) -> None:
        if time.process_time() > end:
            search.report(given.minutes)
            shutil.rmtree(PLACE, ignore_errors=True)
            sys.stdout.flush()
            os._exit(1 if search.found else 0)
        search(data)

    longest = 400 if reader is not file else 20_000
    atheris.Setup([sys.argv[0], f"-max_len={longest}", "-timeout=60", "-rss_limit_mb=4000", "-verbosity=0",
                   str(seeds)], one)  # fmt: skip
    atheris.Fuzz()


if __name__ == "__main__":
    main()
