"""The company and the people in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

_read: ContextVar["Workspace | None"] = ContextVar("workspace", default=None)


class Workspace(models.Model):
    """The one company of this installation, and how it cuts time."""

    name = models.CharField(max_length=100)
    tz = models.CharField(max_length=64, default="Asia/Seoul")
    week_start = models.PositiveSmallIntegerField(default=0, help_text="0 is Monday")
    fiscal_year_start = models.PositiveSmallIntegerField(default=1, help_text="month, 1 to 12")
    day_start = models.TimeField(default="00:00")
    locale = models.CharField(max_length=8, default="ko")
    closed = models.JSONField(
        default=list, blank=True, help_text="dates the company is closed, besides public holidays"
    )
    sample = models.BooleanField(default=False, help_text="filled with a simulated company")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return self.name

    @classmethod
    def current(cls) -> "Workspace | None":
        return _read.get() or cls.objects.order_by("pk").first()

    @classmethod
    @contextmanager
    def read_once(cls) -> Iterator["Workspace | None"]:
        """Within, `current` is asked of the database once: for what only reads."""
        token = _read.set(cls.current())
        try:
            yield _read.get()
        finally:
            _read.reset(token)


class UserManager(BaseUserManager):
    def create_user(self, email, name, password=None, **fields):
        user = self.model(email=self.normalize_email(email).lower(), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in with an e-mail address."""

    class Theme(models.TextChoices):
        AUTO = "auto", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80)
    locale = models.CharField(max_length=8, blank=True, help_text="empty: as the workspace")
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.AUTO)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    def __str__(self):
        return self.name


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    LEAD = "lead", _("Lead")
    EDITOR = "editor", _("Editor")
    MEMBER = "member", _("Member")
    VIEWER = "viewer", _("Viewer")
    AUDITOR = "auditor", _("Auditor")


class Membership(models.Model):
    """A person's role in the company. `confined`: a viewer who sees what leads and members see, not everything."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="membership")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role, default=Role.VIEWER)
    confined = models.BooleanField(default=False)
    since = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"{self.user} ({self.role})"


class OneTimeLink(models.Model):
    """A link that lets one person in once: the first owner, or someone invited. Only the token's hash is kept."""

    class Purpose(models.TextChoices):
        SETUP = "setup"
        INVITE = "invite"

    token_hash = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=8, choices=Purpose)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self):
        return f"{self.purpose} until {self.expires_at:%Y-%m-%d %H:%M}"
