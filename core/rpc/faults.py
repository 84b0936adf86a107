"""Errors as clients of Odoo know them: a name such as ``odoo.exceptions.UserError``, a message, and codes.

Every error of core has its Odoo name here, so that a client that tells an access error from a user error goes on
doing so. What is not one of core's errors is a defect: it is logged with its traceback, and the client gets the
number under which to find it in the log.
"""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass, field
from typing import Any, Final

from werkzeug.exceptions import HTTPException

from core import logs
from core.db.errors import ConstraintViolation
from core.exceptions import (
    AccessDenied,
    AccessError,
    ConcurrencyError,
    DatabaseUnavailable,
    IdentityRequired,
    InvalidArgument,
    MissingError,
    StillageError,
    UserError,
    ValidationError,
)
from core.i18n import _
from core.rpc import wire

_logger = logging.getLogger(__name__)

#: First match wins, so the special stand before the general.
ODOO_NAMES: Final[tuple[tuple[type[Exception], str], ...]] = (
    (ValidationError, "odoo.exceptions.ValidationError"),
    (AccessError, "odoo.exceptions.AccessError"),
    (IdentityRequired, "odoo.exceptions.AccessError"),
    (AccessDenied, "odoo.exceptions.AccessDenied"),
    (MissingError, "odoo.exceptions.MissingError"),
    (UserError, "odoo.exceptions.UserError"),
    (ConcurrencyError, "odoo.exceptions.ConcurrencyError"),
)

#: Codes of XML-RPC faults, as clients of Odoo interpret them.
XML_APPLICATION_ERROR: Final = 1
XML_WARNING: Final = 2
XML_ACCESS_DENIED: Final = 3
XML_ACCESS_ERROR: Final = 4

#: Codes of JSON-RPC errors.
JSON_ERROR: Final = 200
JSON_SESSION_EXPIRED: Final = 100
JSON_NOT_FOUND: Final = 404


_VIOLATIONS: Final = {
    "unique": _("A record with these values exists already."),
    "not_null": _("A value that is needed is missing."),
    "foreign_key": _("A record that is referred to does not exist, or is still needed by others."),
    "check": _("A value is not allowed here."),
}


class NotFound(UserError):
    """There is no such model, method, service or database."""

    code = "not_found"
    http_status = 404


class BadRequest(InvalidArgument):
    """The request itself is malformed: not JSON, arguments that the method does not take."""

    code = "bad_request"


class BadArguments(BadRequest):
    """The method exists and was called with arguments that it does not take; ``data`` names model, method, argument."""

    code = "bad_arguments"
    http_status = 422


class SessionExpired(AccessDenied):
    """The call needs a session and has none, or one that has ended."""

    code = "session_expired"


@dataclass(frozen=True)
class Fault:
    """One error, ready for any of the protocols."""

    name: str
    message: str
    code: str
    http_status: int
    debug: str = ""
    retry_after: int = 0
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the answer, whatever the protocol."""
        return {"Retry-After": str(self.retry_after)} if self.retry_after else {}

    @property
    def xml_code(self) -> int:
        """The code of the XML-RPC fault."""
        if self.name.endswith("AccessDenied"):
            return XML_ACCESS_DENIED
        if self.name.endswith("AccessError"):
            return XML_ACCESS_ERROR
        return XML_WARNING if self.http_status < 500 else XML_APPLICATION_ERROR

    @property
    def json_code(self) -> int:
        """The code of the JSON-RPC error."""
        if self.code == SessionExpired.code:
            return JSON_SESSION_EXPIRED
        return JSON_NOT_FOUND if self.code == NotFound.code else JSON_ERROR

    def as_data(self) -> dict[str, Any]:
        """The details, as JSON-RPC puts them into ``error.data`` and /json/2 into the body."""
        return {
            "name": self.name,
            "message": self.message,
            "arguments": [self.message],
            "context": {},
            "debug": self.debug,
            "code": self.code,
            "details": wire.plain(self.data),
        }

    def as_json_rpc(self) -> dict[str, Any]:
        """The ``error`` member of a JSON-RPC answer."""
        title = "Odoo Session Expired" if self.json_code == JSON_SESSION_EXPIRED else "Odoo Server Error"
        return {"code": self.json_code, "message": title, "data": self.as_data()}


def fault_of(error: BaseException, *, debug: bool = False) -> Fault:
    """What to tell the client about `error`. A defect is logged; `debug` also sends its traceback."""
    log = logs.current()
    log.error = str(getattr(error, "code", "") or "")
    if isinstance(error, DatabaseUnavailable):
        log.is_failure, log.detail = True, f"{error.reason}: {error.detail}"
        return Fault(
            "odoo.exceptions.UserError",
            error.message,
            error.code,
            error.http_status,
            data=error.data,
            retry_after=error.retry_after,
        )
    if isinstance(error, SessionExpired):
        return Fault("odoo.http.SessionExpiredException", error.message, error.code, error.http_status)
    if isinstance(error, NotFound):
        return Fault("werkzeug.exceptions.NotFound", error.message, error.code, error.http_status)
    if isinstance(error, UserError | ConcurrencyError | IdentityRequired):
        name = next((name for cls, name in ODOO_NAMES if isinstance(error, cls)), "odoo.exceptions.UserError")
        data = dict(error.data)
        if isinstance(error, InvalidArgument):
            # The text may repeat what the client sent: on one line, and never more than a line.
            _logger.warning("Refused a remote call: %.500r %s%s", error.message, data, _origin(error.__cause__))
        if isinstance(error, ValidationError) and error.fields:
            data["fields"] = error.fields
        return Fault(name, error.message, error.code, error.http_status, data=data)
    if isinstance(error, ConstraintViolation):
        # Which rows were concerned is for the log; what to do about it is for the caller.
        _logger.info("A remote call broke a constraint: %s", error)
        return Fault(
            "odoo.exceptions.ValidationError",
            str(_VIOLATIONS.get(error.kind, _VIOLATIONS["check"])),
            error.code,
            error.http_status,
            data=error.data,
        )
    if isinstance(error, HTTPException):
        name = f"werkzeug.exceptions.{type(error).__name__}"
        return Fault(name, error.description or error.name, "http_error", error.code or 500)
    return _defect(error, debug)


def _origin(cause: BaseException | None) -> str:
    """Where the error came from that a refusal was made of: should it be a defect after all, this finds it."""
    frames = traceback.extract_tb(cause.__traceback__) if cause is not None else []
    return f" ({type(cause).__name__} at {frames[-1].filename}:{frames[-1].lineno})" if frames else ""


def _defect(error: BaseException, debug: bool) -> Fault:
    number = logs.log_defect(_logger, f"The remote call {logs.current().call}", error)
    if debug or isinstance(error, StillageError):
        message = str(error) or type(error).__name__
    else:
        message = str(
            _(
                "Something went wrong on the server. The administrator finds the cause in the log as error %(number)s.",
                number=number,
            )
        )
    return Fault(
        name=f"{type(error).__module__}.{type(error).__qualname__}",
        message=message,
        code=getattr(error, "code", "internal_error") if isinstance(error, StillageError) else "internal_error",
        http_status=500,
        debug="".join(traceback.format_exception(error)) if debug else "",
    )
