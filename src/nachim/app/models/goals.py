"""Goals, the KPIs that serve them, and what each should reach."""

from django.db import models
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from nachim.app.models.people import User
from nachim.app.models.teams import Team
from nachim.core.target import target_from_json


class Metric(models.Model):
    """How a number is computed. `spec` is the metric of the metric language, without its name."""

    class Better(models.TextChoices):
        UP = "up", _("Higher is better")
        DOWN = "down", _("Lower is better")

    name = models.CharField(max_length=100, unique=True)
    label_ko = models.CharField(max_length=100, blank=True)
    label_en = models.CharField(max_length=100, blank=True)
    unit = models.CharField(max_length=16, default="count")
    better = models.CharField(max_length=8, choices=Better, default=Better.UP)
    spec = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.label

    @property
    def label(self) -> str:
        first, second = (self.label_en, self.label_ko) if get_language() == "en" else (self.label_ko, self.label_en)
        return first or second or self.name

    @property
    def additive(self) -> bool:
        """Whether its values of several periods may be summed: a plain sum or count of rows, amounts people write."""
        if "manual" in self.spec:
            return self.spec["manual"].get("over_time") == "sum"
        if {"per", "over_time"} & set(self.spec):
            return False
        return self.spec.get("agg", "").replace(" ", "").startswith(("sum(", "count(")) and not any(
            sign in self.spec["agg"] for sign in "/*"
        )


class MetricVersion(models.Model):
    """What a metric meant, and from when; never overwritten."""

    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    spec = models.JSONField()
    valid_from = models.DateField(help_text="the first day whose numbers people read in this meaning")
    reason = models.CharField(max_length=300, blank=True)
    author = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["metric", "version"], name="metric_version_once")]

    def __str__(self):
        return f"{self.metric_id} v{self.version}"


class Goal(models.Model):
    """A direction with KPIs (`kpi`), or an objective with key results (`okr`). `sentence`: as it was first written."""

    class Framework(models.TextChoices):
        KPI = "kpi", _("Goal with KPIs")
        OKR = "okr", _("Objective with key results")

    name = models.SlugField(max_length=100, unique=True, allow_unicode=True)
    title = models.CharField(max_length=200)
    why = models.TextField(blank=True)
    framework = models.CharField(max_length=8, choices=Framework, default=Framework.KPI)
    sentence = models.CharField(max_length=300, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children")
    teams = models.ManyToManyField(Team, blank=True, related_name="goals")
    start = models.DateField()
    due = models.DateField()
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="goals")
    position = models.PositiveIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self):
        return self.title


class Kpi(models.Model):
    """A metric with a target, an owner and a cadence, serving a goal."""

    class Cadence(models.TextChoices):
        DAY = "day", _("Daily")
        WEEK = "week", _("Weekly")
        MONTH = "month", _("Monthly")
        QUARTER = "quarter", _("Quarterly")

    class Level(models.TextChoices):
        STRATEGIC = "strategic", _("Strategic")
        OPERATIONAL = "operational", _("Operational")
        FUNCTIONAL = "functional", _("Functional")

    class Timing(models.TextChoices):
        LEADING = "leading", _("Leading")
        LAGGING = "lagging", _("Lagging")

    name = models.SlugField(max_length=100, unique=True, allow_unicode=True)
    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, related_name="kpis")
    metric = models.ForeignKey(Metric, on_delete=models.PROTECT, related_name="kpis")
    label = models.CharField(max_length=100, blank=True, help_text="empty: the metric's name")
    slice = models.JSONField(default=dict, blank=True, help_text="only these rows, by dimension")
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="kpis")
    cadence = models.CharField(max_length=8, choices=Cadence, default=Cadence.MONTH)
    level = models.CharField(max_length=16, choices=Level, default=Level.OPERATIONAL)
    timing = models.CharField(max_length=8, choices=Timing, default=Timing.LAGGING)
    function = models.CharField(max_length=32, blank=True)
    teams = models.ManyToManyField(Team, blank=True, related_name="kpis")
    version = models.PositiveIntegerField(default=1, help_text="of what decides its number and verdict: KpiVersion")
    weight = models.PositiveSmallIntegerField(default=0, help_text="percent of the goal; 0: an equal share")
    position = models.PositiveIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["goal__position", "goal_id", "position", "pk"]

    def __str__(self):
        return self.label or self.metric.label


class Guardrail(models.Model):
    """A companion metric that must not break while the KPI reaches its target."""

    class Bound(models.TextChoices):
        MAX = "max", _("at most")
        MIN = "min", _("at least")

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="guardrails")
    metric = models.ForeignKey(Metric, on_delete=models.PROTECT, related_name="guards")
    bound = models.CharField(max_length=4, choices=Bound)
    level = models.FloatField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["kpi", "metric", "bound"], name="guardrail_once")]

    def __str__(self):
        return f"{self.metric.label} {self.bound} {self.level}"


class Target(models.Model):
    """What a KPI should reach; a revision is a new row with its reason."""

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="targets")
    version = models.PositiveIntegerField()
    spec = models.JSONField(help_text="core.target.Target: kind direction level baseline start due")
    valid_from = models.DateField(help_text="the first day it judges; periods before keep the version of their time")
    reason = models.CharField(max_length=300, blank=True)
    author = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["kpi", "version"], name="target_version_once")]

    def __str__(self):
        return f"{self.kpi_id} v{self.version}"

    @property
    def rule(self):
        """What it says, for the rules of `core`; read once as long as `spec` stays the same object."""
        read = self.__dict__.get("_read")
        if read is None or read[0] is not self.spec:
            read = self.__dict__["_read"] = (self.spec, target_from_json(self.spec))
        return read[1]
