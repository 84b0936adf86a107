"""What templates are given, one dataclass per page. A field's annotation tells a template's author what it is."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Annotated, Any

from core.web.messages import Message


@dataclass(kw_only=True)
class Crumb:
    """One step of the breadcrumbs; the last one has no address."""

    label: str
    url: str = ""


@dataclass(kw_only=True)
class PageContext:
    """What every page has."""

    title: Annotated[str, "Title of the page, for the browser's tab"] = ""
    user: Annotated[Any, "The signed-in user's record, or None"] = None
    app: Annotated[Any, "The menu node of the app being used, or None"] = None
    apps: Annotated[list[Any], "All apps the user may open"] = field(default_factory=list)
    crumbs: Annotated[list[Crumb], "Breadcrumbs, the first one first"] = field(default_factory=list)
    messages: Annotated[list[Message], "Messages to show once: kind, text, links"] = field(default_factory=list)
    csrf: Annotated[str, "Token that every form sends back as _csrf"] = ""
    lang: Annotated[str, "Language of the page, e.g. en"] = "en"
    direction: Annotated[str, "ltr or rtl"] = "ltr"
    path: Annotated[str, "Address of this page, with its query"] = ""
    candidates: Annotated[list[str], "Template names that were looked for, the special one first"] = field(
        default_factory=list
    )

    def as_dict(self) -> dict[str, Any]:
        """The variables by name; nothing is copied."""
        return {item.name: getattr(self, item.name) for item in fields(self)}


@dataclass(kw_only=True)
class HomeContext(PageContext):
    """The page with the apps."""


@dataclass(kw_only=True)
class LoginContext(PageContext):
    """The sign-in page."""

    login: Annotated[str, "What was typed as login"] = ""
    next: Annotated[str, "Where to go after signing in"] = "/app"
    error: Annotated[str, "Why signing in failed"] = ""
    resume: Annotated[str, "The form that was sent when the session was over, URL-encoded"] = ""
    demo: Annotated[bool, "Whether this is a demonstration database with a known password"] = False


@dataclass(kw_only=True)
class CodeContext(PageContext):
    """The second step of signing in: a code of the authenticator app."""

    next: Annotated[str, "Where to go after signing in"] = "/app"
    error: Annotated[str, "Why the code was not accepted"] = ""
    resume: Annotated[str, "The form that was sent when the session was over, URL-encoded"] = ""
    ticket: Annotated[str, "Proof that login and password were right"] = ""
    secret: Annotated[str, "The key to set up in the app; empty where that was done before"] = ""
    uri: Annotated[str, "The same as an address, for the QR code"] = ""


@dataclass(kw_only=True)
class RecoveryContext(PageContext):
    """Recovery codes, shown once after the second factor was set up while signing in."""

    codes: Annotated[list[str], "The codes"] = field(default_factory=list)
    next: Annotated[str, "Where to go then"] = "/app"


@dataclass(kw_only=True)
class IdentityContext(PageContext):
    """The page that asks for the password before something sensitive."""

    action: Annotated[str, "The address of the form that was sent"] = "/app"
    values: Annotated[list[tuple[str, str]], "The form as it was sent: (name, value)"] = field(default_factory=list)
    error: Annotated[str, "Why the password was not accepted"] = ""
    back: Annotated[str, "Where Cancel leads"] = "/app"
    lost_files: Annotated[bool, "Whether files were chosen, which a browser does not send again"] = False


@dataclass(kw_only=True)
class ResumeContext(PageContext):
    """A form of a session that is over, on its way back to the user."""

    next: Annotated[str, "The address of the form"] = "/app"
    values: Annotated[list[tuple[str, str]], "What was typed: (name, value)"] = field(default_factory=list)


@dataclass(kw_only=True)
class ErrorContext(PageContext):
    """Any error."""

    status: Annotated[int, "The HTTP status"] = 500
    message: Annotated[str, "What happened, in words the user can act on"] = ""
    details: Annotated[list[str], "Further sentences"] = field(default_factory=list)
    reference: Annotated[str, "Mark under which the error is in the log"] = ""
    traceback: Annotated[str, "The traceback; only in debug mode"] = ""
    back: Annotated[str, "Where the user can go on"] = "/app"


@dataclass(kw_only=True)
class ListContext(PageContext):
    """A list of records."""

    list: Annotated[Any, "The list page's state: columns, rows, groups, pages, filters (pages.listing.ListPage)"] = None


@dataclass(kw_only=True)
class FilterContext(PageContext):
    """The page of an advanced filter."""

    filter: Annotated[Any, "The page's state: rows of conditions, groups (pages.filters.FilterPage)"] = None


@dataclass(kw_only=True)
class LayoutContext(PageContext):
    """The page of a list's layout."""

    layout: Annotated[Any, "The page's state: columns, order, widths (pages.layouts.LayoutPage)"] = None


@dataclass(kw_only=True)
class FormContext(PageContext):
    """A record in a form."""

    form: Annotated[Any, "The form page's state: layout, buttons, history (pages.form.FormPage)"] = None
    dialog: Annotated[Any, "A form shown as a dialog over this one, or None"] = None


@dataclass(kw_only=True)
class PrintContext(PageContext):
    """A document to print."""

    record: Annotated[Any, "The record to print, in the environment of the user"] = None
    back: Annotated[str, "The address of the record's form"] = "/app"
