"""What a person has read of their notices, and links that show numbers on a screen nobody signs in at."""

from django.db import models
from django.utils import timezone

from nachim.app.models.people import User
from nachim.app.models.teams import Team


class NoticeRead(models.Model):
    """That a person has read a notice. Notices themselves are kept nowhere: `queries.notices` tells them from what
    there is, so that nobody is told of what they may no longer see."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices_read")
    key = models.CharField(max_length=64, help_text="queries.notices.Notice.key")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notice_read_once")]

    def __str__(self):
        return f"{self.user} {self.key}"


class Screen(models.Model):
    """A link for a wall: it shows what its maker sees, as long as they do. Only the hash of its token is kept.

    `team`: that team and those below it; none is the company and every team.
    """

    name = models.CharField(max_length=80)
    token_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="screens")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="screens")
    locale = models.CharField(max_length=8, default="ko")
    seconds = models.PositiveSmallIntegerField(default=20, help_text="how long each page stays")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True, help_text="when a screen last asked, to the hour")

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        return self.name

    @property
    def live(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()
