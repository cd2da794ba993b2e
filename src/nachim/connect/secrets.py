"""Passwords of connections at rest: AES-256-GCM under keys that are never in the database.

A token says by its beginning how it was made, so that another way can follow: what has none is Fernet (AES-128-CBC with
HMAC-SHA256), as before, and becomes the new one when the keys are renewed.
The keys are lines of one file that its owner alone can read, newest first: the first encrypts and each may decrypt,
so that a new key comes in before the old one goes.
"""

from __future__ import annotations

import base64
import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MARK, NONCE_BYTES = "gcm1.", 12


class Unreadable(Exception):
    """A secret that none of the keys opens: the key file is another one, or what was stored has been changed."""


class Keys:
    """The keys of one file, made when first needed; or those of `given`, comma-separated, where there is no disk."""

    def __init__(self, path: Path, given: str = ""):
        self.path, self._given = path, given

    def encrypt(self, text: str) -> str:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers()[0].encrypt(nonce, text.encode(), MARK.encode())
        return MARK + base64.urlsafe_b64encode(nonce + sealed).decode()

    def decrypt(self, token: str) -> str:
        """The text of a token; Unreadable where no key fits."""
        from cryptography.exceptions import InvalidTag
        from cryptography.fernet import InvalidToken

        try:
            if not token.startswith(MARK):
                return self._fernet().decrypt(token.encode()).decode()
            whole = base64.urlsafe_b64decode(token.removeprefix(MARK))
        except (InvalidToken, ValueError):
            raise Unreadable from None
        for cipher in self._ciphers():
            with suppress(InvalidTag, ValueError):
                return cipher.decrypt(whole[:NONCE_BYTES], whole[NONCE_BYTES:], MARK.encode()).decode()
        raise Unreadable

    def renewed(self, token: str) -> str:
        """The same secret under the newest key; Unreadable where no key fits."""
        return self.encrypt(self.decrypt(token))

    def add(self) -> None:
        """A new first key. Keys that are given from outside are changed where they come from."""
        if not self._given:
            self._write([_new_key(), *self._lines()])

    def drop_old(self) -> None:
        """Keep the newest key alone."""
        if not self._given:
            self._write(self._lines()[:1])

    def _ciphers(self) -> list[AESGCM]:
        """One a key, newest first: each for this purpose alone (HKDF, RFC 5869)."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        try:
            raw = [base64.urlsafe_b64decode(line) for line in self._lines()]
        except ValueError:
            raise Unreadable from None
        if not raw or any(len(one) != 32 for one in raw):
            raise Unreadable
        return [AESGCM(HKDF(SHA256(), 32, None, b"nachim secrets " + MARK.encode()).derive(one)) for one in raw]

    def _fernet(self) -> MultiFernet:
        # Only those who have a password pay for loading this.
        from cryptography.fernet import Fernet, MultiFernet

        try:
            return MultiFernet([Fernet(line) for line in self._lines()])
        except ValueError:
            raise Unreadable from None

    def _lines(self) -> list[str]:
        if self._given:
            return [one.strip() for one in self._given.split(",") if one.strip()]
        with (
            suppress(FileExistsError),
            os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new,
        ):
            new.write(_new_key() + "\n")
        return self.path.read_text().split()

    def _write(self, lines: list[str]) -> None:
        """The whole file or nothing: a crash between leaves the old one."""
        fresh = self.path.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)


def hashed(token: str) -> str:
    """What is kept of a token that nobody can guess: enough to know it again, not to say it."""
    return hashlib.sha256(token.encode()).hexdigest()


def _new_key() -> str:
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()
