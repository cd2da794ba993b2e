"""The small files for the tutorial."""

import csv
from datetime import date, datetime

import pytest

from nachim.demo.sample import write_orders, write_table

TODAY = date(2026, 11, 24)


def test_orders_are_written_as_a_korean_spreadsheet_writes_them(tmp_path):
    path = tmp_path / "주문.csv"
    rows = write_orders(path, 30, TODAY)
    with open(path, encoding="cp949", newline="") as file:
        found = list(csv.DictReader(file))
    assert len(found) == rows > 1_000
    assert list(found[0])[:5] == ["주문번호", "주문일시", "고객ID", "세션ID", "결제금액"]
    times = [datetime.fromisoformat(row["주문일시"]).date() for row in found]
    assert min(times) == date(2026, 10, 25) and max(times) == date(2026, 11, 23)
    assert {row["주문상태"] for row in found} == {"결제완료", "취소"}
    assert all("," in row["결제금액"] for row in found if len(row["결제금액"]) > 3)


@pytest.mark.parametrize("name", ["surveys", "ads", "returns", "customers"])
def test_any_table_can_be_written(tmp_path, name):
    assert write_table(tmp_path / "file.csv", name, 20, TODAY) > 0


def test_a_file_that_is_there_is_left_alone(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text("mine")
    with pytest.raises(FileExistsError):
        write_orders(path, 5, TODAY)
    assert path.read_text() == "mine"
