"""Connections: added, changed, tried, removed. A password goes in and never comes out."""

import re
import time
from contextlib import suppress
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from nachim.app import audit, engines, policy
from nachim.app.language import spoken
from nachim.app.models import Channel, Connection, Factor, Table
from nachim.connect.hosts import NAME, is_address
from nachim.connect.secrets import Unreadable
from nachim.metrics.messages import EngineFailed

FIELDS = ("engine", "host", "port", "database", "user", "schema", "zone", "secure", "seconds", "every_minutes")
# Whoever can change these could have a password sent to a server of their own.
ADDRESS = ("engine", "host", "port", "user", "secure")
KEPT = "kept"
VARIABLE = re.compile(r"(?!NACHIM_)[A-Z][A-Z0-9_]{0,99}")
RANGES = {"port": (0, 65535), "seconds": (1, 3600), "every_minutes": (1, 10080)}


@dataclass(frozen=True)
class Tried:
    """What a connection answered: nothing wrong and in how many seconds, or the sentence why not, by language."""

    problem: dict[str, str]
    seconds: float
    tables: int = 0


@transaction.atomic
def save_connection(
    actor, connection: Connection | None = None, *, password: str | None = None, variable: str | None = None, **fields
) -> Connection:
    """Make or change a connection. Fields: name and those of FIELDS; what is not given stays.

    `password` is encrypted and kept; `variable` names the environment variable that holds it instead; both None keep
    what there is, and empty takes it away. A password that is kept goes to no other address than it was given for.
    """
    policy.require(actor, "connection.edit", connection)
    before = _audited(connection) if connection else None
    old = {name: getattr(connection, name) for name in ("name", *ADDRESS)} if connection else {}
    connection = connection or Connection()
    for name, value in fields.items():
        setattr(connection, name, value)
    _check(connection, old)
    given = password is not None or variable is not None
    moved = bool(old) and any(old[name] != getattr(connection, name) for name in ADDRESS)
    if moved and not given and connection.engine == Connection.Engine.SPARK:
        password, given = "", True
    if moved and not given and connection.password:
        raise ValidationError(
            {"password": _("The address has changed. Give the password again, so that it is sent nowhere by mistake.")}
        )
    renewed = given and _give(connection, password, variable)
    if moved:
        connection.tables, connection.tried_at, connection.problem = {}, None, {}
    after = _audited(connection)
    if after == before and not renewed:
        return connection
    connection.save()
    audit.record(
        actor, "connection.edit" if before else "connection.create", connection, before=before,
        after=after | {"password_renewed": bool(renewed)}, topics=("settings", "data"),
    )  # fmt: skip
    return connection


@transaction.atomic
def remove_connection(actor, connection: Connection) -> None:
    """Forget a connection and its password. Refused while tables stand on it."""
    policy.require(actor, "connection.edit", connection)
    users = [str(table) for table in tables_on(connection)]
    if users:
        raise ValidationError(_("“%(connection)s” holds the tables of: %(users)s. Change those first.") % {
            "connection": connection.name, "users": ", ".join(users)
        })  # fmt: skip
    audit.record(actor, "connection.remove", connection, before=_audited(connection), topics=("settings", "data"))
    connection.delete()


def try_connection(actor, connection: Connection) -> Tried:
    """Ask the smallest question and look at the tables that are used, outside any transaction: it may take seconds."""
    policy.require(actor, "connection.edit", connection)
    began, seen, problem = time.perf_counter(), {}, {}
    try:
        engine = engines.reach(connection)
        try:
            engine.ping()
            for table in tables_on(connection):
                name = table.source["table"]
                try:
                    seen[name] = dict(engine.columns(name))
                except KeyError:
                    continue
        finally:
            engine.close()
    except EngineFailed as error:
        problem = {locale: error.text(locale) for locale in ("ko", "en")}
    tried = Tried(problem, time.perf_counter() - began, len(seen))
    Connection.objects.filter(pk=connection.pk).update(
        tried_at=timezone.now(), problem=problem, tables={**connection.tables, **seen}
    )
    return tried


