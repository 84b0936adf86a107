"""What templates are given: one dataclass per kind of page. A field's ``help`` tells a template's author what it is."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any


def told(help: str, default: Any = None, factory: Any = None) -> Any:
    """A context variable with its explanation."""
    if factory is not None:
        return field(default_factory=factory, metadata={"help": help})
    return field(default=default, metadata={"help": help})


@dataclass(kw_only=True)
class Crumb:
    """One step of the breadcrumbs; the last one has no address."""

    label: str
    url: str = ""


@dataclass(kw_only=True)
class PageContext:
    """What every page has."""

    title: str = told("Title of the page, for the browser's tab", "")
    user: Any = told("The signed-in user's record, or None")
    app: Any = told("The menu node of the app being used, or None")
    apps: list[Any] = told("All apps the user may open", factory=list)
    crumbs: list[Crumb] = told("Breadcrumbs, the first one first", factory=list)
    messages: list[tuple[str, str]] = told("Messages to show once: (kind, text)", factory=list)
    csrf: str = told("Token that every form sends back as _csrf", "")
    lang: str = told("Language of the page, e.g. en", "en")
    direction: str = told("ltr or rtl", "ltr")
    path: str = told("Address of this page, with its query", "")
    candidates: list[str] = told("Template names that were looked for, the special one first", factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The variables by name; nothing is copied."""
        return {item.name: getattr(self, item.name) for item in fields(self)}


@dataclass(kw_only=True)
class HomeContext(PageContext):
    """The page with the apps."""


@dataclass(kw_only=True)
class LoginContext(PageContext):
    """The sign-in page."""

    login: str = told("What was typed as login", "")
    next: str = told("Where to go after signing in", "/app")
    error: str = told("Why signing in failed", "")
    demo: bool = told("Whether this is a demonstration database with a known password", False)


@dataclass(kw_only=True)
class ErrorContext(PageContext):
    """Any error."""

    status: int = told("The HTTP status", 500)
    message: str = told("What happened, in words the user can act on", "")
    details: list[str] = told("Further sentences", factory=list)
    reference: str = told("Mark under which the error is in the log", "")
    traceback: str = told("The traceback; only in debug mode", "")
    back: str = told("Where the user can go on", "/app")


@dataclass(kw_only=True)
class ListContext(PageContext):
    """A list of records."""

    list: Any = told("The list page's state: columns, rows, groups, pages, filters (pages.listing.ListPage)")


@dataclass(kw_only=True)
class FormContext(PageContext):
    """A record in a form."""

    form: Any = told("The form page's state: layout, buttons, history (pages.form.FormPage)")
    dialog: Any = told("A form shown as a dialog over this one, or None")
