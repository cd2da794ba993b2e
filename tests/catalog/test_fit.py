"""The catalogue on a company's own tables, whatever they are called."""

import re

import pytest

from nachim.catalog import Column, catalogue, fit
from nachim.catalog.tables import HANGUL
from nachim.metrics.check import check
from nachim.metrics.spec import Model
from tests.catalog import company
from tests.catalog.test_values import months
from tests.metrics.company import Tables

POLITE = re.compile(r"(니다|세요)\.$")
# Columns no standard table has: what the subscriptions themselves go by.
OTHER = {"started_at": "시작일시"}


def korean(name):
    """The company's name of a stored table: the first Korean one the catalogue knows it by."""
    table = next(one for one in catalogue().tables.values() if one.stored == name)
    return next(one for one in table.names if HANGUL.search(one))


def headers(name):
    """Standard columns of a stored table → Korean headers."""
    found = dict(OTHER)
    for table in (one for one in catalogue().tables.values() if one.stored == name):
        for column in table.columns:
            found.setdefault(column, table.column_label(column).ko)
    return found


@pytest.fixture(scope="module")
def shop():
    """The generated company with every table and column under a Korean name, and nothing declared but key and time."""
    tables, sources, columns = {}, {}, {}
    for name, frame in company.frames().items():
        spoken, renamed = korean(name), headers(name)
        tables[spoken] = company.arrow(frame.rename(columns=renamed))
        sources[spoken] = {"lake": spoken}
        known = catalogue().tables.get(name)
        if known and isinstance(known.key, str):
            sources[spoken]["key"] = renamed[known.key]
        if known and "." not in known.time:
            sources[spoken]["time"] = renamed[known.time]
        if name == "subscriptions":
            sources[spoken] |= {"key": renamed["subscription_id"], "time": renamed["started_at"]}
    engine = Tables(**tables)
    for spoken in tables:
        columns[spoken] = {header: Column(kind) for header, kind in engine.columns(spoken).items()}
    return Model.load({"sources": sources}), columns, engine


def test_every_kpi_fits_a_company_that_has_everything_under_korean_names(shop):
    model, columns, _engine = shop
    found = fit(model, columns)
    assert found.missing == {}
    assert set(found.ready) == set(catalogue().entries)
    assert not any(one.notes for one in found.ready.values())


def test_the_fitted_definitions_give_the_same_numbers(shop):
    model, columns, engine = shop
    found = fit(model, columns)
    names = list(catalogue().entries)
    own = Model.load(found.definition(*names))
    assert check(own, engine) == []
    standard = Tables(**{name: company.arrow(frame) for name, frame in company.frames().items()})
    for name in names:
        expected = months(name, Model.load(catalogue().model(name)), standard)
        assert expected and months(name, own, engine) == pytest.approx(expected), name


def test_rows_are_written_for_the_companys_sources_and_twins_become_sources_of_their_own(shop):
    model, columns, _engine = shop
    made = fit(model, columns).definition("order_processing_time", "ltv", "complaint_handling_time")
    assert made["rows"]["order_to_shipment"]["sequence"]["start"] == "주문"
    assert made["rows"]["order_to_shipment"]["sequence"]["end"] == "shipments"
    assert made["sources"]["shipments"]["lake"] == "배송"
    assert made["sources"]["shipments"]["time"] == "출고일시"
    assert made["sources"]["shipments"]["entities"] == {"order": "주문번호"}
    assert made["rows"]["buyers_by_month"]["cohort"]["value"].strip('"') == "결제금액"
    assert (
        "문의유형" in made["metrics"]["complaint_handling_time"]["where"]
        or "유형" in made["metrics"]["complaint_handling_time"]["where"]
    )


ORDERS = {
    "매출내역": {
        "번호": Column("integer", "key"), "일시": Column("time", "time"), "누구": Column("text", "entity", "customer"),
        "얼마": Column("number", "amount"),
    }
}  # fmt: skip


def small(**changes):
    columns = {"매출내역": {**ORDERS["매출내역"], **changes}}
    source = {"lake": "t1", "label": "판매", "key": "번호", "time": "일시"}
    return fit(Model.load({"sources": {"매출내역": source}}), columns)


def test_headers_nobody_knows_are_found_by_their_roles():
    found = small()
    assert {"revenue", "orders", "aov", "reorder_30d", "ltv", "churn"} <= set(found.ready)
    made = found.definition("spend_per_customer")
    assert made["sources"]["매출내역"]["entities"] == {"customer": "누구", "order": "번호"}
    assert "얼마" in made["metrics"]["revenue"]["agg"]


def test_a_condition_on_a_column_that_is_missing_is_left_out_and_said():
    one = small().ready["revenue"]
    assert "where" not in one.spec
    assert one.notes[0].ko == "‘매출내역’ 표에 ‘상태’ 열이 없어 모든 행을 셉니다."
    assert "where" in small(상태=Column("text", "dimension")).ready["revenue"].spec


def test_what_is_missing_is_said_in_a_sentence():
    missing = small().missing
    assert missing["visits"].ko == "방문 표가 없습니다. 그 표를 가져오면 계산할 수 있습니다."
    assert missing["coupon_use"].ko == "‘매출내역’ 표에 ‘쿠폰’ 같은 열이 없습니다. 그 열을 더하면 계산할 수 있습니다."
    assert set(missing) | set(small().ready) == set(catalogue().entries)
    for said in missing.values():
        assert POLITE.search(said.ko) and said.en.endswith(".")


def test_a_column_of_another_type_is_said():
    columns = {"설문": {"응답일시": Column("time", "time"), "점수": Column("text")}}
    found = fit(Model.load({"sources": {"설문": {"lake": "s", "time": "응답일시"}}}), columns)
    assert found.missing["csat"].ko == "‘설문’ 표의 ‘점수’는 숫자여야 합니다. 가져오기에서 종류를 바꿔 주세요."


def test_nps_is_not_made_of_answers_whose_kind_nobody_knows():
    columns = {"설문": {"응답일시": Column("time", "time"), "점수": Column("integer", "amount")}}
    found = fit(Model.load({"sources": {"설문": {"lake": "s", "time": "응답일시"}}}), columns)
    assert "csat" in found.ready and "nps" in found.missing


def test_an_empty_company_lacks_every_table():
    found = fit(Model.load({}), {})
    assert found.ready == {} and set(found.missing) == set(catalogue().entries)
