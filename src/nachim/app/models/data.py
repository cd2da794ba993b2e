"""Tables of the lake as the company knows them, and the imports that filled them."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from nachim.app.models.people import User


class Table(models.Model):
    """A table of the lake: what its columns mean, remembered for the next file and for metrics.

    `source` is the metric language's source (lake, label, key, time, entities, dims, joins);
    `mapping` is the lake's Mapping of the last import.
    """

    name = models.CharField(max_length=100, unique=True)
    label = models.CharField(max_length=100, blank=True)
    source = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    rows = models.BigIntegerField(default=0)
    version = models.BigIntegerField(default=-1)
    first_row_at = models.DateTimeField(null=True, blank=True)
    last_row_at = models.DateTimeField(null=True, blank=True)
    imported_at = models.DateTimeField(null=True, blank=True)
    expected_every_days = models.PositiveSmallIntegerField(default=1, help_text="how often new rows should come")

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.label or self.name


class ImportRun(models.Model):
    """One file on its way into a table."""

    class State(models.TextChoices):
        STAGED = "staged", _("Waiting for your mapping")
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Importing")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    table_name = models.CharField(max_length=100)
    filename = models.CharField(max_length=255)
    path = models.CharField(max_length=500, blank=True, help_text="the uploaded file, relative to the uploads folder")
    state = models.CharField(max_length=16, choices=State, default=State.STAGED)
    mapping = models.JSONField(default=dict)
    preview = models.JSONField(default=dict)
    drift = models.JSONField(default=list, help_text="differences from the table that need a yes")
    accept_drift = models.BooleanField(default=False)
    phase = models.CharField(max_length=32, blank=True)
    done_share = models.FloatField(default=0)
    read = models.BigIntegerField(default=0)
    inserted = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    quarantined = models.BigIntegerField(default=0)
    quarantine = models.CharField(max_length=255, blank=True, help_text="file name in the quarantine folder")
    already = models.BooleanField(default=False, help_text="the same file had been imported before")
    message = models.JSONField(default=dict, help_text="why it failed, by language")
    version = models.BigIntegerField(default=-1)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.filename} → {self.table_name}"
