"""A form that comes back: an edit to answer, lines to add or remove, a record to save, a button to carry out.

post()
  FormState.read          typed text -> values, errors at the fields
  by what was pressed (`_do`)
    onchange add remove   nothing is saved; the changed pieces (htmx) or the whole form come back
    attach detach         files are added to the document or taken away; the form comes back as it was typed
    save close call row         check, find clashes with others' changes, then save and call, once
    duplicate archive unarchive delete
An error gives the form back with everything that was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from werkzeug.wrappers import Response

from core.bounds import is_integer, parse_integer
from core.exceptions import MissingError, UserError
from core.i18n import _
from core.rpc.public_methods import call_button
from core.web.addresses import address
from core.web.forms.binding import Typed
from core.web.forms.files import keep, kept_upload, upload_of
from core.web.forms.quick_create import choose
from core.web.forms.stale import find_clashes
from core.web.forms.state import FormState
from core.web.messages import links_to
from core.web.pages import attached, refusals
from core.web.pages.answered_questions import AlreadyAnswered, answered, note_answer
from core.web.pages.destinations import follow
from core.web.pages.form import PAGE_OF, FormPage, Question, build, open_record, render, version_of
from core.web.pages.opening import Opening, document_of, open_model
from core.web.security import local_path
from core.web.views.arch import Node
from core.web.visit import Visit, joined, swapped


def post(visit: Visit, model: str, id: int = 0) -> Response:
    """``POST /app/<model>/<id>`` and ``POST /app/<model>/new``."""
    opening = open_model(visit, model, id)
    verb, _colon, rest = visit.request.form.get("_do", "save").partition(":")
    if visit.request.form.get("_pick"):
        verb, rest = "pick", visit.request.form["_pick"]
    # A second click must not be judged by the document as the first one left it.
    first = (None if verb in _PREVIEWS else visit.done_before()) or answered(visit, model, id)
    if first is not None:
        return first
    state = open_record(opening, id)
    page = Typed(visit.request.form, visit.request.files, lambda id_: kept_upload(visit.env, id_))
    do = _VERBS.get(verb)
    if do is None:
        raise MissingError(_("This form has no such button."))
    coming = Coming(opening, state, page, rest)
    if not page.whole:
        coming.read()
        state.errors.append(refusals.cut_short())
        return coming.back(status=409)
    if verb in _PREVIEWS:
        coming.keep_files()
        return _leaving_nothing(visit, lambda: do(coming))
    return do(coming)


class _Answered(Exception):
    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


def _leaving_nothing(visit: Visit, work: Callable[[], Response]) -> Response:
    """The answer of `work`, whatever it did to the records undone: showing what would be must not make it so."""
    try:
        with visit.env.savepoint():
            raise _Answered(work())
    except _Answered as answered:
        return answered.response


class Coming:
    """A form on its way in: where it was opened, its state, what was typed, and the rest of what was pressed."""

    def __init__(self, opening: Opening, state: FormState, page: Typed, rest: str) -> None:
        self.opening, self.state, self.page, self.rest = opening, state, page, rest
        self.visit = opening.visit
        self.form = opening.visit.request.form

    def read(self) -> None:
        """Take over what was typed. What is not editable was not on the page either."""
        if self.state.editable:
            self.state.read(self.page)

    @property
    def record(self) -> Any:
        """The record of the form."""
        return self.state.record

    def keep_files(self) -> None:
        """Keep the files that were chosen: the form goes back, and a browser forgets them."""
        self.page.keep_files(lambda upload: keep(self.visit.env, upload))

    def back(self, **changes: Any) -> Response:
        """The form as it was sent, to be sent again."""
        self.keep_files()
        return _leaving_nothing(self.visit, lambda: self._drawn(changes))

    def _drawn(self, changes: dict[str, Any]) -> Response:
        self.state.recompute()
        return render(self.opening, self.state, **changes)

    @property
    def name(self) -> str:
        """What the document is called, for a dialog the one under it."""
        document = document_of(self.visit, self.over) if self.over and self.record._transient else None
        return refusals.name_of(self.record if document is None else document)

    @property
    def over(self) -> str:
        """The document under a dialog."""
        return local_path(self.visit.request.args.get("over"), "")

    def here(self, record: Any) -> str:
        """The address of the form after saving."""
        if record._transient:
            return address(record._name, record.id, over=self.over)
        pages = {f"{PAGE_OF}{name}": table.page for name, table in self.state.tables.items() if table.page > 1}
        return self.opening.url(record.id, **{"from": self.visit.request.args.get("from")}, **pages)


# -- nothing is saved


def _onchange(coming: Coming) -> Response:
    edited = [name for name in coming.form.get("_edited", "").split(",") if name]
    before = _as_sent(coming)
    fresh = open_record(coming.opening, coming.record.id or 0)
    fresh.read(coming.page)
    for name in edited:
        fresh.onchange(name)
    return _pieces(coming, fresh, before, edited)


def _add(coming: Coming) -> Response:
    before = _as_sent(coming)
    fresh = open_record(coming.opening, coming.record.id or 0)
    fresh.read(coming.page)
    fresh.recompute()
    fresh.add_row(coming.rest)
    if coming.visit.htmx:
        return _pieces(coming, fresh, before)
    return render(coming.opening, fresh)


def _remove(coming: Coming) -> Response:
    table, _colon, key = coming.rest.partition(":")
    before = _as_sent(coming)
    fresh = open_record(coming.opening, coming.record.id or 0)
    fresh.read(coming.page)
    if table in fresh.tables:
        fresh.tables[table].remove(key)
        fresh.onchange(table)
    if coming.visit.htmx:
        return _pieces(coming, fresh, before)
    return render(coming.opening, fresh)


def _turn(coming: Coming) -> Response:
    """Another page of the lines of a table: what was typed stays."""
    table, _colon, page = coming.rest.partition(":")
    before = _as_sent(coming)
    fresh = open_record(coming.opening, coming.record.id or 0)
    fresh.read(coming.page)
    fresh.recompute()
    if table in fresh.tables:
        fresh.tables[table].turn(parse_integer(page, "page", minimum=1, default=1) or 1)
    if coming.visit.htmx:
        return _pieces(coming, fresh, before)
    return render(coming.opening, fresh)


def _pick(coming: Coming) -> Response:
    """One of the records that a name may have meant was picked, or the name of a new one."""
    before = _as_sent(coming)
    fresh = open_record(coming.opening, coming.record.id or 0)
    fresh.read(coming.page)
    name, _bar, choice = coming.rest.partition("|")
    parts = name.split(".")
    binding = fresh.binding
    if len(parts) == 3 and parts[0] in fresh.tables and (row := fresh.tables[parts[0]].row(parts[1])):
        binding = row.binding
    choose(binding, parts[-1], choice)
    fresh.onchange(name)
    return _pieces(coming, fresh, before, [name]) if coming.visit.htmx else render(coming.opening, fresh)


def _stay(coming: Coming) -> Response:
    coming.read()
    coming.state.recompute()
    return render(coming.opening, coming.state)


def _as_sent(coming: Coming) -> FormPage:
    """The page as its user sees it, which the answer is compared with."""
    if coming.state.editable:
        coming.state.read(coming.page, as_sent=True)
    return build(coming.opening, coming.state, space="d-" if coming.over else "")


def _pieces(coming: Coming, fresh: FormState, before: FormPage, edited: Sequence[str] = ()) -> Response:
    """The parts of the page that differ, each replacing the one with its id."""
    after = build(coming.opening, fresh, space=before.layout.space)
    # The focus stays where the user is; only a line just added takes it.
    before.layout.quiet = after.layout.quiet = True
    after.layout.focused = False
    after.layout.edited = frozenset(edited)
    wrong, was_wrong = set(fresh.faulty), set(coming.form.get("_faulty", "").split(","))
    added = {name for name in edited if coming.form.get(f"{name}.add")}
    after.layout.judged = frozenset(wrong.intersection(edited) | was_wrong - wrong | added | fresh.rewritten(edited))
    form_id = "dialog" if coming.over else "record"
    pieces = [swapped(piece) for piece in after.layout.changed(before.layout)]
    macros = coming.visit.app.templates.macros("_fragments.html")
    pieces.append(macros.base(form_id, after.base_text))
    pieces.append(macros.carried(form_id, list(after.layout.carried())))
    if after.layout.buttons_depend() or after.buttons != before.buttons:
        pieces.append(macros.buttons(form_id, after.buttons, fresh.record, after.layout.hotkeys))
    if fresh.warning:
        pieces.append(macros.warning(fresh.warning))
    return Response(joined(pieces), mimetype="text/html")


# -- saving


def _save(coming: Coming) -> Response:
    return _saved(coming, coming.here)


def _close(coming: Coming) -> Response:
    """Save, and go back to where the form was opened: a document or a list."""
    return _saved(coming, lambda record: coming.opening.back_url)


def _saved(coming: Coming, leads: Callable[[Any], str]) -> Response:
    def work(record: Any) -> str:
        if not coming.state.editable:
            # The form was not read: there is nothing to save.
            record.check_access("write")
            return leads(record)
        coming.visit.tell(_("Saved.") if not coming.state.new else _("%(name)s created.", name=record.display_name))
        return leads(record)

    return _carry_out(coming, work)


def _call(coming: Coming) -> Response:
    """A button: save what was typed, then call the method that the view names."""
    name = coming.rest
    coming.read()
    button = _button(coming, name)
    if button is None:
        title = str(_("The document has changed. This is how it stands now."))
        return _refuse(coming, _gone(coming, name), title=title)
    confirm = button.attrs.get("confirm")
    if confirm and coming.form.get("_confirmed") != f"call:{name}":
        return coming.back(question=Question.of_button(button, f"call:{name}"))

    is_new = coming.state.new

    def work(record: Any) -> str:
        if is_new:
            # The history of a document begins with what was typed; what its first button did comes after that.
            record.env.flush_all()
        before = _state(record)
        result = call_button(record, name)
        state = _state(record)
        if state != before and not coming.visit.has_messages():
            coming.visit.tell(_("%(name)s is now “%(state)s”.", name=record.display_name, state=state))
        document = coming.over if record._transient else coming.here(record)
        location = follow(coming.visit, result, document or coming.opening.list_url)
        note_answer(coming.visit, coming.record, location)
        return location

    return _carry_out(coming, work, read=False, button=button.string or name)


def _row(coming: Coming) -> Response:
    """A button in a line: save, then call the line's method."""
    table_name, key, name = [*coming.rest.split(":"), "", "", ""][:3]
    coming.read()
    table = coming.state.tables.get(table_name)
    row = table.row(key) if table else None
    columns = table.view.columns if table is not None else []
    button = next((node for node in columns if node.kind == "button" and node.name == name), None)
    if table is None or row is None or not row.id or button is None or name.startswith("_"):
        title = str(_("The document has changed. This is how it stands now."))
        return _refuse(coming, str(_("This line no longer exists.")), title=title)
    action = f"row:{coming.rest}"
    if button.attrs.get("confirm") and coming.form.get("_confirmed") != action:
        return coming.back(question=Question.of_button(button, action))
    comodel, line_id = table.field.comodel, row.id

    def work(record: Any) -> str:
        result = call_button(record.env[comodel].browse(line_id), name)
        return follow(coming.visit, result, coming.here(record))

    return _carry_out(coming, work, read=False, button=button.string or name, name=row.label)


