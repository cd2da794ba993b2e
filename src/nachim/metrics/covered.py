"""The coverage of everything a metric reads, made rows too: those are known as far as their events are."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from nachim.metrics.bind import Binder
from nachim.metrics.coverage import Coverage, cover
from nachim.metrics.duration import duration
from nachim.metrics.messages import Note
from nachim.metrics.metric import SequenceRows


def covered(binder: Binder, name: str, as_of: datetime) -> tuple[Coverage, list[Note]]:
    """The coverage of a source or of made rows, and what lineage says of it."""
    engine, calendar = binder.engine, binder.calendar
    found, note = cover(binder.scope(name), engine, calendar, as_of)
    if name not in binder.model.rows:
        return found, [note]
    made, steps = binder.model.rows[name], binder.steps(name)
    others = [cover(scope, engine, calendar, as_of) for scope in steps.sources[1:]]
    ends = [one.through for one, _note in others]
    followed = None if None in ends else min((end for end in ends if end is not None), default=None)
    notes = [note, *(note for _cover, note in others)]
    if not isinstance(made, SequenceRows):
        cohort = made.cohort
        notes.append(Note("cohort", {"name": name, "entity": cohort.by, "period": cohort.period}))
        through = None if found.through is None or followed is None else min(found.through, followed)
        return replace(found, followed=through), notes
    sequence = made.sequence
    notes.append(
        Note(
            "sequence",
            {
                "name": name, "start": steps.sources[0].base, "end": steps.sources[-1].base, "entity": sequence.by,
                "within": sequence.within, "pick": sequence.pick,
            },
        )
    )  # fmt: skip
    return replace(found, within=duration(sequence.within), followed=followed), notes
