"""Which metric was seen to move before which."""

from django.db import models
from django.utils import timezone


class LeadLook(models.Model):
    """One look at which metric leads which, by the week; the latest is the one that counts.

    `links`: [{leader, follower, weeks, correlation, q, gain}], names of metrics, strongest evidence first; `tested`
    pairs; `too_short`: names of metrics with too few weeks.
    """

    at = models.DateTimeField(default=timezone.now)
    links = models.JSONField(default=list)
    tested = models.PositiveIntegerField(default=0)
    too_short = models.JSONField(default=list)

    class Meta:
        ordering = ["-at"]

    def __str__(self):
        return f"{len(self.links)} / {self.tested}"
