"""One-time codes by the clock, RFC 6238: HMAC-SHA1, six digits, thirty seconds."""

import base64
import hashlib
import hmac
import struct

STEP, DIGITS = 30, 6
# How many steps a clock may be off either way.
DRIFT = 1


def code(secret: str, step: int) -> str:
    """The code of a base32 secret in a step of the clock (RFC 4226, 5.3)."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[-1] & 0xF
    number = struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(secret: str, typed: str, seconds: float, after: int = -1) -> int | None:
    """The step whose code was typed, near the time; None where it is wrong, or not after the last one that was used."""
    digits = "".join(typed.split())
    now = int(seconds // STEP)
    for step in range(now - DRIFT, now + DRIFT + 1):
        if step > after and hmac.compare_digest(code(secret, step).encode(), digits.encode()):
            return step
    return None
