"""What this addon adds to the web application."""

from __future__ import annotations

from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Response

from core.api import hookimpl


def ping(request: Any, env: Any, name: str) -> Response:
    """Say hello."""
    return Response(f"{name} meets {env.user.login}")


@hookimpl
def register_routes() -> list[Rule]:
    """A page of our own."""
    return [Rule("/paperwork/ping/<name>", endpoint=ping, methods=["GET", "POST"])]


def show_desk(page: Any, id: int) -> Response:
    """A page of our own with a form."""
    record = page.env["paperwork.document"].browse(id)
    crumbs = [("Documents", "/app/paperwork.document")]
    return page.render("paperwork/desk", title="Desk", crumbs=crumbs, name=record.name, once=page.once())


def use_desk(page: Any, id: int) -> Response:
    """A button of that page."""
    record = page.env["paperwork.document"].browse(id)

    def work() -> Any:
        return getattr(record, page.request.form["_do"])()

    return page.call(work, page.path)


@hookimpl
def register_pages() -> list[dict[str, Any]]:
    """The desk of a document."""
    return [{"path": "/app/paperwork-desk/<int:id>", "show": show_desk, "submit": use_desk}]


@hookimpl
def extra_context(env: Any, template: str) -> dict[str, Any] | None:
    """A variable for the home page's template."""
    return {"greeting": "Welcome to the paper mill"} if template == "home.html" else None


@hookimpl(model="paperwork.document")
def extra_buttons(env: Any, record: Any) -> list[dict[str, str]]:
    """A button that depends on data."""
    return [{"name": "action_cancel", "string": "Shred"}] if record.name == "Shreddable" else []
