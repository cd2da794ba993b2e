"""Handing work to the worker. Jobs stand above the app, so it names them and never imports them."""

from django.db import transaction
from django.utils.module_loading import import_string


def later(job: str, *args) -> None:
    """Enqueue a job by its dotted name once the present transaction is through: the worker then sees what it wrote."""
    transaction.on_commit(lambda: import_string(job).enqueue(*args))
