"""What of the catalogue the company's own tables can carry as they are, and what the rest lacks."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from nachim.app import language
from nachim.app.actions.metrics import problems_of
from nachim.app.language import spoken
from nachim.app.models import EventRows, Metric, Table
from nachim.app.queries.data import columns
from nachim.catalog.entries import Entry, catalogue
from nachim.catalog.fit import Fit, fit
from nachim.catalog.match import Column
from nachim.catalog.vocabulary import vocabulary
from nachim.core.sentence_text import Text
from nachim.metrics.spec import SpecError


def fitted() -> Fit | None:
    """The catalogue fitted to the company's tables with rows; None while a definition of the company cannot be read."""
    try:
        model = language.model()
    except SpecError:
        return None
    known = {}
    for table in Table.objects.filter(rows__gt=0):
        said = {one["name"]: one for one in table.mapping.get("columns", []) if one.get("keep", True)}
        known[table.name] = {
            name: Column(kind, said.get(name, {}).get("role") or "none", said.get(name, {}).get("entity"))
            for name, kind in columns(table).items()
        }
    return fit(model, {name: known.get(name, {}) for name in model.sources})


def adoptable(found: Fit | None, key: str) -> dict[str, dict]:
    """What to add so that this KPI of the catalogue can be followed: `sources` to complete, `rows`, and `metrics`, its
    own last; each name → definition. What it is made of is the company's own where it has that under another name.

    Empty where it cannot be: it reads a table by another time than the company does, rows of these names are paired in
    another way here, or the whole would not be sound.
    """
    if found is None or key not in found.ready:
        return {}
    made = found.definition(key)
    if not _keepable(made, _tables(), _rows()):
        return {}
    made["metrics"] = _on_own(made["metrics"], key)
    below = {kind: made.get(kind, {}) for kind in ("sources", "rows")}
    return {} if problems_of(made["metrics"], below=below) else made


def _on_own(metrics: dict[str, dict], key: str) -> dict[str, dict]:
    own = {one: metric.name for one, metric in by_key().items() if one in metrics and one not in (key, metric.name)}
    return {name: _renamed(spec, own) for name, spec in metrics.items() if name not in own}


def _renamed(spec: dict, own: dict[str, str]) -> dict:
    """The metrics that a definition calls under their names here; its own parts keep theirs."""
    parts = spec.get("with", {})
    names = {old: new for old, new in own.items() if old not in parts}
    made = {**spec, "with": {name: _renamed(part, own) for name, part in parts.items()}} if parts else dict(spec)
    if "at" in made:
        made["at"] = names.get(made["at"], made["at"])
    if "calc" in made:
        made["calc"] = re.sub(r"[^\W\d]\w*", lambda word: names.get(word[0], word[0]), made["calc"])
    return made


def _keepable(made: dict, tables: set[str], rows: dict[str, dict]) -> bool:
    """Whether it asks for no other table, and pairs no events in another way than the company does."""
    same = all(rows.get(name, spec) == spec for name, spec in made.get("rows", {}).items())
    return same and tables >= set(made.get("sources", {}))


def _tables() -> set[str]:
    return set(Table.objects.values_list("name", flat=True))


def _rows() -> dict[str, dict]:
    return dict(EventRows.objects.values_list("name", "spec"))


@dataclass(frozen=True)
class Offer:
    """A KPI of the catalogue as this company stands to it: its own metric if it has one, else what is lacking."""

    entry: Entry
    metric: Metric | None = None
    lacking: str = ""
    notes: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return self.entry.label.of(spoken())

    @property
    def about(self) -> str:
        return self.entry.about.of(spoken())

    @property
    def formula(self) -> str:
        return self.entry.formula.of(spoken())

    @property
    def trap(self) -> str:
        return self.entry.trap.of(spoken())

    @property
    def vanity(self) -> str:
        return self.entry.vanity.why.of(spoken()) if self.entry.vanity else ""

    @property
    def state(self) -> str:
        """there, ready or lacking."""
        return "there" if self.metric else "lacking" if self.lacking else "ready"


def offers() -> list[Offer]:
    """Every KPI of the catalogue, in its order. That the whole is sound is looked at when one is added."""
    known, found, made = by_key(), fitted(), []
    tables, rows = _tables(), _rows()
    other = _("Your tables are described in another way than this KPI needs: a definition file can add it.")
    unread = _("A definition of the company cannot be read. Mend it, and what your tables carry is shown here.")
    for key, entry in catalogue().entries.items():
        if key in known:
            made.append(Offer(entry, known[key]))
        elif found is None:
            made.append(Offer(entry, lacking=unread))
        elif key in found.missing:
            made.append(Offer(entry, lacking=found.missing[key].of(spoken())))
        else:
            notes = tuple(note.of(spoken()) for note in found.ready[key].notes)
            keepable = _keepable(found.definition(key), tables, rows)
            made.append(Offer(entry, lacking="" if keepable else other, notes=notes))
    return made


def by_key() -> dict[str, Metric]:
    """The company's metrics by the key the catalogue has for them: by name, else by what their label says."""
    words = vocabulary()
    found: dict[str, Metric] = {}
    metrics = list(Metric.objects.all())
    for metric in metrics:
        if metric.name in words.metrics:
            found[metric.name] = metric
    for metric in metrics:
        for label in (metric.label_ko, metric.label_en):
            named = [one.name for one in words.find(Text.of(label)) if one.name] if label else []
            if len(named) == 1:
                found.setdefault(named[0], metric)
    return found
