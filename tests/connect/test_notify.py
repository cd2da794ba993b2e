"""Messages leave by one client: to allowed hosts only, without redirects, as one digest, in each channel's own form."""

import hmac
import json
import socket
import threading
from contextlib import suppress
from datetime import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from time import monotonic
from time import time as wall

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachim.connect import client
from nachim.connect.client import NotSent, post
from nachim.connect.hosts import entries
from nachim.connect.notify import KINDS, Digest, quiet, send

DIGEST = Digest(
    "발견 2건",
    (("반품률", "반품률이 <올랐습니다>."), ("주문 수", "주문 수가 줄었습니다.")),
    "http://kpi.example/findings/",
)


@pytest.fixture
def receiver():
    """A server on this machine that keeps what it got and answers as told."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.got.append((self.path, dict(self.headers), json.loads(body)))
            self.send_response(server.status)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Length", str(len(server.answer)))
            self.end_headers()
            self.wfile.write(server.answer)

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.got, server.status, server.answer = [], 200, b'{"header": {"isSuccessful": true}}'
    server.url = f"http://127.0.0.1:{server.server_port}/hook?a=1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


HERE = entries("127.0.0.1")
KEYS = {"secret": "s3cret", "sender": "sender-key", "template": "finding", "to": "010-1234-5678, 01011112222"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_digest_is_one_message_that_says_everything(kind, receiver):
    send(kind, receiver.url, DIGEST, HERE, KEYS)
    assert len(receiver.got) == 1
    path, headers, body = receiver.got[0]
    said = json.dumps(body, ensure_ascii=False)
    assert path == "/hook?a=1" and "application/json" in headers["Content-Type"]
    assert all(word in said for word in ("발견 2건", "반품률", "주문 수가 줄었습니다.", "http://kpi.example/findings/"))


def test_each_channel_gets_its_own_form(receiver):
    for kind in ("slack", "teams", "jandi", "naverworks"):
        send(kind, receiver.url, DIGEST, HERE)
    slack, teams, jandi, naver = receiver.got
    assert "&lt;올랐습니다&gt;" in slack[2]["text"]
    assert teams[2]["attachments"][0]["content"]["type"] == "AdaptiveCard"
    assert jandi[1]["Accept"] == "application/vnd.tosslab.jandi-v2+json" and len(jandi[2]["connectInfo"]) == 2
    assert naver[2]["title"] == "발견 2건" and naver[2]["button"]["url"]


@pytest.mark.parametrize("listed", ["", "kpi.example", "127.0.0.1:1"])
def test_a_host_that_is_not_allowed_hears_nothing(listed, receiver):
    with pytest.raises(NotSent) as error:
        send("webhook", receiver.url, DIGEST, entries(listed))
    assert error.value.permanent and receiver.got == []


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "file:///etc/passwd", "hook", "http://127.0.0.1:99999/"])
def test_what_is_no_web_address_is_refused(url):
    with pytest.raises(NotSent) as error:
        post(url, {}, HERE)
    assert error.value.permanent


@pytest.mark.parametrize(("status", "permanent"), [(302, True), (404, True), (429, False), (500, False)])
def test_an_answer_that_is_no_success_is_no_delivery_and_nothing_is_followed(status, permanent, receiver):
    receiver.status = status
    with pytest.raises(NotSent) as error:
        send("slack", receiver.url, DIGEST, HERE)
    assert error.value.permanent is permanent and len(receiver.got) == 1


def test_who_does_not_listen_may_be_asked_again():
    with pytest.raises(NotSent) as error:
        post("http://127.0.0.1:9/", {}, HERE)
    assert not error.value.permanent


@given(st.times(), st.times(), st.times())
def test_an_hour_is_quiet_or_the_hours_turned_round_are(at, begins, ends):
    if begins != ends:
        assert quiet(at, begins, ends) != quiet(at, ends, begins)
    else:
        assert not quiet(at, begins, ends)


def test_quiet_hours_run_over_midnight():
    night = time(21), time(8)
    assert quiet(time(23), *night) and quiet(time(7, 59), *night) and not quiet(time(8), *night)


def test_alimtalk_fills_an_approved_template_for_every_number(receiver):
    long = Digest("발견 1건", (("매출", "가" * 2000),), "https://kpi.example/findings/")
    send("alimtalk", receiver.url, long, HERE, KEYS)
    _path, headers, body = receiver.got[0]
    assert headers["X-Secret-Key"] == "s3cret" and body["senderKey"] == "sender-key"
    assert [one["recipientNo"] for one in body["recipientList"]] == ["01012345678", "01011112222"]
    values = body["recipientList"][0]["templateParameter"]
    assert sum(map(len, values.values())) < 900 and values["text"].endswith("…")


@pytest.mark.parametrize(
    "answer", [b'{"header": {"isSuccessful": false, "resultMessage": "no template"}}', b"ok", b"[]"]
)
def test_what_alimtalk_refuses_with_a_success_is_no_delivery(answer, receiver):
    receiver.answer = answer
    with pytest.raises(NotSent) as error:
        send("alimtalk", receiver.url, DIGEST, HERE, KEYS)
    assert error.value.permanent


def test_without_a_list_nothing_is_said_in_the_clear():
    with pytest.raises(NotSent, match="without encryption") as error:
        post("http://hooks.example.com/x", {}, [])
    assert error.value.permanent


def test_who_answers_a_byte_at_a_time_is_hung_up_on(monkeypatch):
    monkeypatch.setattr(client, "WHOLE_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stop = threading.Event()

        def drip():
            line, _address = listening.accept()
            with line, suppress(OSError):
                line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
                while not stop.wait(0.1):
                    line.sendall(b"x")

        thread = threading.Thread(target=drip)
        thread.start()
        began = monotonic()
        with pytest.raises(NotSent):
            post(f"http://127.0.0.1:{listening.getsockname()[1]}/", {}, HERE)
        stop.set()
        thread.join()
    assert monotonic() - began < 5


def test_a_webhook_with_a_key_is_signed_as_events_are(receiver):
    send("webhook", receiver.url, DIGEST, HERE, {"secret": "s3cret"})
    _path, headers, body = receiver.got[0]
    stamp = headers["X-Nachim-Timestamp"]
    text = json.dumps(body, ensure_ascii=False).encode()
    wanted = hmac.new(b"s3cret", stamp.encode() + b"." + text, "sha256").hexdigest()
    assert headers["X-Nachim-Signature"] == wanted and abs(int(stamp) - wall()) < 60
    send("slack", receiver.url, DIGEST, HERE, {"secret": "s3cret"})
    assert "X-Nachim-Signature" not in receiver.got[1][1] and "s3cret" not in str(receiver.got)
