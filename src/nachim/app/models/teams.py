"""Teams: who serves a goal and answers for a KPI together."""

from django.db import models
from django.utils import timezone

from nachim.app.models.people import User


class Team(models.Model):
    """A team; teams form a tree. Its lead approves the sheets of its members."""

    name = models.SlugField(max_length=100, unique=True, allow_unicode=True)
    label = models.CharField(max_length=100)
    function = models.CharField(max_length=32, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children")
    lead = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="leads")
    members = models.ManyToManyField(User, blank=True, related_name="teams")
    position = models.PositiveIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self):
        return self.label
