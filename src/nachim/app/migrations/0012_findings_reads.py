from django.db import migrations, models
from django.db.models import Count


def counted(apps, _schema):
    """A row a day for each KPI, with how many had opened it; who they were goes."""
    read = apps.get_model("app", "KpiRead")
    days = list(read.objects.order_by().values("kpi", "day").annotate(times=Count("pk")))
    read.objects.all().delete()
    read.objects.bulk_create([read(kpi_id=one["kpi"], day=one["day"], times=one["times"]) for one in days])


class Migration(migrations.Migration):

    dependencies = [("app", "0011_findings_leads")]

    operations = [
        migrations.AddField("kpiread", "times", models.PositiveIntegerField(default=1)),
        migrations.RemoveConstraint("kpiread", "read_once_a_day"),
        migrations.RemoveField("kpiread", "user"),
        migrations.RunPython(counted, migrations.RunPython.noop),
    ]
