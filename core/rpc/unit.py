"""One remote call as one unit of work: who calls, as whom to work, commit; retried whole when another interferes.

    run(caller, credentials, work)
        -> transaction (read-only if the work only reads)
             -> credentials.known(env)        remembered and still good? one statement
             -> work(env of that user)        with the user's language, time zone and companies
        -> commit; or again with a fresh transaction

    not known yet: credentials.prove(env) in a transaction of its own, then the above

RPC clients send their password with every call, and verifying one costs some 50 ms by design. So a verified secret is
remembered by this process, as a digest under a key that lives and dies with it, together with the hash that stood in
the database. A changed password, a second factor, a revoked or expired key or an archived user takes effect with the
next call.
"""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from threading import Lock
from typing import Any, Final, Protocol, TypeVar

import sqlalchemy as sa

from core import logs
from core.base.services import audit, throttle
from core.db.errors import ConstraintViolation
from core.db.types import UtcDateTime
from core.exceptions import AccessDenied
from core.i18n import _, language
from core.orm.client import Client, Credential

T = TypeVar("T")

#: How often a call verifies its credentials before it gives up.
PROOFS: Final = 3

#: How many verified secrets a process remembers.
REMEMBERED: Final = 1000

_STILL_GOOD: Final = sa.text("""
    SELECT 1 FROM res_users u
     WHERE u.id = :uid AND u.active
       AND (u.password_hash = :stamp AND coalesce(u.totp_secret, '') = ''
            OR EXISTS (SELECT 1 FROM res_users_apikeys k
                        WHERE k.user_id = u.id AND k.key = :stamp
                          AND (k.expiration_date IS NULL OR k.expiration_date > :now)))
""").bindparams(sa.bindparam("now", type_=UtcDateTime()))


@dataclass(frozen=True)
class Caller:
    """Where a call goes and where it comes from. `source` is the client's address; failures are counted by it."""

    database: Any
    source: str = ""
    agent: str = ""
    request: str = ""

    def client(self, identity: Identity | None = None) -> Client:
        """What the environment knows of the caller, and of what proved its user."""
        if identity is None:
            return Client(self.source, self.agent, self.request)
        return Client(self.source, self.agent, self.request, identity.credential, identity.session_id, identity.key_id)


@dataclass(frozen=True)
class Identity:
    """Who calls, and what proved it."""

    uid: int
    credential: Credential
    session_id: int = 0
    key_id: int = 0


def caller_of(database: Any, request: Any) -> Caller:
    """The caller of an HTTP request. Its address is that of the client where trusted proxies stand in between."""
    agent = request.headers.get("User-Agent", "")
    return Caller(database, request.remote_addr or "", agent, logs.current().id)


@dataclass(frozen=True)
class Proof:
    """A secret that was verified: whose it is, the hash it was verified against, when, and which key it is (or 0)."""

    uid: int
    stamp: str
    day: date
    key_id: int = 0


@dataclass
class Memory:
    """The verified secrets of this process, oldest first; bounded, and safe for threads."""

    _proofs: OrderedDict[bytes, Proof] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def find(self, *what: Any) -> Proof | None:
        """The proof for the secret described by `what`, unless it is from another day (keys note their last use)."""
        with self._lock:
            proof = self._proofs.get(self._digest(what))
        return proof if proof and proof.day == _today() else None

    def add(self, proof: Proof, *what: Any) -> None:
        """Remember that the secret described by `what` was verified."""
        with self._lock:
            self._proofs[self._digest(what)] = proof
            while len(self._proofs) > REMEMBERED:
                self._proofs.popitem(last=False)

    def _digest(self, what: tuple[Any, ...]) -> bytes:
        return hmac.digest(self._key, repr(what).encode(), "sha256")


_memory = Memory()


class Credentials(Protocol):
    """Proof of who calls."""

    def known(self, env: Any) -> Identity | None:
        """Who calls, if a proof is remembered and still good, else None. Only reads."""

    def prove(self, env: Any) -> None:
        """Verify and remember. Raises AccessDenied. May write."""


@dataclass(frozen=True)
class Password:
    """User id with password or API key, as every call of XML-RPC and JSON-RPC carries them."""

    uid: int
    secret: str
    source: str = ""

    def known(self, env: Any) -> Identity | None:
        """See Credentials."""
        logs.keep_secret(self.secret)
        return _still_good(env, _memory.find(env.cr.engine.url, self.uid, self.secret))

    def prove(self, env: Any) -> None:
        """See Credentials. Failures make the next attempts wait."""
        if not isinstance(self.uid, int) or isinstance(self.uid, bool) or not isinstance(self.secret, str):
            raise AccessDenied(_("Wrong login or password."))
        user = env["res.users"].browse(self.uid).exists()
        user = user.filtered("active")
        login = user.login if user else str(self.uid)
        verified = env["res.users"]._verify(user, login, self.secret, self.source, interactive=False)
        _remember(env, verified, self.secret, self.uid)


