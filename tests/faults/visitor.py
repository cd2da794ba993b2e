"""A browser in miniature for processes that die: it counts only what it was told is done."""

import http.client
import secrets

SESSION = """
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from nachim.app.models import Membership, Role
user = Membership.objects.filter(role=Role.OWNER).first().user
session = SessionStore()
session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session.save()
print(session.session_key)
"""
GONE = (OSError, http.client.HTTPException)


class Visitor:
    """Signed in by a session made in the database; raises one of GONE when nobody answers."""

    def __init__(self, port: int, session: str):
        self.port, self.csrf = port, "a" * 32
        self.cookies = f"nachim={session}; nachim-csrf={self.csrf}"

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple[int, dict, bytes]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            headers = {"Cookie": self.cookies, "Content-Type": kind or "application/x-www-form-urlencoded"}
            line.request(method, path, body, headers)
            answer = line.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            line.close()

    def upload(self, name: str, text: str, table: str) -> int:
        """Send a file; the number of its import, once the page shows it."""
        mark = secrets.token_hex(12)
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
            for field, value in (("csrfmiddlewaretoken", self.csrf), ("table", table))
        ]
        parts.append(f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
                     f"Content-Type: text/csv\r\n\r\n{text}\r\n--{mark}--\r\n")  # fmt: skip
        status, headers, _ = self.ask("POST", "/data/upload/", "".join(parts).encode(),
                                      f"multipart/form-data; boundary={mark}")  # fmt: skip
        if status != 302:
            raise http.client.HTTPException(f"upload answered {status}")
        return int(headers["location"].rstrip("/").rsplit("/", 1)[1])
