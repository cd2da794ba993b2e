"""`nachim query`: the same cells as a table, CSV and JSON."""

import csv
import io
import json


def test_json_is_a_list_of_cells(shop):
    done = shop(
        "query", "revenue", "aov", "--grain", "month", "--from", "2026-01-01", "--to", "2026-03-01", "--format", "json"
    )
    assert done.returncode == 0, done.stderr
    cells = json.loads(done.stdout)
    assert list(cells[0]) == ["metric", "period", "value", "numerator", "denominator", "n", "state"]
    found = {(cell["metric"], cell["period"]): cell["value"] for cell in cells}
    assert found["revenue", "2026-01-01"] == 30000
    assert found["revenue", "2026-02-01"] == 5000
    assert found["aov", "2026-01-01"] == 15000
    assert ("revenue", "2026-03-01") not in found


def test_csv_says_the_same_as_json(shop):
    asked = ["query", "revenue", "--grain", "all", "--by", "채널", "--where", "상태 = 'paid'"]
    cells = json.loads(shop(*asked, "--format", "json").stdout)
    rows = list(csv.DictReader(io.StringIO(shop(*asked, "--format", "csv").stdout)))
    assert [row["채널"] for row in rows] == [cell["채널"] or "" for cell in cells]
    assert [float(row["value"]) for row in rows] == [cell["value"] for cell in cells]
    assert sum(cell["value"] for cell in cells) == 42000


def test_the_table_is_for_people(shop):
    done = shop("query", "revenue", "--from", "2026-01-01", "--to", "2026-02-01")
    assert "₩30,000" in done.stdout and "기간" in done.stdout
    assert "period" in shop("query", "revenue", lang="en").stdout


def test_explain_shows_how_and_from_what(shop):
    done = shop("query", "aov", "--explain", lang="en")
    assert "SELECT" in done.stdout and "orders: version" in done.stdout and "Asia/Seoul" in done.stdout


def test_an_unknown_name_is_answered_with_the_nearest(shop):
    done = shop("query", "revenu")
    assert done.returncode == 2 and "혹시 “revenue”인가요?" in done.stderr
    assert shop("query", "revenue", "--by", "체널").returncode == 2
    assert shop("query", "revenue", "--where", "1 = (select 1)").returncode == 2
