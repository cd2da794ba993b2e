"""Second factors, recovery codes, devices and passwords: each person's own."""

import base64
import secrets
import time
from importlib import import_module

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from nachim.app import audit, policy
from nachim.app.actions.people import sound_password
from nachim.app.engines import keys
from nachim.app.models import Device, Factor, RecoveryCode, User
from nachim.connect.secrets import Unreadable
from nachim.core import totp

CODES, SALT_BYTES = 10, 8
# Without letters and digits that look alike.
ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


def new_secret() -> str:
    """A secret for an authenticator app, 160 bits in base32."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


@transaction.atomic
def add_app(user: User, secret: str, typed: str) -> None:
    """Keep the secret once its first code was typed: it is in the app."""
    policy.require(user, "self.edit", user)
    step = totp.step_of(secret, typed, time.time())
    if step is None:
        raise ValidationError({"code": _("This code is not right. Is the clock of your phone right?")})
    Factor.objects.filter(user=user, kind=Factor.Kind.TOTP).delete()
    Factor.objects.create(user=user, kind=Factor.Kind.TOTP, secret=keys().encrypt(secret), step=step)
    audit.record(user, "self.factor_add", user, after={"kind": "totp"})


@transaction.atomic
def add_passkey(user: User, name: str, credential_id: bytes, credential: bytes, uses: int) -> Factor:
    policy.require(user, "self.edit", user)
    made = Factor.objects.create(
        user=user, kind=Factor.Kind.PASSKEY, name=name.strip()[:80] or _("Passkey"), uses=uses,
        credential_id=base64.b64encode(credential_id).decode(), credential=base64.b64encode(credential).decode(),
    )  # fmt: skip
    audit.record(user, "self.factor_add", user, after={"kind": "passkey", "name": made.name})
    return made


@transaction.atomic
def remove_factor(user: User, factor: Factor) -> None:
    """Without any factor recovery codes have nothing to recover."""
    policy.require(user, "self.edit", user)
    audit.record(user, "self.factor_remove", user, before={"kind": factor.kind, "name": factor.name})
    factor.delete()
    if not user.factors.exists():
        user.recovery_codes.all().delete()


@transaction.atomic
def new_codes(user: User) -> list[str]:
    """Ten recovery codes, shown now and never again; those there were stop working."""
    policy.require(user, "self.edit", user)
    if not user.factors.exists():
        raise ValidationError(_("Add an authenticator app or a passkey first."))
    user.recovery_codes.all().delete()
    salt = secrets.token_hex(SALT_BYTES)
    made = ["".join(secrets.choice(ALPHABET) for _at in range(10)) for _code in range(CODES)]
    RecoveryCode.objects.bulk_create([RecoveryCode(user=user, code_hash=_hash(salt, code)) for code in made])
    audit.record(user, "self.recovery_codes", user, after={"count": CODES})
    return [f"{code[:5]}-{code[5:]}" for code in made]


@transaction.atomic
def proves(user: User, typed: str) -> str:
    """How a typed code proves the person: `totp`, `recovery`, or "" where it does not. Either works once."""
    app = Factor.objects.select_for_update().filter(user=user, kind=Factor.Kind.TOTP).first()
    if app is not None:
        secret = _secret(app)
        step = totp.step_of(secret, typed, time.time(), after=app.step) if secret else None
        if step is not None:
            app.step, app.last_used_at = step, timezone.now()
            app.save(update_fields=["step", "last_used_at"])
            return "totp"
    plain = "".join(sign for sign in typed.upper() if sign in ALPHABET)
    unused = RecoveryCode.objects.filter(user=user, used_at=None)
    first = unused.first() if len(plain) == 10 else None
    fits = _hash(first.code_hash[: 2 * SALT_BYTES], plain) if first else ""
    if fits and unused.filter(code_hash=fits).update(used_at=timezone.now()):
        left = user.recovery_codes.filter(used_at=None).count()
        audit.record(user, "self.recovery_used", user, after={"left": left})
        return "recovery"
    return ""


@transaction.atomic
def change_password(user: User, old: str, new: str) -> None:
    """Every other session of the person ends with the old password."""
    policy.require(user, "self.edit", user)
    if user.has_usable_password() and not user.check_password(old):
        raise ValidationError({"old": _("This is not your present password.")})
    sound_password(new, user, "new")
    user.set_password(new)
    user.save(update_fields=["password"])
    audit.record(user, "self.password", user)


@transaction.atomic
def end_devices(user: User, devices) -> int:
    """Sign out these of the person's own devices."""
    policy.require(user, "self.edit", user)
    count = _end(devices.filter(user=user))
    if count:
        audit.record(user, "self.devices_end", user, after={"count": count})
    return count


@transaction.atomic
def sign_out(actor, user: User) -> int:
    """Sign a person out everywhere; how many browsers that were."""
    policy.require(actor, "people.edit", user)
    count = _end(Device.objects.filter(user=user))
    audit.record(actor, "people.sign_out", user, after={"count": count})
    return count


def _end(devices) -> int:
    store = import_module(settings.SESSION_ENGINE).SessionStore
    ended = list(devices)
    for device in ended:
        store().delete(device.session_key)
        device.delete()
    return len(ended)


def signed_in(user: User, session_key: str, how: str, ip: str, agent: str) -> None:
    """Remember a browser, and that the person came in by it."""
    with transaction.atomic():
        Device.objects.update_or_create(
            session_key=session_key, defaults={"user": user, "ip": ip[:45], "agent": agent[:200]}
        )
        audit.record(user, "session.start", user, after={"how": how})


@transaction.atomic
def signed_out(user: User, session_key: str) -> None:
    Device.objects.filter(session_key=session_key).delete()
    audit.record(user, "session.end", user)


def _secret(app: Factor) -> str:
    """Empty where its key is gone: then a recovery code is left."""
    try:
        return keys().decrypt(app.secret)
    except Unreadable:
        return ""


def _hash(salt: str, code: str) -> str:
    """Salt and hash in 64 characters. A code has 49 bits, so it is hashed as a password is (argon2id, RFC 9106); the
    codes of one set share a salt, so that a try costs one hash, not ten."""
    from argon2.low_level import Type, hash_secret_raw

    given = {"time_cost": 1, "memory_cost": 47_104, "parallelism": 1, "hash_len": 24, "type": Type.ID}
    return salt + hash_secret_raw(code.encode(), bytes.fromhex(salt), **given).hex()
