"""The mart: computed observations, small and indexed, what pages read. It can be thrown away and recomputed."""

from django.db import models
from django.utils import timezone

from nachim.app.models.goals import Metric


class Series(models.Model):
    """A metric over the rows of one slice ({} is all rows), kept fresh because a KPI or a guardrail needs it.

    `spec_hash` and `versions` (lake table → version) say what the stored observations were computed from;
    a refresh compares them with the present ones and computes what differs.
    """

    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, related_name="series")
    slice_key = models.CharField(
        max_length=255, default="", help_text="the slice as canonical JSON; empty for all rows"
    )
    slice = models.JSONField(default=dict)
    dims = models.JSONField(default=list, help_text="dimensions the observations are broken down by")
    spec_hash = models.CharField(max_length=64, blank=True)
    versions = models.JSONField(default=dict)
    complete_through = models.DateTimeField(null=True, blank=True)
    computed_at = models.DateTimeField(null=True, blank=True)
    problem = models.JSONField(default=dict, help_text="why it could not be computed, by language")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["metric", "slice_key"], name="series_once")]

    def __str__(self):
        return f"{self.metric_id} {self.slice_key}"


class Refresh(models.Model):
    """One computation: the inputs from which any of its observations can be replayed."""

    spec_hash = models.CharField(max_length=64)
    versions = models.JSONField(default=dict)
    sql = models.TextField(blank=True)
    notes = models.JSONField(default=list)
    as_of = models.DateTimeField()
    computed_at = models.DateTimeField(default=timezone.now)
    seconds = models.FloatField(default=0)
    cells = models.PositiveIntegerField(default=0)

    def __str__(self):
        return f"{self.computed_at:%Y-%m-%d %H:%M:%S}"


class Observation(models.Model):
    """One metric, one period, one slice."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="observations")
    grain = models.CharField(max_length=8)
    dim = models.CharField(max_length=100, default="")
    part = models.CharField(
        max_length=255, default="", help_text="the dimension's value; empty with no dim, or for rows without one"
    )
    period = models.CharField(max_length=16, help_text="Period.key: first local day, sortable")
    value = models.FloatField(null=True)
    numerator = models.FloatField(null=True)
    denominator = models.FloatField(null=True)
    n = models.BigIntegerField(default=0)
    state = models.CharField(max_length=16)
    refresh = models.ForeignKey(Refresh, on_delete=models.PROTECT, related_name="observations")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "grain", "dim", "period", "part"], name="observation_once")
        ]

    def __str__(self):
        return f"{self.series_id} {self.grain} {self.period} {self.part}: {self.value}"
