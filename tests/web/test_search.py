"""Finding by name: what one may see, and nothing else."""

import pytest

from tests import company as made


@pytest.fixture
def revenue(company, orders):
    metric = made.revenue()
    goal = made.goal(company.alice, title="매출을 키운다")
    return made.kpi(company.alice, goal, metric)


def found(visitor, typed):
    answer = visitor.client.get("/search/", {"q": typed}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("typed", ["매출", "ㅁㅊ", "revenue", "REV", "매 출"])
def test_by_name_by_first_consonants_and_by_the_metrics_name(alice, revenue, typed):
    assert f"/kpis/{revenue.pk}/" in found(alice, typed)


def test_nothing_says_what_to_try(alice, revenue):
    assert "ㅁㅊ" in found(alice, "없는 이름")
    assert "<li>" not in found(alice, "")


def test_carol_finds_no_page_she_may_not_open(alice, carol, revenue):
    assert "/settings/audit/" in found(alice, "감사")
    assert "/settings/audit/" not in found(carol, "감사")


def test_without_scripts_it_is_a_page(alice, revenue):
    page = alice.get("/search/", q="매출").content.decode()
    assert f"/kpis/{revenue.pk}/" in page
    assert 'role="search"' in page
    assert "&lt;script&gt;" in alice.get("/search/", q="<script>").content.decode()


def test_mallory_finds_nothing_at_all(company, visitor, revenue):
    assert visitor(company.mallory).get("/search/", q="매출").status_code == 404
