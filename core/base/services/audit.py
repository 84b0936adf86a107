"""The audit log: who proved or failed to prove who they are, and who changed what others may do.

An entry is a row of ``ir.audit.log`` and a line of the logger ``stillage.audit``. What was done is written in the
transaction that did it. A refusal rolls its transaction back, so its row is written in a transaction of its own.
Reasons of refusals are for this log alone: clients get the same message whatever was wrong.

Entries hold no secrets: neither passwords, keys and codes nor their hashes.
"""

from __future__ import annotations

import datetime
import json
import logging
from collections.abc import Iterable
from typing import Any, Final

import sqlalchemy as sa

from core.db.transaction import run

logger = logging.getLogger("stillage.audit")

EVENTS: Final[list[tuple[str, str]]] = [
    ("sign_in", "Signed in"),
    ("sign_in_refused", "Sign-in refused"),
    ("throttled", "Attempts have to wait"),
    ("sign_out", "Signed out"),
    ("session_ended", "Session ended"),
    ("identity_confirmed", "Identity confirmed"),
    ("identity_refused", "Identity not confirmed"),
    ("password_changed", "Password changed"),
    ("key_created", "API key created"),
    ("key_removed", "API key removed"),
    ("key_refused", "API key refused"),
    ("totp_enabled", "Two-factor authentication enabled"),
    ("totp_disabled", "Two-factor authentication disabled"),
    ("totp_refused", "Code refused"),
    ("recovery_code_used", "Recovery code used"),
    ("recovery_codes_created", "Recovery codes created"),
    ("user_created", "User created"),
    ("user_changed", "User changed"),
    ("user_deleted", "User deleted"),
    ("rights_changed", "Access rights changed"),
    ("parameter_changed", "System parameter changed"),
    ("addon_changed", "Addon installed or changed"),
]
_NAMES: Final = frozenset(name for name, _label in EVENTS)

_TEXT, _LOGIN, _AGENT, _SOURCE, _REQUEST = 2000, 200, 200, 64, 64
_TABLE = sa.table(
    "ir_audit_log",
    sa.column("date", sa.DateTime()),
    *(sa.column(name) for name in ("event", "user_id", "login", "by_id", "source", "agent", "credential", "request")),
    sa.column("detail"),
)


def record(env: Any, event: str, users: Any = None, *, details: Iterable[str] = ("",)) -> None:
    """Record what was done, in the present transaction: it stands or falls with that.

    Args:
        env: of the user who did it.
        event: one of EVENTS.
        users: the ``res.users`` concerned, one entry each; none where it concerns no user.
        details: one text for each of `users`, or for each entry where there are none. No secrets.
    """
    texts = list(details)
    concerned = (
        [(user.id, user.login or "") for user in users.sudo()] if users is not None else [(None, "")] * len(texts)
    )
    texts = texts * len(concerned) if len(texts) == 1 else texts
    record_rows(env, event, [(*one, text) for one, text in zip(concerned, texts, strict=True)])


def record_rows(env: Any, event: str, entries: Iterable[tuple[int | None, str, str]]) -> None:
    """Record entries of one event, each (id of the user concerned, login, detail); see `record`."""
    rows = [
        _row(env, event, user_id=user_id, login=login, by_id=env.uid, detail=detail)
        for user_id, login, detail in entries
    ]
    if rows:
        env.flush_all()
        env.cr.execute(sa.insert(_TABLE), rows)
        env.cr.after_commit(lambda: _log(rows))


def record_refusal(env: Any, event: str, *, login: str = "", user: Any = None, reason: str = "") -> None:
    """Record that something was refused, whichever way the present transaction ends.

    Args:
        env: of the request.
        event: one of EVENTS.
        login: as typed.
        user: the user that it names, if there is one.
        reason: for the log, in a few words of ours.
    """
    user_id = user.id if user else None
    row = _row(env, event, user_id=user_id, login=login, by_id=None, detail=reason)
    engine = env.cr.engine

    def write() -> None:
        _log([row])
        run(engine, lambda cursor: cursor.execute(sa.insert(_TABLE), [row]))

    env.cr.after_end(write)


def record_throttling(env: Any, *, login: str, reason: str) -> None:
    """Log an attempt that has to wait. The logger only: a throttled client must not fill the table."""
    _log([_row(env, "throttled", user_id=None, login=login, by_id=None, detail=reason)])


def _row(env: Any, event: str, *, user_id: int | None, login: str, by_id: int | None, detail: str) -> dict[str, Any]:
    if event not in _NAMES:
        raise ValueError(f"{event!r} is no event of the audit log")
    client = env.client
    return {
        "date": datetime.datetime.now(datetime.UTC).replace(tzinfo=None, microsecond=0),
        "event": event,
        "user_id": user_id,
        "login": _printable(login, _LOGIN),
        "by_id": by_id,
        "source": _printable(client.source, _SOURCE),
        "agent": _printable(client.agent, _AGENT),
        "credential": client.credential or None,
        "request": _printable(client.request, _REQUEST),
        "detail": _printable(detail, _TEXT),
    }


def _printable(text: str, length: int) -> str | None:
    """What a column takes and a terminal shows: no control characters, no half surrogates, not without end."""
    clean = "".join(character if character.isprintable() else " " for character in str(text)[:length])
    return clean.strip() or None


def _log(rows: Iterable[dict[str, Any]]) -> None:
    """One line each: ``event=... key="value"``; values are JSON, so that none can look like another line."""
    for row in rows:
        pairs = (f"{key}={json.dumps(row[key])}" for key in row if key not in ("date", "event") and row[key])
        logger.info("event=%s %s", row["event"], " ".join(pairs))
