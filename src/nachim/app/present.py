"""Who works on this home: each worker holds the lock of a file for as long as it lives.

The kernel gives a lock back however a process ends, and no clock is asked: a jump of time makes nobody dead.
"""

import fcntl
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nachim.app.home import folder


def new_name() -> str:
    return f"{socket.gethostname()[:24]}-{os.getpid()}-{secrets.token_hex(4)}"


@contextmanager
def present(name: str) -> Iterator[None]:
    """Be there, for others to see."""
    path = folder("workers") / name
    while True:
        file = open(path, "a")  # noqa: SIM115
        fcntl.flock(file, fcntl.LOCK_EX)
        # Somebody may have tidied the file away between opening and locking it.
        with suppress(FileNotFoundError):
            if path.stat().st_ino == os.fstat(file.fileno()).st_ino:
                break
        file.close()
    with file:
        yield
        path.unlink(missing_ok=True)


def is_present(name: str) -> bool:
    """Whether a worker lives. The file of a dead one goes."""
    path = folder("workers") / Path(name).name
    try:
        with open(path) as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def workers() -> list[str]:
    """The names of those who live."""
    return sorted(path.name for path in folder("workers").iterdir() if is_present(path.name))


def others(name: str) -> list[str]:
    return [one for one in workers() if one != name]
