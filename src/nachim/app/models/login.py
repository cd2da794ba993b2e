"""How people prove who they are, and from where they are signed in."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from nachim.app.models.people import User


class Factor(models.Model):
    """A second proof: codes of an authenticator app, or a passkey.

    `secret`: of the app, encrypted by the keys of connections. `step`: the last one used, so that a code works once.
    `credential`: what fido2 needs of a passkey, base64. `uses`: its counter.
    """

    class Kind(models.TextChoices):
        TOTP = "totp", _("Authenticator app")
        PASSKEY = "passkey", _("Passkey")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="factors")
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=80, blank=True)
    secret = models.TextField(blank=True)
    step = models.BigIntegerField(default=-1)
    credential_id = models.CharField(max_length=1400, blank=True, db_index=True)
    credential = models.TextField(blank=True)
    uses = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["kind", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=models.Q(kind="totp"), name="one_app_a_person"),
        ]

    def __str__(self):
        return self.name or self.get_kind_display()


class RecoveryCode(models.Model):
    """Lets a person in once who has lost the other factors. Only the hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self):
        return f"{self.user_id} {'used' if self.used_at else 'unused'}"


class Device(models.Model):
    """A browser somebody is signed in with."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="devices")
    session_key = models.CharField(max_length=40, unique=True)
    ip = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=200, blank=True)
    began_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-seen_at", "-pk"]

    def __str__(self):
        return f"{self.ip} {self.agent[:40]}"


class Identity(models.Model):
    """Who a person is at the company's identity provider, from their first single sign-on on."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="identities")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="identity_once")]

    def __str__(self):
        return f"{self.issuer} {self.subject}"


class Tries(models.Model):
    """How often somebody tried, over all web processes, until a time."""

    key = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField(default=0)
    until = models.DateTimeField()

    def __str__(self):
        return f"{self.key[:8]}: {self.count}"
