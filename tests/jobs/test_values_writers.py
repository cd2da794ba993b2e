"""Two processes write values of one metric at once: each value lands once, and each correction knows the last one."""

import subprocess
import sys

MAKE = """
from nachim.app import policy
from nachim.app.actions import metrics
from nachim.app.actions.workspace import ensure
ensure(policy.SYSTEM, "x")
metrics.save_metric(policy.SYSTEM, name="recall", label_ko="x", label_en="", unit="count", better="up",
                    spec={"manual": {}})
"""
WRITE = """
import sys
from datetime import date
from nachim.cli.start import begin
begin()
from nachim.app import language, policy
from nachim.app.actions.values import Value, write_values
from nachim.app.models import Metric
from nachim.core.period import Grain
number = int(sys.argv[1])
first = language.calendar().period(Grain.MONTH, date(2024, 1, 1))
for at in range(6):
    # One month of its own, and one that all of them write.
    mine = Value(first.moved(1 + number * 6 + at), float(number))
    write_values(policy.SYSTEM, Metric.objects.get(), [mine, Value(first, float(number * 6 + at))])
"""
READ = """
from nachim.app import audit
from nachim.app.models import AuditEntry, Metric
from nachim.app.queries.values import written
from nachim.app.home import lake
assert audit.broken_link() is None
entries = list(AuditEntry.objects.filter(action="value.write").order_by("pk"))
shared = [(one.before.get("2024-01-01"), one.after.get("2024-01-01")) for one in entries]
chain = [pair for pair in shared if pair[1] is not None]
assert all(before["value"] == earlier["value"] for (before, _), (_, earlier) in zip(chain[1:], chain)), chain
assert len(lake().table("written_recall").imports()) == len(entries) == 12
print([one.value for one in written(Metric.objects.get())][::-1][1:], written(Metric.objects.get())[-1].value ==
      chain[-1][1]["value"])
"""


def test_each_value_lands_once_and_every_correction_knows_what_stood_there(house):
    house.python(MAKE)
    writers = [subprocess.Popen([sys.executable, "-c", WRITE, str(at)], env=house.env) for at in range(2)]
    assert [one.wait(120) for one in writers] == [0, 0]
    assert house.python(READ) == f"{[0.0] * 6 + [1.0] * 6} True\n"
