"""The one way out for messages: a JSON POST to a checked address, never redirected, with a limit on time.

In the clear only to a host that the operator has listed. The host is resolved once and must be allowed
(`connect.hosts`); the checked address is the one that is dialled; the certificate is checked against the name.
"""

import hashlib
import hmac
import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from nachim.connect.hosts import Entry, Refused, admit

SECONDS = 10
# From the first word sent to the last one read: who answers a byte at a time is hung up on.
WHOLE_SECONDS = 30
MOST_BYTES = 65_536


class NotSent(Exception):
    """A message that did not arrive. `permanent`: trying again is of no use."""

    def __init__(self, reason: str, *, permanent: bool = False):
        super().__init__(reason)
        self.permanent = permanent


def post(
    url: str, body: Mapping[str, Any], listed: Sequence[Entry], headers: Mapping[str, str] | None = None, key: str = ""
) -> bytes:
    """Send `body` as JSON, signed by `key`, if any, as events are that come in (web/api/signed.py); the beginning of
    what was answered. NotSent where the address is refused, nobody answers, or the answer is no success.
    """
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotSent("the address is not a web address", permanent=True)
    if not secure and not listed:
        raise NotSent(f"{parts.hostname} is not listed: only to such a host is sent without encryption", permanent=True)
    try:
        port = parts.port or (443 if secure else 80)
        address = admit(parts.hostname, port, listed)
    except (Refused, ValueError) as refused:
        raise NotSent(f"the host is not allowed: {parts.hostname}", permanent=True) from refused
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    line = _Line(parts.hostname, address, port, secure)
    patience = threading.Timer(WHOLE_SECONDS, line.hang_up)
    patience.daemon = True
    patience.start()
    try:
        sent = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
        text = json.dumps(body, ensure_ascii=False).encode()
        line.request("POST", path, text, sent | (_signature(key, text) if key else {}))
        answer = line.getresponse()
        said = answer.read(MOST_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise NotSent(f"{parts.hostname} did not answer: {type(error).__name__}") from error
    finally:
        patience.cancel()
        line.close()
    if line.hung_up:
        raise NotSent(f"{parts.hostname} did not answer within {WHOLE_SECONDS} s")
    if not 200 <= answer.status < 300:
        lasting = 300 <= answer.status < 500 and answer.status not in (408, 429)
        raise NotSent(f"{parts.hostname} answered {answer.status}", permanent=lasting)
    return said


def _signature(key: str, text: bytes) -> dict[str, str]:
    """The receiver compares the hash, and refuses a time that is more than minutes away."""
    now = str(int(time.time()))
    made = hmac.new(key.encode(), now.encode() + b"." + text, hashlib.sha256).hexdigest()
    return {"X-Nachim-Timestamp": now, "X-Nachim-Signature": made}


class _Line(http.client.HTTPConnection):
    """A connection to a checked address under the host's own name."""

    def __init__(self, host: str, address: str, port: int, secure: bool):
        super().__init__(host, port, timeout=SECONDS)
        self._address, self._secure, self.hung_up = address, secure, False

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), SECONDS)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)

    def hang_up(self) -> None:
        self.hung_up = True
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)
