"""What the databases say when something goes wrong, in one form for both of them.

``translate`` turns a driver's integrity error into a ``ConstraintViolation``; the engine calls it for every statement
and for COMMIT, so callers need not. ``is_retryable`` tells whether running the whole unit of work again may help, and
``unavailable`` gives the ``DatabaseUnavailable`` for what is the fault of neither the request nor the program.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import sqlalchemy as sa

from core.exceptions import DatabaseUnavailable, OutcomeUnknown, StillageError, TooComplex
from core.i18n import _

Kind = Literal["unique", "check", "not_null", "foreign_key", "exclusion"]


class ConstraintViolation(StillageError):
    """The database refused rows because they break a constraint.

    ``kind``        "unique", "check", "not_null", "foreign_key" or "exclusion"
    ``table``       the table that has the constraint (the referring one of a foreign key), or ""
    ``columns``     its columns as far as the database names them, or ()
    ``constraint``  its name, or "" when it has none or the database does not tell
    ``detail``      what the database says about the row, for the log
    ``referred``    for a foreign key: the table that is referred to, or ""
    """

    code = "constraint_violation"
    http_status = 422

    def __init__(
        self,
        kind: Kind,
        table: str = "",
        columns: Iterable[str] = (),
        constraint: str = "",
        detail: str = "",
        *,
        referred: str = "",
    ) -> None:
        self.kind: Kind = kind
        self.table = table
        self.columns = tuple(columns)
        self.constraint = constraint
        self.detail = detail
        self.referred = referred
        super().__init__(
            self._sentence(),
            data={"kind": kind, "table": table, "columns": list(self.columns), "constraint": constraint},
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (self.kind, self.table, self.columns, self.constraint, self.detail, self.referred))

    def _sentence(self) -> str:
        what = {
            "unique": "these values are there already",
            "check": "a value is not allowed",
            "not_null": "a value is missing",
            "foreign_key": "a record that is referred to does not exist, or is still needed",
            "exclusion": "these values clash with those of another record",
        }[self.kind]
        place = self.table + (f" ({', '.join(self.columns)})" if self.columns else "")
        name = f" [{self.constraint}]" if self.constraint else ""
        detail = f": {self.detail}" if self.detail else ""
        return f"{place or 'The database'}: {what}{name}{detail}"


def _rebuild(kind: Kind, table: str, columns: Sequence[str], constraint: str, detail: str, referred: str) -> Any:
    return ConstraintViolation(kind, table, columns, constraint, detail, referred=referred)


def translate(error: BaseException, connection: sa.Connection | None = None, statement: str | None = None) -> Any:
    """The ``ConstraintViolation`` for a driver's integrity error, or None when ``error`` is none.

    `TooComplex` for a statement that is longer or deeper than the database takes: what makes statements long comes
    from those who search.

    ``connection`` is used on SQLite to look up the constraint's name; ``statement`` to tell the table where the
    database does not.
    """
    if isinstance(error, sqlite3.IntegrityError):
        return _from_sqlite(str(error), connection, statement or "")
    state = getattr(error, "sqlstate", None)
    if state and state[:2] == "23":
        return _from_postgresql(state, error)
    if (state and state[:2] == "54") or (isinstance(error, sqlite3.Error) and _TOO_COMPLEX.search(str(error))):
        return TooComplex(_("There are too many conditions, or too many within one another. Search for less at once."))
    return None


#: SQLite names limits only in its messages.
_TOO_COMPLEX = re.compile(
    r"parser stack overflow|Expression tree is too large|too many SQL variables|too many terms|pattern too complex"
    r"|too many columns|string or blob too big|too many FROM clause terms|at most \d+ tables"
)


_POSTGRESQL_KINDS: dict[str, Kind] = {
    "23505": "unique",
    "23514": "check",
    "23502": "not_null",
    "23503": "foreign_key",
    "23001": "foreign_key",
    "23P01": "exclusion",
}
_KEY = re.compile(r"^Key \((.*?)\)=\(")
_NOT_PRESENT = re.compile(r'is not present in table "(.*)"')
_ON_TABLE = re.compile(r'on table "([^"]*)" violates')


def _from_postgresql(state: str, error: Any) -> ConstraintViolation:
    kind = _POSTGRESQL_KINDS.get(state, "check")
    diag = error.diag
    detail = diag.message_detail or diag.message_primary or ""
    columns: list[str] = [diag.column_name] if diag.column_name else []
    referred = ""
    key = _KEY.match(detail)
    if kind == "foreign_key":
        missing = _NOT_PRESENT.search(detail)
        if missing:
            referred = missing.group(1)
        else:  # the key in the detail is the one of the record that is still referred to
            key = None
            changed = _ON_TABLE.search(diag.message_primary or "")
            referred = changed.group(1) if changed else ""
    if key and not columns:
        columns = [name.strip().strip('"') for name in key.group(1).split(",")]
    return ConstraintViolation(
        kind, diag.table_name or "", columns, diag.constraint_name or "", detail, referred=referred
    )


_SQLITE_KINDS: dict[str, Kind] = {
    "UNIQUE": "unique",
    "CHECK": "check",
    "NOT NULL": "not_null",
    "FOREIGN KEY": "foreign_key",
    "PRIMARY KEY": "unique",
}
_SQLITE_MESSAGE = re.compile(r"^(UNIQUE|CHECK|NOT NULL|FOREIGN KEY|PRIMARY KEY) constraint failed(?:: (.*))?$", re.S)
_STATEMENT_TABLE = re.compile(r'^\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?', re.I)


def _from_sqlite(message: str, connection: sa.Connection | None, statement: str) -> ConstraintViolation:
    match = _SQLITE_MESSAGE.match(message)
    if match is None:
        return ConstraintViolation("check", _table_of(statement), detail=message)
    kind, place = _SQLITE_KINDS[match.group(1)], match.group(2) or ""
    if kind == "check":
        return ConstraintViolation(kind, _table_of(statement), constraint=place, detail=message)
    if kind == "foreign_key":
        # Only a RESTRICT fails at once; which row is in the way SQLite does not tell.
        return ConstraintViolation(kind, detail=message, referred=_table_of(statement))
    if place.startswith("index "):
        return ConstraintViolation(kind, _table_of(statement), constraint=place[6:].strip("'"), detail=message)
    table, columns = _split_columns(place)
    constraint = _unique_name(connection, table, columns) if kind == "unique" and connection is not None else ""
    return ConstraintViolation(kind, table, columns, constraint, message)


def _table_of(statement: str) -> str:
    match = _STATEMENT_TABLE.match(statement)
    return match.group(1) if match else ""


def _split_columns(place: str) -> tuple[str, list[str]]:
    """``t.a, t.b`` as ("t", ["a", "b"])."""
    pairs = [part.strip().rpartition(".") for part in place.split(",")]
    return pairs[0][0], [column for _, _, column in pairs]


def _unique_name(connection: sa.Connection, table: str, columns: list[str]) -> str:
    """The name of the unique constraint or index of a SQLite table over ``columns``."""
    driver = connection.connection.driver_connection
    if driver is None:
        return ""
    for row in driver.execute('SELECT name FROM pragma_index_list(?) WHERE "unique" ORDER BY seq', (table,)):
        members = [name for (name,) in driver.execute("SELECT name FROM pragma_index_info(?) ORDER BY seqno", row)]
        if members == columns:
            if not row[0].startswith("sqlite_autoindex_"):
                return str(row[0])
            return _unique_name_in_table(driver, table, columns)
    return ""


def _unique_name_in_table(driver: Any, table: str, columns: list[str]) -> str:
    """The name given to a UNIQUE clause within CREATE TABLE; SQLite keeps it only in that text."""
    text = driver.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone()
    for name, inside in re.findall(r'CONSTRAINT\s+"?(\w+)"?\s+UNIQUE\s*\(([^)]*)\)', text[0] if text else "", re.I):
        if [part.strip().strip('"') for part in inside.split(",")] == columns:
            return str(name)
    return ""


# serialization failure, deadlock, lock not available
_RETRYABLE_STATES = frozenset({"40001", "40P01", "55P03"})
_RETRYABLE_SQLITE = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})

#: SQLSTATE, or its first two characters -> reason of a DatabaseUnavailable.
_STATES: dict[str, str] = {
    "08": "unreachable",  # connection exceptions
    "25006": "read_only",
    "53": "full",  # disk, memory
    "53300": "busy",  # too many connections
    "57014": "timeout",
    "57P01": "unreachable",  # shutting down, crashed, starting
    "57P02": "unreachable",
    "57P03": "unreachable",
    "58030": "full",  # input or output failed
}
_SQLITE_REASONS: dict[int, str] = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_IOERR: "full",
    sqlite3.SQLITE_NOMEM: "full",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_CANTOPEN: "unreachable",
}
#: They stay lazy: a sentence is resolved in the language of the answer.
_SENTENCES: dict[str, Any] = {
    "unreachable": _("The database cannot be reached at the moment. Nothing was changed. Try again in a few seconds."),
    "lost": _("The connection to the database was lost. Nothing was changed. Try again in a few seconds."),
    "busy": _("All connections to the database are in use. Nothing was changed. Try again in a few seconds."),
    "read_only": _("The database takes no changes at the moment. Nothing was changed. Try again later."),
    "full": _("The database has no room left. Nothing was changed. Tell your administrator and try again later."),
    "timeout": _(
        "The database took too long to answer. Nothing was changed. Try again later, or ask for less at once."
    ),
    "unknown": _(
        "The connection to the database was lost while the changes were being saved."
        " Check whether they were saved before you repeat them."
    ),
}
#: Seconds after which to try again; 5 unless it stands here.
_RETRY_AFTER: dict[str, int] = {"read_only": 30, "full": 60, "unknown": 0}


def is_retryable(error: BaseException) -> bool:
    """Whether another transaction got in the way, so that running the whole unit of work again may succeed.

    Looks through exceptions raised ``from`` the driver's.
    """
    for original in _originals(error):
        if getattr(original, "sqlstate", None) in _RETRYABLE_STATES:
            return True
        if isinstance(original, sqlite3.OperationalError) and _sqlite_code(original) in _RETRYABLE_SQLITE:
            return True
    return False


def is_disconnect(error: BaseException) -> bool:
    """Whether the connection to the database was lost. Looks through exceptions raised ``from`` SQLAlchemy's."""
    return any(isinstance(each, sa.exc.DBAPIError) and each.connection_invalidated for each in _chain(error))


