"""The audit trail refuses updates and deletes in the database itself."""

from django.db import migrations

SQLITE = [
    f"CREATE TRIGGER app_auditentry_no_{verb.lower()} BEFORE {verb} ON app_auditentry "
    "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
    for verb in ("UPDATE", "DELETE")
]
POSTGRES = [
    "CREATE FUNCTION app_auditentry_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$",
    "CREATE TRIGGER app_auditentry_append_only BEFORE UPDATE OR DELETE ON app_auditentry "
    "FOR EACH ROW EXECUTE FUNCTION app_auditentry_refuse()",
]


def guard(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRES:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("app", "0001_initial")]
    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
