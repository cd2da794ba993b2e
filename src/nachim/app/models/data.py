"""Tables as the company knows them, the imports that filled them, and the connections to tables elsewhere."""

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


class Connection(models.Model):
    """An engine elsewhere that holds tables: where it is and who asks.

    The password stands here as a token (`connect.secrets`), or not at all: `variable` then names where the process
    finds it. `tables` is what was last seen of the engine's tables: {table: {column: type}}.
    """

    class Engine(models.TextChoices):
        POSTGRES = "postgres", "PostgreSQL"
        CLICKHOUSE = "clickhouse", "ClickHouse"
        SPARK = "spark", "Spark"

    name = models.CharField(max_length=50, unique=True)
    engine = models.CharField(max_length=16, choices=Engine, default=Engine.POSTGRES)
    host = models.CharField(max_length=255)
    port = models.PositiveIntegerField(default=0, help_text="0: the engine's usual one")
    database = models.CharField(max_length=100, blank=True)
    user = models.CharField(max_length=100, blank=True)
    schema = models.CharField(max_length=100, blank=True, help_text="of tables that name none")
    zone = models.CharField(max_length=64, default="UTC", help_text="reads times that were stored without one")
    secure = models.BooleanField(default=True, help_text="TLS or nothing")
    seconds = models.PositiveIntegerField(default=120, help_text="a query that takes longer is stopped")
    every_minutes = models.PositiveIntegerField(default=60, help_text="numbers younger than this are not asked again")
    secret = models.TextField(blank=True)
    variable = models.CharField(max_length=100, blank=True)
    tables = models.JSONField(default=dict)
    tried_at = models.DateTimeField(null=True, blank=True)
    problem = models.JSONField(default=dict, help_text="why it could not be reached when last tried, by language")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    @property
    def password(self) -> str:
        """What a file or a page says in the password's place: a reference, `kept`, or nothing; never itself."""
        return f"${{{self.variable}}}" if self.variable else "kept" if self.secret else ""


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
