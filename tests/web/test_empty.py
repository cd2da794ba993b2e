"""An empty company and every error say what to do next."""

import re

import pytest
from django.urls import URLPattern, reverse

from nachim.web.urls import urlpatterns
from tests.web.access import ACCESS

NAMES = [one.name for one in urlpatterns if isinstance(one, URLPattern) and one.name and "<" not in str(one.pattern)]
# Parts of pages and files are no pages of their own.
PAGES = [
    name
    for name in NAMES
    if name in ACCESS and ACCESS[name].get("GET") and name not in ("bell", "goal-check", "goal-stage")
]


@pytest.mark.parametrize("who", ["alice", "lena", "bob", "mina", "carol", "audra"])
def test_every_page_of_an_empty_company_leads_somewhere(who, company, visitor):
    """Whatever a person may open there holds a way on inside its content: a link, or a form to fill."""
    person = visitor(getattr(company, who))
    seen = 0
    for name in PAGES:
        answer = person.get(reverse(name))
        if answer.status_code in (302, 405) or "html" not in answer.headers["Content-Type"]:
            continue
        page = answer.content.decode()
        main = re.search(r"<main.*</main>", page, re.DOTALL)[0]
        assert re.search(r'<a [^>]*href="(?!#)|<form|<details', main), f"{who} finds no way on from {name}"
        for empty in re.findall(
            r'<(?:div|section) class="[^"]*\bempty\b[^"]*">(.*?)</(?:div|section)>', main, re.DOTALL
        ):
            assert "href=" in empty, f"{who} is told that {name} is empty, and not what to do"
        if answer.status_code == 403:
            assert "Alice" in main and reverse("now") in main
        seen += 1
    assert seen > 25


def test_what_is_not_there_offers_the_search(carol):
    page = carol.get("/nothing-here/").content.decode()
    assert reverse("search") in page and reverse("now") in page and "주소가 틀렸을" in page


def test_a_fault_of_ours_offers_another_try_and_names_the_request(alice, monkeypatch):
    alice.client.raise_request_exception = False
    monkeypatch.setattr("nachim.web.views.goals.company", lambda user: 1 / 0)
    answer = alice.get(reverse("goals"))
    page = answer.content.decode()
    assert answer.status_code == 500 and "다시 시도" in page and answer.headers["X-Request-ID"] in page
    assert "ZeroDivisionError" not in page


def test_a_stranger_who_is_lost_may_sign_in(db, visitor):
    page = visitor().get("/nothing-here/").content.decode()
    assert reverse("login") in page


def test_without_a_connection_the_worker_has_a_page_of_its_own(client, db):
    answer = client.get(reverse("worker"))
    assert answer.headers["Content-Type"].startswith("text/javascript") and b"/static/offline.html" in answer.content
