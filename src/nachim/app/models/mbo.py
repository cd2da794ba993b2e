"""Sheets of agreed goals (MBO): what a person is measured by, agreed with their lead, changed with a reason."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from nachim.app.models.people import User


class Sheet(models.Model):
    """One person's agreed goals for a span of time; the lead approves them."""

    name = models.SlugField(max_length=100, unique=True, allow_unicode=True)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="sheets")
    lead = models.ForeignKey(User, on_delete=models.PROTECT, related_name="led_sheets")
    start = models.DateField()
    due = models.DateField()
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-start", "person__name"]

    def __str__(self):
        return f"{self.person} {self.start:%Y-%m} – {self.due:%Y-%m}"


class SheetVersion(models.Model):
    """What a sheet says, and what became of the proposal; nothing is overwritten.

    `items`: [{kpi: its name or "", label, aim, weight}], weights in percent that sum to 100.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Waiting for approval")
        AGREED = "agreed", _("Agreed")
        DECLINED = "declined", _("Declined")

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    items = models.JSONField()
    reason = models.CharField(max_length=300, blank=True)
    author = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=16, choices=State, default=State.PROPOSED)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=300, blank=True, help_text="what the lead said")

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["sheet", "version"], name="sheet_version_once")]

    def __str__(self):
        return f"{self.sheet_id} v{self.version}"
