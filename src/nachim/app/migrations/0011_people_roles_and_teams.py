"""Seven roles, memberships of teams with dates, and the slice a team sees."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

ROLES = [
    ("owner", "Owner"), ("admin", "Admin"), ("lead", "Lead"), ("editor", "Editor"), ("member", "Member"),
    ("viewer", "Viewer"), ("auditor", "Auditor"),
]  # fmt: skip


def keep_members(apps, schema_editor):
    """Whoever was in a team has been there since the team was made, as far as anybody knows."""
    team, stay = apps.get_model("app", "Team"), apps.get_model("app", "TeamMember")
    for one in team.objects.all():
        since = django.utils.timezone.localdate(one.created_at)
        stay.objects.bulk_create([stay(team=one, user_id=pk, since=since) for pk in one.members.values_list("pk", flat=True)])


def restore_members(apps, schema_editor):
    stay = apps.get_model("app", "TeamMember")
    for one in stay.objects.filter(until=None):
        one.team.members.add(one.user_id)


SQLITE = [
    f"CREATE TRIGGER IF NOT EXISTS app_auditentry_no_{verb.lower()} BEFORE {verb} ON app_auditentry "
    "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
    for verb in ("UPDATE", "DELETE")
]
POSTGRES = [
    "CREATE TRIGGER app_auditentry_no_truncate BEFORE TRUNCATE ON app_auditentry "
    "FOR EACH STATEMENT EXECUTE FUNCTION app_auditentry_refuse()",
]


def guard(apps, schema_editor):
    """A table that SQLite made anew has lost its triggers; PostgreSQL empties tables past triggers of rows."""
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRES:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("app", "0009_odds_standing")]
    operations = [
        migrations.AlterField(
            "membership", "role", models.CharField(choices=ROLES, default="viewer", max_length=16)
        ),
        migrations.AddField("membership", "confined", models.BooleanField(default=False)),
        migrations.AddField(
            "team", "slice",
            models.JSONField(blank=True, default=dict, help_text="the rows its people see, by dimension; {}: all"),
        ),
        migrations.CreateModel(
            name="TeamMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateField(default=django.utils.timezone.localdate)),
                ("until", models.DateField(blank=True, help_text="the last day; empty: no end is known", null=True)),
                ("team", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="stays", to="app.team")),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="stays", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ["team_id", "user__name", "since"],
                "constraints": [
                    models.UniqueConstraint(fields=("team", "user", "since"), name="stay_once"),
                    models.CheckConstraint(
                        condition=models.Q(("until", None), ("until__gte", models.F("since")), _connector="OR"),
                        name="stay_forward",
                    ),
                ],
            },
        ),
        migrations.RunPython(keep_members, restore_members),
        migrations.RemoveField("team", "members"),
        migrations.AddField(
            "team", "members",
            models.ManyToManyField(blank=True, related_name="teams", through="app.TeamMember", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            "auditentry", "context",
            models.JSONField(null=True, help_text="from where: via, ip, agent; or via, user, command"),
        ),
        migrations.AddIndex(
            "auditentry", models.Index(fields=["object_kind", "object_name"], name="audit_of")
        ),
        migrations.AddIndex("auditentry", models.Index(fields=["at"], name="audit_at")),
        migrations.RunPython(guard, migrations.RunPython.noop),
    ]
