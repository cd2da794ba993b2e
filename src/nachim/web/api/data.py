"""Tables, files on their way into them, and connections to tables elsewhere."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404
from django.utils.translation import gettext as _
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from nachim.app.actions import connections, tables
from nachim.app.actions.new_table import describe_table
from nachim.app.home import folder
from nachim.app.models import Connection, ImportRun, Table
from nachim.app.queries import data as queries
from nachim.app.work import later
from nachim.lake.mapping import Mapping
from nachim.web.api.door import operation
from nachim.web.api.fields import Given, Id, Name, Short
from nachim.web.api.found import Behind, email_of, thing
from nachim.web.api.kpis import REFRESH
from nachim.web.api.paging import Page, PagingQuery, page
from nachim.web.api.problem import Refusal

router = Router(tags=["data"])
op = partial(operation, router)
RUNS = Behind(ImportRun.objects.select_related("user"))
TABLES = Behind(Table.objects.all())
CONNECTIONS = Behind(Connection.objects.all())
CSV = {"200": {"description": "The rows", "content": {"text/csv": {"schema": {"type": "string"}}}}}
Role = Literal["key", "time", "entity", "amount", "dimension", "text", "none"]
ColumnType = Literal["text", "integer", "number", "boolean", "time"]


class TableOut(Schema):
    name: str
    label: str
    source: dict[str, Any]
    rows: int
    version: int
    first_row_at: datetime | None
    last_row_at: datetime | None
    imported_at: datetime | None
    expected_every_days: int


class ColumnOut(Schema):
    name: str
    type: str
    role: str


class TablePage(TableOut):
    columns: list[ColumnOut]
    metrics: list[str]
    freshness: str


class ColumnIn(Given):
    name: Name
    type: ColumnType = "text"
    role: Role = "none"
    entity: Name | None = None


class TableIn(Given):
    name: Name
    label: Short = ""
    columns: Annotated[list[ColumnIn], Field(min_length=1, max_length=200)]


class TableChange(Given):
    """`source` as in a definition file: key, time, entities, dims, joins."""

    label: Short = ""
    source: dict[str, Any] = {}
    expected_every_days: Annotated[int, Field(ge=1, le=366)] = 1


@op("get", "/tables", "data.view", response=Page[TableOut])
def list_tables(request, paging: PagingQuery):
    return page(TABLES.of(request), paging)


@op("post", "/tables", "data.edit", response={201: TableOut})
def make_table(request, given: TableIn):
    """A table before its first row, so that events can come; one column has the role `key`."""
    made = describe_table(request.user, name=given.name, label=given.label,
                          columns=[column.model_dump() for column in given.columns])  # fmt: skip
    return Status(201, made)


@op("get", "/tables/{name}", "data.view", response=TablePage)
def get_table(request, name: Name):
    return _table(thing(request, TABLES, name=name))


@op("patch", "/tables/{name}", "data.edit", response=TablePage)
def change_table(request, name: Name, given: TableChange):
    """What the table means to metrics; refused with the engine's sentences where they could not be computed."""
    table = thing(request, TABLES, name=name)
    fields = {"label": table.label, "source": table.source, "expected_every_days": table.expected_every_days}
    if {"lake", "connection", "table"} & set(given.source):
        raise ValidationError({"source": _("Where its rows lie stays as it is.")})
    kept = {key: value for key, value in table.source.items() if key in ("lake", "connection", "table")}
    asked = given.named | ({"source": kept | given.source} if "source" in given.model_fields_set else {})
    saved = tables.edit_table(request.user, table, check=True, **(fields | asked))
    later(REFRESH)
    return _table(saved)


def _table(table: Table) -> dict:
    columns = [dict(zip(("name", "type", "role"), row, strict=True)) for row in queries.column_rows(table)]
    return {
        **TableOut.from_orm(table).dict(), "columns": columns, "freshness": queries.fresh(table).state,
        "metrics": [metric.name for metric in queries.metrics_on(table)],
    }  # fmt: skip


class RunOut(Schema):
    id: int
    table: str
    filename: str
    state: Literal["staged", "queued", "running", "done", "failed", "cancelled"]
    read: int
    inserted: int
    updated: int
    unchanged: int
    quarantined: int
    already: bool
    message: dict[str, str]
    drift: list[dict[str, str]]
    user: str | None
    created_at: datetime
    finished_at: datetime | None

    @staticmethod
    def resolve_table(run):
        return run.table_name

    @staticmethod
    def resolve_user(run):
        return email_of(run.user)


class RunPage(RunOut):
    """`preview`: what was seen of the file. `mapping`: what its columns are taken for."""

    preview: dict[str, Any]
    mapping: dict[str, Any]


class MappingIn(Given):
    """The mapping as it was proposed, corrected; and the table."""

    table: Name
    mapping: dict[str, Any] | None = None


class UploadIn(Schema):
    table: Short = ""


class ConfirmIn(Given):
    accept_drift: bool = False


@op("get", "/imports", "data.view", response=Page[RunOut])
def list_imports(request, paging: PagingQuery, table: Short = ""):
    found = RUNS.of(request)
    return page(found.filter(table_name=table) if table else found, paging, newest=True)


