"""Where one request ends and the next begins is read one way: what could be read two ways is refused or read as the
standard has it (RFC 9112, 6.3), by the one parser the server runs with."""

import inspect

import h11
import pytest

from nachim.cli import serve

HEAD = b"POST /a HTTP/1.1\r\nHost: x\r\n"


def read(raw: bytes) -> list[str]:
    """What a server takes the bytes for."""
    line, found = h11.Connection(h11.SERVER), []
    line.receive_data(raw)
    while True:
        event = line.next_event()
        if event in (h11.NEED_DATA, h11.PAUSED):
            return found
        found.append(type(event).__name__)


def test_a_length_beside_chunks_is_ignored():
    assert read(HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") == [
        "Request", "EndOfMessage",
    ]  # fmt: skip


@pytest.mark.parametrize("doubtful", [
    b"Content-Length: 3\r\nContent-Length: 30\r\n\r\nabc", b"Transfer-Encoding: xchunked\r\n\r\n",
    b"Content-Length: +3\r\n\r\nabc", b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", b"X: a\x00b\r\n\r\n",
])  # fmt: skip
def test_what_could_be_read_two_ways_is_refused(doubtful):
    with pytest.raises(h11.RemoteProtocolError):
        read(HEAD + doubtful)


def test_the_server_runs_with_this_parser_whatever_else_is_installed():
    assert 'http="h11"' in inspect.getsource(serve.serve)
