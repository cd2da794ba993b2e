"""What stands out and what is done about it: findings, actions, and what happened when."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from nachim.app.models.goals import Metric
from nachim.app.models.people import User


class Finding(models.Model):
    """A change worth attention with its diagnosis, as it was computed; pages only read it.

    `usual` → `seen`: levels before and in it. `one_in`: a day as surprising comes once in so many. `paragraph` by
    language; `waterfall`: [[Korean, English, amount]], adding up to the change; `answer` names the playbook's.
    """

    class Kind(models.TextChoices):
        SPIKE = "spike", _("Spike")
        SHIFT = "shift", _("Level shift")
        TREND = "trend", _("Trend break")
        FAULT = "fault", _("Data fault")

    class State(models.TextChoices):
        OPEN = "open", _("New")
        ACKNOWLEDGED = "acknowledged", _("Seen")
        EXPLAINED = "explained", _("Explained")
        FAULT = "fault", _("A fault of the data")
        ACTION = "action", _("Being acted on")

    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, related_name="findings")
    slice = models.JSONField(default=dict)
    kind = models.CharField(max_length=8, choices=Kind)
    since = models.DateField()
    noticed = models.DateField()
    last = models.DateField()
    up = models.BooleanField(default=False)
    worse = models.BooleanField(default=True)
    usual = models.FloatField(null=True)
    seen = models.FloatField(null=True)
    one_in = models.FloatField(null=True)
    paragraph = models.JSONField(default=dict)
    waterfall = models.JSONField(default=list)
    answer = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.OPEN)
    note = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, help_text="when it was in a digest")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-noticed", "-pk"]
        indexes = [models.Index(fields=["state", "-noticed"], name="finding_open")]

    def __str__(self):
        return f"{self.metric.label} {self.since}"


class Action(models.Model):
    """Something a person does by a day, because of a finding or of its own."""

    finding = models.ForeignKey(Finding, null=True, blank=True, on_delete=models.SET_NULL, related_name="actions")
    title = models.CharField(max_length=200)
    play = models.CharField(max_length=64, blank=True, help_text="name in the playbook")
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="actions")
    due = models.DateField()
    done_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["due", "pk"]

    def __str__(self):
        return self.title


class Event(models.Model):
    """What happened in the company or around it. Public holidays are known without it."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("Company holiday")
        RELEASE = "release", _("Release")
        CAMPAIGN = "campaign", _("Campaign")
        PRICE = "price", _("Price")
        ACTION = "action", _("Action")

    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind)
    first = models.DateField()
    last = models.DateField()

    class Meta:
        ordering = ["-first", "-pk"]

    def __str__(self):
        return self.name
