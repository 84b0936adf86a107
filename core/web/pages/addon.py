"""Pages that addons bring by the hook `register_pages`, and dialogs over them.

GET  /app/<path>                       show(page, **values)
POST /app/<path>                       submit(page, **values)
GET  /app/<wizard>/<id>?over=<path>    show(page, **values) once more, with the wizard as a dialog over it
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from core.bounds import is_integer
from core.exceptions import UserError
from core.web.contexts import Crumb, PageContext
from core.web.forms.files import files_of
from core.web.messages import Message, links_to
from core.web.pages.destinations import follow
from core.web.routing import Page, expand_query
from core.web.visit import Visit


@dataclass(kw_only=True)
class AddonContext(PageContext):
    """A page of an addon: the variables that it names, besides those of every page."""

    values: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The variables by name."""
        own = super().as_dict()
        return own | own.pop("values")


class PageRequest:
    """A request for a page of an addon, and what the page needs to answer it."""

    def __init__(self, visit: Visit, dialog: Any = None, status: int = 200) -> None:
        self._visit, self._dialog, self._status = visit, dialog, status

    @property
    def env(self) -> Any:
        """The environment of the signed-in user."""
        return self._visit.env

    @property
    def request(self) -> Request:
        """The werkzeug request."""
        return self._visit.request

    @property
    def path(self) -> str:
        """The address asked for, with its query."""
        return self._visit.path

    @property
    def formats(self) -> Any:
        """How the user reads numbers and dates: `number`, `day`, `moment`."""
        return self._visit.formats

    @property
    def htmx(self) -> bool:
        """Whether htmx asks, and so a fragment is enough."""
        return self._visit.htmx

    def once(self) -> str:
        """A fresh one-time key for the hidden input `_once` of a form; `_csrf` is the variable `csrf`."""
        return self._visit.once()

    def render(self, template: str, *, title: str, crumbs: Iterable[tuple[str, str]] = (), **values: Any) -> Response:
        """The template `<template>.html`, which extends ``page.html``.

        Args:
            title: of the page, in the browser's tab and as its heading.
            crumbs: pairs (label, address) of the way here, without the page itself.
            values: further variables of the template.
        """
        steps = [Crumb(label=label, url=url) for label, url in crumbs]
        context = AddonContext(
            title=title, crumbs=[*steps, Crumb(label=title)], values={"dialog": self._dialog, **values}
        )
        return self._visit.page(template, context, status=self._status)

    def fragment(self, template: str, **values: Any) -> Response:
        """The template `<template>.html` by itself, as a piece of a page; messages stay for the next whole page."""
        html = self._visit.app.templates.page(template).render(csrf=self._visit.csrf, path=self.path, **values)
        return Response(html, mimetype="text/html")

    @staticmethod
    def read_id(text: str) -> int:
        """The id that a part of an address or form gives; 0 where it gives none."""
        return int(text) if is_integer(text) else 0

    def nothing(self) -> Response:
        """The answer to htmx that leaves the page as it is."""
        return Response(status=204)

    def pictures(self, records: Any, name: str) -> dict[int, str]:
        """The addresses of the pictures in the field `name` of those of `records` that have one, by id."""
        return {id_: file.picture for id_, file in files_of(records, name).items()}

    def redirect(self, location: str) -> Response:
        """Send the browser to `location`."""
        return self._visit.redirect(location)

    def call(self, work: Callable[[], Any], here: str) -> Response:
        """Carry out `work()` once for the form that was sent, and follow what it returns; see `destinations`.

        Args:
            here: the address that is shown when nothing is returned, or a refusal; dialogs lie over it.
        """
        visit = self._visit
        try:
            return visit.do_once(lambda: follow(visit, work(), here))
        except UserError as error:
            visit.messages[:] = [Message("danger", str(error), links_to(visit.env, error.records, error.page))]
            return visit.redirect(here)


@dataclass(frozen=True)
class AddonPage(Page):
    """An endpoint `(page, **values)` of an addon."""

    def call(self, visit: Visit, values: Mapping[str, Any]) -> Response:
        """Call it with the request of the page."""
        return self.function(PageRequest(visit), **values)


def rules_of(contributed: Iterable[Any]) -> Iterator[Rule]:
    """The rules of what the implementations of `register_pages` returned."""
    for entries in contributed:
        for entry in entries or ():
            for method, name in (("GET", "show"), ("POST", "submit")):
                if entry.get(name):
                    yield Rule(entry["path"], endpoint=AddonPage(entry[name]), methods=[method])


def page_behind(visit: Visit, over: str) -> Callable[[Any, int], Response] | None:
    """What draws the addon's page at `over`, with a dialog and an HTTP status; None where there is no such page."""
    parts = urlsplit(over)
    pages: Map = visit.app.addon_pages
    try:
        endpoint, values = pages.bind("").match(parts.path, method="GET")
    except HTTPException:
        return None
    environ = {
        **visit.request.environ,
        "REQUEST_METHOD": "GET",
        "PATH_INFO": parts.path,
        "QUERY_STRING": parts.query,
    }
    behind = replace(visit, request=Request(environ, populate_request=False))
    expand_query(visit.env, behind.request)
    return lambda dialog, status: endpoint.function(PageRequest(behind, dialog, status), **values)
