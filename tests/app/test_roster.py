"""People as a CSV: what goes out comes in again, a plan before, all or nothing."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from nachim.app import policy
from nachim.app.actions import people, teams
from nachim.app.definition import roster
from nachim.app.models import AuditEntry, Membership, TeamMember, User

HEAD = "email,name,role,team,from,until,active\n"


@pytest.fixture
def seoul(company):
    return teams.save_team(company.bob, label="서울", lead=company.lena, members=[company.mina])


def test_what_goes_out_comes_in_and_changes_nothing(company, seoul):
    people.rename(company.alice, company.bob, "=cmd()")
    teams.set_stay(company.bob, seoul, company.mina, since=date(2026, 1, 1), until=date(2026, 6, 30))
    text = roster.export()
    assert "=cmd()" not in [line.split(",")[1] for line in text.splitlines()]
    assert roster.plan(roster.read(text)) == []
    assert roster.plan(roster.read("\ufeff" + text)) == []


def test_a_file_invites_changes_and_takes_out(company, seoul):
    text = HEAD + (
        "dave@example.com,Dave,member,서울,2026-12-01,,yes\n"
        "carol@example.com,Carol,lead,,,,\n"
        "mina@example.com,,,서울,,2026.12.31,\n"
        "bob@example.com,Bob,editor,,,,no\n"
    )
    lines = roster.read(text)
    said = [(step.verb, step.email) for step in roster.plan(lines)]
    assert said == [
        ("invite", "dave@example.com"), ("role", "carol@example.com"), ("deactivate", "bob@example.com"),
        ("join", "dave@example.com"), ("change", "mina@example.com"),
    ]  # fmt: skip
    assert not User.objects.filter(email="dave@example.com").exists(), "a plan changes nothing"
    done, invitations = roster.apply(company.alice, lines)
    assert [(step.verb, step.email) for step in done] == said
    dave = people.accept(invitations["dave@example.com"], "south by southwest")
    assert dave.membership.role == "member"
    assert TeamMember.objects.get(user=dave).since == date(2026, 12, 1)
    assert TeamMember.objects.get(user=company.mina).until == date(2026, 12, 31)
    company.bob.refresh_from_db()
    assert not company.bob.is_active and not Membership.objects.filter(user=company.bob).exists()
    assert roster.plan(roster.read(text)) == []


def test_who_is_taken_out_leaves_the_teams_and_comes_back_outside(company, seoul):
    TeamMember.objects.update(since=date(2026, 1, 1))
    people.remove(company.alice, company.mina)
    assert TeamMember.objects.get(user=company.mina).until == timezone.localdate() - timedelta(1)
    people.invite(company.alice, email="mina@example.com", name="Mina", role="member")
    assert policy.sight(User.objects.get(pk=company.mina.pk)).teams == frozenset()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("nobody,,,,,,", "2"), ("x@example.com,,king,,,,", "king"), ("x@example.com,,,없는팀,,,", "없는팀"),
        ("x@example.com,,,서울,26/1/1,,", "26/1/1"), ("x@example.com,,,서울,2026-02-30,,", "2026-02-30"),
        ("x@example.com,,,서울,2026-02-02,2026-02-01,", "2"), ("x@example.com,,,,2026-02-02,,", "2"),
        ("x@example.com,,,,,,maybe", "maybe"), ("x@example.com,A,,,,,\nx@example.com,B,,,,,", "3"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_meant_is_named_and_nothing_changes(company, seoul, line, says):
    entries = AuditEntry.objects.count()
    with pytest.raises(ValidationError) as error:
        roster.apply(company.alice, roster.read(HEAD + line + "\n"))
    assert says in " ".join(error.value.messages)
    assert AuditEntry.objects.count() == entries


def test_all_or_nothing_and_somebody_stays_owner(company):
    text = HEAD + "eve@example.com,Eve,viewer,,,,\nalice@example.com,,viewer,,,,\n"
    with pytest.raises(ValidationError):
        roster.apply(company.alice, roster.read(text))
    assert not User.objects.filter(email="eve@example.com").exists()
    with pytest.raises(policy.NotAllowed):
        roster.apply(company.adam, roster.read(HEAD + "eve@example.com,Eve,owner,,,,\n"))
    for who in (company.bob, company.lena, company.audra):
        with pytest.raises(policy.NotAllowed):
            roster.apply(who, [])


@pytest.mark.parametrize("text", ["", "name,role\n", "email,colour\nx@example.com,red\n"])
def test_a_file_says_its_columns(company, text):
    with pytest.raises(ValidationError):
        roster.read(text)


def test_the_page_shows_the_plan_before_it_changes_anything(company, seoul, client):
    client.force_login(company.alice)
    assert "mina@example.com" in client.get("/settings/people.csv").content.decode()
    text = HEAD + "dave@example.com,Dave,member,서울,,,\n"
    shown = client.post("/settings/people/file/", {"file": SimpleUploadedFile("people.csv", text.encode())})
    assert [step.verb for step in shown.context["steps"]] == ["invite", "join"]
    assert not User.objects.filter(email="dave@example.com").exists()
    done = client.post("/settings/people/file/", {"text": shown.context["text"], "apply": "1"})
    assert "/invite/" in done.content.decode() and User.objects.filter(email="dave@example.com").exists()
    wrong = client.post("/settings/people/file/", {"file": SimpleUploadedFile("x.csv", "이메일".encode("cp949"))})
    assert wrong.status_code == 422
