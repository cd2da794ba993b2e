"""Which request is being answered: its audit entries and log lines share the id."""

from contextlib import contextmanager
from contextvars import ContextVar

_request_id: ContextVar[str] = ContextVar("request_id", default="")


@contextmanager
def one_request(given: str):
    """Entries made inside share an id, so that one click reads as one thing."""
    reset = _request_id.set(given)
    try:
        yield
    finally:
        _request_id.reset(reset)


def request_id() -> str:
    """The id of the request that is being answered; empty elsewhere."""
    return _request_id.get()
