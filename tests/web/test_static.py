"""The browser's files: small on the way, and never an old one."""

import gzip

from django.templatetags.static import static
from django.test import Client

from tests.web.conftest import HANDLER


def get(path, **headers):
    client = Client(headers=headers)
    client.handler = HANDLER
    answer = client.get(path)
    answer.whole = b"".join(answer.streaming_content) if answer.streaming else answer.content
    answer.close()
    return answer


def test_texts_are_compressed_for_who_can_read_that(db):
    plain, small = get("/static/app.css"), get("/static/app.css", accept_encoding="gzip, br")
    assert gzip.decompress(small.whole) == plain.whole and len(small.whole) < len(plain.whole) / 3
    assert small.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


def test_pages_are_compressed_too(alice):
    page = alice.client.get("/goals/", headers={"accept-encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip" and b"<!doctype html>" in gzip.decompress(page.content)


def test_an_address_changes_with_what_it_leads_to_and_a_version_is_kept_for_good(db):
    assert static("app.css").startswith("/static/app.css?") and static("app.css") != static("app.js")
    vendored = "/static/vendor/htmx.org@4.0.1/dist/htmx.min.js"
    assert static("vendor/htmx.org@4.0.1/dist/htmx.min.js").replace("%40", "@") == vendored
    assert "immutable" in get(vendored).headers["Cache-Control"]
    assert "max-age=3600" in get("/static/app.css").headers["Cache-Control"]
