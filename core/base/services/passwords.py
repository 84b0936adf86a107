"""Passwords and API keys: how secrets are kept so that the database does not give them away.

Passwords are guessable, so they are hashed with Argon2id, which is slow on purpose. API keys are 160 random bits,
which cannot be guessed, so a plain SHA-256 is enough and a request costs no 50 ms for it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from core.api import _
from core.exceptions import UserError

#: Characters of a password, counted after normalisation (NIST SP 800-63B). Settings may raise the minimum.
MINIMUM_LENGTH = 8
MAXIMUM_LENGTH = 256
#: The largest minimum that can be set.
LARGEST_MINIMUM = 64
KEY_BYTES = 20
#: The program's own name: the first guess of an attacker who has read the sign-in page.
PRODUCT = "stillage"
#: Words shorter than this are too frequent in other words to be looked for.
_WORD_LENGTH = 3
#: Characters of an API key that are kept readable, to find its row and to tell keys apart in a list.
INDEX_LENGTH = 8

_hasher = PasswordHasher()


def hash_quickly() -> None:
    """From now on, hash with the least effort: for tests, which sign in thousands of times with known passwords."""
    global _hasher
    _hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    _nobody.cache_clear()


def check_password(password: str, *, minimum: int = MINIMUM_LENGTH, words: Iterable[str] = ()) -> None:
    """Refuse a new password that breaks the rules of NIST SP 800-63B: length, and what attackers try first.

    There are no rules about kinds of characters: they make passwords harder to remember, not to guess.

    Args:
        minimum: the least number of characters, MINIMUM_LENGTH or more.
        words: of the context, such as the login and the name of the user; without them, letters must be left in the
            password: digits and signs behind a name are what is guessed next.

    Raises:
        UserError: too short, too long, on the list of common passwords, or made of `words`.
    """
    length = len(normalise(password))
    if length < minimum:
        raise UserError(
            _("A password needs at least %(count)s characters.", count=minimum),
            code="base.password_too_short",
            data={"length": minimum},
        )
    if length > MAXIMUM_LENGTH:
        raise UserError(
            _("A password has at most %(count)s characters.", count=MAXIMUM_LENGTH),
            code="base.password_too_long",
            data={"length": MAXIMUM_LENGTH},
        )
    folded = normalise(password).casefold()
    if folded in _common_passwords() or len(set(folded)) == 1:
        raise UserError(
            _("This password is on lists that attackers try first. Choose another one, such as several words."),
            code="base.password_common",
        )
    if not any(character.isalpha() for character in _without_words(folded, words)):
        raise UserError(
            _(
                "This password is little more than the login, the name or the name of the program."
                " Choose another one, such as several words."
            ),
            code="base.password_of_context",
        )


def normalise(password: str) -> str:
    """Return the password in the one form in which it is hashed (NFC): keyboards compose accents differently."""
    return unicodedata.normalize("NFC", password)


def hash_password(password: str) -> str:
    """Return the text to store for a password. The rules for new passwords are in `check_password`."""
    return _hasher.hash(normalise(password))


def verify_password(stored: str | bool | None, password: str) -> bool:
    """Return whether `password` is the one behind `stored`.

    Without a stored hash the work is done all the same, so that the time taken does not tell whether a user exists.
    A text that is too long to be a password is refused without work.
    """
    if len(password) > 4 * MAXIMUM_LENGTH or len(normalise(password)) > MAXIMUM_LENGTH:
        return False
    hashed = str(stored or _nobody())
    forms = dict.fromkeys((normalise(password), password))  # hashes of before there was a normal form
    return any(_matches(hashed, form) for form in forms) and bool(stored)


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


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _common_passwords() -> frozenset[str]:
    """The common passwords that are long enough to be one, from the lists that zxcvbn ships."""
    return frozenset(word for word in FREQUENCY_LISTS["passwords"] if len(word) >= MINIMUM_LENGTH)


def _without_words(folded: str, words: Iterable[str]) -> str:
    """What is left of a password without the words of its context, whole or in parts (``anna.bell@example.com``)."""
    whole = [normalise(word).casefold() for word in (*words, PRODUCT) if word]
    parts = {part for word in whole for part in [word, *word.replace("@", " ").replace(".", " ").split()]}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= _WORD_LENGTH:
            folded = folded.replace(part, "")
    return folded
