"""What definitions say besides tables and metrics: rows made from events, and what metrics must come out at."""

from django.db import models


class EventRows(models.Model):
    """Rows that are made from events. `spec` is the rows entry of the metric language, without its name."""

    name = models.CharField(max_length=100, unique=True)
    spec = models.JSONField(default=dict)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class MetricTest(models.Model):
    """What a metric must come out at. `spec` is an entry of `tests` in the metric language."""

    position = models.PositiveIntegerField(default=0)
    spec = models.JSONField(default=dict)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self):
        return f"{self.spec.get('metric')} {self.spec.get('period')}"
