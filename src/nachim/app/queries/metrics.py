"""Metrics as the pages list them, and those a table suggests."""

from nachim.app.models import Metric, Table
from nachim.app.queries.data import columns
from nachim.metrics.suggest import Suggestion, suggest


def suggestions() -> list[tuple[Table, list[Suggestion]]]:
    """For each table with rows, the usual metrics that are not there yet."""
    taken = set(Metric.objects.values_list("name", flat=True))
    found = []
    for table in Table.objects.filter(rows__gt=0):
        if not table.source.get("time"):
            continue
        amounts = [column["name"] for column in table.mapping.get("columns", []) if column.get("role") == "amount"]
        some = suggest(table.name, table.source, columns(table), amounts, taken)
        if some:
            found.append((table, some))
    return found
