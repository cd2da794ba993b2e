"""What a password may not be: one known from a breach, or little more than a word anybody would try here.

Any characters are welcome, none is asked for. The list of breached ones is `leaked.txt.gz` (scripts/passwords.py);
an operator may add a larger one (NACHIM_LEAKED_PASSWORDS), in the form Have I Been Pwned gives out.
"""

import gzip
import hashlib
import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LIST = Path(__file__).parent / "leaked.txt.gz"
# Tried first anywhere, and at nachim; the last two are 비밀번호 and 나침 on a keyboard that was left in English.
WORDS = (
    "password", "passw0rd", "p@ssw0rd", "admin", "welcome", "letmein", "qwerty", "dashboard", "nachim", "kpi", "okr",
    "비밀번호", "암호", "나침", "관리자", "지표", "목표", "qlalfqjsgh", "skcla",
)  # fmt: skip
# So many characters have to be left when those words are taken out.
LEFT = 6


class Leaked:
    """Refuses what attackers try first, because somebody somewhere had it."""

    def validate(self, password, user=None):
        if password.lower() in _listed() or (settings.LEAKED_PASSWORDS and _in_file(password)):
            raise ValidationError(_("This password is known from a breach of some other site. Choose another."))

    def get_help_text(self):
        return _("Not one that is known from a breach.")


class OwnWords:
    """Refuses a word of the company, the person or the product with little beside it."""

    def validate(self, password, user=None):
        left = password.casefold()
        for word in sorted({*WORDS, *_words_of(user)}, key=len, reverse=True):
            left = left.replace(word, "")
        if len(left) < LEFT:
            raise ValidationError(_("This is little more than a word anybody would try here. Choose another."))

    def get_help_text(self):
        return _("Not the company's name, or your own, with a few signs beside it.")


@cache
def _listed() -> frozenset[str]:
    return frozenset(gzip.decompress(LIST.read_bytes()).decode().splitlines())


def _words_of(user) -> set[str]:
    """Of the company, its teams, and the person."""
    from nachim.app.models import Team, Workspace

    workspace = Workspace.current()
    names = [workspace.name if workspace else "", getattr(user, "name", ""), getattr(user, "email", "")]
    names += Team.objects.filter(archived_at=None).values_list("label", flat=True)
    parts = {part for name in names for part in re.split(r"[\W_]+", name.casefold())}
    return {part for part in parts | {name.casefold() for name in names} if len(part) > 1}


def _in_file(password: str) -> bool:
    """Whether a file of lines `SHA1:count`, sorted, names the password: found by halving, whatever its size."""
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with open(settings.LEAKED_PASSWORDS, "rb") as file:
        low, high = 0, file.seek(0, 2)
        # The line we look for begins in [low, high).
        while low < high:
            middle = (low + high) // 2
            file.seek(middle)
            if middle:
                file.readline()
            at, line = file.tell(), file.readline()
            if not line or line[:40] > wanted:
                high = middle
            elif line[:40] == wanted:
                return True
            else:
                low = at + len(line)
        file.seek(low)
        return file.readline()[:40] == wanted
