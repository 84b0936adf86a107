"""Logging: one line per request, secrets masked, defects once in full.

    INFO stillage.request id=5f0c9e41a2b7 user=2 source=192.0.2.7 method=POST path=/jsonrpc status=200 ms=12
        statements=9 retries=0 call=sale.order.create

`Application` opens a `RequestLog` for each request; whatever works for it adds to the one of its context: the cursor
its statements, `transaction.run` its retries, the boundaries the user, the method called and the error. The id is in
the answer's ``X-Request-Id``, in every line that is logged meanwhile, and it is the reference that users are shown.

All that a handler of ours writes passes `mask` last, tracebacks included: passwords in addresses, bearer keys, values
beside names such as ``password`` or ``token``, password hashes, and the secrets of the settings and of the request
itself, wherever they stand.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import time
import traceback
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

FORMATS: Final = ("text", "json")
MASK: Final = "********"

#: Seconds for which a defect that was logged with its traceback is logged in one line when it comes up again.
REPEATED_WITHIN: Final = 60.0
_DEFECTS_MAX: Final = 500
#: Characters of a message or traceback that are written.
_LONGEST: Final = 30_000
#: Secrets shorter than this are not looked for in texts: they would mask half of what is said.
_SHORTEST_SECRET: Final = 6

_requests: Final = logging.getLogger("stillage.request")
_NAMES: Final = (
    r"\w*(?:passw(?:or)?d|passwd|secret|token|api_?key|session_id|csrf|authorization|cookie|\bflash|\bpw)\w*"
)
_SECRET_NAME: Final = re.compile(rf"(?:{_NAMES}|key|sign|resume)\Z", re.IGNORECASE)
_PATTERNS: Final = (
    # scheme://user:password@host
    (re.compile(r"(://[^:/@\s]*:)[^@\s]+(@)"), rf"\g<1>{MASK}\g<2>"),
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]{6,}", re.IGNORECASE), rf"\g<1> {MASK}"),
    (re.compile(r"\$argon2\w*\$[^\s'\",)]+"), MASK),
    # name=value, name: value, 'name': 'value', "name": "value"
    (re.compile(rf"(\b{_NAMES}[\"']?\s*[=:]\s*)([\"'])(?:\\.|(?!\2).)*\2", re.IGNORECASE), rf"\g<1>\g<2>{MASK}\g<2>"),
    (re.compile(rf"(\b{_NAMES}=)[^\s&;,\"')]+", re.IGNORECASE), rf"\g<1>{MASK}"),
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\u0085\u2028\u2029]")
_LINE_ENDS: Final = re.compile("[\x85\u2028\u2029]")
_PLAIN: Final = re.compile(r"[^\s\"=]+\Z")


@dataclass
class RequestLog:
    """What is logged about one request; filled in while it is answered."""

    id: str
    method: str = ""
    path: str = ""
    user: int = 0
    source: str = ""
    call: str = ""
    status: int = 0
    statements: int = 0
    retries: int = 0
    error: str = ""
    detail: str = ""
    is_failure: bool = False
    secrets: set[str] = field(default_factory=set, repr=False)
    started: float = field(default_factory=time.perf_counter, repr=False)

    def as_dict(self) -> dict[str, Any]:
        """The fields of the line, in order; without those that say nothing."""
        milliseconds = round((time.perf_counter() - self.started) * 1000, 1)
        fields: dict[str, Any] = {
            "id": self.id, "user": self.user, **({"source": self.source} if self.source else {}),
            "method": self.method, "path": self.path, "status": self.status, "ms": milliseconds,
            "statements": self.statements, "retries": self.retries,
        }  # fmt: skip
        return fields | {name: value for name in ("call", "error", "detail") if (value := getattr(self, name))}


_current: ContextVar[RequestLog | None] = ContextVar("stillage_request", default=None)


def current() -> RequestLog:
    """The log of the request that is being answered; one that is not written where there is none."""
    return _current.get() or RequestLog("")


@contextmanager
def request_log(log: RequestLog, *, enabled: bool = True, quiet: bool = False) -> Iterator[RequestLog]:
    """Within, `current` is `log`; its line is written at the end.

    Args:
        enabled: whether requests are logged; those that failed always are.
        quiet: log at DEBUG, as for the health checks of monitoring.
    """
    token = _current.set(log)
    try:
        yield log
        level = logging.WARNING if log.is_failure or log.status >= 500 else logging.DEBUG if quiet else logging.INFO
        # What was refused is written too, or attempts to get around controls would leave no trace.
        if (enabled or log.error or level >= logging.WARNING) and _requests.isEnabledFor(level):
            _requests.log(level, "%s", key_values(log.as_dict()), extra={"fields": log.as_dict()})
    finally:
        _current.reset(token)


def new_id() -> str:
    """An id for a request."""
    return secrets.token_hex(6)


def keep_secret(*values: str | None) -> None:
    """Mask these texts in everything that is logged while this request is answered."""
    current().secrets.update(value for value in values if isinstance(value, str) and value)


# ---------------------------------------------------------------------------- masking


_settings_secrets: set[str] = set()


def keep_secret_always(*values: str) -> None:
    """Mask these texts in everything that this process logs."""
    _settings_secrets.update(value for value in values if value)


def keep_form_secrets(pairs: Iterable[tuple[str, str]]) -> None:
    """Mask the values of those (name, value) whose name says that they are secrets."""
    keep_secret(*(value for name, value in pairs if _SECRET_NAME.match(name)))


def mask(text: str) -> str:
    """`text` without the secrets in it."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    for secret in (*_settings_secrets, *current().secrets):
        if len(secret) >= _SHORTEST_SECRET and secret in text:
            text = text.replace(secret, MASK)
    return text