def renew_keys(actor) -> int:
    """Encrypt every password and every channel's address under a new key and let the old ones go; how many there were.

    The new key comes in first and the old ones leave last: whenever it stops, every password can still be read.
    """
    policy.require(actor, "connection.edit")
    keys = engines.keys()
    keys.add()
    with transaction.atomic():
        kept = [*Connection.objects.select_for_update().exclude(secret=""), *Channel.objects.select_for_update()]
        for one in kept:
            try:
                one.secret = keys.renewed(one.secret)
            except Unreadable:
                raise ValidationError(
                    _("The password of “%(name)s” cannot be read. Give it again or remove the connection.")
                    % {"name": one.name}
                ) from None
            one.save(update_fields=["secret"])
            kind = "channel" if isinstance(one, Channel) else "connection"
            audit.record(actor, f"{kind}.rekey", one, topics=("settings",))
        for app in Factor.objects.select_for_update().exclude(secret=""):
            # One that cannot be read any more is of no use to anybody: its person has recovery codes.
            with suppress(Unreadable):
                app.secret = keys.renewed(app.secret)
                app.save(update_fields=["secret"])
    keys.drop_old()
    return len(kept)


def tables_on(connection: Connection) -> list[Table]:
    return [table for table in Table.objects.all() if table.source.get("connection") == connection.name]


def _give(connection: Connection, password: str | None, variable: str | None) -> bool:
    """Put a password or the name of its variable in place; whether anything is new."""
    if variable:
        if not VARIABLE.fullmatch(variable):
            raise ValidationError({"password": _("Write the variable like WAREHOUSE_PASSWORD; not one of NACHIM_….")})
        changed = (connection.variable, connection.secret) != (variable, "")
        connection.variable, connection.secret = variable, ""
        return changed
    if password and connection.engine == Connection.Engine.SPARK:
        raise ValidationError({"password": _("Spark is asked without a password.")})
    changed = bool(password) or bool(connection.password)
    connection.variable, connection.secret = "", engines.keys().encrypt(password) if password else ""
    return changed


def _check(connection: Connection, old: dict) -> None:
    problems: dict[str, str] = {}
    if old and old["name"] != connection.name:
        problems["name"] = _("A connection keeps its name: tables refer to it.")
    elif not re.fullmatch(r"[^\W\d][-\w]{0,49}", connection.name):
        problems["name"] = _("Letters, digits, - and _, beginning with a letter.")
    elif Connection.objects.filter(name=connection.name).exclude(pk=connection.pk).exists():
        problems["name"] = _("There is a connection of this name already.")
    if connection.engine not in Connection.Engine.values:
        problems["engine"] = _("One of: %(engines)s.") % {"engines": ", ".join(Connection.Engine.values)}
    in_process = connection.engine == Connection.Engine.SPARK and engines.IN_PROCESS.fullmatch(connection.host)
    if not (in_process or NAME.fullmatch(connection.host) or is_address(connection.host)):
        problems["host"] = _("A host name or an address, without a port: db.example.com.")
    for name, (least, most) in RANGES.items():
        if not least <= getattr(connection, name) <= most:
            problems[name] = _("A whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
    for name in ("database", "user", "schema"):
        if re.search(r"[=\s\x00]|://", getattr(connection, name)):
            problems[name] = _("A plain name, without spaces and “=”.")
    try:
        ZoneInfo(connection.zone)
    except (KeyError, ValueError, OSError):
        problems["zone"] = _("There is no such time zone. Asia/Seoul is one.")
    if not problems:
        problems = _reachable(connection)
    if problems:
        raise ValidationError(problems)


def _reachable(connection: Connection) -> dict[str, str]:
    """A host that is not allowed is refused when it is typed; one that cannot be found now may be there later."""
    try:
        engines.admitted(engines.address_of(connection))
    except EngineFailed as error:
        if error.issues[0].code != "host_unresolved":
            return {"host": error.text(spoken())}
    return {}


def _audited(connection: Connection) -> dict:
    """Everything but the password; of that, whether there is one and where it comes from."""
    return audit.fields(connection, "name", *FIELDS) | {"password_is": connection.password or "none"}
