import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("app", "0009_odds_closed")]

    operations = [
        migrations.CreateModel(
            name="KpiStanding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("read", models.CharField(max_length=64)),
                ("status", models.CharField(max_length=16)),
                ("knocking", models.CharField(blank=True, max_length=16)),
                ("times", models.PositiveSmallIntegerField(default=0)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "kpi",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="standing", to="app.kpi"
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="app.target"),
                ),
            ],
        ),
    ]
