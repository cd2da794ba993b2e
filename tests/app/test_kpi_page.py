"""Where a KPI's number comes from."""

from nachim.app.actions import metrics
from nachim.app.actions.refresh import refresh
from nachim.app.models import EventRows, Kpi
from nachim.app.queries.kpi import kpi_page
from tests import company as made
from tests.app.test_sight import NOW


def test_the_defaults_taken_are_those_of_this_metric_alone(company, orders):
    orders.source = {**orders.source, "entities": {"customer": "고객ID"}}
    orders.save()
    EventRows.objects.create(
        name="again", spec={"sequence": {"by": "customer", "start": "orders", "end": "orders", "within": "30 days",
                                         "pick": "next"}},
    )  # fmt: skip
    repeat = metrics.save_metric(
        company.bob, name="repeat", label_ko="재구매율", label_en="Repeat", unit="percent", better="up",
        spec={"agg": "avg(again.converted)"},
    )  # fmt: skip
    goal = made.goal(company.bob)
    plain, followed = made.kpi(company.bob, goal, made.revenue()), made.kpi(company.bob, goal, repeat, target=False)
    refresh(NOW)
    told = {
        kpi: {note.code: note.params for note in kpi_page(Kpi.objects.get(pk=kpi.pk)).provenance.notes}
        for kpi in (plain, followed)
    }
    assert told[followed]["sequence"]["name"] == "again"
    assert "sequence" not in told[plain] and "days" in told[plain]
