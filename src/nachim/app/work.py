"""Handing work to the worker. Jobs stand above the app, so it names them and never imports them."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string


def later(job: str, *args, after: float = 0) -> None:
    """Enqueue a job by its dotted name once the present transaction is through: the worker then sees what it wrote.

    `after`: in so many seconds at the earliest, so that more of it gathers.
    """

    def enqueue():
        task = import_string(job)
        if after and task.get_backend().supports_defer:
            task = task.using(run_after=timezone.now() + timedelta(seconds=after))
        task.enqueue(*args)

    transaction.on_commit(enqueue)
