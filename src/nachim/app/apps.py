from django.apps import AppConfig
from django.db.backends.signals import connection_created


def _tune_sqlite(sender, connection, **kwargs):
    """WAL lets pages read while an import or a refresh writes."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=NORMAL")


class NachimConfig(AppConfig):
    name = "nachim.app"
    label = "app"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        connection_created.connect(_tune_sqlite, dispatch_uid="nachim.tune_sqlite")
