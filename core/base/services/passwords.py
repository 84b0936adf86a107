"""Passwords and API keys: how secrets are kept so that the database does not give them away.

Passwords are guessable, so they are hashed with Argon2id, which is slow on purpose. API keys are 160 random bits,
which cannot be guessed, so a plain SHA-256 is enough and a request costs no 50 ms for it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.api import _
from core.exceptions import UserError

MINIMUM_LENGTH = 4
KEY_BYTES = 20
#: Characters of an API key that are kept readable, to find its row and to tell keys apart in a list.
INDEX_LENGTH = 8

_hasher = PasswordHasher()


def hash_quickly() -> None:
    """From now on, hash with the least effort: for tests, which sign in thousands of times with known passwords."""
    global _hasher
    _hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    _nobody.cache_clear()


def hash_password(password: str) -> str:
    """Return the text to store for a password.

    Raises:
        UserError: the password is too short to be one.
    """
    if len(password) < MINIMUM_LENGTH:
        raise UserError(
            _("A password needs at least %(count)s characters.", count=MINIMUM_LENGTH),
            code="base.password_too_short",
            data={"length": MINIMUM_LENGTH},
        )
    return _hasher.hash(password)


def verify_password(stored: str | bool | None, password: str) -> bool:
    """Return whether `password` is the one behind `stored`.

    Without a stored hash the work is done all the same, so that the time taken does not tell whether a user exists.
    """
    try:
        return _hasher.verify(str(stored or _nobody()), password) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    """Return whether the hash was made with weaker parameters than are used now."""
    return _hasher.check_needs_rehash(stored)


def new_key() -> str:
    """Return a new API key: 40 hexadecimal digits."""
    return secrets.token_hex(KEY_BYTES)


def looks_like_key(text: str) -> bool:
    """Return whether `text` has the form of an API key, so that looking for one is worthwhile."""
    return len(text or "") == 2 * KEY_BYTES and all(character in "0123456789abcdef" for character in text)


def key_index(key: str) -> str:
    """Return the readable beginning of an API key."""
    return key[:INDEX_LENGTH]


def hash_key(key: str) -> str:
    """Return the text to store for an API key."""
    return hashlib.sha256(key.encode()).hexdigest()


def verify_key(stored: str, key: str) -> bool:
    """Return whether `key` is the one behind `stored`, taking the same time either way."""
    return hmac.compare_digest(stored, hash_key(key))


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _hasher.hash(secrets.token_hex(KEY_BYTES))