def mask_query(query: str) -> str:
    """The query of an address with the values of keys, tokens and signatures masked."""
    if not query:
        return ""
    pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=None, errors="replace")
    return urlencode([(name, MASK if _SECRET_NAME.match(name) else value) for name, value in pairs], safe="*/:,")


# ---------------------------------------------------------------------------- defects


@dataclass
class _Defect:
    reference: str
    since: float
    count: int = 1


_defects: OrderedDict[int, _Defect] = OrderedDict()
_defects_lock: Final = Lock()


def log_defect(logger: logging.Logger, what: str, error: BaseException) -> str:
    """Log an error that should not be, and return the reference under which it is found: the id of the request.

    The same error from the same lines within REPEATED_WITHIN seconds is logged in one line that names the first.
    """
    log = current()
    reference = log.id or new_id()
    log.error, log.is_failure = "internal_error", True
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "an unknown place"
    key = hash((type(error), tuple((frame.filename, frame.lineno) for frame in frames)))
    now = time.monotonic()
    with _defects_lock:
        known = _defects.get(key)
        if known is None or now - known.since > REPEATED_WITHIN:
            known = None
            _defects[key] = _Defect(reference, now)
            _defects.move_to_end(key)
            while len(_defects) > _DEFECTS_MAX:
                _defects.popitem(last=False)
        else:
            known.count += 1
    if known is None:
        logger.error("%s failed, reference %s", what, reference, exc_info=error)
    else:
        logger.error(
            "%s failed, reference %s: %s at %s, as %s before (%d times within %d s)",
            what, reference, type(error).__name__, place, known.reference, known.count, now - known.since + 1,
        )  # fmt: skip
    return reference


def forget_defects() -> None:
    """Log the next defect in full, whatever was logged before; for tests."""
    with _defects_lock:
        _defects.clear()


# ---------------------------------------------------------------------------- handlers and formats


class StderrHandler(logging.Handler):
    """Writes to what is standard error at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        try:
            sys.stderr.write(f"{self.format(record)}\n")
            sys.stderr.flush()
        except Exception:
            self.handleError(record)


class TextFormatter(logging.Formatter):
    """``2026-11-28T11:17:06.123Z INFO name: message``, one line except for tracebacks.

    Args:
        timed: begin with the time.
    """

    def __init__(self, timed: bool = True) -> None:
        super().__init__()
        self.timed = timed

    def format(self, record: logging.LogRecord) -> str:
        """The record's line, masked."""
        log = _current.get()
        parts = [_moment(record)] if self.timed else []
        parts += [record.levelname, f"{record.name}:", _one_line(record.getMessage()[:_LONGEST])]
        if log is not None and record.name != _requests.name:
            parts.append(f"id={log.id}")
        text = " ".join(parts)
        if record.exc_info:
            # Indented: a message with line breaks in it, which may come from outside, begins no line of the log.
            trace = self.formatException(record.exc_info)[:_LONGEST]
            text = "\n".join((text, *(f"    {_one_line(line)}" for line in trace.splitlines())))
        return mask(text)


class JsonFormatter(logging.Formatter):
    """A JSON object per line; a request's fields are members of it."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON, its texts masked."""
        log = _current.get()
        entry: dict[str, Any] = {"time": _moment(record), "level": record.levelname, "logger": record.name}
        fields = getattr(record, "fields", None)
        if fields is not None:
            entry |= fields
        else:
            entry["message"] = record.getMessage()[:_LONGEST]
            if log is not None:
                entry["id"] = log.id
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)[:_LONGEST]
        masked = {name: mask(value) if isinstance(value, str) else value for name, value in entry.items()}
        text = json.dumps(masked, ensure_ascii=False, default=str)
        # What JSON leaves as it is and some programs take for the end of a line.
        return _LINE_ENDS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def configure(log_format: str = "text", level: str = "WARNING", *, timed: bool = True) -> None:
    """Write the log to standard error in this form. Where the program has handlers of its own, they stay alone.

    Args:
        log_format: one of FORMATS.
        level: the least level that is written.
        timed: begin lines of text with the time.
    """
    root = logging.getLogger()
    own = next((handler for handler in root.handlers if isinstance(handler, StderrHandler)), None)
    if own is None and not root.handlers:
        own = StderrHandler()
        root.addHandler(own)
    if own is not None:
        own.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter(timed))
    root.setLevel(level.upper())


def key_values(fields: dict[str, Any]) -> str:
    """``name=value`` for each field; a value that is not one plain word is quoted."""
    return " ".join(f"{name}={_value(str(value))}" for name, value in fields.items())


def _value(text: str) -> str:
    text = _one_line(text)
    return text if _PLAIN.match(text) else json.dumps(text, ensure_ascii=False)


def _one_line(text: str) -> str:
    """`text` without characters that would begin another line or move the cursor of a terminal."""
    return _CONTROL.sub(lambda match: repr(match[0])[1:-1], text)


def _moment(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
