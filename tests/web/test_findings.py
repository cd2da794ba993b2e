"""Findings, channels and the playbook as people use them."""

import pytest
from django.urls import reverse

from nachim.app.models import Channel, KpiRead, LeadLook, PlaybookEntry, Watching
from nachim.app.queries.findings import waterfall
from tests import company as made


def test_a_findings_page_says_what_why_and_what_to_do(bob, company, orders):
    found = made.finding(made.revenue(), slice={"채널": "앱"})
    page = bob.get(reverse("finding", args=[found.pk])).content.decode()
    assert all(word in page for word in ("매출 · 앱", "매출이 줄었습니다.", "채널 앱", "-₩2,500", "5,000일에 하루"))
    assert page.count('class="bar step"') == 2 and "처방 고치기" in page


def test_a_waterfall_goes_on_where_the_part_before_ends():
    bars = waterfall([("a", -30.0), ("b", 0.0), ("c", 10.0)])
    assert [(one.label, one.begin, one.end) for one in bars] == [("a", 1.0, 0.0), ("c", 0.0, pytest.approx(1 / 3))]
    assert waterfall([]) == ()


def test_an_owner_adds_a_channel_by_the_page_and_never_sees_its_address_again(alice, company):
    sent = {"name": "커머스팀", "kind": "slack", "address": f"https://hooks.slack.com/{made.CANARY}",
            "quiet_begins": "21:00", "quiet_ends": "08:00"}  # fmt: skip
    assert alice.post(reverse("channel-new"), sent).status_code == 302
    channel = Channel.objects.get()
    for page in ("channels", "audit"):
        assert made.CANARY not in alice.get(reverse(page)).content.decode()
    shown = alice.get(reverse("channel", args=[channel.pk])).content.decode()
    assert made.CANARY not in shown and "커머스팀" in shown
    assert alice.post(reverse("channel-new"), {**sent, "address": "hooks"}).status_code == 422
    assert alice.post(reverse("channel-budget"), {"a_week": "4"}).status_code == 302 and Watching.budget() == 4
    assert "4건까지" in alice.get(reverse("findings")).content.decode()


def test_an_editor_changes_the_playbook_by_the_page(bob, company):
    page = bob.get(reverse("playbook-edit") + "?part=plays&name=product-page").content.decode()
    assert "상품 페이지 보완" in page
    body = (
        "title: {ko: 우리 방식, en: Ours}\nhow: {ko: 고치세요., en: Repair it.}\nowner: product\n"
        "moves: {metric: conversion, low: 0.03, high: 0.1, weeks: 4}\nwatch: {metric: return_rate, bound: max}\n"
    )
    sent = {"part": "plays", "name": "product-page", "body": body}
    assert bob.post(reverse("playbook-edit"), sent).status_code == 302
    assert "우리 방식" in bob.get(reverse("playbook")).content.decode()
    assert bob.post(reverse("playbook-edit"), {**sent, "body": "title: [x"}).status_code == 422
    bob.post(reverse("playbook-remove", args=[PlaybookEntry.objects.get().pk]))
    assert "상품 페이지 보완" in bob.get(reverse("playbook")).content.decode()


def test_a_kpi_is_counted_as_opened_once_a_visit_and_by_nobody_in_particular(bob, carol, company, orders):
    kpi = made.kpi(company.bob, made.goal(company.bob), made.revenue())
    for person in (bob, bob, carol):
        person.get(reverse("kpi", args=[kpi.pk]))
    assert KpiRead.objects.get().times == 2
    assert {field.name for field in KpiRead._meta.get_fields()} == {"id", "kpi", "day", "times"}


def test_the_map_says_what_moves_first_or_that_nothing_is_known(bob, company, orders):
    revenue, count = made.revenue(), made.orders_metric()
    assert "아직 살펴보지 않았습니다" in bob.get(reverse("map")).content.decode()
    LeadLook.objects.create(tested=12)
    assert "아직 근거가 없습니다" in bob.get(reverse("map")).content.decode()
    link = {"leader": count.name, "follower": revenue.name, "weeks": 3, "correlation": 0.5, "q": 0.01, "gain": 0.2}
    LeadLook.objects.create(tested=12, links=[link])
    assert "3주 뒤 매출이 오르는 편입니다" in bob.get(reverse("map")).content.decode()


def test_a_goal_with_more_than_five_kpis_says_which_to_do_without(bob, company, orders):
    goal, metric = made.goal(company.bob), made.revenue()
    for at in range(6):
        made.kpi(company.bob, goal, metric, label=f"매출 {at}")
    page = bob.get(reverse("goal", args=[goal.pk])).content.decode()
    assert page.count("두 달 동안 아무도 열어 보지 않음") == 3
