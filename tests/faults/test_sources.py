"""A source that hangs, answers 500, sends half a row or refuses: its numbers stay and say why; others go on."""

import random
import socket
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from nachim.app import policy
from nachim.app.actions import metrics
from nachim.app.actions.connections import try_connection
from nachim.app.actions.refresh import refresh
from nachim.app.models import Connection, Observation, Series, Table
from nachim.connect.engines import clickhouse as http_driver
from nachim.connect.engines import postgres as driver
from tests import company as made
from tests.engines.company import tables
from tests.engines.servers import postgres
from tests.faults import ROUNDS


class Tap:
    """A line to a server that can be spoiled: pass, hang, half (cut in the middle of an answer), refuse."""

    def __init__(self, port: int):
        self.port, self.mode, self.left = port, "pass", 0
        self.door = socket.create_server(("127.0.0.1", 0))
        self.at = self.door.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            with suppress(OSError):
                near, _ = self.door.accept()
                if self.mode == "refuse":
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self.port))
                threading.Thread(target=self._carry, args=(near, far, False), daemon=True).start()
                threading.Thread(target=self._carry, args=(far, near, True), daemon=True).start()

    def _carry(self, source, target, answers):
        with suppress(OSError):
            while data := source.recv(4096):
                if answers and self.mode == "hang":
                    self.left -= len(data)
                    if self.left < 0:
                        continue  # swallowed: the client waits
                if answers and self.mode == "half":
                    if len(data) > self.left:
                        target.sendall(data[: self.left])
                        break
                    self.left -= len(data)
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        source.close()


@pytest.fixture(scope="module")
def tapped():
    with postgres(tables()) as (address, secret):
        yield Tap(address.port), address, secret


@pytest.fixture
def shop(company, tapped, settings, monkeypatch, tmp_path):
    """One KPI on the warehouse and one on the lake, both computed."""
    tap, address, secret = tapped
    settings.CONNECTION_HOSTS = "127.0.0.1"
    monkeypatch.setattr(driver, "PATIENCE", 0.2)
    tap.mode = "pass"
    made.connection(company.alice, password=secret, port=tap.at, database=address.database, user=address.user,
                    schema="web", secure=False, seconds=1, zone="Asia/Seoul")  # fmt: skip
    Table.objects.create(name="far", source={"connection": "warehouse", "table": "orders", "key": "order_id",
                                             "time": "ordered_at"})  # fmt: skip
    made.import_orders(tmp_path)
    far = metrics.save_metric(policy.SYSTEM, name="far", label_ko="먼 주문", label_en="Far", unit="count", better="up",
                              spec={"agg": "count(far)"})  # fmt: skip
    goal = made.goal(company.alice)
    kpi = made.kpi(company.alice, goal, far)
    made.kpi(company.alice, goal, made.revenue())
    assert refresh(patient=False).problems == 0
    return kpi


def cells(name: str) -> list:
    return list(Observation.objects.filter(series__metric__name=name).order_by("pk").values_list("period", "value"))


def test_a_warehouse_that_hangs_breaks_off_or_refuses(shop, tapped, client, company, tmp_path):
    tap, chance = tapped[0], random.Random(4)  # noqa: S311
    client.force_login(company.alice)
    before = cells("far")
    assert before
    told = 0
    for number in range(ROUNDS * 3):
        tap.mode = ("hang", "half", "refuse")[number % 3]
        tap.left = chance.randrange(0, 900)
        # Rows of the lake come in meanwhile: their KPI goes on.
        made.import_orders(
            tmp_path, f"주문번호,주문일시,고객ID,결제금액,채널,상태\n{100 + number},2026-03-11,c,1,앱,paid\n"
        )
        began = time.monotonic()
        refresh(patient=False)
        took = time.monotonic() - began
        assert took < 15, f"{tap.mode} held the refresh up for {took:.0f} s"
        series = Series.objects.get(metric__name="far")
        assert cells("far") == before, f"{tap.mode} changed numbers"
        assert sum(value for period, value in cells("revenue") if period == "2026-03-11") >= number + 1
        if series.problem:
            told += 1
            page = client.get(f"/kpis/{shop.pk}/", {"lang": "ko"}).content.decode()
            assert series.problem["ko"][:12] in page or series.problem["en"][:12] in page
        tap.mode = "pass"
        assert refresh(patient=False).problems == 0
        assert not Series.objects.get(metric__name="far").problem and cells("far") == before
    print(f"{told} of {ROUNDS * 3} rounds broke the question; each was said on the page")
    assert told >= ROUNDS


class Bad(BaseHTTPRequestHandler):
    """Answers as it is told to."""

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        mode = self.server.mode
        self.close_connection = True
        if mode == "hang":
            time.sleep(2)  # longer than anybody waits here
            return
        self.send_response(500 if mode == "500" else 200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"Code: 1. DB::Exception" if mode == "500" else b"\x01\x02half a ro")

    do_GET = do_POST

    def log_message(self, *args):
        pass


@contextmanager
def bad_server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bad)
    server.daemon_threads, server.mode = True, "500"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_an_http_source_that_answers_500_or_half_or_hangs(shop, client, company, monkeypatch):
    """The warehouse has moved to one that does not work: what was computed stays, with its age and the reason."""
    monkeypatch.setattr(http_driver, "PATIENCE", 0.2)
    client.force_login(company.alice)
    before = cells("far")
    with bad_server() as server:
        Connection.objects.update(engine="clickhouse", port=server.server_port)
        one = Connection.objects.get()
        for number in range(ROUNDS * 3):
            server.mode, began = ("500", "half", "hang")[number % 3], time.monotonic()
            tried = try_connection(policy.SHELL, one)
            assert tried.problem and "Traceback" not in tried.problem["en"]
            assert refresh(patient=False).problems == 1
            assert time.monotonic() - began < 30, f"{server.mode} held everything up"
            problem = Series.objects.get(metric__name="far").problem
            assert cells("far") == before and problem["ko"] and "Traceback" not in problem["en"]
            page = client.get(f"/kpis/{shop.pk}/", {"lang": "ko"}).content.decode()
            assert problem["ko"][:12] in page or problem["en"][:12] in page
    print(f"{ROUNDS * 3} answers of 500, by half or none: the numbers stayed, and the page said why each time")
