"""What is likely to come, and every time the odds were said: with what came of it later."""

from django.db import models
from django.utils import timezone

from nachim.app.models.goals import Kpi, Target
from nachim.app.models.mart import Series
from nachim.app.models.people import User


class Forecast(models.Model):
    """The newest forecast of a series at a grain, as sample paths (`analysis.forecast.drawn`).

    `first`: the first period ahead. `digest`: of the values it was made from and its horizon; the same again is not
    computed again. `doubt`: why it cannot be relied on, {} where it can.
    """

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="forecasts")
    grain = models.CharField(max_length=8)
    first = models.CharField(max_length=16, help_text="Period.key")
    steps = models.PositiveIntegerField()
    as_of = models.DateTimeField(default=timezone.now)
    digest = models.CharField(max_length=64)
    reliable = models.BooleanField()
    doubt = models.JSONField(default=dict)
    origins = models.PositiveIntegerField(default=0)
    paths = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "grain"], name="forecast_once")]

    def __str__(self):
        return f"{self.series_id} {self.grain} {self.first} +{self.steps}"


class Call(models.Model):
    """The odds of a target, as they were said, and what came. Written once; only the outcome is added.

    `first`: the first period that was not known. `p` None: nobody could know, `doubt` says why. `withheld`: computed
    and scored, but not shown, because calls of this frequency had not kept their word. `pace`: what the pace rule said.
    """

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="calls")
    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="calls")
    grain = models.CharField(max_length=8)
    first = models.CharField(max_length=16, help_text="Period.key")
    steps = models.PositiveIntegerField()
    due = models.DateField()
    at = models.DateTimeField(default=timezone.now)
    p = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    needed = models.FloatField(null=True)
    expected = models.FloatField(null=True)
    doubt = models.JSONField(default=dict)
    withheld = models.BooleanField(default=False)
    pace = models.BooleanField(null=True)
    came = models.BooleanField(null=True)
    value = models.FloatField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["target", "-id"]), models.Index(fields=["came", "due"])]

    def __str__(self):
        return f"{self.target_id} {self.first}: {self.p}"


class KpiStanding(models.Model):
    """The status a KPI has settled to (`core.status_change.settle`), so that its colour does not flicker.

    `read`: what it was settled at: target, last closed period and odds; the same again is no new update.
    """

    kpi = models.OneToOneField(Kpi, on_delete=models.CASCADE, related_name="standing")
    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="+")
    read = models.CharField(max_length=64)
    status = models.CharField(max_length=16)
    knocking = models.CharField(max_length=16, blank=True)
    times = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"{self.kpi_id} {self.status}"


class StatusOverride(models.Model):
    """Somebody sees a KPI's status differently, with a reason and a last day; the computed one stays beside it."""

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="overrides")
    status = models.CharField(max_length=16)
    reason = models.CharField(max_length=300)
    until = models.DateField()
    author = models.ForeignKey(User, null=True, on_delete=models.SET_NULL)
    author_name = models.CharField(max_length=100)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, help_text="taken back before its last day")

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.kpi_id} {self.status} {self.until}"
