"""What is costly is given so often in ten minutes, to each person for themselves."""

import pytest
from django.urls import reverse

from nachim.app.models import Metric, Tries
from tests import company as made


@pytest.mark.parametrize(("name", "method"), [
    ("people-csv", "get"), ("audit-csv", "get"), ("people-invite", "post"), ("connection-test", "post"),
    ("channel-test", "post"), ("upload", "post"), ("kpi-csv", "get"),
])  # fmt: skip
def test_after_so_many_the_person_waits_and_nobody_else(name, method, alice, company, visitor, settings):
    settings.COSTLY_RATE = 2
    one = {"connection-test": made.connection, "channel-test": made.channel, "kpi-csv": _kpi}.get(name)
    url = reverse(name, args=[one().pk] if one else [])
    for _at in range(2):
        assert getattr(alice, method)(url).status_code != 429
    answer = getattr(alice, method)(url)
    assert answer.status_code == 429 and answer.headers["Retry-After"] == "600"
    assert getattr(visitor(company.adam), method)(url).status_code != 429
    Tries.objects.all().delete()
    assert getattr(alice, method)(url).status_code != 429


def _kpi():
    metric = Metric.objects.create(name="m", label_ko="m", label_en="m", unit="count", better="up", spec={"manual": {}})
    return made.kpi(made.policy.SYSTEM, made.goal(made.policy.SYSTEM), metric)
