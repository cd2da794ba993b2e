"""Which metric bears on which, and how one knows."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from nachim.app.models.goals import Metric


class DriverEdge(models.Model):
    """`part` bears on `whole`. The identity edges of a whole together say how it is made (`core.driver_tree`)."""

    class Kind(models.TextChoices):
        IDENTITY = "identity", _("Makes it by arithmetic")
        CONTRIBUTES = "contributes", _("Contributes")
        CLAIMED = "claimed", _("Claimed to move it")

    class How(models.TextChoices):
        PRODUCT = "product", _("multiplied")
        SUM = "sum", _("added up")

    class Direction(models.TextChoices):
        UP = "up", _("more of it means more")
        DOWN = "down", _("more of it means less")

    whole = models.ForeignKey(Metric, on_delete=models.CASCADE, related_name="drivers")
    part = models.ForeignKey(Metric, on_delete=models.CASCADE, related_name="drives")
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.CONTRIBUTES)
    how = models.CharField(max_length=8, choices=How, blank=True, help_text="of an identity: how its parts make it")
    against = models.BooleanField(default=False, help_text="of an identity: taken off in a sum, divides in a product")
    direction = models.CharField(max_length=8, choices=Direction, default=Direction.UP)
    lag_days = models.PositiveSmallIntegerField(default=0, help_text="of a claim: how much later it shows")
    note = models.CharField(max_length=300, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["whole_id", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["whole", "part"], name="driver_once")]

    def __str__(self):
        return f"{self.part.name} → {self.whole.name}"