@dataclass(frozen=True)
class ApiKey:
    """A bearer key, which names its user by itself."""

    key: str
    source: str = ""

    def known(self, env: Any) -> Identity | None:
        """See Credentials."""
        logs.keep_secret(self.key)
        return _still_good(env, _memory.find(env.cr.engine.url, self.key)) if self.key else None

    def prove(self, env: Any) -> None:
        """See Credentials."""
        if not self.key:
            raise AccessDenied(_("This call needs an API key, sent as “Authorization: Bearer KEY”."))
        key = env["res.users.apikeys"]._find_key("rpc", self.key)
        if not key:
            # Keys cannot be guessed: a valid one never waits, and wrong ones wait so that they cost little.
            env["res.users"]._check_throttle("", self.source)
            throttle.failed(env, "", self.source)
            env["res.users.apikeys"]._record_refusal("rpc", self.key)
            raise AccessDenied(_("The API key is not valid, or no longer."))
        _memory.add(Proof(key.user_id.id, key.key, _today(), key.id), env.cr.engine.url, self.key)
        audit.record(env(uid=key.user_id.id), "sign_in", key.user_id, details=[f"API key {key.index}"])


def sign_in(caller: Caller, login: Any, password: Any) -> int:
    """The id of the user with this login and password (or API key). Raises AccessDenied."""
    if not isinstance(login, str) or not isinstance(password, str):
        raise AccessDenied(_("Wrong login or password."))
    logs.keep_secret(password)

    def work(env: Any) -> int:
        env.cr.repeatable = True
        env.set_client(caller.client())
        verified = env["res.users"]._authenticate(login, password, caller.source, interactive=False)
        _remember(env, verified, password, verified.user.id)
        return int(verified.user.id)

    return caller.database.run(work)


class _Unknown(Exception):
    """The credentials have not been verified yet."""


def run(caller: Caller, credentials: Credentials, work: Callable[[Any], T], *, readonly: bool = False) -> T:
    """Do `work` as the user whom `credentials` prove, in one transaction, and return its result.

    Args:
        work: called with the user's environment; called again with a new one when another transaction got in
            the way, so it must not have effects outside of the database.
        readonly: the work only reads.

    Raises:
        AccessDenied: the credentials are wrong. Nothing else of the request was looked at.
        ValidationError: a constraint that the database checks at the commit, such as a link to nothing, is broken.
        anything that `work` raises; nothing is written then.
    """

    def prove(env: Any) -> None:
        env.cr.repeatable = True  # verifying twice does no harm
        env.set_client(caller.client())
        credentials.prove(env)

    for _number in range(PROOFS):
        try:
            return _attempt(caller, credentials, work, readonly)
        except _Unknown:
            # What was just proven is unknown again when another call has renewed the hash of the same password.
            caller.database.run(prove)
    try:
        return _attempt(caller, credentials, work, readonly)
    except _Unknown:  # revoked meanwhile
        raise AccessDenied(_("Access denied")) from None


def _attempt(caller: Caller, credentials: Credentials, work: Callable[[Any], T], readonly: bool) -> T:
    """Do `work` if the credentials are known. Raises _Unknown."""
    used: list[Any] = []

    def unit(env: Any) -> T:
        identity = credentials.known(env)
        if identity is None:
            raise _Unknown
        logs.current().user = identity.uid
        env.set_client(caller.client(identity))
        user_env = environment_of(env, identity.uid)
        used.append(user_env)
        with language(user_env.lang):
            return work(user_env)

    try:
        return caller.database.run(unit, readonly=readonly)
    except ConstraintViolation as violation:
        if not used:
            raise
        # The database speaks of tables; the models of the environment that was used know what they are called.
        with language(used[-1].lang):
            raise used[-1].registry.explain(used[-1], violation) from violation


def environment_of(env: Any, uid: int) -> Any:
    """The environment of the user `uid`, with the language and time zone that the user has chosen."""
    user_env = env(uid=uid, su=False, context={})
    return user_env(context=user_env["res.users"].context_get())


def _still_good(env: Any, proof: Proof | None) -> Identity | None:
    if proof is None:
        return None
    now = datetime.now(UTC).replace(tzinfo=None)
    good = env.cr.execute(_STILL_GOOD, {"uid": proof.uid, "stamp": proof.stamp, "now": now}).first()
    return Identity(proof.uid, "key" if proof.key_id else "password", key_id=proof.key_id) if good else None


def _remember(env: Any, verified: Any, secret: str, uid: int) -> None:
    """Remember a secret that was verified, under the hash that the database has of it."""
    user, key = verified.user.sudo(), verified.key
    _memory.add(
        Proof(user.id, key.key if key else user.password_hash, _today(), key.id if key else 0),
        env.cr.engine.url, uid, secret,
    )  # fmt: skip
    how = f"API key {key.index}" if key else "password, by a program"
    audit.record(user.with_user(user.id).env, "sign_in", user, details=[how])


def _today() -> date:
    return datetime.now(UTC).date()
