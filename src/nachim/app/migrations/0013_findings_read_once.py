from django.db import migrations, models


class Migration(migrations.Migration):
    # Apart from 0012: PostgreSQL takes no constraint in the transaction that has just written rows.

    dependencies = [("app", "0012_findings_reads")]

    operations = [
        migrations.AddConstraint("kpiread", models.UniqueConstraint(fields=["kpi", "day"], name="read_on_a_day")),
    ]
