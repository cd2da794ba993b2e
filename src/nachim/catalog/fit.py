"""Which KPIs of the catalogue a company's own tables can carry, written for its tables; and what the others lack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from nachim.catalog.entries import Catalogue, catalogue
from nachim.catalog.match import Column, Columns, Match, find
from nachim.catalog.tables import Table, Text
from nachim.core.korean import josa
from nachim.metrics.expression import parse
from nachim.metrics.spec import Model
from nachim.metrics.suggest import PLAIN

__all__ = ["Column", "Fit", "Fitted", "fit"]


@dataclass(frozen=True)
class Fitted:
    """A KPI that can be computed: its definition on the company's tables, and the metrics it needs beside it.

    `notes` say what the definition could not take into account.
    """

    name: str
    spec: dict[str, Any] = field(hash=False)
    needs: tuple[str, ...]
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Fit:
    """`ready` by name, `missing` by name with the sentence that says what is lacking.

    `definition(names)` is a file to apply: metrics, and the parts, rows and sources to add or to complete.
    """

    ready: dict[str, Fitted]
    missing: dict[str, Text]
    tables: dict[str, Match]
    _definition: Callable[[tuple[str, ...]], dict[str, Any]] = field(repr=False, compare=False)

    def definition(self, *names: str) -> dict[str, Any]:
        """Sources, rows and metrics of these KPIs (all that are ready when none are named)."""
        return self._definition(names or tuple(self.ready))


class Lacking(Exception):
    """What a metric cannot do without."""

    def __init__(self, said: Text):
        super().__init__(said.en)
        self.said = said


def fit(model: Model, columns: Mapping[str, Columns], *, known: Catalogue | None = None) -> Fit:
    """Fit the catalogue to a company: `columns` are those of each source of the model, by source name."""
    return Fitting(model, columns, known or catalogue()).result()


class Fitting:
    """One company's fit: its sources as standard tables, and metrics rewritten from those to these."""

    def __init__(self, model: Model, columns: Mapping[str, Columns], known: Catalogue):
        self.model, self.known = model, known
        self.matches: dict[str, Match] = {}
        for name, table in known.tables.items():
            twins = [one for one in known.tables.values() if one.stored == table.stored and one.name != name]
            found = find(table, twins, model.sources, columns)
            if found is not None:
                self.matches[name] = found
        self.types = {source: {name: one.type for name, one in of.items()} for source, of in columns.items()}
        self.notes: list[Text] = []

    def result(self) -> Fit:
        ready: dict[str, Fitted] = {}
        missing: dict[str, Text] = {}
        for name, entry in self.known.entries.items():
            self.notes = []
            try:
                below = self.known.below(name)
                for one in below:
                    made = self.metric(self.known.definition(one))
                for row in self.known.rows_of(below):
                    self.row(row)
            except Lacking as lacking:
                missing[name] = lacking.said
                continue
            ready[name] = Fitted(entry.name, made, tuple(below[:-1]), tuple(dict.fromkeys(self.notes)))
        return Fit(ready, missing, dict(self.matches), self.definition)

    def definition(self, names: tuple[str, ...]) -> dict[str, Any]:
        metrics = list(dict.fromkeys(one for name in names for one in self.known.below(name)))
        tables = list(dict.fromkeys(one for name in names for one in self.known.tables_of(name)))
        made = {
            "sources": {self.source(one): self.completed(one) for one in tables},
            "rows": {one: self.row(one) for one in self.known.rows_of(metrics)},
            "metrics": {one: self.metric(self.known.definition(one)) for one in metrics},
        }
        return {key: one for key, one in made.items() if one}

    # Sources

    def match(self, table: str) -> Match:
        if table not in self.matches:
            raise Lacking(_no_table(self.known.tables[table]))
        return self.matches[table]

    def column(self, table: str, column: str) -> str:
        """The company's name of a standard column."""
        found = self.match(table)
        if column in found.columns:
            return found.columns[column]
        raise Lacking(_no_column(found, column))

    def source(self, table: str) -> str:
        """The source of a standard table: the company's own, or another on the same rows by another time."""
        found = self.match(table)
        own = self.model.sources[found.source]
        time = self.known.tables[table].time
        if "." in time or own.time == self.column(table, time):
            return found.source
        return table if table not in self.model.sources else f"{table}_by_time"

    def completed(self, table: str) -> dict[str, Any]:
        """The source with the entities and joins that the KPIs need; what the company has said stays."""
        found, standard = self.match(table), self.known.tables[table]
        made = self.model.sources[found.source].model_dump(mode="json", by_alias=True, exclude_defaults=True)
        entities = {name: found.columns[one] for name, one in standard.entities.items() if one in found.columns}
        made["entities"] = entities | made.get("entities", {})
        if "." not in standard.time:
            made["time"] = self.column(table, standard.time)
        elif "time" not in made:
            joined, time = standard.time.split(".")
            made["time"] = f"{self.source(joined)}.{self.column(joined, time)}"
        for to, on in standard.joins.items():
            made.setdefault("joins", {}).setdefault(self.source(to), self.column(table, on))
        return {key: one for key, one in made.items() if one}

    # Rows

    def row(self, name: str) -> dict[str, Any]:
        """A sequence or cohort on the company's sources."""
        row = self.known.rows[name]
        if "sequence" in row:
            made = dict(row["sequence"])
            for end in ("start", "end"):
                self.entity(made[end], made["by"])
                made[end] = self.source(made[end])
            return {"sequence": made}
        made = dict(row["cohort"])
        table = made["activity"]
        self.entity(table, made["by"])
        made |= {"activity": self.source(table), "born": made["born"].replace(table, self.source(table))}
        if "value" in made:
            made["value"] = self.column(table, made["value"])
        return {"cohort": made}

    def entity(self, table: str, name: str) -> None:
        self.column(table, self.known.tables[table].entities[name])

    # Metrics

    def metric(self, definition: Mapping[str, Any]) -> dict[str, Any]:
        """A definition of the catalogue with the company's tables and columns in it."""
        made = dict(definition)
        if "with" in made:
            made["with"] = {name: self.metric(part) for name, part in made["with"].items()}
        if "agg" not in made:
            return made
        tree = parse(made["agg"])
        home = made.get("from") or next(iter(self._homes(tree)))
        made["agg"] = self.expression(tree, home)
        if "from" in made:
            made["from"] = self.source(made["from"]) if made["from"] in self.known.tables else made["from"]
        elif home in self.known.tables:
            made["from"] = self.source(home)
        where = self.condition(made.pop("where"), home) if "where" in made else None
        return made | ({"where": where} if where else {})

    def _homes(self, tree: exp.Expr) -> Iterator[str]:
        """The source or row that an agg without `from` reads."""
        for column in tree.find_all(exp.Column):
            word = column.table or column.name
            if word in self.known.tables or word in self.known.rows:
                yield word

    def base(self, home: str) -> str:
        """The standard table whose columns the rows of a source, sequence or cohort carry."""
        if home in self.known.tables:
            return home
        row = self.known.rows[home]
        return str(row["sequence"]["start"] if "sequence" in row else row["cohort"]["activity"])

    def condition(self, text: str, home: str) -> str | None:
        """The condition without the parts that only ask what a missing column would say, and have an answer for it."""
        tree = parse(text)
        kept = []
        for part in tree.flatten() if isinstance(tree, exp.And) else [tree]:
            unknown = [one for one in part.find_all(exp.Column) if not self._known(one, home)]
            if unknown and all(one.find_ancestor(exp.Coalesce) for one in unknown):
                table, column = self._standard(unknown[0], home)
                self.notes.append(_without(self.match(table), column))
            else:
                kept.append(self.expression(part, home))
        return " and ".join(f"({one})" if len(kept) > 1 else one for one in kept) or None

    def _standard(self, column: exp.Column, home: str) -> tuple[str, str]:
        table = column.table if column.table in self.known.tables else self.base(home)
        standard = self.known.tables[table]
        return table, standard.entities.get(column.name, column.name)

    def _known(self, column: exp.Column, home: str) -> bool:
        table, name = self._standard(column, home)
        return table not in self.matches or name in self.matches[table].columns

    def expression(self, tree: exp.Expr, home: str) -> str:
        def renamed(node: exp.Expr) -> exp.Expr:
            if not isinstance(node, exp.Column):
                return node
            if not node.table and node.name in {**self.known.tables, **self.known.rows}:
                return _name(self.source(node.name) if node.name in self.known.tables else node.name)
            table, name = self._standard(node, home)
            standard = self.known.tables[table]
            if name not in standard.columns:  # what a sequence or cohort itself adds: converted, lag, k
                return node
            own = self.column(table, name)
            if home in self.known.rows and node.name in standard.entities:
                return node
            prefix = self.source(table) if node.table else ""
            return _name(own if node.name not in standard.entities else node.name, prefix)

        return tree.transform(renamed).sql(dialect="duckdb")


