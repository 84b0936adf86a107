"""The pages, one module per kind, and their addresses.

/                         to the apps
/login  /logout           signing in and out
/login/code               the second factor
/login/again              what was typed before the session ended
/app                      the apps
/app/action/<id>          a menu entry's list
/app/<model>              a list
/app/<model>/new          an empty form
/app/<model>/<id>         a form; with ?over=<address> a dialog over that document
/app/<model>/<id>/print   a document to print
/app/<model>/export.csv   the list as a file
/app/<model>/filter       an advanced filter of the list
/app/<model>/layout       the columns of the list
/app/complete/<model>     names while typing
/web/image/...            pictures of records (see `files`)
/web/content/...          files of records
/static/<name>            files
/health/live /ready       signs of life
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from core.web.pages import (
    bulk,
    complete,
    export,
    files,
    filters,
    form,
    health,
    home,
    layouts,
    listing,
    login,
    printing,
    saving,
)
from core.web.routing import Door, Page, Resumption


def rules() -> list[Rule]:
    """The rules, newly made: werkzeug binds a rule to one map."""

    def page(
        path: str,
        get: Callable[..., Response] | None,
        post: Callable[..., Response] | None = None,
        *,
        open: bool = False,
        **bounds: int,
    ) -> list[Rule]:
        found = [Rule(path, endpoint=Page(get, open), methods=["GET"])] if get else []
        return found + ([Rule(path, endpoint=Page(post, open, **bounds), methods=["POST"])] if post else [])

    def door(path: str, function: Callable[..., Response]) -> Rule:
        return Rule(path, endpoint=Door(function), methods=["GET"])

    return [
        door("/", home.start),
        door("/health/live", health.live),
        door("/health/ready", health.ready),
        door("/static/<path:name>", _static),
        door("/favicon.ico", lambda app, request: app.assets.respond(request, "web/icon.svg")),
        *page("/login", login.show, login.post, open=True, max_inputs=login.INPUTS, max_size=login.RESUMED_SIZE),
        *page("/login/code", None, login.post_code, open=True, max_inputs=login.INPUTS, max_size=login.RESUMED_SIZE),
        Rule("/login/again", endpoint=Resumption(login.again, open=True), methods=["POST"]),
        *page("/logout", None, login.sign_out, max_inputs=login.INPUTS, max_size=login.SIZE),
        *page("/app", home.show),
        *page("/app/preferences", home.preferences),
        *page("/app/action/<int:id>", listing.show_action, bulk.post_action),
        *page("/app/complete/<model>", complete.show),
        *page("/app/<model>", listing.show, bulk.post),
        *page("/app/<model>/export.csv", export.show),
        *page("/app/<model>/filter", filters.show, filters.press),
        *page("/app/<model>/layout", layouts.show, layouts.press),
        *page("/app/<model>/new", form.show, saving.post),
        *page("/app/<model>/<int:id>", form.show, saving.post),
        *page("/app/<model>/<int:id>/print", printing.show),
        *(
            rule
            for root in ("/web/image", "/web/content")
            for name in ("", "/<name>")
            for rule in (
                *page(f"{root}/<int:id>{name}", files.show_attachment),
                *page(f"{root}/<model>/<int:id>/<field>{name}", files.show),
            )
        ),
    ]


def _static(app: Any, request: Request, name: str) -> Response:
    return app.assets.respond(request, name)
