"""How often one may try: counted in the database, so that all web processes count together."""

import hashlib
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from nachim.app.models import Tries


def take(*what: str, most: int, seconds: int) -> bool:
    """Count one try; whether it may be made. The time runs from the first, and two at once count two."""
    key, now = _key(what), timezone.now()
    if Tries.objects.filter(key=key, until__gt=now).update(count=F("count") + 1):
        return Tries.objects.filter(key=key, count__lte=most).exists()
    until = now + timedelta(seconds=seconds)
    try:
        with transaction.atomic():
            Tries.objects.update_or_create(key=key, defaults={"count": 1, "until": until})
    except IntegrityError:
        Tries.objects.filter(key=key).update(count=F("count") + 1)
    return most > 0


def forget(*what: str) -> None:
    """It went well: begin to count anew."""
    Tries.objects.filter(key=_key(what)).delete()


def sweep() -> None:
    """Take away counts whose time is over."""
    Tries.objects.filter(until__lt=timezone.now()).delete()


def _key(what: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(what).encode()).hexdigest()
