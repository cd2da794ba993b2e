"""`nachim apply` and `nachim export`: the plan, everything or nothing, and the way back."""

import sqlite3

import pytest

EVERYTHING = """
workspace: {name: 나침상회, locale: ko, closed: [2026-05-01, 2026-12-31]}
calendar: {tz: Asia/Seoul, week_start: sunday, fiscal_year_start: 4, day_start: 05:00}
people:
  - {email: Bob@example.com, name: 밥, role: owner}
  - {email: kim@example.com, name: 김하늘}
sources:
  orders:
    lake: orders
    label: {ko: 주문, en: Orders}
    key: 주문번호
    time: 주문일시
    entities: {customer: 고객ID}
    dims: [채널]
    joins: {items: 상품, goods: {to: items, "on": 상품}}
    expected_every_days: 7
    mapping:
      columns:
        - {source: 주문 번호, name: 주문번호, type: integer, role: key}
        - {source: 주문일시, name: 주문일시, type: time, role: time, date_order: dmy}
        - {source: 금액, name: 결제금액, type: number, role: amount, decimal: comma}
        - {source: 메모, name: 메모, keep: false}
  items: {lake: items, key: 상품, dims: [분류], complete_through: now}
metrics:
  revenue: {label: {ko: 매출, en: Revenue}, unit: KRW, agg: sum(orders.결제금액), where: "상태 = 'paid'"}
  orders: {agg: count(orders), where: "상태 = 'paid'"}
  returns: {agg: count(orders), better: down, from: orders, about: 반품된 주문}
  aov: {unit: KRW, calc: revenue / n, with: {n: {agg: count(orders)}}}
  recall: {unit: percent, manual: {}}
  again: {unit: percent, agg: avg(reordered.converted)}
  lifetime: {unit: KRW, agg: avg(sum(buyers.value)), per: customer, where: "k < 12"}
  active: {unit: people, agg: count_distinct(orders.customer)}
  mau: {unit: people, at: active, window: 28 days}
  share: {unit: percent, calc: revenue / whole, with: {whole: {at: revenue, all: [채널]}}}
  stock: {agg: sum(orders.결제금액), over_time: last}
rows:
  reordered:
    sequence: {by: customer, start: orders, end: {from: orders, where: "상태 = 'paid'"}, within: 30 days, pick: next}
  buyers: {label: 구매자, cohort: {by: customer, born: first(orders), activity: orders, value: 결제금액}}
tests:
  - {metric: revenue, period: 2026-01-01, expect: 30000}
  - {metric: recall, grain: week, period: 2026-01-04, slice: {채널: 앱}, expect: null, within: 0.1}
goals:
  - name: grow
    title: 매출 키우기
    why: |
      첫째 줄
      "둘째 줄": yes
    start: 2026-01-01
    due: 2026-12-31
    owner: bob@example.com
    kpis:
      - name: 매출
        metric: revenue
        label: 앱 매출
        slice: {채널: 앱}
        owner: kim@example.com
        cadence: week
        level: strategic
        timing: leading
        function: sales
        weight: 60
        guardrails: [{metric: aov, min: 1000.5}, {metric: returns, max: 3}]
        targets:
          - {level: 100, start: 2026-01-01, due: 2026-12-31}
          - {level: 150, start: 2026-01-01, due: 2026-12-31, reason: 여름이 좋았다}
        target: {baseline: 10, level: 200, start: 2026-01-01, due: 2026-12-31, reason: "더 높이: 10%"}
      - name: returns
        metric: returns
        target: {kind: keep, direction: down, level: 3, start: 2026-01-01, due: 2026-06-30}
  - {name: later, title: 나중에, start: 2027-01-01, due: 2027-12-31}
"""


