"""What a KPI was, and how its periods were judged at the time."""

from django.db import models
from django.utils import timezone

from nachim.app.models.goals import Kpi
from nachim.app.models.people import User


class KpiVersion(models.Model):
    """What decides a KPI's number and verdict (`spec`: goal, slice, cadence, weight, guardrails), and from when."""

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    spec = models.JSONField()
    valid_from = models.DateField()
    reason = models.CharField(max_length=300, blank=True)
    author = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["kpi", "version"], name="kpi_version_once")]

    def __str__(self):
        return f"{self.kpi_id} v{self.version}"


class Judgement(models.Model):
    """A closed period as it was judged before something was revised. Written once, never changed."""

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="judgements")
    grain = models.CharField(max_length=8)
    period = models.CharField(max_length=16, help_text="Period.key")
    value = models.FloatField(null=True)
    status = models.CharField(max_length=16)
    score = models.FloatField(null=True)
    sentence = models.JSONField(help_text="the verdict's sentence, by language")
    kpi_version = models.PositiveIntegerField()
    metric_version = models.PositiveIntegerField()
    target_version = models.PositiveIntegerField(null=True)
    judged_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["kpi_id", "-period"]
        constraints = [models.UniqueConstraint(fields=["kpi", "grain", "period"], name="judged_once")]

    def __str__(self):
        return f"{self.kpi_id} {self.period} {self.status}"


class KpiRead(models.Model):
    """How often a KPI's page was opened on a day, by nobody in particular: one that nobody reads asks to be retired."""

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="reads")
    day = models.DateField()
    times = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["kpi", "day"], name="read_on_a_day")]

    def __str__(self):
        return f"{self.kpi_id} {self.day}: {self.times}"
