"""What can be done with several records of a list at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Response

from core.bounds import is_integer
from core.exceptions import UserError
from core.i18n import _, ngettext
from core.rpc.public_methods import call_button
from core.web.forms.binding import Typed
from core.web.messages import links_to
from core.web.pages import refusals
from core.web.pages.destinations import follow
from core.web.pages.editing import EditableRows
from core.web.pages.export import write_csv
from core.web.pages.form import Question
from core.web.pages.listing import ListPage, build, page_context
from core.web.pages.opening import Opening, open_action, open_model
from core.web.visit import Visit, joined, swapped

_MOST = 5000


def post(visit: Visit, model: str) -> Response:
    """``POST /app/<model>``."""
    return _do(visit, open_model(visit, model))


def post_action(visit: Visit, id: int) -> Response:
    """``POST /app/action/<id>``."""
    return _do(visit, open_action(visit, id))


def _do(visit: Visit, opening: Opening) -> Response:
    form = visit.request.form
    chosen = [int(text) for text in form.getlist("ids")[:_MOST] if is_integer(text)]
    verb, _colon, method = form.get("_do", "").partition(":")
    page = build(opening)
    page.chosen = chosen
    typed = Typed(form)
    if page.editing is not None and not typed.whole:
        page.editing.read(typed)
        return _again(visit, page, refusals.cut_short(), 409)
    if page.editing is not None and form.get("_pick"):
        page.editing.read(typed)
        page.editing.choose(form["_pick"])
        return _shown(visit, page)
    if page.editing is not None and not page.editing.read(typed) and verb not in ("add", "remove", "stay"):
        return _again(visit, page, str(_("This could not be saved yet.")))
    if verb == "stay":
        return _shown(visit, page)
    if verb in ("add", "remove", "save"):
        return _edit(visit, page, verb, method)
    if verb == "row":
        return _row(visit, page, method)
    if not chosen:
        return _again(visit, page, str(_("Choose some records first.")))
    records = opening.records.browse(chosen).exists()
    records.check_access("read")
    if verb == "export":
        return write_csv(opening, records)
    question = _question(page, records, verb, method)
    if question is not None and form.get("_confirmed") != question.action:
        page.question = question
        return _shown(visit, page)
    return _tried(visit, page, lambda: _carry_out(visit, page, records, verb, method))


def _tried(visit: Visit, page: ListPage, work: Callable[[], str]) -> Response:
    """Save the rows that were edited and do `work`, once; a refusal gives the list back as it was."""

    def unit() -> str:
        if page.editing is not None:
            page.editing.save()
        return work()

    try:
        return visit.do_once(unit)
    except UserError as error:
        visit.messages.clear()
        page.links = links_to(visit.env, error.records, error.page)
        problem = page.editing.blame(error) if page.editing is not None else str(error)
        return _again(visit, page, problem, error.http_status)


def _shown(visit: Visit, page: ListPage, status: int = 200) -> Response:
    return visit.page("list", page_context(page), model=page.opening.model, status=status)


def _edit(visit: Visit, page: ListPage, verb: str, rest: str) -> Response:
    """Rows of an editable list added, removed or saved."""
    if page.editing is None:
        raise UserError(_("This list has no such button."))
    if verb == "add" and page.editing.table.creatable:
        page.editing.add()
    elif verb == "remove":
        page.editing.table.remove(rest.partition(":")[2])
    elif not page.editing.changed:
        visit.tell(_("Nothing was changed."), "info")
        return visit.redirect(visit.path)
    else:
        visit.tell(_("Saved."))
        return _tried(visit, page, lambda: visit.path)
    return _rows_alone(visit, page.editing) if visit.htmx else _shown(visit, page)


def _rows_alone(visit: Visit, editing: EditableRows) -> Response:
    """The table of an editable list and the fingerprints of its inputs, to replace those on the page."""
    html, base = editing.draw()
    macros = visit.app.templates.macros("_fragments.html")
    return Response(joined([swapped(html), macros.base("list", base)]), mimetype="text/html")


def _row(visit: Visit, page: ListPage, rest: str) -> Response:
    """A button in a row: the row's record must be there, and the view must offer the button for it."""
    parts = rest.removeprefix("rows:").split(":")
    id_, method = (int(parts[0]) if is_integer(parts[0]) else 0), parts[-1]
    record = page.opening.records.browse(id_).exists()
    node = next((node for node in page.view.columns if node.kind == "button" and node.name == method), None)
    if not record or node is None or method.startswith("_"):
        raise UserError(_("This list has no such button."))
    record.check_access("read")
    return _tried(visit, page, lambda: follow(visit, call_button(record, method), visit.path))


def _again(visit: Visit, page: ListPage, problem: str, status: int = 422) -> Response:
    page.problem = problem
    return _shown(visit, page, status)


def _question(page: ListPage, records: Any, verb: str, method: str) -> Question | None:
    """What to ask before: deleting is always confirmed, a button when its view says so."""
    if verb == "delete":
        text = ngettext(
            "%(number)s record will be deleted for good.", "%(number)s records will be deleted for good.", len(records)
        )
        return Question.of_deletion(str(text), "delete")
    button = next((node for node in page.header if node.name == method), None) if verb == "call" else None
    if button is not None and button.attrs.get("confirm"):
        return Question.of_button(button, f"call:{method}")
    return None


def _carry_out(visit: Visit, page: ListPage, records: Any, verb: str, method: str) -> str:
    here = visit.path
    count = len(records)
    if verb == "call":
        button = next((node for node in page.header if node.name == method), None)
        if button is None or method.startswith("_"):
            raise UserError(_("This list has no such button."))
        result = call_button(records, method)
        if not result and not visit.has_messages():
            done = ngettext(
                "%(button)s: done for %(number)s record.",
                "%(button)s: done for %(number)s records.",
                count,
                button=button.string or method,
            )
            visit.tell(done)
        return follow(visit, result, here)
    if verb == "delete":
        records.unlink()
        visit.tell(ngettext("%(number)s record deleted.", "%(number)s records deleted.", count))
    elif verb in ("archive", "unarchive") and records._active_name:
        if verb == "unarchive":
            records.action_unarchive()
            visit.tell(ngettext("%(number)s record restored.", "%(number)s records restored.", count))
        else:
            records.action_archive()
            visit.tell(ngettext("%(number)s record archived.", "%(number)s records archived.", count))
    else:
        raise UserError(_("This list has no such button."))
    return here
