"""One writing transaction at a time, as on SQLite with IMMEDIATE; whoever only reads waits for nobody.

So what holds on one database holds on the other: the hash chain of the audit trail has one end, ids of the live feed
are in the order in which they were committed (a reader that has seen 7 will never be shown 6), and no two
transactions lock each other out. Single statements outside a transaction do not queue.
"""

from django.db import OperationalError
from django.db.backends.postgresql import base

from nachim.app.database import BUSY_SECONDS

WRITERS = 0x6E616368696D  # "nachim"


class DatabaseWrapper(base.DatabaseWrapper):
    def set_autocommit(self, autocommit, force_begin_transaction_with_broken_autocommit=False):
        super().set_autocommit(autocommit, force_begin_transaction_with_broken_autocommit)
        if autocommit or not force_begin_transaction_with_broken_autocommit:
            return
        # The transaction of an atomic block has just begun.
        try:
            with self.cursor() as cursor:
                cursor.execute(
                    "SELECT set_config('lock_timeout', %s, true), pg_advisory_xact_lock(%s)",
                    [f"{BUSY_SECONDS}s", WRITERS],
                )
        except OperationalError:
            self.rollback()
            super().set_autocommit(True)
            raise
