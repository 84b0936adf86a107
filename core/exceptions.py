"""Every error that core raises on purpose.

    StillageError                     500  something failed; the message says what
      UserError                       422  the user can act on it; shown as is
        ValidationError               422  the values given break a rule (``fields`` names them)
        AccessError                   403  known user, not allowed
        AccessDenied                  401  unknown user or wrong password
        MissingError                  404  the record is gone
        TooComplex                    422  the database cannot take a statement of so many conditions
      IdentityRequired                403  known user, who has to give the password again
      ConcurrencyError                409  another transaction got in the way; trying again may work
        StaleRecord                   409  the record changed since the user read it
      DatabaseUnavailable             503  the database is away, read-only, full or slow; nothing was changed
        OutcomeUnknown                503  the connection was lost during COMMIT: check before doing it again
      AddonError                      500  an addon is at fault (``addon``, ``file``, ``line``)
        ManifestError DependencyError CircularDependency DataFileError HookError ViewError
      SchemaError                     500  the database's structure cannot be brought to what the models say
      ConfigurationError              500  a setting is missing or wrong

``code`` is stable and meant for programs, the message is meant for people, and ``http_status`` is what the web
and RPC boundaries answer with.

Codes of errors whose class is a general one, in core and base; each addon lists its own in exceptions.py:

    base.action_expression      the domain or context of an action cannot be evaluated
    base.action_url             a URL action is neither a path on this server nor a web address
    base.administrators_only    settings or administrators are changed by another user
    base.api_key_needed         a program sends the password of a user with a second factor
    base.attachment_quota       more files of a user that belong to no record than there is space for
    base.attachment_quota_setting  a space for files that is none
    base.audit_log_closed       an entry of the audit log is changed or deleted
    base.audit_log_days         the retention of the audit log is set to no number of days
    base.company_in_use         a company is archived that users work in
    base.company_of_user        a user would work in a company outside their own
    base.contact_of_itself      a contact would be a contact of itself
    base.contact_of_user        the contact of a user is deleted
    base.currency_in_use        a currency is deleted that a company keeps its books in
    base.date_ranges_overlap    two date ranges of a sequence overlap
    base.default_value          a default value is no JSON, or does not fit the field
    base.file_hidden            a file belongs to a record that the user may not see
    base.file_protected         a file belongs to a record that the user may not change
    base.group_in_itself        a group would imply itself
    base.history_closed         the history of a record is changed
    base.key_duration           a key would be valid longer than the user's groups allow
    base.key_of_key             a key would make a key that is good for longer or more than itself
    base.key_of_other_user      a key of another user is revoked
    base.last_administrator     no active administrator would be left
    base.link_without_address   an attachment of type link has no address
    base.minimum_password_length  the minimum length of passwords is set too low or too high
    base.own_credentials_only   credentials of another user are changed
    base.parameter_hidden       a parameter that signs sessions or forms is for the program alone
    base.password_common        a password is on the list of common ones
    base.password_confirmation  the two new passwords differ
    base.password_of_context    a password is made of the login, the name or the name of the program
    base.password_too_long      a password has more characters than allowed
    base.password_too_short     a password has fewer characters than required
    base.preset_json            what a filter or layout saves is not the JSON that lists read
    base.preset_model           a filter or layout is for a model that does not exist
    base.rule_domain            the domain of a record rule cannot be evaluated
    base.sequence_missing       documents are to be numbered by a sequence that does not exist
    base.sequence_template      a prefix or suffix of a sequence cannot be filled in
    base.session_of_other_user  a session of another user is ended
    base.system_user            the system's user is activated
    base.totp_code              a code of the second factor is wrong, old or used
    base.totp_required          the second factor is disabled though the settings ask for it
    base.unknown_field          a default is for a field that does not exist
    base.unknown_method         a scheduled job calls a method that does not exist
    base.unknown_model          an action shows a model that does not exist
    base.user_needed            a user is deleted that must stay
    base.view_mode              an action has an unknown view mode
    base.wrong_password         the present password, asked for again, is wrong
    below_itself                a record of a tree is placed under one that lies below it
    company_mismatch            a record links to one of another company
    computed_field              a value is entered for a field that is computed
    quantity_too_small          a quantity is entered that its unit rounds to nothing
    settled_field               a state, or another field that follows from actions, is entered
    unknown_external_id         no record has this external id
    wrong_state                 a transition is refused in the state that a document is in
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple

from core.rounding import format_number


class StillageError(Exception):
    """Root of the tree.

    ``message`` is one or more sentences for a person. ``code`` replaces the class's code for this one error.
    ``data`` holds details for programs and must be JSON serialisable; by default, the values in the message, under the
    names of its places.
    """

    code: str = "error"
    http_status: ClassVar[int] = 500

    def __init__(self, message: str = "", *, code: str | None = None, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code
        self.data: dict[str, Any] = self._values_in(message) if data is None else dict(data)

    @staticmethod
    def _values_in(message: str) -> dict[str, Any]:
        """The values that a translatable text was filled with, as JSON."""
        found: Mapping[str, Any] = getattr(message, "arguments", {})
        return {name: StillageError._as_json(value) for name, value in found.items()}

    @staticmethod
    def _as_json(value: Any) -> Any:
        """The value as JSON: decimals by `format_number`, collections as lists, what JSON does not know as text."""
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, Decimal):
            return format_number(value)
        if isinstance(value, Mapping):
            return {str(name): StillageError._as_json(part) for name, part in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [StillageError._as_json(part) for part in value]
        return str(value)

    @property
    def message(self) -> str:
        """The sentence shown to a person, as text (a lazy translation is resolved here)."""
        return str(self.args[0]) if self.args else ""

    def __str__(self) -> str:
        return self.message


class UserError(StillageError):
    """The request cannot be done as asked, and the person who asked can do something about it.

    Where that is done on other documents, ``records`` are these (a recordset of one model) and ``page`` names the tab
    of their form: the web client shows a link to each that the user may read. Where it is done in lines of the document
    itself, ``lines`` are these: the form turns to the tab that lists them.
    """

    code = "user_error"
    http_status = 422

    def __init__(
        self,
        message: str = "",
        *,
        code: str | None = None,
        data: Mapping[str, Any] | None = None,
        records: Any = None,
        page: str = "",
        lines: Any = None,
    ) -> None:
        super().__init__(message, code=code, data=data)
        self.records, self.page, self.lines = records, page, lines


class Flaw(NamedTuple):
    """One of the things that a ValidationError says, and where it is, as far as the ORM can tell.

    ``message``  the sentence about it
    ``fields``   the names of the fields concerned
    ``model``    the model whose fields these are; empty where that is not known
    ``id``       the stored record concerned; 0 where there is none, or it is not known
    ``place``    of a record that was to be made: how many of those made with it come before; None of any other
    ``lines``    the field of the document that the record is a line of; empty where it is the document itself
    """

    message: str
    fields: tuple[str, ...] = ()
    model: str = ""
    id: int = 0
    place: int | None = None
    lines: str = ""


class ValidationError(UserError):
    """The values given break a rule. ``fields`` are the names of the fields concerned, for the form to mark.

    Who raises it says no more; while it passes through the ORM, ``flaws`` are noted: which sentence is about which
    record. They stay empty where there was nothing to note.
    """

    code = "validation_error"

    def __init__(
        self,
        message: str = "",
        *,
        fields: Iterable[str] = (),
        flaws: Iterable[Flaw] = (),
        code: str | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, code=code, data=data)
        self.fields: list[str] = list(fields)
        self.flaws: list[Flaw] = list(flaws)

    def note_lines(self, lines: str, model: str, *, id: int = 0, place: int | None = None) -> None:
        """Note that it arose while lines of the field `lines`, records of `model`, were saved.

        Args:
            id, place: the line that was being saved, where it was only one.
        """
        noted = self.flaws or [Flaw(self.message, tuple(self.fields), model, id, place)]
        self.flaws = [
            flaw._replace(lines=lines, id=id or flaw.id, place=flaw.place if place is None else place)
            if flaw.model == model and not flaw.lines
            # Of something that the line brought about: its fields are not those of the line.
            else Flaw(flaw.message, (), model, id, place, lines)
            for flaw in noted
        ]


class AccessError(UserError):
    """The user is known, and not allowed to do this."""

    code = "access_error"
    http_status = 403


class IdentityRequired(StillageError):
    """The user is known and may do this, but has to give the password again first: see `api.check_identity`.

    No UserError, so that no page takes it for one about what was typed: the boundaries answer it.
    """

    code = "identity_required"
    http_status = 403


class AccessDenied(UserError):
    """The user could not be authenticated. The message never says which half of the credentials was wrong."""

    code = "access_denied"
    http_status = 401

    def __init__(
        self, message: str = "Access denied", *, code: str | None = None, data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message, code=code, data=data)


class MissingError(UserError):
    """A record that was asked for does not exist, or no longer does."""

    code = "missing_error"
    http_status = 404


class InvalidArgument(UserError):
    """Something from outside is malformed or beyond `core.bounds`: ``data["argument"]`` names it.

    Args:
        argument: the name of the argument, field or part of the address, as the caller knows it.
    """

    code = "invalid_argument"
    http_status = 400

    def __init__(
        self, message: str = "", *, argument: str = "", code: str | None = None, data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message, code=code, data={**({"argument": argument} if argument else {}), **(data or {})})


class TooComplex(UserError):
    """What is searched for makes a statement that the database cannot take: too many conditions, or too deep."""

    code = "too_complex"


class SingletonError(ValueError):
    """One record is expected, and ``records`` are none or several. A defect, unless a client chose the records."""

    def __init__(self, message: str, records: Any) -> None:
        super().__init__(message)
        self.records = records


class ConcurrencyError(StillageError):
    """Another transaction got in the way and retrying did not help. Nothing was written."""

    code = "concurrency_error"
    http_status = 409


class StaleRecord(ConcurrencyError):
    """The record was changed by someone else after the user read it. Nothing was written."""

    code = "stale_record"


class DatabaseUnavailable(StillageError):
    """The database cannot do its work at the moment, through no fault of the request. Nothing was changed.

    ``reason`` (also in ``data``) is one of ``unreachable`` (away, starting, stopping), ``lost`` (the connection broke),
    ``busy`` (no connection is free), ``read_only``, ``full`` (disk or memory), ``timeout`` (the statement took longer
    than the server allows) and ``unknown``. ``retry_after`` is the number of seconds after which to try again, 0 when
    the request should not be repeated unseen. ``detail`` is what the database says, for the log.
    """

    code = "database_unavailable"
    http_status = 503

    def __init__(
        self,
        message: str = "",
        *,
        reason: str = "unreachable",
        retry_after: int = 5,
        detail: str = "",
        code: str | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, code=code, data={"reason": reason, "retry_after": retry_after, **(data or {})})
        self.reason, self.retry_after, self.detail = reason, retry_after, detail


class OutcomeUnknown(DatabaseUnavailable):
    """The connection broke while the transaction was being committed: its changes may have been saved or not."""

    code = "outcome_unknown"


class AddonError(StillageError):
    """An addon is at fault. The text starts with the place to look at: ``addon: file:line: message``."""

    code = "addon_error"

    def __init__(
        self,
        message: str = "",
        *,
        addon: str | None = None,
        file: str | None = None,
        line: int | None = None,
        code: str | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, code=code, data=data)
        self.addon = addon
        self.file = None if file is None else str(file)
        self.line = line

    @property
    def place(self) -> str:
        """``addon: file:line``, as far as it is known; else an empty text."""
        where = self.file or ""
        if where and self.line is not None:
            where = f"{where}:{self.line}"
        return ": ".join(part for part in (self.addon, where) if part)

    def __str__(self) -> str:
        return ": ".join(part for part in (self.place, self.message) if part)


class ManifestError(AddonError):
    """``__manifest__.py`` cannot be read, or says something impossible."""

    code = "manifest_error"


class DependencyError(AddonError):
    """An addon needs another one that is absent, quarantined or not installable."""

    code = "dependency_error"


class CircularDependency(DependencyError):
    """Addons need each other in a circle. ``data["cycle"]`` lists their names."""

    code = "circular_dependency"


class DataFileError(AddonError):
    """An XML or CSV data file cannot be loaded."""

    code = "data_file_error"


class HookError(AddonError):
    """A hook implementation does not fit its specification, or the order asked for is impossible."""

    code = "hook_error"


class ViewError(AddonError):
    """A view's architecture is wrong: unknown element, unknown field, or an expression that does not parse."""

    code = "view_error"


class SchemaError(StillageError):
    """The database's structure cannot be changed as asked, for instance because data would be lost."""

    code = "schema_error"


class ConfigurationError(StillageError):
    """A setting is missing, unknown or has a value that makes no sense."""

    code = "configuration_error"
