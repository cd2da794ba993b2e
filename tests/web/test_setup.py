"""The first owner comes in by a link that works once."""

from datetime import timedelta

from django.utils import timezone

from nachim.app.actions import people
from nachim.app.models import AuditEntry, Membership, OneTimeLink, Workspace

WHO = {
    "name": "김앨리스", "email": "Alice@Example.com", "password": "나침반은 북쪽을 본다", "company": "모아옷장",
    "fiscal_year_start": "3",
}  # fmt: skip


def test_owner_and_company_are_made_and_the_way_goes_on_to_the_first_file(db, visitor):
    path = f"/setup/{people.issue_setup_link()}/"
    alice = visitor()
    page = alice.get(path)
    assert page.status_code == 200
    answer = alice.post(path, WHO)
    assert (answer.status_code, answer.url) == (302, "/data/upload/")
    workspace = Workspace.current()
    assert (workspace.name, workspace.fiscal_year_start, workspace.locale) == ("모아옷장", 3, "ko")
    assert Membership.objects.get().user.email == "alice@example.com"
    shown = alice.get(answer.url)
    assert 'aria-current="step"' in shown.content.decode()
    assert AuditEntry.objects.filter(action="people.first_owner").exists()


def test_a_used_link_explains_itself(db, visitor):
    path = f"/setup/{people.issue_setup_link()}/"
    visitor().post(path, WHO)
    again = visitor().get(path)
    assert again.status_code == 404
    assert "로그인" in again.content.decode()
    assert visitor().post(path, WHO | {"email": "mallory@example.com"}).status_code == 404
    assert Membership.objects.count() == 1


def test_an_old_link_has_ended(db, visitor):
    token = people.issue_setup_link()
    OneTimeLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert visitor().get(f"/setup/{token}/").status_code == 404


def test_a_weak_password_is_refused_beside_its_field(db, visitor):
    path = f"/setup/{people.issue_setup_link()}/"
    answer = visitor().post(path, WHO | {"password": "1234567890"})
    assert answer.status_code == 422
    assert 'id="id_password_error"' in answer.content.decode()
    assert "1234567890" not in answer.content.decode()
    assert Workspace.current() is None
    assert visitor().get(path).status_code == 200, "the link is not used up by a refusal"


def test_the_company_speaks_the_language_of_its_first_owner(db, visitor):
    path = f"/setup/{people.issue_setup_link()}/"
    alice = visitor()
    page = alice.get(path, lang="en")
    assert page.cookies["nachim-lang"].value == "en"
    alice.post(path, WHO)
    assert Workspace.current().locale == "en"
    assert alice.get("/data/").headers["Content-Language"] == "en"