def _carry_out(
    coming: Coming, work: Callable[[Any], str], *, read: bool = True, button: str = "", name: str = ""
) -> Response:
    """Check, save what was changed and do `work` with the record: all of it once, or nothing, and the form is back.

    `button` is the label of the button that was pressed, `name` what it is about if that is not the document.
    """
    state, visit = coming.state, coming.visit
    if read:
        coming.read()
    if not state.check():
        return coming.back(status=422)

    def unit() -> str:
        record = _stored(coming, bool(button))
        _attach_sent(coming, record)
        return work(record)

    try:
        return visit.do_once(unit)
    except AlreadyAnswered:
        visit.messages.clear()
        return answered(visit, state.record._name, state.record.id) or visit.redirect(coming.opening.list_url)
    except Clash:
        return coming.back(status=409, problem_title=str(_("Someone else changed this meanwhile.")))
    except UserError as error:
        visit.messages.clear()
        state.blame(error)
        title = refusals.title(button, name or coming.name) if button else ""
        links = links_to(visit.env, error.records, error.page)
        return coming.back(status=error.http_status, problem_title=title, links=links)


class Clash(Exception):
    """Others changed what the user changed, or what the user pressed a button about; the form's state says where."""


def _stored(coming: Coming, button: bool) -> Any:
    """The record with what was typed saved in it."""
    state, record = coming.state, coming.record
    state.create_pending()
    if not record.id:
        return record.create(state.values_to_save())
    if record._transient:
        if state.changed:
            record.write(state.values_to_save())
        return record
    if state.changed or button:
        _check_clashes(coming, record, button)
    if state.changed:
        record.write(state.values_to_save())
    return record


