"""A record in a form: shown, new, or as a dialog over another document."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup
from werkzeug.wrappers import Response

from core.bounds import parse_integer
from core.i18n import _
from core.web.addresses import address
from core.web.contexts import Crumb, FormContext
from core.web.forms.bound_field import BoundField
from core.web.forms.state import FormState, open_form
from core.web.forms.widgets import Widgets
from core.web.layout import FormLayout
from core.web.pages.addon import page_behind
from core.web.pages.answered_questions import answered
from core.web.pages.attached import Panel, panel
from core.web.pages.history import history_of
from core.web.pages.opening import Opening, document_of, find_record, list_of, open_model, query_of
from core.web.pages.presets import PresetSummary, summary
from core.web.pages.printing import is_printable
from core.web.pages.record_pager import RecordPager, record_pager
from core.web.security import local_path
from core.web.views.arch import Node
from core.web.visit import Visit

#: Before the name of a table in the input for its page.
PAGE_OF = "_page."


@dataclass
class Question:
    """Something to confirm before a button does its work; the answer that changes nothing has the focus.

    `yes` and `no` are the labels of the answers and say what they do: "Cancel order", "Keep order". `is_danger` paints
    the first one red, as what it does cannot be undone.
    """

    title: str
    text: str
    action: str
    yes: str
    no: str = ""
    is_danger: bool = True

    @classmethod
    def of_button(cls, node: Node, action: str) -> Question:
        """What the view has a button ask: ``confirm``, and ``confirm-title``, ``confirm-label``, ``cancel-label``.

        ``confirm-class="btn-primary"`` says that nothing is lost by it.
        """
        attrs, label = node.attrs, str(node.string or node.name)
        return cls(
            attrs.get("confirm-title", "") or label,
            attrs["confirm"],
            action,
            attrs.get("confirm-label", "") or label,
            attrs.get("cancel-label", ""),
            attrs.get("confirm-class", "") != "btn-primary",
        )

    @classmethod
    def of_deletion(cls, text: str, action: str) -> Question:
        """Whether to delete something for good."""
        return cls(str(_("Delete?")), text, action, str(_("Delete")), str(_("Keep")))


@dataclass
class FormPage:
    """What the templates of a form are given."""

    opening: Opening
    state: FormState
    layout: FormLayout
    id: str = "record"
    action: str = ""
    back: str = ""
    title: str = ""
    in_dialog: bool = False
    problem_title: str = ""
    links: tuple[tuple[str, str], ...] = ()
    question: Question | None = None
    history: list[Any] = field(default_factory=list)
    files: Panel | None = None
    #: What a saved filter or layout holds.
    preset: PresetSummary | None = None
    once: str = ""
    extra_buttons: list[Any] = field(default_factory=list)
    body: Markup | str = ""

    @property
    def record(self) -> Any:
        """The record shown; empty when it is new."""
        return self.state.record

    @property
    def transient(self) -> bool:
        """Whether this is a question to answer rather than a document."""
        return bool(self.record._transient)

    @property
    def can_edit(self) -> bool:
        """Whether the user may change what is shown."""
        return self.state.editable

    @property
    def can_create(self) -> bool:
        """Whether the user may make another record of the kind."""
        return (
            not self.transient
            and self.state.view.flag("create")
            and self.opening.allows("create")
            and self.opening.records.check_access_rights("create", False)
        )

    @property
    def new_url(self) -> str:
        """The address of an empty form."""
        return self.opening.url("new")

    @property
    def print_url(self) -> str:
        """The address of the page to print, where an addon brings one for the model."""
        if self.state.new or self.transient or not is_printable(self.opening.visit.app, self.opening.model):
            return ""
        return self.opening.url(self.record.id, "print")

    @property
    def discard(self) -> str:
        """Where discarding leads: the record as it is stored, or the list."""
        return self.opening.list_url if self.state.new else self.action

    @property
    def titled(self) -> bool:
        """Whether the form has a heading of its own, so that the page needs none."""
        return any(True for _heading in self.layout.root.find("h1"))

    @property
    def multipart(self) -> bool:
        """Whether the form can carry files."""
        state = self.state
        named = [(state.rules, state.binding.nodes), *((table.rules, table.nodes) for table in state.tables.values())]
        return self.files is not None or any(rules[name].type == "binary" for rules, nodes in named for name in nodes)

    @property
    def dirty(self) -> bool:
        """Whether something was typed that is not saved."""
        return self.opening.visit.request.method == "POST" and not self.transient and self.state.changed

    @property
    def default_action(self) -> str:
        """What the Enter key does."""
        if not self.transient:
            return "save"
        primary = next(
            (node for node in self.footer if "oe_highlight" in node.classes or "btn-primary" in node.classes), None
        )
        return f"call:{primary.name}" if primary else "save"

    @property
    def base_text(self) -> str:
        """The fingerprints of the inputs that are on the page."""
        return self.state.base_text(self.layout.drawn.union(name for name, _text in self.layout.carried()))

    @property
    def version(self) -> str:
        """A mark of the record as it was when the page was drawn."""
        return version_of(self.record)

    @property
    def problems(self) -> list[str]:
        """Everything that is wrong, one sentence each."""
        return list(self.state.problems())

    @property
    def pager(self) -> RecordPager | None:
        """The records before and after this one in the list that it was opened from."""
        return None if self.state.new or self.transient or self.in_dialog else record_pager(self.opening, self.record)

    @property
    def archived(self) -> bool:
        """Whether the record is archived."""
        return not self.state.new and bool(self.record._active_name) and not self.record[self.record._active_name]

    @property
    def menu(self) -> list[tuple[str, str]]:
        """The entries of the menu beside the buttons: (what is done, label)."""
        if self.state.new or self.transient:
            return []
        entries = [(f"call:{node.name}", str(node.string or node.name)) for node in self.layout.menu_buttons()]
        records, view = self.record, self.state.view
        if self.can_create and view.flag("duplicate"):
            entries.append(("duplicate", str(_("Duplicate"))))
        if self.can_edit and records._active_name:
            entries.append(("unarchive", str(_("Restore"))) if self.archived else ("archive", str(_("Archive"))))
        if view.flag("delete") and records.check_access_rights("unlink", False):
            entries.append(("delete", str(_("Delete"))))
        return entries

    # -- parts drawn by the layout, in an order that keeps the focus right

    @property
    def buttons(self) -> list[Any]:
        """The buttons of the header."""
        return self.layout.buttons()

    @property
    def footer(self) -> list[Any]:
        """The buttons of a dialog."""
        return self.layout.footer()

    @property
    def header_fields(self) -> list[Markup]:
        """Fields beside the header's buttons."""
        return self.layout.header_fields()

    @property
    def status(self) -> BoundField | None:
        """The status bar, its steps attached."""
        bound = self.layout.status()
        if bound is not None:
            bound.steps = status_steps(bound)
        return bound


