"""What programs need: tokens, answers kept for a repeated request, how much was asked, and events on their way."""

from django.db import models
from django.utils import timezone

from nachim.app.models.people import User


class ApiToken(models.Model):
    """Lets a program act as a person, within `scopes`. Only the hash of the token is kept; `prefix` names it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16, unique=True)
    token_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(help_text="read, write, ingest, or permissions by name")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.name} ({self.prefix})"

    @property
    def live(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()


class ApiAnswer(models.Model):
    """What was answered to a request with an Idempotency-Key; the same request again gets the same answer.

    `key`: a hash of who asked and their key. `digest`: of what was asked. `status` 0: it is being answered.
    """

    key = models.CharField(max_length=64, unique=True)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    content_type = models.CharField(max_length=100, blank=True)
    location = models.CharField(max_length=500, blank=True)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self):
        return f"{self.key[:8]} {self.status}"


class ApiUse(models.Model):
    """How many requests somebody made in their present minute, over all web processes."""

    who = models.CharField(max_length=64, unique=True)
    minute = models.BigIntegerField()
    requests = models.PositiveIntegerField(default=0)

    def __str__(self):
        return f"{self.who}: {self.requests}"


class EventBatch(models.Model):
    """Events that were accepted and are not in their table yet: one request's, as JSON lines.

    `refused`: [[the row as text, the column at fault or "", {ko, en}]] of those that cannot go in.
    `claim` names the merge that took it up; the same batches make the same file again.
    """

    table_name = models.CharField(max_length=100)
    body = models.TextField()
    rows = models.PositiveIntegerField()
    size = models.PositiveIntegerField(help_text="bytes")
    refused = models.JSONField(default=list)
    claim = models.CharField(max_length=32, blank=True, db_index=True)
    token = models.ForeignKey(ApiToken, null=True, blank=True, on_delete=models.SET_NULL)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.table_name} {self.rows}"