def _check_clashes(coming: Coming, record: Any, button: bool) -> None:
    """Compare with the record as it is now, locked so that it stays so until the end of the transaction."""
    seen = coming.form.get("_version", "")
    locked = record.lock_for_update()
    if seen == version_of(locked) or not seen:
        return
    state = coming.state
    if find_clashes(state, coming.page, locked):
        raise Clash
    if button:
        who = locked.sudo().write_uid
        state.errors.append(
            str(
                _(
                    "%(who)s changed this document after you opened it. Look at it again and repeat your last step.",
                    who=who.name or _("Someone"),
                )
            )
        )
        raise Clash


def _refuse(coming: Coming, message: str, status: int = 409, *, title: str) -> Response:
    coming.state.errors.append(message)
    return coming.back(status=status, problem_title=title)


def _button(coming: Coming, name: str) -> Node | None:
    """The visible button of this name: only what the view offers now can be pressed."""
    state = coming.state
    page = build(coming.opening, state)
    if not name or name.startswith("_"):
        return None
    for node in state.view.root.find("button"):
        if node.name == name and node.attrs.get("type", "object") == "object" and not page.layout.hidden(node):
            return node
    extra = next((button for button in page.extra_buttons if button.get("name") == name), None)
    return (
        Node("button", "extra", {"name": name, "string": extra.get("string", ""), "confirm": extra.get("confirm", "")})
        if extra
        else None
    )


