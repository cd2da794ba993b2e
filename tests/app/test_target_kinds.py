"""Targets of every kind through the definition file, the action and the scorecard."""

import json
from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from nachim.app.actions import goals
from nachim.app.actions.refresh import refresh
from nachim.app.definition.export import current, to_yaml
from nachim.app.definition.form import TargetForm, read
from nachim.app.models import Kpi
from nachim.app.queries.scorecard import kpi_rows
from nachim.core.replay import replay
from nachim.core.target import target_from_json
from tests import company as made

SPAN = {"start": "2026-01-01", "due": "2026-12-31"}
KINDS = [
    {"kind": "reach", "level": 50_000.0, "threshold": 40_000.0, "stretch": 60_000.0, "method": "bands"},
    {"kind": "reach", "level": 50_000.0, "trajectory": {"months": {"2026-01": 20_000.0, "2026-12": 50_000.0}}},
    {"kind": "reach", "level": 100_000.0, "total": True, "business_days": True},
    {"kind": "keep", "level": 5_000.0},
    {"kind": "change", "baseline": 10_000.0, "by": 0.15, "relative": True},
    {"kind": "range", "low": 5_000.0, "high": 50_000.0, "tolerance_low": 1_000.0},
    {
        "kind": "milestone",
        "steps": [{"name": "설계", "weight": 30}, {"name": "구축", "due": "2026-06-30"}],
        "late": [[1, 0.5]],
    },
    {"kind": "binary", "level": 1.0},
    {"kind": "hit_rate", "level": 6_000.0, "rate": 0.5},
]
NAMES = [f"{at}-{spec['kind']}" for at, spec in enumerate(KINDS)]


@pytest.fixture
def kpi(company, orders):
    metric = made.revenue(company.bob)
    kpi = made.kpi(company.bob, made.goal(company.bob), metric, target=False)
    refresh(datetime(2026, 4, 2, tzinfo=UTC))
    return kpi


@pytest.mark.parametrize("spec", KINDS, ids=NAMES)
def test_each_kind_is_kept_exported_and_read_back(company, kpi, spec):
    target = goals.set_target(company.bob, kpi, **SPAN, **spec)
    again = read(to_yaml(current())).goals[0].kpis[0].target
    assert target_from_json(again.spec) == target.rule
    assert TargetForm.model_validate({**SPAN, **spec}).spec == target.spec


@pytest.mark.parametrize("spec", KINDS, ids=NAMES)
def test_each_kind_has_its_row_on_the_scorecard_and_its_page(company, kpi, spec, client):
    goals.set_target(company.bob, kpi, **SPAN, **spec)
    row = kpi_rows(Kpi.objects.all(), now=datetime(2026, 4, 2, tzinfo=UTC))[0]
    if row.score:
        again = json.loads(replay(row.score_inputs))["score"]
        assert again["displayed"] == f"{row.score.displayed:f}%" and again["raw_exact"] == str(row.score.raw)
    assert row.verdict.sentence("ko") and row.verdict.sentence("en")
    assert row.status.value not in ("no_target", "no_data") or row.measured is None
    client.force_login(company.bob)
    for path in ("/", f"/kpis/{kpi.pk}/", f"/kpis/{kpi.pk}/target/"):
        assert client.get(path).status_code == 200, path


def test_a_total_adds_the_periods_and_a_hit_rate_counts_them(company, kpi):
    goals.set_target(company.bob, kpi, **SPAN, kind="reach", level=100_000, total=True)
    row = kpi_rows(Kpi.objects.all(), now=datetime(2026, 3, 2, tzinfo=UTC))[0]
    assert row.measured == 43_000
    corrected = {"kind": "hit_rate", "level": 20_000, "rate": 0.5, "reason": "다른 눈으로"}
    goals.set_target(company.bob, kpi, **SPAN, **corrected, valid_from=kpi.targets.first().valid_from)
    row = kpi_rows(Kpi.objects.all(), now=datetime(2026, 3, 2, tzinfo=UTC))[0]
    assert row.measured == 0.5 and row.status == "met"


def test_a_total_of_an_average_is_refused(company, orders):
    from nachim.app.actions import metrics

    made.revenue(company.bob)
    made.orders_metric(company.bob)
    aov = metrics.save_metric(company.bob, name="aov", label_ko="객단가", label_en="AOV", unit="KRW", better="up",
                              spec={"calc": "revenue / orders"})  # fmt: skip
    kpi = made.kpi(company.bob, made.goal(company.bob), aov, target=False)
    with pytest.raises(ValidationError) as caught:
        goals.set_target(company.bob, kpi, **SPAN, level=1.0, total=True)
    assert "total" in caught.value.message_dict


def test_a_score_that_would_mislead_is_refused_with_its_reason(company, kpi):
    goals.set_target(company.bob, kpi, **SPAN, kind="keep", level=0, direction="down")
    row = kpi_rows(Kpi.objects.all(), now=datetime(2026, 4, 2, tzinfo=UTC))[0]
    assert row.score is None and "binary" in row.refusal.text("en")