@op("post", "/imports", "data.import", response={201: RunPage})
def upload_file(request, file: Annotated[UploadedFile, File()], form: Annotated[UploadIn, Form()]):
    """Upload a file and see what its columns are taken for; `confirm` imports it."""
    if request.upload_limit.exceeded:
        raise Refusal(413, _("The file is larger than this installation takes."))
    return Status(201, tables.stage_upload(request.user, file, form.table))


@op("get", "/imports/{id}", "data.view", response=RunPage)
def get_import(request, id: Id):
    return thing(request, RUNS, pk=id)


@op("patch", "/imports/{id}", "data.import", response=RunPage)
def remap_import(request, id: Id, given: MappingIn):
    """Say otherwise what the columns mean; without a mapping they are judged afresh."""
    try:
        mapping = Mapping.model_validate(given.mapping) if given.mapping is not None else None
    except ValueError as error:
        raise ValidationError({"mapping": str(error)[:500]}) from error
    return tables.remap(request.user, thing(request, RUNS, pk=id), table_name=given.table, mapping=mapping)


@op("post", "/imports/{id}/confirm", "data.import", response=RunPage)
def confirm_import(request, id: Id, given: ConfirmIn):
    """Put it to work; read it again to see how far it is."""
    tables.confirm_import(request.user, thing(request, RUNS, pk=id), accept_drift=given.accept_drift)
    return RUNS.of(request).get(pk=id)


@op("post", "/imports/{id}/cancel", "data.import", response=RunPage)
def cancel_import(request, id: Id):
    tables.cancel_import(request.user, thing(request, RUNS, pk=id))
    return RUNS.of(request).get(pk=id)


@op("get", "/imports/{id}/quarantine", "data.view", response=None, answer=CSV)
def download_quarantine(request, id: Id):
    """The rows that could not go in, as CSV with the reasons: repair and upload it again."""
    run = thing(request, RUNS, pk=id)
    path = folder("quarantine") / run.quarantine
    if not run.quarantine or not path.is_file():
        raise Http404
    kind, name = "text/csv; charset=utf-8", f"quarantine-{run.pk}.csv"
    return FileResponse(open(path, "rb"), as_attachment=True, filename=name, content_type=kind)


class ConnectionOut(Schema):
    """Of a password: whether there is one (`kept`), or the variable that holds it."""

    name: str
    engine: Literal["postgres", "clickhouse", "spark"]
    host: str
    port: int
    database: str
    user: str
    schema_: Annotated[str, Field(alias="schema")]
    zone: str
    secure: bool
    seconds: int
    every_minutes: int
    password: str
    tried_at: datetime | None
    problem: dict[str, str]


class ConnectionChange(Given):
    """`password` is kept encrypted; `variable` names the environment variable that holds it instead."""

    engine: Literal["postgres", "clickhouse", "spark"] = "postgres"
    host: Annotated[str, Field(max_length=255)] = ""
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    database: Short = ""
    user: Short = ""
    schema_: Annotated[Short, Field(alias="schema")] = ""
    zone: Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z][\w+\-/]*$")] = "UTC"
    secure: bool = True
    seconds: Annotated[int, Field(ge=1, le=3600)] = 120
    every_minutes: Annotated[int, Field(ge=1, le=10080)] = 60
    password: Annotated[str, Field(max_length=500)] | None = None
    variable: Short | None = None


class ConnectionIn(ConnectionChange):
    name: Annotated[Name, Field(max_length=50)]
    host: Annotated[str, Field(max_length=255)]


class TriedOut(Schema):
    ok: bool
    problem: dict[str, str]
    seconds: float
    tables: int


@op("get", "/connections", "connection.edit", response=Page[ConnectionOut])
def list_connections(request, paging: PagingQuery):
    return page(CONNECTIONS.of(request), paging)


@op("post", "/connections", "connection.edit", response={201: ConnectionOut})
def make_connection(request, given: ConnectionIn):
    return Status(201, connections.save_connection(request.user, **_connection(given)))


@op("get", "/connections/{name}", "connection.edit", response=ConnectionOut)
def get_connection(request, name: Name):
    return thing(request, CONNECTIONS, name=name)


@op("patch", "/connections/{name}", "connection.edit", response=ConnectionOut)
def change_connection(request, name: Name, given: ConnectionChange):
    """A new address needs the password again."""
    found = thing(request, CONNECTIONS, name=name)
    saved = connections.save_connection(request.user, found, **_connection(given))
    later(REFRESH)
    return saved


@op("delete", "/connections/{name}", "connection.edit", response={204: None})
def remove_connection(request, name: Name):
    connections.remove_connection(request.user, thing(request, CONNECTIONS, name=name))
    return Status(204, None)


@op("post", "/connections/{name}/test", "connection.edit", response=TriedOut)
def test_connection(request, name: Name):
    tried = connections.try_connection(request.user, thing(request, CONNECTIONS, name=name))
    return {"ok": not tried.problem, "problem": tried.problem, "seconds": tried.seconds, "tables": tried.tables}


def _connection(given: ConnectionChange) -> dict:
    return {name.rstrip("_"): value for name, value in given.named.items()}
