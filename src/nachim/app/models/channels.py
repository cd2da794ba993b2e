"""Where findings are told, how many are wanted, and what the company adds to the playbook."""

from datetime import time

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Channel(models.Model):
    """One place that gets digests. `secret` is its address and keys as JSON, encrypted (`connect.secrets`): the address
    of an incoming webhook lets anybody post there. `told_until`: findings up to then were sent or are too old."""

    class Kind(models.TextChoices):
        MAIL = "mail", _("Mail")
        SLACK = "slack", "Slack"
        TEAMS = "teams", "Microsoft Teams"
        JANDI = "jandi", _("JANDI")
        NAVERWORKS = "naverworks", _("NAVER WORKS")
        ALIMTALK = "alimtalk", _("KakaoTalk Alimtalk")
        WEBHOOK = "webhook", _("Webhook")

    name = models.CharField(max_length=50, unique=True)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.MAIL)
    secret = models.TextField()
    quiet_begins = models.TimeField(default=time(21))
    quiet_ends = models.TimeField(default=time(8))
    worse_only = models.BooleanField(default=False)
    paused = models.BooleanField(default=False)
    told_until = models.DateTimeField(default=timezone.now)
    tried_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class Watching(models.Model):
    """One row: how many findings a week the company wants at most."""

    a_week = models.FloatField(default=2.0)

    def __str__(self):
        return f"{self.a_week} a week"

    @classmethod
    def budget(cls) -> float:
        """Findings a week."""
        row = cls.objects.first()
        return row.a_week if row else cls._meta.get_field("a_week").default


class PlaybookEntry(models.Model):
    """A play or an answer of the company's own; one of a shipped name takes its place. `body`: as in playbook.yaml."""

    class Part(models.TextChoices):
        PLAY = "plays", _("Play")
        ANSWER = "answers", _("Answer")

    part = models.CharField(max_length=8, choices=Part)
    name = models.CharField(max_length=64)
    body = models.JSONField(default=dict)

    class Meta:
        ordering = ["part", "name"]
        constraints = [models.UniqueConstraint(fields=["part", "name"], name="playbook_once")]

    def __str__(self):
        return self.name