def status_steps(bound: BoundField) -> list[tuple[str, str, str]]:
    """(value, label, "done"|"now"|"next") for the states to show; the present one is always among them.

    Where the view names none these are all but the cancelled one, to which no order goes by itself.
    """
    pairs = list(bound.rules.selection)
    visible = [name.strip() for name in bound.node.attrs.get("statusbar_visible", "").split(",") if name.strip()]
    visible = visible or [key for key, _label in pairs if key != "cancel"]
    shown = [(key, label) for key, label in pairs if key in visible or key == bound.value]
    keys = [key for key, _label in pairs]
    now = keys.index(bound.value) if bound.value in keys else -1
    return [
        (key, label, "now" if key == bound.value else "done" if keys.index(key) < now else "next")
        for key, label in shown
    ]


def version_of(record: Any) -> str:
    """A text that changes whenever the record is written."""
    if not record.id or "write_date" not in record._fields:
        return ""
    return str(record.write_date or "")


# -- building


def open_record(opening: Opening, id_: int) -> FormState:
    """The form of the record `id_`, or of a new one when it is 0."""
    record = find_record(opening, id_) if id_ else opening.records
    view = opening.view("form")
    if id_:
        editable = view.flag("edit") and record.has_access("write")
    else:
        opening.records.check_access("create")
        editable = True
    return open_form(
        opening.env,
        view,
        record,
        opening.rules_of,
        opening.visit.formats,
        editable=editable,
        pages=asked_pages(opening.visit),
    )


def asked_pages(visit: Visit) -> dict[str, int]:
    """The pages of tables with many lines that the form, or else the address, asks for."""
    sent = visit.request.form if visit.request.method == "POST" else visit.request.args
    found = {name: parse_integer(text, name, minimum=1) for name, text in sent.items() if name.startswith(PAGE_OF)}
    return {name.removeprefix(PAGE_OF): number for name, number in found.items() if number}