def _name(column: str, table: str = "") -> exp.Column:
    def part(word: str) -> exp.Identifier:
        return exp.to_identifier(word, quoted=not PLAIN.fullmatch(word))

    return exp.column(part(column), table=part(table) if table else None)


def _quoted(column: str) -> str:
    return _name(column).sql(dialect="duckdb")


def _no_table(table: Table) -> Text:
    ko = josa(f"{table.label.ko} 표", "이/가")
    return Text(
        f"{ko} 없습니다. 그 표를 가져오면 계산할 수 있습니다.",
        f"There is no table of {table.label.en.lower()}. Import one and it can be computed.",
    )


def _no_column(found: Match, column: str) -> Text:
    label = found.table.column_label(column)
    if column in found.misfits:
        kinds = {"number": ("숫자", "a number"), "time": ("시각", "a time"), "bool": ("참/거짓", "true or false")}
        ko, en = kinds.get(found.table.columns[column].type, ("글자", "text"))
        own = found.misfits[column]
        return Text(
            f"‘{found.source}’ 표의 {josa(f'‘{own}’', '은/는')} {ko}여야 합니다. 가져오기에서 종류를 바꿔 주세요.",
            f"“{own}” of “{found.source}” must be {en}. Change its type in the import.",
        )
    return Text(
        f"‘{found.source}’ 표에 ‘{label.ko}’ 같은 열이 없습니다. 그 열을 더하면 계산할 수 있습니다.",
        f"“{found.source}” has no column for “{label.en}”. Add one and it can be computed.",
    )


def _without(found: Match, column: str) -> Text:
    label = found.table.column_label(column)
    return Text(
        f"‘{found.source}’ 표에 ‘{label.ko}’ 열이 없어 모든 행을 셉니다.",
        f"“{found.source}” has no column for “{label.en}”, so every row counts.",
    )
