"""Teams: who serves a goal and answers for a KPI together."""

from datetime import date

from django.db import models
from django.utils import timezone

from nachim.app.models.people import User


class Team(models.Model):
    """A team; teams form a tree. Its lead approves the sheets of its members; its slice narrows what they see."""

    name = models.SlugField(max_length=100, unique=True, allow_unicode=True)
    label = models.CharField(max_length=100)
    function = models.CharField(max_length=32, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children")
    lead = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="leads")
    members = models.ManyToManyField(User, blank=True, through="TeamMember", related_name="teams")
    slice = models.JSONField(default=dict, blank=True, help_text="the rows its people see, by dimension; {}: all")
    position = models.PositiveIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self):
        return self.label

    def people(self, day: date | None = None) -> models.QuerySet[User]:
        """Who belongs to it on a day; today, unless said."""
        return User.objects.filter(pk__in=TeamMember.on(day).filter(team=self).values("user_id")).order_by("name")


class TeamMember(models.Model):
    """That a person belongs to a team, from its first to its last day; both count."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="stays")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="stays")
    since = models.DateField(default=timezone.localdate)
    until = models.DateField(null=True, blank=True, help_text="the last day; empty: no end is known")

    class Meta:
        ordering = ["team_id", "user__name", "since"]
        constraints = [
            models.UniqueConstraint(fields=["team", "user", "since"], name="stay_once"),
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(until__gte=models.F("since")), name="stay_forward"
            ),
        ]

    def __str__(self):
        return f"{self.team} {self.user} {self.since} – {self.until or ''}"

    @classmethod
    def on(cls, day: date | None = None) -> models.QuerySet["TeamMember"]:
        """The memberships that hold on a day; today, unless said."""
        day = day or timezone.localdate()
        return cls.objects.filter(models.Q(until=None) | models.Q(until__gte=day), since__lte=day)
