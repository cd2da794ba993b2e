"""What is said on stderr: lines for people, or JSON for machines, with the request's id and without any secret."""

import json
import logging
import re
import traceback
from datetime import UTC, datetime

from nachim.app.tracing import request_id

HIDDEN = "•••"
# Passwords in addresses, tokens in headers, and whatever is assigned to a name that means a secret.
PATTERNS = [
    re.compile(r"(?<=://)([^/\s:@]*:)([^\s@]+)(?=@)"),
    re.compile(r"(?i)\b(bearer\s+)([\w.~+/=-]{8,})"),
    re.compile(r"(?i)\b((?:password|passwd|pwd|secret|token|api[_-]?key)['\"]?\s*[=:]\s*['\"]?)([^\s'\",;&]+)"),
]


# What could begin a line of its own, or colour a terminal, is written out.
CONTROL = {code: f"\\x{code:02x}" for code in [*range(32), *range(127, 160), 0x2028, 0x2029]}


def hidden(text: str, secrets: tuple[str, ...] = ()) -> str:
    """The text without the secrets given, and without what looks like one."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    for pattern in PATTERNS:
        text = pattern.sub(rf"\g<1>{HIDDEN}", text)
    return text


def text_of(record: logging.LogRecord) -> str:
    """What a record says; of a request its route instead of its path, as the links of invitations are paths."""
    text, request = record.getMessage(), getattr(record, "request", None)
    path = getattr(request, "path", "")
    if len(path) > 1:
        match = getattr(request, "resolver_match", None)
        text = text.replace(path, f"/{match.route}" if match else "an address that is none")
    return text


class Line(logging.Formatter):
    """One line for people; a traceback below it."""

    def __init__(self, secrets: tuple[str, ...] = ()):
        super().__init__("{asctime} {levelname} {name} {message}", style="{")
        self.secrets = tuple(one for one in secrets if len(one) > 3)

    def format(self, record: logging.LogRecord) -> str:
        return hidden(super().format(record), self.secrets)

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = text_of(record).translate(CONTROL)
        return super().formatMessage(record)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")


class Json(Line):
    """One object a line: at, level, logger, text, request, error, and what was given as `extra={"fields": …}`."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "text": text_of(record),
            "request": request_id(),
            "error": "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else "",
            **getattr(record, "fields", {}),
        }
        clean = {name: self._clean(value) for name, value in said.items() if value != ""}
        return json.dumps(clean, ensure_ascii=False, default=str)

    def _clean(self, value):
        return hidden(value, self.secrets) if isinstance(value, str) else value
