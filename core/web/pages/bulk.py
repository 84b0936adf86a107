"""What can be done with several records of a list at once."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from core.exceptions import UserError
from core.i18n import _
from core.web.pages.destinations import destination
from core.web.pages.export import write_csv
from core.web.pages.form import Question
from core.web.pages.listing import ListPage, build, page_context
from core.web.pages.opening import Opening, open_action, open_model
from core.web.visit import Visit

_MOST = 5000


def post(visit: Visit, model: str) -> Response:
    """``POST /app/<model>``."""
    return _do(visit, open_model(visit, model))


def post_action(visit: Visit, id: int) -> Response:
    """``POST /app/action/<id>``."""
    return _do(visit, open_action(visit, id))


def _do(visit: Visit, opening: Opening) -> Response:
    form = visit.request.form
    chosen = [int(text) for text in form.getlist("ids")[:_MOST] if text.isdigit()]
    verb, _colon, method = form.get("_do", "").partition(":")
    page = build(opening)
    page.chosen = chosen
    if verb == "stay":
        return visit.page("list", page_context(page), model=opening.model)
    if not chosen:
        return _again(visit, page, str(_("Choose some records first.")))
    records = opening.records.browse(chosen).exists()
    records.check_access("read")
    if verb == "export":
        return write_csv(opening, records)
    question = _question(page, records, verb, method)
    if question is not None and form.get("_confirmed") != question.action:
        page.question = question
        return visit.page("list", page_context(page), model=opening.model)
    try:
        return visit.do_once(lambda: _carry_out(visit, page, records, verb, method))
    except UserError as error:
        visit.messages.clear()
        return _again(visit, page, str(error), error.http_status)


def _again(visit: Visit, page: ListPage, problem: str, status: int = 422) -> Response:
    page.problem = problem
    return visit.page("list", page_context(page), model=page.opening.model, status=status)


def _question(page: ListPage, records: Any, verb: str, method: str) -> Question | None:
    """What to ask before: deleting is always confirmed, a button when its view says so."""
    if verb == "delete":
        text = str(_("%(number)s records will be deleted for good.", number=len(records)))
        return Question(str(_("Delete?")), text, "delete", str(_("Delete")), danger=True)
    button = next((node for node in page.header if node.name == method), None) if verb == "call" else None
    if button is not None and button.attrs.get("confirm"):
        return Question(button.string, button.attrs["confirm"], f"call:{method}", button.string or str(_("Yes")))
    return None


def _carry_out(visit: Visit, page: ListPage, records: Any, verb: str, method: str) -> str:
    here = visit.path
    count = len(records)
    if verb == "call":
        if method.startswith("_") or all(node.name != method for node in page.header):
            raise UserError(_("This list has no such button."))
        return destination(getattr(records, method)(), here)
    if verb == "delete":
        records.unlink()
        visit.tell(_("%(number)s records deleted.", number=count))
    elif verb in ("archive", "unarchive") and records._active_name:
        records.write({records._active_name: verb == "unarchive"})
        visit.tell(
            _("%(number)s records restored.", number=count)
            if verb == "unarchive"
            else _("%(number)s records archived.", number=count)
        )
    else:
        raise UserError(_("This list has no such button."))
    return here