def _state(record: Any) -> str:
    """The state of a document in words; an empty text where it has none, or is gone."""
    field = record._fields.get("state")
    if field is None or field.type != "selection" or record._transient or not record.exists():
        return ""
    return str(field.convert_to_display(record.state, record))


def _gone(coming: Coming, name: str) -> str:
    """Why a button that was pressed is not there now."""
    record = coming.record
    if record.id and name in record.TRANSITIONS and name not in record.allowed_transitions():
        return str(record._state_refusal(name))
    return str(_("“%(name)s” is no longer possible.", name=_label(coming, name)))


def _label(coming: Coming, name: str) -> str:
    return next(
        (node.string for node in coming.state.view.root.find("button") if node.name == name and node.string), name
    )


# -- the files of the document


def _attach(coming: Coming) -> Response:
    coming.read()

    def work() -> str:
        if _attach_sent(coming, coming.record):
            coming.visit.tell(_("Attached."))
        else:
            coming.visit.tell(_("Choose a file first."), "warning")
        return coming.here(coming.record)

    return _done_beside(coming, work, _("Attach"))


def _detach(coming: Coming) -> Response:
    coming.read()
    try:
        file = attached.find(coming.record, int(coming.rest) if is_integer(coming.rest) else 0)
    except MissingError as error:
        return _refuse(coming, str(error), title=refusals.title(str(_("Remove")), str(_("the file"))))
    action = f"detach:{file.id}"
    if coming.form.get("_confirmed") != action:
        text = str(_("“%(name)s” will be deleted for good.", name=file.name))
        return coming.back(question=Question.of_deletion(text, action))

    def work() -> str:
        coming.visit.tell(_("“%(name)s” was deleted.", name=file.name))
        file.unlink()
        return coming.here(coming.record)

    return _done_beside(coming, work, _("Remove"))


