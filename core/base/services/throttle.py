"""Slow down the guessing of passwords and codes.

Failures are counted in the table `res_users_throttle`, shared by all workers. Each failure beyond the free ones doubles
the wait, up to a quarter of an hour. What is counted, for a sign-in:

    login and source    one person, or another one beside them, guessing
    source              one machine trying many logins
    login               many machines trying one login

The last two do not hold where the login has signed in from that source before (in the last 30 days): so a colleague's
mistakes, or a stranger elsewhere, do not lock out those who work as always. Codes of a second factor and the password
asked for again in a session are counted for the user alone (`kind`): only who has the password, or the open session,
can fail there, so that no one else is locked out, and another source does not begin anew. So are programs that send
the right password where a key is needed: their user signs in to the pages meanwhile.

The source is the network address of the request, never what a client says; a network of IPv6 (/64) is one source,
since each of its machines has as many addresses as it likes.

A failed login rolls its transaction back, so the count is written in a transaction of its own after that.
"""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
from typing import Any, Literal

from core.api import _
from core.db.transaction import run
from core.exceptions import AccessDenied

Kind = Literal["sign_in", "identity", "totp", "program"]

#: Failures that cost nothing: per login and source, per source, per login.
FREE_ATTEMPTS = 5
FREE_ATTEMPTS_PER_SOURCE = 30
FREE_ATTEMPTS_PER_LOGIN = 100
#: Seconds to wait after the first failure that is not free, and at most.
FIRST_WAIT = 5
LONGEST_WAIT = 15 * 60
#: A counter that has been quiet for so long starts again.
FORGET_AFTER = datetime.timedelta(hours=12)
#: How long a login is known at a source after it signed in there, in seconds, and how often that is noted.
KNOWN_FOR = 30 * 24 * 3600
_NOTED_EVERY = 24 * 3600


def check(env: Any, login: str, source: str, kind: Kind = "sign_in") -> None:
    """Raise AccessDenied while attempts for this login from this source have to wait.

    Args:
        login: as typed, whether there is such a user or not.
        source: the network address that the request came from.
        kind: what is guessed at.
    """
    keys = _keys(login, source, kind)
    if len(keys) > 1 and _is_known(env, login, source):
        keys = keys[:1]
    if (seconds := max(_remaining_wait(env, key, free) for key, free in keys)) > 0:
        raise AccessDenied(
            _("Too many failed attempts. Please wait %(seconds)s seconds and try again.", seconds=seconds),
            code="too_many_attempts",
            data={"retry_after": seconds},
        )


def failed(env: Any, login: str, source: str, kind: Kind = "sign_in") -> None:
    """Count a failure, whichever way the present transaction ends."""
    engine = env.cr.engine
    env.cr.after_end(lambda: run(engine, lambda cursor: _count(cursor, login, source, kind)))


def succeeded(env: Any, login: str, source: str, kind: Kind = "sign_in") -> None:
    """Forget the failures of this login from this source; most logins have none and nothing is written."""
    key = _keys(login, source, kind)[0][0]
    if env.cr.execute("SELECT 1 FROM res_users_throttle WHERE name = :name", {"name": key}).first():
        env.cr.execute("DELETE FROM res_users_throttle WHERE name = :name", {"name": key})
    if kind == "sign_in" and source:
        _note_known(env, login, source)


def network(source: str) -> str:
    """Return what counts as one source: the address itself, of IPv6 its network of 64 bits."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return source
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return str(address)


def _note_known(env: Any, login: str, source: str) -> None:
    key, now = _known_key(login, source), _stamp(_now())
    row = env.cr.execute("SELECT last_failure FROM res_users_throttle WHERE name = :name", {"name": key}).first()
    if row is None or row[0] < now - _NOTED_EVERY:
        env.cr.execute(
            "INSERT INTO res_users_throttle (name, failures, last_failure) VALUES (:name, 0, :now)"
            " ON CONFLICT (name) DO UPDATE SET last_failure = :now",
            {"name": key, "now": now},
        )


def _is_known(env: Any, login: str, source: str) -> bool:
    found = env.cr.execute(
        "SELECT 1 FROM res_users_throttle WHERE name = :name AND last_failure > :since",
        {"name": _known_key(login, source), "since": _stamp(_now()) - KNOWN_FOR},
    )
    return found.first() is not None


def _count(cursor: Any, login: str, source: str, kind: Kind) -> None:
    for key, _free in _keys(login, source, kind):
        cursor.execute(
            "INSERT INTO res_users_throttle (name, failures, last_failure) VALUES (:name, 1, :now)"
            " ON CONFLICT (name) DO UPDATE SET failures = CASE WHEN res_users_throttle.last_failure < :old THEN 1"
            " ELSE res_users_throttle.failures + 1 END, last_failure = :now",
            {"name": key, "now": _stamp(_now()), "old": _stamp(_now() - FORGET_AFTER)},
        )


def _remaining_wait(env: Any, key: str, free: int) -> int:
    row = env.cr.execute(
        "SELECT failures, last_failure FROM res_users_throttle WHERE name = :name", {"name": key}
    ).first()
    if row is None or row[0] < free:
        return 0
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(row[0] - free, 20))
    return max(0, int(row[1] + wait - _stamp(_now())) + 1) if row[1] + wait > _stamp(_now()) else 0


def _keys(login: str, source: str, kind: Kind) -> list[tuple[str, int]]:
    """Return the counters to look at as (key, free attempts), the login's own first."""
    login, source = login.strip().casefold(), network(source)
    if kind != "sign_in":
        return [(_digest(f"{kind}\n{login}"), FREE_ATTEMPTS)]
    return [
        (_digest(f"{login}\n{source}"), FREE_ATTEMPTS),
        (_digest(source), FREE_ATTEMPTS_PER_SOURCE),
        (_digest(f"login\n{login}\n"), FREE_ATTEMPTS_PER_LOGIN),
    ]


def _known_key(login: str, source: str) -> str:
    return _digest(f"known\n{login.strip().casefold()}\n{network(source)}")


def _digest(text: str) -> str:
    """A key of the table: it names no user."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _stamp(moment: datetime.datetime) -> int:
    return int(moment.timestamp())