@pytest.fixture
def write(tmp_path):
    def to(text, name="all.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return to


def test_export_goes_into_an_empty_home_and_comes_out_the_same(run, write, tmp_path):
    assert run("apply", write(EVERYTHING)).returncode == 0
    text = run("export").stdout
    for said in (
        "여름이 좋았다",
        "더 높이: 10%",
        "date_order: dmy",
        "en: Orders",
        "kim@example.com",
        "min: 1000.5",
        "둘째 줄",
    ):
        assert said in text
    other = tmp_path / "other"
    done = run("apply", write(text, "exported.yaml"), at=other)
    assert done.returncode == 0, done.stderr
    assert run("export", at=other).stdout == text
    again = run("apply", write(text, "exported.yaml"))
    assert "바뀐 것 0개" in again.stdout and "파일에 없는 0개" in again.stdout


def test_the_same_file_again_has_nothing_to_do(run, write):
    path = write(EVERYTHING)
    first = run("apply", path, lang="en")
    assert "+ metric revenue" in first.stdout and "/invite/" in first.stdout
    again = run("apply", path, lang="en")
    assert again.returncode == 0 and "0 changed" in again.stdout and "+" not in again.stdout


def test_a_dry_run_changes_nothing(run, write):
    done = run("apply", write(EVERYTHING), "--dry-run", lang="en")
    assert done.returncode == 0 and "+ kpi 매출" in done.stdout and "Nothing has been changed" in done.stdout
    assert "revenue" not in run("export").stdout


def test_a_change_shows_each_field_before_and_after(shop, write):
    changed = write("metrics:\n  revenue: {unit: USD, agg: sum(orders.결제금액)}\n", "part.yaml")
    done = shop("apply", changed)
    assert "~ metric revenue" in done.stdout and "unit: KRW → USD" in done.stdout
    assert "건드리지 않습니다" in done.stdout
    text = shop("export").stdout
    assert "ko: 매출" in text and "aov:" in text and "key: 주문번호" in text


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("metric: revenue\n", "metric: revenu\n", "혹시 “revenue”인가요?"),
        ("cadence: week", "cadense: week", "혹시 “cadence”인가요?"),
        ("calc: revenue / n", "calc: revenue ** n", "all.yaml:LINE"),
        ("owner: kim@example.com", "owner: lim@example.com", "lim@example.com"),
        ("due: 2027-12-31", "due: 2026-12-31", "all.yaml:LINE"),
        ("{metric: aov, min: 1000.5}", "{metric: aov}", "one of max, min"),
        ("goals:\n", "goals: [\n", "YAML"),
        ("- name: returns", "- name: 매출", "두 번"),
    ],
)
def test_a_mistake_is_said_with_its_line_and_nothing_is_applied(run, home, write, old, new, sentence):
    line = EVERYTHING.split(old)[0].count("\n") + 1
    sentence = sentence.replace("LINE", str(line))
    done = run("apply", write(EVERYTHING.replace(old, new)))
    assert done.returncode == 2, done.stdout
    assert sentence in done.stderr and "all.yaml" in done.stderr
    with sqlite3.connect(home / "app.db") as database:
        assert database.execute("SELECT count(*) FROM app_metric").fetchone() == (0,)
        assert database.execute("SELECT count(*) FROM app_auditentry").fetchone() == (0,)


def test_a_slice_the_metric_does_not_have_is_refused(shop, write):
    kpi = "{name: k, metric: aov, slice: {%s: 앱}}"
    goal = "goals:\n- {name: g, title: g, start: 2026-01-01, due: 2026-12-31, kpis: [" + kpi + "]}\n"
    done = shop("apply", write(goal % "체널"))
    assert done.returncode == 2 and "체널" in done.stderr and "채널" in done.stderr
    assert shop("apply", write(goal % "채널")).returncode == 0


def test_metrics_of_tables_to_come_are_allowed_with_a_warning(run, write):
    done = run("apply", write("sources:\n  visits: {lake: visits, time: at}\nmetrics:\n  seen: {agg: count(visits)}\n"))
    assert done.returncode == 0 and "visits" in done.stderr


def test_a_definition_before_its_rows_reads_the_file_as_it_says(run, write, tmp_path):
    run("apply", write(EVERYTHING))
    path = tmp_path / "orders.csv"
    path.write_text("주문 번호;주문일시;금액;메모\n1;23-04-2026 10:00;1.234,5;x\n2;05-04-2026 10:00;2,5;y\n", "utf-8")
    done = run("import", path, "--table", "orders", "--yes")
    assert done.returncode == 0, done.stderr
    done = run("query", "returns", "--grain", "day", "--from", "2026-04-01", "--to", "2026-04-30", "--format", "json")
    assert '"period": "2026-04-23"' in done.stdout, done.stdout + done.stderr
