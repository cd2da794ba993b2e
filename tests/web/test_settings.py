"""Settings: the company, oneself, people, and the trail of changes."""

from django.urls import reverse

from nachim.app.models import AuditEntry, Membership, Role, User, Workspace
from tests import company as made

COMPANY = {
    "name": "모아옷장",
    "tz": "Asia/Seoul",
    "week_start": "0",
    "fiscal_year_start": "3",
    "day_start": "05:00",
    "locale": "ko",
}


def test_the_company_is_changed(alice):
    assert alice.post("/settings/", COMPANY).status_code == 302
    workspace = Workspace.current()
    assert (workspace.fiscal_year_start, str(workspace.day_start)) == (3, "05:00:00")


def test_no_such_time_zone(alice):
    answer = alice.post("/settings/", COMPANY | {"tz": "Mars/Olympus"})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["tz"]


def test_ones_own_language_and_theme(carol):
    assert carol.post("/settings/me/", name="Carol", locale="en", theme="dark").status_code == 302
    shown = carol.get("/settings/me/").content.decode()
    assert '<html lang="en" data-theme="dark">' in shown
    assert "Saved." in shown


def test_an_invitation_shows_its_link_once(alice, visitor):
    answer = alice.post("/settings/people/invite/", name="Dave", email="Dave@Example.com", role="editor")
    assert answer.url == "/settings/"
    link = alice.get("/settings/").context["link"]["link"]
    assert "/invite/" in link
    assert alice.get("/settings/").context["link"] is None
    assert visitor().get(link.removeprefix("http://testserver")).status_code == 200
    token = link.rstrip("/").rsplit("/", 1)[1]
    assert token not in str(list(AuditEntry.objects.values_list("before", "after")))


def test_a_known_address_is_refused_and_the_company_form_stays(alice, company):
    answer = alice.post("/settings/people/invite/", name="Bob", email="BOB@example.com", role="viewer")
    assert answer.status_code == 422
    assert list(answer.context["invite"].errors) == ["email"]
    assert 'value="모아옷장"' in answer.content.decode()


def test_roles_change_and_people_leave(alice, company):
    alice.post(reverse("people-role", args=[company.carol.pk]), role="editor")
    assert Membership.objects.get(user=company.carol).role == Role.EDITOR
    alice.post(reverse("people-role", args=[company.carol.pk]), role="king")
    assert Membership.objects.get(user=company.carol).role == Role.EDITOR
    alice.post(reverse("people-remove", args=[company.carol.pk]))
    assert not Membership.objects.filter(user=company.carol).exists()


def test_who_left_can_be_invited_again(alice, company):
    alice.post(reverse("people-remove", args=[company.carol.pk]))
    assert (
        alice.post("/settings/people/invite/", name="Carol", email="carol@example.com", role="viewer").status_code
        == 302
    )
    carol = User.objects.get(email="carol@example.com")
    assert carol.pk == company.carol.pk
    assert not carol.has_usable_password(), "the old password has ended"


def test_the_last_owner_stays(alice, company):
    alice.post(reverse("people-role", args=[company.alice.pk]), role="viewer")
    alice.post(reverse("people-remove", args=[company.alice.pk]))
    assert Membership.objects.get(user=company.alice).role == Role.OWNER


def test_the_trail_is_filtered_and_paged(alice, bob, company):
    for at in range(55):
        made.goal(company.bob, title=f"goal {at}")
    alice.post("/settings/", COMPANY)
    everything = alice.get("/settings/audit/").context["shown"]
    assert everything.paginator.num_pages == 2
    assert len(alice.get("/settings/audit/", page="2").context["shown"]) == 6
    only = alice.get("/settings/audit/", kind="workspace", person="Alice").context["shown"]
    assert [entry.action for entry in only] == ["workspace.edit"]
    assert len(alice.get("/settings/audit/", kind="nothing").context["shown"]) == 0
    assert alice.get("/settings/audit/", page="x").status_code == 200
