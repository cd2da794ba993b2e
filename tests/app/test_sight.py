"""What a person sees: teams by the tree and the calendar, rows by the slice of their team."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from nachim.app import policy
from nachim.app.actions import digest, findings, goals, mbo, people, teams
from nachim.app.actions.refresh import refresh
from nachim.app.models import Action, Finding, Goal, Kpi, Metric, Observation, Series, Sheet, Team, TeamMember, User
from nachim.app.queries.bowler import bowler
from nachim.app.queries.kpi import kpi_page
from nachim.app.queries.metrics import standing
from nachim.app.queries.scorecard import kpi_rows
from nachim.core.period import Grain
from tests import company as made

SEOUL, BUSAN = {"지역": "서울"}, {"지역": "부산"}
# Seoul sells 100, 200, 300 … a month; Busan 7 times that.
ROWS = "주문번호,주문일시,고객ID,결제금액,채널,상태,지역\n" + "".join(
    f"{region}{month},2026-{month:02}-10 10:00,c{month},{amount * month},{channel},paid,{name}\n"
    for month in range(1, 11)
    for region, name, amount, channel in (("s", "서울", 100, "앱"), ("b", "부산", 700, "웹"))
)
NOW = timezone.datetime(2026, 11, 2, 12, tzinfo=timezone.get_fixed_timezone(540))


def again(user) -> User:
    """As the next request finds the person."""
    return User.objects.get(pk=user.pk)


@pytest.fixture
def house(company, tmp_path):
    """Sales with Seoul (Lena leads, Mina is in it) and Busan below; a goal of the company, one of each team."""
    made.import_orders(tmp_path, ROWS)
    c = company
    c.revenue, c.count = made.revenue(), made.orders_metric()
    c.sales = teams.save_team(c.bob, label="영업", lead=c.alice)
    c.seoul = teams.save_team(c.bob, label="서울", parent=c.sales, lead=c.lena, members=[c.mina], slice=SEOUL)
    c.busan = teams.save_team(c.bob, label="부산", parent=c.sales, slice=BUSAN)
    c.whole = made.kpi(c.bob, made.goal(c.bob, "전사"), c.revenue)
    c.own = made.kpi(c.bob, made.goal(c.bob, "서울 목표", teams=[c.seoul]), c.revenue, slice=SEOUL, teams=[c.seoul])
    c.theirs = made.kpi(c.bob, made.goal(c.bob, "부산 목표", teams=[c.busan]), c.revenue, slice=BUSAN, teams=[c.busan])
    c.loose = made.kpi(c.bob, c.whole.goal, c.revenue, slice=BUSAN)
    c.uncut = made.kpi(c.bob, c.whole.goal, c.count, slice={"채널": "앱"})
    refresh(NOW)
    return c


def seen(user, model=Kpi):
    return set(policy.visible(again(user), model.objects.all()))


@pytest.mark.parametrize("who", ["alice", "adam", "bob", "carol", "audra"])
def test_company_wide_roles_see_all(house, who):
    assert seen(getattr(house, who)) == {house.whole, house.own, house.theirs, house.loose, house.uncut}
    assert seen(getattr(house, who), Team) == {house.sales, house.seoul, house.busan}


@pytest.mark.parametrize("who", ["lena", "mina"])
def test_leads_and_members_see_the_company_and_their_team(house, who):
    user = getattr(house, who)
    assert seen(user) == {house.whole, house.own, house.uncut}
    assert seen(user, Goal) == {house.whole.goal, house.own.goal}
    assert seen(user, Team) == {house.seoul}


def test_a_confined_viewer_sees_as_a_member_does(house):
    teams.set_stay(house.bob, house.seoul, house.carol)
    assert house.theirs in seen(house.carol)
    people.confine(house.alice, house.carol, True)
    assert seen(house.carol) == {house.whole, house.own, house.uncut}
    assert not policy.can(again(house.carol), "data.view")


def test_a_team_above_sees_the_teams_below_and_what_is_ones_own_is_always_seen(house):
    teams.save_team(house.bob, house.seoul, members=[])
    teams.save_team(house.bob, house.sales, members=[house.mina])
    assert seen(house.mina) == {house.whole, house.own, house.theirs, house.loose, house.uncut}
    teams.save_team(house.bob, house.sales, members=[])
    assert seen(house.mina) == {house.whole, house.loose, house.uncut}
    goals.save_kpi(house.bob, house.theirs, owner=house.mina)
    assert house.theirs in seen(house.mina)


def test_past_and_future_members_do_not_see(house):
    today = timezone.localdate()
    for since, until, sees in (
        (today - timedelta(9), today, True),
        (today - timedelta(9), today - timedelta(1), False),
        (today + timedelta(1), None, False),
        (today, None, True),
    ):
        TeamMember.objects.filter(user=house.mina).update(since=since, until=until)
        assert (house.own in seen(house.mina)) is sees, (since, until)


def test_leaving_a_team_is_kept_and_coming_back_is_a_new_stay(house):
    stay = TeamMember.objects.get(user=house.mina)
    TeamMember.objects.update(since=date(2026, 1, 1))
    teams.save_team(house.bob, house.seoul, members=[])
    stay.refresh_from_db()
    assert stay.until == timezone.localdate() - timedelta(1) and not house.seoul.people().exists()
    teams.save_team(house.bob, house.seoul, members=[house.mina])
    assert list(house.seoul.people()) == [house.mina] and house.seoul.stays.count() == 2


def test_the_number_of_the_whole_becomes_the_number_of_the_slice(house):
    for user, value in ((house.bob, 7200.0), (house.mina, 900.0), (policy.SYSTEM, 7200.0)):
        row = kpi_rows(Kpi.objects.filter(pk=house.whole.pk), user=user, now=NOW)[0]
        assert row.closed.value == value
        assert (row.target is None) == (user == house.mina)
        assert row.part == ("서울" if user == house.mina else "")
    own = kpi_rows(Kpi.objects.filter(pk=house.own.pk), user=house.mina, now=NOW)[0]
    assert own.closed.value == 900.0 and own.target is not None and not own.part


def test_no_page_of_a_kpi_carries_a_number_of_another_slice(house):
    page = kpi_page(house.whole, user=house.mina, now=NOW)
    assert [point.value for point in page.points if point.value] == [100.0 * month for month in range(1, 11)]
    assert page.dims == ["지역"] and [part.name for part in page.slices.parts] == ["서울"]
    assert page.targets == [None] * len(page.points) and not page.versions and not page.history and page.fan is None
    # Channels are cut from the whole: the app may be Seoul's alone, and is not shown for it.
    assert kpi_page(house.whole, dim="채널", user=house.mina, now=NOW).slices.dim == "지역"
    lines = {line.kpi: line for line in bowler(house.mina, now=NOW).lines}
    assert house.theirs not in lines and {cell.value for cell in lines[house.whole].cells if cell} <= {
        None, *(100.0 * month for month in range(1, 11)),
    }  # fmt: skip
    assert [point.value for point in standing(house.revenue, Grain.MONTH, user=house.mina).points][-1] == 900.0


def test_observations_are_those_of_the_slice(house):
    rows = policy.visible(house.mina, Observation.objects.filter(series__metric=house.revenue))
    assert {(row.dim, row.part) for row in rows.exclude(series__slice=SEOUL)} == {("지역", "서울")}
    assert rows.filter(series__slice=SEOUL).exists()
    assert not rows.filter(series__slice=BUSAN).exists()
    assert seen(house.mina, Series) < set(Series.objects.all())


def test_two_slices_of_one_dimension_are_parts_without_a_sum(house):
    teams.save_team(house.bob, house.busan, members=[house.mina])
    row = kpi_rows(Kpi.objects.filter(pk=house.whole.pk), user=again(house.mina), now=NOW)[0]
    assert row.closed is None and row.part == "부산, 서울"
    assert {house.own, house.theirs} <= seen(house.mina)


def test_a_team_without_a_slice_does_not_widen(house):
    teams.save_team(house.bob, label="프로젝트", members=[house.mina])
    assert kpi_rows(Kpi.objects.filter(pk=house.whole.pk), user=again(house.mina), now=NOW)[0].closed.value == 900.0


def test_slices_are_inherited_and_two_dimensions_show_nothing_that_is_cut_by_one(house):
    app = teams.save_team(house.bob, label="앱", parent=house.seoul, slice={"채널": "앱"}, members=[house.carol])
    people.set_role(house.alice, house.carol, "member")
    carol = again(house.carol)
    assert policy.sight(carol).slices == ({"지역": "서울", "채널": "앱"},) and app.pk in policy.sight(carol).teams
    row = kpi_rows(Kpi.objects.filter(pk=house.whole.pk), user=carol, now=NOW)[0]
    assert row.closed is None


def test_findings_of_another_slice_or_of_the_whole_are_not_seen(house):
    ours, theirs, whole = (made.finding(house.revenue, slice=one) for one in (SEOUL, BUSAN, {}))
    assert seen(house.mina, Finding) == {ours}
    assert seen(house.bob, Finding) == {ours, theirs, whole}
    action = findings.act(house.bob, theirs, title="x", owner=house.bob, due=date(2100, 1, 1))
    assert seen(house.mina, Action) == set()
    Action.objects.filter(pk=action.pk).update(owner=house.mina)
    assert seen(house.mina, Action) == {action}


def test_a_lead_changes_what_the_team_has_and_nothing_else(house):
    lena = again(house.lena)
    assert policy.can(lena, "goal.edit", house.own.goal) and policy.can(lena, "target.edit", house.own)
    for other in (house.theirs, house.whole, house.loose):
        assert not policy.can(lena, "kpi.edit", other)
    fields = {"start": date(2026, 1, 1), "due": date(2026, 12, 31)}
    mine = goals.save_goal(lena, title="새 목표", **fields)
    assert list(mine.teams.all()) == [house.seoul]
    with pytest.raises(policy.NotAllowed):
        goals.save_goal(lena, mine, teams=[house.busan])
    with pytest.raises(policy.NotAllowed):
        goals.save_goal(lena, title="남의 목표", teams=[house.busan], **fields)
    assert not Goal.objects.filter(title="남의 목표").exists()
    cut = goals.save_kpi(house.bob, goal=mine, metric=house.revenue, teams=[house.seoul])
    assert not policy.can(lena, "target.edit", cut), "she sees a part of it and cannot judge the whole"


def test_a_lead_sees_and_approves_the_sheets_of_her_people(house):

    sheet = mbo.open_sheet(
        house.alice, person=house.mina, lead=house.alice, start=date(2026, 1, 1), due=date(2026, 12, 31)
    )
    assert policy.can(again(house.lena), "sheet.approve", sheet) and seen(house.lena, Sheet) == {sheet}
    assert not policy.can(house.mina, "sheet.approve", sheet)
    teams.save_team(house.bob, house.seoul, members=[])
    assert not policy.can(again(house.lena), "sheet.approve", sheet) and seen(house.lena, Sheet) == set()


def test_admins_name_no_owners_and_touch_none(house):
    for act in (
        lambda: people.set_role(house.adam, house.bob, "owner"),
        lambda: people.set_role(house.adam, house.alice, "viewer"),
        lambda: people.remove(house.adam, house.alice),
        lambda: people.invite(house.adam, email="new@example.com", name="New", role="owner"),
    ):
        with pytest.raises(policy.NotAllowed):
            act()
    people.set_role(house.adam, house.bob, "admin")


def test_an_auditor_changes_nothing(house):
    named = {name for name in policy.PERMISSIONS if policy.can(house.audra, name)}
    assert named == {"company.view", "data.view", "sheet.view", "audit.view", "self.edit", "token.edit"}


def test_a_digest_to_a_person_holds_what_the_person_sees(house, settings):
    made.finding(house.revenue, slice=SEOUL)
    made.finding(house.revenue, slice=BUSAN, paragraph={"ko": "부산 매출이 줄었습니다.", "en": "Busan fell."})
    settings.NOTIFY, settings.QUIET_HOURS = "mail mina@example.com,mail all@example.org", "00:00-00:00"
    assert digest.tell() == 2
    texts = {sent.to[0]: sent.body for sent in mail.outbox}
    assert "부산" not in texts["mina@example.com"] and "서울" in texts["mina@example.com"]
    assert "부산" in texts["all@example.org"]


def test_pages_files_and_history_say_nothing_of_another_slice(house, client):
    client.force_login(house.mina)
    for name in ("kpi", "kpi-body", "kpi-csv", "kpi-history", "card"):
        for kpi, status in ((house.whole, 200), (house.own, 200), (house.theirs, 404), (house.loose, 404)):
            answer = client.get(reverse(name, args=[kpi.pk]))
            assert answer.status_code == status, (name, kpi)
            text = answer.content.decode()
            assert status == 404 or not any(number in text for number in ("6,300", "7,200", "6300", "7200")), name
    for name in ("company", "bowler", "goals", "map", "kinds", "okr", "metrics", "findings"):
        text = client.get(reverse(name)).content.decode()
        assert "부산" not in text and "7,200" not in text and "6,300" not in text, name
    text = client.get(reverse("metric", args=[house.revenue.pk])).content.decode()
    assert "7,200" not in text and Metric.objects.exists()
