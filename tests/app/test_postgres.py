"""What PostgreSQL refuses or writes otherwise than SQLite; `make postgres` runs these on both."""

from django.db import transaction

from nachim.app import audit, policy
from nachim.app.actions.refresh import refresh
from nachim.app.database import database
from nachim.app.models import ImportRun, Observation
from tests import company as made


def test_a_file_with_zero_bytes_and_long_values_goes_through_preview_import_and_refresh(company, tmp_path):
    """PostgreSQL keeps no NUL in text or JSON, and no more letters than a column says."""
    text = made.ORDERS + f"7,2026-03-11 10:00,c\x00d,1,앱\x00웹,paid\n8,2026-03-12 10:00,c,2,{'긴' * 400},paid\n"
    run = made.staged(company.alice, text)
    made.import_orders(tmp_path, text)
    made.kpi(company.alice, made.goal(company.alice), made.revenue())
    assert refresh().problems == 0
    assert Observation.objects.filter(series__metric__name="revenue", dim="채널").exists()
    assert ImportRun.objects.get(pk=run.pk).preview["columns"]


def test_the_chain_holds_over_numbers_that_json_writes_with_an_exponent(company):
    with transaction.atomic():
        odd = {"large": 1e16, "small": 1e-7, "zero": -0.0, "huge": 1e300, "deep": [{"x": 2.5e17}]}
        audit.record(policy.SYSTEM, "odd", company.workspace, before=odd)
    assert audit.broken_link() is None


def test_a_server_of_this_machine_needs_no_password():
    made = database("postgres:///nachim")
    assert (made["HOST"], made["USER"], made["PASSWORD"], made["NAME"]) == ("", "", "", "nachim")
