"""Which database the app keeps its own things in: SQLite in the home, or the PostgreSQL that NACHIM_DATABASE names."""

from urllib.parse import parse_qsl, unquote, urlsplit

from nachim.app.home import home

SCHEMES = ("postgres", "postgresql")
BUSY_SECONDS = 20


class BadAddress(ValueError):
    """An address that names no database; says how one is written, and never shows the password."""

    def __init__(self, address: str):
        self.scheme = urlsplit(address).scheme if "://" in address else ""
        super().__init__("postgres://user:password@host:5432/database or sqlite")

    def text(self, locale: str) -> str:
        how = str(self)
        if locale == "en":
            return f"The address of the database cannot be read. It is written like {how}."
        return f"데이터베이스 주소를 읽을 수 없습니다. 이렇게 씁니다: {how}"


def database(address: str = "") -> dict:
    """Django's settings of a database; an empty address, or `sqlite`, is the file app.db of the home.

    A password that stands in ~/.pgpass or PGPASSWORD need not be in the address. What stands after `?` goes to libpq
    as it is: sslmode, sslrootcert, connect_timeout.
    """
    if address in ("", "sqlite"):
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": home() / "app.db",
            "CONN_MAX_AGE": 600,
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": BUSY_SECONDS},
            "TEST": {"NAME": None},
        }
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise BadAddress(address) from None
    name = unquote(parts.path.removeprefix("/"))
    if parts.scheme not in SCHEMES or not name:
        raise BadAddress(address)
    return {
        "ENGINE": "nachim.app.postgres",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        # Prepared, a statement that comes again is not planned again: a third more pages a second.
        "OPTIONS": {
            "connect_timeout": "10",
            "application_name": "nachim",
            "server_side_binding": True,
            "prepare_threshold": 5,
            **dict(parse_qsl(parts.query)),
        },
    }


def place(settings: dict) -> str:
    """Where a database is, for people: without its password."""
    if settings["ENGINE"].endswith("sqlite3"):
        return str(settings["NAME"])
    host, port = settings.get("HOST") or "localhost", settings.get("PORT") or "5432"
    return f"postgres://{host}:{port}/{settings['NAME']}"
