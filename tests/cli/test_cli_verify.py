"""`nachim test` and `nachim validate`: the values people expect, and files that are checked without being applied."""

ROWS = """
sources:
  orders: {lake: orders, key: 주문번호, time: 주문일시, entities: {customer: 고객ID}, dims: [채널]}
rows:
  reordered: {sequence: {by: customer, start: orders, end: orders, within: 60 days, pick: next}}
metrics:
  again: {label: 재주문율, unit: percent, agg: avg(reordered.converted)}
"""
TESTS = """
tests:
  - {metric: revenue, period: 2026-01-01, expect: 30000}
  - {metric: revenue, period: 2026-01-01, slice: {채널: 앱}, expect: 10000}
  - {metric: again, period: 2026-01-01, expect: 0.6666666667, within: 1e-6}
"""


def test_values_that_come_out_as_expected_pass_and_others_say_what_came(shop, tmp_path):
    shop("apply", write(tmp_path, ROWS + TESTS))
    found = shop("test")
    assert (found.returncode, found.stdout.count("✓")) == (0, 3), found.stdout + found.stderr
    wrong = write(tmp_path, "tests:\n  - {metric: revenue, period: 2026-02-01, expect: 1}\n")
    found = shop("test", wrong)
    assert found.returncode == 1
    assert "기대한 값 1.0, 나온 값 5000.0 (ok)" in found.stdout


def test_a_test_that_names_nothing_known_says_what_is_near(shop, tmp_path):
    found = shop("test", write(tmp_path, "tests:\n  - {metric: revenu, period: 2026-02-01, expect: 1}\n"))
    assert found.returncode == 2 and "혹시 “revenue”인가요?" in found.stderr
    found = shop("test", write(tmp_path, "tests:\n  - {metric: revenue, period: 2026-02-03, expect: 1}\n"))
    assert found.returncode == 2 and "첫날" in found.stderr


def test_a_company_without_tests_is_told_where_to_write_them(shop):
    found = shop("test")
    assert found.returncode == 0 and "tests" in found.stdout


def test_a_file_is_checked_and_nothing_is_applied(shop, tmp_path):
    found = shop("validate", write(tmp_path, ROWS))
    assert found.returncode == 0 and "3개" in found.stdout, found.stdout + found.stderr
    assert "again" not in shop("export").stdout
    wrong = write(tmp_path, ROWS.replace("by: customer", "by: custmer"))
    found = shop("validate", wrong)
    assert found.returncode == 2
    assert "it.yaml:5 rows.reordered" in found.stderr and "혹시 “customer”인가요?" in found.stderr


def test_a_sequence_is_computed_and_its_reading_is_explained(shop, tmp_path):
    shop("apply", write(tmp_path, ROWS))
    found = shop("query", "again", "--from", "2026-01-01", "--to", "2026-02-01", "--explain")
    assert "60 days" in found.stdout and "ASOF" in found.stdout, found.stdout


def write(folder, text):
    path = folder / "it.yaml"
    path.write_text(text, encoding="utf-8")
    return path
