"""Codes of a second factor: time-based ones of an authenticator app (RFC 6238), and recovery codes.

secret          160 random bits, shared with the app once, as a QR code
code            6 digits, of a step of 30 seconds; good in its own step and the ones beside it, for clocks that differ
recovery code   120 random bits, for the day when the app is lost; each is good once and stored as a digest
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from typing import Final

import pyotp

#: What authenticator apps show the account under.
ISSUER: Final = "Stillage"
DIGITS: Final = 6
INTERVAL: Final = 30
#: Steps before and after the present one whose codes are good.
DRIFT: Final = 1
RECOVERY_CODES: Final = 10


def new_secret() -> str:
    """Return a new secret, in the Base32 that apps and people type."""
    return pyotp.random_base32(32)


def matching_step(secret: str, code: str, *, now: float | None = None) -> int | None:
    """Return the step whose code this is, or None.

    Args:
        now: seconds since 1970; the present when left out.
    """
    generator = pyotp.TOTP(secret, digits=DIGITS, interval=INTERVAL)
    present = int(time.time() if now is None else now) // INTERVAL
    found = None
    for step in range(present - DRIFT, present + DRIFT + 1):
        if hmac.compare_digest(generator.generate_otp(step), code):
            found = step
    return found


def is_code(text: str) -> bool:
    """Return whether `text` has the form of an app's code rather than of a recovery code."""
    return len(text) == DIGITS and text.isascii() and text.isdigit()


def clean(text: str) -> str:
    """Return a code as it is compared: without the spaces and dashes that it is shown with."""
    return "".join(character for character in text[:100].lower() if character.isalnum())


def setup_uri(secret: str, login: str) -> str:
    """Return the address that the QR code holds."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=INTERVAL).provisioning_uri(name=login, issuer_name=ISSUER)


def new_recovery_codes() -> list[str]:
    """Return new recovery codes, in groups of four letters and digits."""
    codes = [base64.b32encode(secrets.token_bytes(15)).decode().lower() for _number in range(RECOVERY_CODES)]
    return ["-".join(code[start : start + 4] for start in range(0, 24, 4)) for code in codes]


def hash_recovery_code(code: str) -> str:
    """Return the digest to store: of 120 random bits a fast one is enough, and needs no salt."""
    return hashlib.sha256(clean(code).encode()).hexdigest()