def build(opening: Opening, state: FormState, *, space: str = "", tab: str = "") -> FormPage:
    """The page of a form state."""
    visit = opening.visit
    layout = FormLayout(state, Widgets(visit.app.templates), space=space, tab=tab)
    layout.complete = lambda bound, domain, defaults: completion_url(visit, bound, domain, defaults)
    page = FormPage(opening, state, layout, once=visit.once())
    record = state.record
    page.title = str(record.display_name) if record.id else _title_of_new(opening, record)
    page.action = (
        visit.path
        if state.new or record._transient
        else opening.url(record.id, **{"from": visit.request.args.get("from")})
    )
    if record.id and not record._transient:
        page.history = history_of(visit, record, _labels_in_view(layout.root))
        page.preset = summary(visit, record)
        page.extra_buttons = _extra_buttons(opening, record)
        if any(True for _node in layout.root.find("chatter")):
            page.files = panel(visit, record)
    page.body = layout.body()
    return page


def _labels_in_view(root: Node) -> dict[str, str]:
    """Field name -> the label that the view gives it in place of the model's."""
    return {node.name: node.string for node in root.find("field") if node.string}


def _title_of_new(opening: Opening, record: Any) -> str:
    if opening.without_list and opening.action is not None:
        return str(opening.action.name)
    return str(_("New %(kind)s", kind=record._description or record._name))


def _extra_buttons(opening: Opening, record: Any) -> list[Any]:
    found = opening.env.hooks.extra_buttons(env=opening.env, record=record) or ()
    return [button for buttons in found for button in buttons or ()]


def completion_url(visit: Visit, bound: BoundField, domain: Any, defaults: Mapping[str, Any]) -> str:
    """Where an input asks for names.

    The domain, and the values of a record that is made from a name, are signed: only what the view offers can be asked.
    """
    given = json.dumps([domain or [], defaults], default=str) if domain or defaults else ""
    sign = sign_given(visit, bound.rules.comodel, given) if given else ""
    return address("complete", bound.rules.comodel, given=given, sign=sign)


def sign_given(visit: Visit, model: str, text: str) -> str:
    """The signature of what a form gives along to the completion of names."""
    return hmac.new(visit.app.secret, f"complete\n{model}\n{text}".encode(), hashlib.sha256).hexdigest()[:20]


# -- answering


def show(visit: Visit, model: str, id: int = 0) -> Response:
    """``GET /app/<model>/<id>`` and ``GET /app/<model>/new``."""
    opening = open_model(visit, model, id)
    return answered(visit, model, id) or render(opening, open_record(opening, id))


def render(opening: Opening, state: FormState, *, status: int = 200, **changes: Any) -> Response:
    """The page of a form state: on its own, or as a dialog over the document that the address names."""
    visit = opening.visit
    tab = visit.request.form.get("_tab", "") if visit.request.method == "POST" else visit.request.args.get("tab", "")
    over = local_path(visit.request.args.get("over"), "")
    document = document_of(visit, over) if over and state.record._transient else None
    behind = page_behind(visit, over) if over and state.record._transient and not document else None
    page = build(opening, state, space="d-" if document or behind else "", tab=tab)
    for name, value in changes.items():
        setattr(page, name, value)
    if state.failed and not page.problem_title:
        page.problem_title = str(_("This could not be saved yet."))
    if document:
        return _render_over(visit, page, document, over, status)
    if behind:
        _make_dialog(page, over)
        return behind(page, status)
    page.back = over or opening.list_url
    if page.transient:
        page.title = str(page.layout.root.string or opening.records._description or page.title)
        page.in_dialog = not page.buttons
    if page.transient:
        origin = list_of(visit, over)
        crumbs = [*([origin] if origin else []), Crumb(label=page.title)]
    else:
        crumbs = opening.crumbs((page.title, ""))
    return visit.page(
        "form", FormContext(title=page.title, form=page, crumbs=crumbs), model=opening.model, status=status
    )


def _render_over(visit: Visit, dialog: FormPage, document: Any, over: str, status: int) -> Response:
    """The dialog over its document, which is drawn behind it and cannot be used meanwhile."""
    _make_dialog(dialog, over)
    behind = open_model(visit, document._name, document.id, query=query_of(visit.env, over))
    state = open_record(behind, document.id)
    page = build(behind, state)
    page.action = over
    crumbs = behind.crumbs((page.title, ""))
    context = FormContext(title=dialog.title, form=page, crumbs=crumbs, dialog=dialog)
    return visit.page("form", context, model=document._name, status=status)


def _make_dialog(page: FormPage, over: str) -> None:
    page.id, page.in_dialog, page.back = "dialog", True, over
    page.title = str(page.layout.root.string or page.record._description or page.title)
