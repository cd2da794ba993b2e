"""Objectives' key results, on the same goals and KPIs, and how confident people are in them."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from nachim.app.models.goals import Goal, Kpi
from nachim.app.models.people import User


class KeyResult(models.Model):
    """What tells that an objective is reached: a KPI, whose score is its progress, or a milestone people report on."""

    name = models.SlugField(max_length=100, unique=True, allow_unicode=True)
    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="key_results")
    label = models.CharField(max_length=200)
    kpi = models.ForeignKey(Kpi, null=True, blank=True, on_delete=models.PROTECT, related_name="key_results")
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="key_results")
    weight = models.PositiveSmallIntegerField(default=0, help_text="percent of the objective; 0: an equal share")
    position = models.PositiveIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["goal_id", "position", "pk"]

    def __str__(self):
        return self.label or str(self.kpi)


class CheckIn(models.Model):
    """What somebody said of a key result: how confident they are (0 to 10), how far a milestone is, and why."""

    key_result = models.ForeignKey(KeyResult, on_delete=models.CASCADE, related_name="check_ins")
    day = models.DateField()
    confidence = models.PositiveSmallIntegerField(validators=[MaxValueValidator(10)])
    progress = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text="of a milestone: the share that is done",
    )  # fmt: skip
    note = models.CharField(max_length=500, blank=True)
    author = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-day", "-pk"]

    def __str__(self):
        return f"{self.key_result} {self.day} {self.confidence}/10"