def unavailable(error: BaseException, *, readonly: bool = False, connecting: bool = False) -> Any:
    """The DatabaseUnavailable for an error that is neither the request's fault nor the program's, else None.

    Args:
        readonly: the transaction was one that only reads; that it refuses to write is then a defect.
        connecting: it came up while a connection was made, when every error of the driver counts.
    """
    if isinstance(error, DatabaseUnavailable):
        return error
    if isinstance(error, sa.exc.TimeoutError):
        return build_unavailable("busy", error)
    for original in _originals(error):
        state = getattr(original, "sqlstate", None) or ""
        reason = _STATES.get(state) or _STATES.get(state[:2])
        if isinstance(original, sqlite3.OperationalError):
            reason = _SQLITE_REASONS.get(_sqlite_code(original))
        if reason and not (readonly and reason == "read_only"):
            return build_unavailable(reason, original)
    if is_disconnect(error):
        return build_unavailable("lost", error)
    return build_unavailable("unreachable", error) if connecting and isinstance(error, sa.exc.DBAPIError) else None


def build_unavailable(reason: str, error: BaseException) -> DatabaseUnavailable:
    """The DatabaseUnavailable of a reason (OutcomeUnknown for ``unknown``), with what `error` says in one line."""
    kind = OutcomeUnknown if reason == "unknown" else DatabaseUnavailable
    original = error.orig if isinstance(error, sa.exc.DBAPIError) and error.orig else error
    detail = "; ".join(line.strip() for line in str(original).splitlines() if line.strip()) or type(original).__name__
    return kind(
        _SENTENCES[reason],
        reason=reason,
        retry_after=_RETRY_AFTER.get(reason, 5),
        detail=detail[:300],
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and what it was raised from."""
    seen: BaseException | None = error
    known: set[int] = set()  # an error may have been raised from itself
    while seen is not None and id(seen) not in known:
        known.add(id(seen))
        yield seen
        seen = seen.__cause__


def _originals(error: BaseException) -> Iterator[BaseException]:
    """The same with the driver's errors in place of SQLAlchemy's."""
    for each in _chain(error):
        yield each.orig if isinstance(each, sa.exc.DBAPIError) and each.orig is not None else each


def _sqlite_code(error: sqlite3.OperationalError) -> int:
    # The extended codes (as SQLITE_BUSY_SNAPSHOT) have the plain one in their lowest byte.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def sqlite_dangling(driver: sqlite3.Connection) -> ConstraintViolation | None:
    """The first row of a SQLite database that refers to a missing one, or None. Reads every referring table."""
    row = driver.execute("PRAGMA foreign_key_check").fetchone()
    if row is None:
        return None
    table, rowid, referred, number = row
    keys = [key for key in driver.execute(f"PRAGMA foreign_key_list({_quoted(table)})") if key[0] == number]
    columns = [key[3] for key in sorted(keys, key=lambda key: key[1])]
    detail = f"the row refers to a record of {referred} that does not exist"
    if rowid is not None and columns:
        names = ", ".join(map(_quoted, columns))
        values = driver.execute(f"SELECT {names} FROM {_quoted(table)} WHERE rowid = ?", (rowid,)).fetchone()
        detail = f"row {rowid} refers to {referred} {', '.join(map(str, values))}, which does not exist"
    return ConstraintViolation("foreign_key", table, columns, detail=detail, referred=referred)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
