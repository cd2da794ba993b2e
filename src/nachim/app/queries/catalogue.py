"""What of the catalogue the company's own tables can carry as they are, and what the rest lacks."""

from nachim.app import language
from nachim.app.actions.metrics import problems_of
from nachim.app.models import EventRows, Table
from nachim.app.queries.data import columns
from nachim.catalog.fit import Fit, fit
from nachim.catalog.match import Column
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
    own last; each name → definition.

    Empty where it cannot be: it reads a table by another time than the company does, rows of these names are paired in
    another way here, or the whole would not be sound.
    """
    if found is None or key not in found.ready:
        return {}
    made = found.definition(key)
    sources, rows = made.get("sources", {}), made.get("rows", {})
    if Table.objects.filter(name__in=sources).count() < len(sources):
        return {}
    if any(one.spec != rows[one.name] for one in EventRows.objects.filter(name__in=rows)):
        return {}
    return {} if problems_of(made["metrics"], below={"sources": sources, "rows": rows}) else made
