"""A small company to test with: Alice owns it, Bob edits, Carol looks, Mallory is outside; and others."""

from datetime import date, time
from pathlib import Path
from types import SimpleNamespace

from nachim.app import policy
from nachim.app.actions import channels, connections, goals, metrics, playbook, tables
from nachim.app.home import lake
from nachim.app.models import (
    Channel,
    Finding,
    ImportRun,
    Membership,
    PlaybookEntry,
    Role,
    Table,
    User,
    Workspace,
)
from nachim.app.queries.values import name_of
from nachim.lake.commit import lay
from nachim.lake.mapping import Mapping

ORDERS = """주문번호,주문일시,고객ID,결제금액,채널,상태
1,2026-01-05 10:00,c1,10000,앱,paid
2,2026-01-06 11:00,c2,20000,웹,paid
3,2026-01-31 23:59,c1,30000,앱,cancelled
4,2026-02-01 00:00,c3,5000,앱,paid
5,2026-02-15 12:00,c1,8000,웹,paid
6,2026-03-10 09:30,c4,7000,앱,paid
"""
PEOPLE = {
    "alice": Role.OWNER, "bob": Role.EDITOR, "carol": Role.VIEWER, "mallory": None,
    "adam": Role.ADMIN, "lena": Role.LEAD, "mina": Role.MEMBER, "audra": Role.AUDITOR,
}  # fmt: skip
PASSWORD = "north by northwest"
CANARY = "c4nary-in-the-mine"


def people() -> SimpleNamespace:
    workspace = Workspace.objects.create(name="모아옷장")
    made = {}
    for name, role in PEOPLE.items():
        made[name] = User.objects.create_user(f"{name}@example.com", name.capitalize(), PASSWORD)
        if role is not None:
            Membership.objects.create(user=made[name], workspace=workspace, role=role)
    return SimpleNamespace(workspace=workspace, **made)


def import_orders(folder: Path, text: str = ORDERS, table: str = "orders") -> Table:
    """The orders in the lake, by the way any file takes."""
    path = folder / f"{table}.csv"
    path.write_text(text, encoding="utf-8")
    tables.import_now(policy.SYSTEM, path, table, tables.look(path, path.name, table).mapping)
    return Table.objects.get(name=table)


def revenue(actor=policy.SYSTEM):
    return metrics.save_metric(
        actor, name="revenue", label_ko="매출", label_en="Revenue", unit="KRW", better="up",
        spec={"agg": 'sum(orders."결제금액")', "where": "\"상태\" = 'paid'"},
    )  # fmt: skip


def orders_metric(actor=policy.SYSTEM):
    return metrics.save_metric(
        actor,
        name="orders",
        label_ko="주문 수",
        label_en="Orders",
        unit="count",
        better="up",
        spec={"agg": "count(orders)"},
    )


def goal(actor, title="매출을 키운다", **fields):
    given = {"why": "", "start": date(2026, 1, 1), "due": date(2026, 12, 31), "owner": None, **fields}
    return goals.save_goal(actor, title=title, **given)


def kpi(actor, to, metric, *, target=True, **fields):
    made = goals.save_kpi(actor, goal=to, metric=metric, **{"owner": None, "cadence": "month", **fields})
    if target:
        goals.set_target(
            actor, made, kind="reach", direction="up", baseline=10_000.0, level=50_000.0, start=to.start, due=to.due
        )
    return made


def finding(metric, **fields) -> Finding:
    """Revenue fell since the third of November, in the app."""
    day = date(2026, 11, 3)
    given = {
        "kind": "shift", "since": day, "noticed": day, "last": day, "usual": 10_000.0, "seen": 8_000.0, "one_in": 5e3,
        "paragraph": {"ko": "매출이 줄었습니다.", "en": "Revenue fell."}, "answer": "sales",
        "waterfall": [["채널 앱", "채널 앱", -2500.0], ["그 밖", "Everything else", 500.0]], **fields,
    }  # fmt: skip
    return Finding.objects.create(metric=metric, **given)


def connection(actor=policy.SYSTEM, name="warehouse", password=CANARY, **fields):
    """A PostgreSQL where nobody listens; the tests' settings allow loopback."""
    given = {"engine": "postgres", "host": "127.0.0.1", "port": 9, "database": "shop", "user": "reader", **fields}
    return connections.save_connection(actor, name=name, password=password, **given)


def staged(actor, text: str = ORDERS, name: str = "orders.csv", table: str = "") -> ImportRun:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return tables.stage_upload(actor, SimpleUploadedFile(name, text.encode()), table)


def buyers(actor=policy.SYSTEM):
    return metrics.save_metric(
        actor, name="buyers", label_ko="구매자", label_en="Buyers", unit="people", better="up",
        spec={"agg": 'count_distinct(orders."고객ID")'},
    )  # fmt: skip


def by_hand(actor=policy.SYSTEM, name="recall", unit="percent", **manual):
    """A metric whose number people write in, with its table as it is once the transaction is through."""
    made = metrics.save_metric(
        actor, name=name, label_ko="인지도", label_en="Recall", unit=unit, better="up", spec={"manual": manual}
    )
    table = Table.objects.get(name=name_of(made))
    lay(lake().table(table.name), Mapping.model_validate(table.mapping))
    return made


def channel(actor=policy.SYSTEM, name="team", address=f"http://127.0.0.1:9/{CANARY}", **fields) -> Channel:
    """An incoming webhook where nobody listens, without quiet hours."""
    given = {"kind": "webhook", "quiet_begins": time(0), "quiet_ends": time(0), **fields}
    return channels.save_channel(actor, name=name, address=address, **given)


def play(actor=policy.SYSTEM, name="call-them") -> PlaybookEntry:
    """A play of the company's own."""
    body = {"title": {"ko": "전화하기", "en": "Call"}, "how": {"ko": "전화하세요.", "en": "Call them."},
            "owner": "service", "moves": {"metric": "nps", "low": 1, "high": 2, "by": "points", "weeks": 4},
            "watch": {"metric": "response_time", "bound": "max"}}  # fmt: skip
    return playbook.save_entry(actor, "plays", name, body)
