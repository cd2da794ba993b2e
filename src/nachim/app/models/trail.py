"""What happened: the audit trail, the live feed, and what is due."""

from django.db import models
from django.utils import timezone

from nachim.app.models.people import User


class AuditEntry(models.Model):
    """Append-only and hash-chained: each entry's hash covers the one before it."""

    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    actor_name = models.CharField(
        max_length=80, help_text="as it was then; 'system' for jobs, 'command line' for the shell"
    )
    action = models.CharField(max_length=64)
    object_kind = models.CharField(max_length=32)
    object_name = models.CharField(max_length=200)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    request_id = models.CharField(max_length=32, blank=True)
    context = models.JSONField(null=True, help_text="from where: via, ip, agent; or via, user, command")
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["object_kind", "object_name"], name="audit_of"),
            models.Index(fields=["at"], name="audit_at"),
        ]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.action} {self.object_name}"


class Change(models.Model):
    """The live feed: only *what* changed. A page fetches the thing itself through its ordinary view."""

    topic = models.CharField(max_length=64, help_text="kpi-12, import-3, company, data")
    at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self):
        return self.topic


class Schedule(models.Model):
    """Work that comes round. Any worker may claim it: whoever moves `due` first enqueues it."""

    name = models.CharField(max_length=64, unique=True)
    due = models.DateTimeField()
    every_seconds = models.PositiveIntegerField()

    def __str__(self):
        return self.name
