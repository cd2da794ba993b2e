"""What the app remembers of a table of the lake."""

from django.utils import timezone

from nachim.app.home import lake
from nachim.app.models import Table
from nachim.lake.mapping import Mapping, Role


def source_of(name: str, mapping: Mapping) -> dict:
    """The metric language's source that a mapping describes."""
    by_role = {role: [column.name for column in mapping.kept if column.role is role] for role in Role}
    source: dict = {"lake": name}
    if by_role[Role.KEY]:
        source["key"] = by_role[Role.KEY][0] if len(by_role[Role.KEY]) == 1 else by_role[Role.KEY]
    if mapping.time:
        source["time"] = mapping.time
    entities = {column.entity: column.name for column in mapping.kept if column.role is Role.ENTITY and column.entity}
    if entities:
        source["entities"] = entities
    if by_role[Role.DIMENSION]:
        source["dims"] = by_role[Role.DIMENSION]
    return source


def remember_table(name: str, mapping: Mapping | None = None) -> Table:
    """Bring the app's record of a lake table up to the lake; the lake is right where they differ."""
    stored = lake().table(name)
    table = Table.objects.filter(name=name).first() or Table(name=name)
    if mapping is not None:
        table.mapping = mapping.model_dump(mode="json")
        derived = source_of(name, mapping)
        kept = table.source or {}
        dims = list(dict.fromkeys([*kept.get("dims", []), *derived.get("dims", [])]))
        entities = kept.get("entities", {}) | derived.get("entities", {})
        more = {name: one for name, one in (("dims", dims), ("entities", entities)) if one}
        table.source = {**kept, **derived, **more}
    version = -1 if stored.version is None else stored.version
    table.rows, table.version, table.imported_at = stored.rows, version, timezone.now()
    time_column = table.source.get("time")
    extent = stored.extent(time_column) if time_column in stored.columns else None
    table.first_row_at, table.last_row_at = extent or (None, None)
    table.save()
    return table