def _done_beside(coming: Coming, work: Callable[[], str], label: str) -> Response:
    """Do `work`, which leaves the form alone, and show it again with all that was typed."""
    try:
        coming.visit.do_once(work)
    except UserError as error:
        coming.visit.messages.clear()
        return _refuse(coming, str(error), error.http_status, title=refusals.title(str(label), str(_("the file"))))
    return coming.back()


def _attach_sent(coming: Coming, record: Any) -> int:
    sent = [file for file in coming.page.files.getlist(attached.INPUT) if file.filename]
    return attached.attach(coming.visit, record, map(upload_of, sent)) if sent and record.id else 0


# -- the menu


def _duplicate(coming: Coming) -> Response:
    def work() -> str:
        copy = coming.record.copy()
        coming.visit.tell(_("This is the copy."))
        return coming.opening.url(copy.id)

    return _guarded(coming, work, _("Duplicate"))


def _archive(coming: Coming) -> Response:
    return _guarded(coming, lambda: _set_active(coming, False), _("Archive"))


def _unarchive(coming: Coming) -> Response:
    return _guarded(coming, lambda: _set_active(coming, True), _("Restore"))


def _set_active(coming: Coming, active: bool) -> str:
    record = coming.record
    if active:
        record.action_unarchive()
    else:
        record.action_archive()
    coming.visit.tell(_("Restored.") if active else _("Archived. It can be restored from here."))
    return coming.here(record)


def _delete(coming: Coming) -> Response:
    if coming.form.get("_confirmed") != "delete":
        name = coming.record.display_name
        text = str(_("“%(name)s” will be deleted for good.", name=name))
        coming.read()
        return coming.back(question=Question.of_deletion(text, "delete"))

    def work() -> str:
        name = coming.record.display_name
        coming.record.unlink()
        coming.visit.tell(_("“%(name)s” was deleted.", name=name))
        return coming.opening.list_url

    return _guarded(coming, work, _("Delete"))


def _guarded(coming: Coming, work: Callable[[], str], label: str) -> Response:
    try:
        return coming.visit.do_once(work)
    except UserError as error:
        coming.visit.messages.clear()
        return _refuse(coming, str(error), error.http_status, title=refusals.title(str(label), coming.name))


# What only shows: nothing of it may reach the database.
_PREVIEWS = frozenset({"onchange", "add", "remove", "page", "pick", "stay"})
_VERBS: dict[str, Callable[[Coming], Response]] = {
    "onchange": _onchange,
    "add": _add,
    "remove": _remove,
    "page": _turn,
    "pick": _pick,
    "stay": _stay,
    "save": _save,
    "close": _close,
    "call": _call,
    "row": _row,
    "attach": _attach,
    "detach": _detach,
    "duplicate": _duplicate,
    "archive": _archive,
    "unarchive": _unarchive,
    "delete": _delete,
}
