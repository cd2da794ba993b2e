"""A revision changes what comes after it; what was judged stays as it was judged."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from nachim.app.actions import goals, metrics
from nachim.app.actions.refresh import refresh
from nachim.app.models import Judgement, Kpi, Target
from nachim.app.queries.judgements import pasts
from nachim.app.queries.scorecard import kpi_rows
from tests import company as made

NOW = datetime(2026, 3, 2, tzinfo=UTC)
EASY = {"kind": "keep", "direction": "up", "level": 1_000.0, "start": date(2026, 1, 1), "due": date(2026, 12, 31)}


@pytest.fixture
def kpi(company, orders):
    """Sales of January 30,000 and of February 13,000, kept above 1,000; the target is weeks old."""
    kpi = made.kpi(company.bob, made.goal(company.bob), made.revenue(), target=False)
    goals.set_target(company.bob, kpi, **EASY)
    Target.objects.update(created_at=timezone.now() - timedelta(days=100))
    refresh()
    return kpi


def verdicts(kpi):
    return [(past.point.period.key, past.value, past.status) for past in pasts(Kpi.objects.get(pk=kpi.pk), now=NOW)]


def test_a_revised_target_leaves_last_quarters_verdict(company, kpi):
    before = verdicts(kpi)
    assert [status for _key, _value, status in before] == ["met", "met"]
    revised = goals.set_target(company.bob, kpi, reason="새 매장", **(EASY | {"level": 1e9}))
    assert revised.valid_from > date(2026, 3, 1)
    assert verdicts(kpi) == before
    row = kpi_rows(Kpi.objects.filter(pk=kpi.pk), now=NOW)[0]
    assert (row.status, row.target.level) == ("met", 1_000.0)
    later = kpi_rows(Kpi.objects.filter(pk=kpi.pk))[0]
    assert later.revised.rule.level == 1e9, "what holds from now on is known beside it"


def test_closed_periods_are_not_judged_again(company, kpi):
    with pytest.raises(ValidationError) as refused:
        goals.set_target(company.bob, kpi, reason="x", valid_from=date(2026, 2, 1), **(EASY | {"level": 5.0}))
    assert list(refused.value.error_dict) == ["valid_from"]


def test_a_slip_of_the_same_month_is_corrected(company, kpi):
    Target.objects.update(created_at=timezone.now())
    begins = kpi.targets.first().valid_from
    goals.set_target(company.bob, kpi, reason="0이 하나 빠졌다", valid_from=begins, **(EASY | {"level": 20_000.0}))
    assert [status for *_rest, status in verdicts(kpi)] == ["behind", "met"]


def test_a_metric_that_means_something_else_leaves_the_past_as_it_was_judged(company, kpi):
    before = verdicts(kpi)
    metric = kpi.metric
    with pytest.raises(ValidationError) as refused:
        metrics.save_metric(company.bob, metric, spec={"agg": "count(orders)"})
    assert list(refused.value.error_dict) == ["reason"]
    metric.refresh_from_db()
    metrics.save_metric(company.bob, metric, spec={"agg": "count(orders)"}, reason="금액 대신 건수로 봅니다")
    refresh()
    assert verdicts(kpi) == before, "values and verdicts stay, though the mart now counts"
    row = kpi_rows(Kpi.objects.filter(pk=kpi.pk), now=NOW)[0]
    assert row.closed.value == 2 and row.status == "met" and row.recorded.value == 13_000
    assert metric.versions.first().reason == "금액 대신 건수로 봅니다"


def test_a_kpi_changes_with_a_reason_and_keeps_its_versions(company, kpi):
    with pytest.raises(ValidationError):
        goals.save_kpi(company.bob, kpi, slice={"채널": "앱"})
    kpi.refresh_from_db()
    goals.save_kpi(company.bob, kpi, slice={"채널": "앱"}, reason="앱만 봅니다")
    assert [(one.version, one.spec["slice"], one.reason) for one in kpi.versions.all()] == [
        (2, {"채널": "앱"}, "앱만 봅니다"), (1, {}, ""),
    ]  # fmt: skip
    goals.save_kpi(company.bob, kpi, label="앱 매출")
    assert kpi.version == 2, "a new name is no revision"


def test_what_was_recorded_is_never_written_again(company, kpi):
    goals.set_target(company.bob, kpi, reason="a", **(EASY | {"level": 2.0}))
    kept = list(Judgement.objects.values())
    goals.save_kpi(company.bob, kpi, weight=10, reason="b")
    assert list(Judgement.objects.values()) == kept and kept
