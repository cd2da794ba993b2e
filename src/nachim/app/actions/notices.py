"""That a person has read what they were told."""

from nachim.app import policy
from nachim.app.models import NoticeRead, User
from nachim.app.queries.notices import notices


def read(user: User, key: str = "") -> int:
    """One notice is read, or all of them without a `key`; how many were not before. No trail: it changes nothing."""
    policy.require(user, "self.edit")
    fresh = [one.key for one in notices(user) if not one.read and key in ("", one.key)]
    NoticeRead.objects.bulk_create([NoticeRead(user=user, key=one) for one in fresh], ignore_conflicts=True)
    return len(fresh)
