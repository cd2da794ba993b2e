"""`nachim import`: what goes where, what is remembered, what is refused."""

import json
from pathlib import Path

import click
import pytest

from nachim.cli.mapping import remapped
from nachim.lake.mapping import ColumnMap, Mapping


def test_a_fresh_home_takes_a_file_without_a_question(run, home, orders):
    (home / "app.db").unlink()
    done = run("import", orders, "--table", "orders", "--yes")
    assert done.returncode == 0, done.stderr
    assert "orders.csv → orders: 읽음 6 (새로 6)" in done.stdout
    again = run("import", orders, "--table", "orders", "--yes", lang="en")
    assert again.returncode == 0 and "Nothing has changed" in again.stdout


def test_in_a_pipe_it_needs_a_yes(run, orders, home):
    done = run("import", orders, "--table", "orders")
    assert done.returncode == 2 and "--yes" in done.stderr
    assert not (home / "lake" / "orders").exists()


def test_rows_that_cannot_be_read_are_counted_and_kept(run, tmp_path):
    path = tmp_path / "sales.csv"
    path.write_text("id,at,amount\n1,2026-01-01,100\n2,2026-01-02,백원\n3,2026-01-03,300\n4,2026-01-03,400\n", "utf-8")
    done = run("import", path, "--table", "sales", "--key", "id", "--time", "at", "--yes")
    assert done.returncode == 0 and "새로 3, 격리 1" in done.stdout
    kept = next(word for word in done.stdout.split() if word.endswith(".csv") and "quarantine" in word)
    assert "백원" in Path(kept).read_text("utf-8-sig")


def test_a_file_nobody_can_read_fails_with_a_sentence(run, tmp_path):
    path = tmp_path / "empty.csv"
    path.write_text("")
    done = run("import", path, "--table", "a", "--yes")
    assert done.returncode == 1 and "empty.csv" in done.stderr


def test_a_file_without_one_good_row_fails(run, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("번호,언제\n1,어제\n2,그제\n", "utf-8")
    done = run("import", bad, "--table", "bad", "--time", "언제", "--yes")
    assert done.returncode == 1 and "하나도" in done.stderr and "격리 2" in done.stdout


def test_options_are_remembered_with_the_table(run, tmp_path):
    columns = "번호,언제,손님,금액,곳"
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text(f"{columns}\n1,2026-01-01,kim,100,앱\n2,2026-01-02,lee,200,웹\n", "utf-8")
    second.write_text(f"{columns}\n2,2026-01-02,lee,250,웹\n3,2026-01-03,kim,300,앱\n", "utf-8")
    done = run("import", first, "--table", "sales", "--key", "번호", "--time", "언제", "--entity", "customer=손님",
               "--map", "금액=amount", "--dim", "곳", "--yes")  # fmt: skip
    assert done.returncode == 0, done.stderr
    done = run("import", second, "--table", "sales", "--yes")
    assert "새로 1, 갱신 1" in done.stdout, done.stdout + done.stderr
    definition = run("export").stdout
    assert "name: amount" in definition and "customer: 손님" in definition and "time: 언제" in definition


def test_an_option_may_use_the_old_or_the_new_name(run, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("번호,언제,금액\n1,2026-01-01,100\n2,2026-01-02,200\n", "utf-8")
    done = run(
        "import", path, "--table", "a", "--map", "번호=id", "--map", "언제=at", "--key", "id", "--time", "언제", "--yes"
    )
    assert done.returncode == 0, done.stderr
    definition = run("export").stdout
    assert "key: id" in definition and "time: at" in definition


def test_an_unknown_column_is_answered_with_the_nearest(run, orders):
    done = run("import", orders, "--table", "orders", "--key", "주문번허", "--yes")
    assert done.returncode == 2 and "혹시 “주문번호”인가요?" in done.stderr


@pytest.mark.parametrize(
    "options",
    [
        {"entities": ["고객ID"]},
        {"renames": ["주문번호=주문일시"]},
        {"renames": ["채널=_x"]},
        {"renames": ["채널"]},
        {"key": ["채널"], "time": "채널"},
        {"dims": ["체널"]},
    ],
)
def test_options_that_contradict_each_other_are_a_wrong_call(options):
    columns = [ColumnMap(source=name, name=name) for name in ("주문번호", "주문일시", "고객ID", "채널")]
    with pytest.raises(click.UsageError):
        remapped(
            Mapping(columns=columns), **{"key": [], "time": None, "entities": [], "dims": [], "renames": [], **options}
        )


def test_other_columns_need_a_word(run, orders, tmp_path):
    run("import", orders, "--table", "orders", "--yes")
    other = tmp_path / "next.csv"
    other.write_text(
        "주문번호,주문일시,고객ID,결제금액,채널,상태,쿠폰\n7,2026-04-01 10:00,c1,1000,앱,paid,봄\n", "utf-8"
    )
    done = run("import", other, "--table", "orders", "--yes")
    assert done.returncode == 1 and "쿠폰" in done.stderr and "--accept-drift" in done.stderr
    assert run("import", other, "--table", "orders", "--yes", "--accept-drift").returncode == 0


def test_new_rows_reach_what_is_computed(shop, tmp_path):
    more = tmp_path / "more.csv"
    more.write_text("주문번호,주문일시,고객ID,결제금액,채널,상태\n8,2026-03-31 10:00,c9,1000,앱,paid\n", "utf-8")
    assert shop("import", more, "--table", "orders", "--yes").returncode == 0
    cells = json.loads(shop("query", "orders", "--grain", "all", "--format", "json").stdout)
    assert cells[0]["value"] == 6
