from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("app", "0008_findings")]

    operations = [
        migrations.AddField(
            model_name="workspace",
            name="closed",
            field=models.JSONField(
                blank=True, default=list, help_text="dates the company is closed, besides public holidays"
            ),
        ),
    ]
