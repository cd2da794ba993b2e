"""Where this installation keeps its state: everything lies under NACHIM_HOME."""

import os
import secrets
from pathlib import Path

from nachim.lake.store import Lake


def home() -> Path:
    """NACHIM_HOME, or the user's data directory; made when it is not there."""
    named = os.environ.get("NACHIM_HOME")
    default = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "nachim"
    path = Path(named).expanduser() if named else default
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path.resolve()


def lake() -> Lake:
    return Lake(folder("lake"))


def folder(name: str) -> Path:
    """A folder under the home: uploads, quarantine, lake."""
    path = home() / name
    path.mkdir(exist_ok=True, mode=0o700)
    return path


def secret_key() -> str:
    """The signing key: made once, readable by its owner alone."""
    path = home() / "secret.key"
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(64))
    except FileExistsError:
        pass
    return path.read_text()
