"""Which template draws a field. One template per widget, ``widgets/<name>.html``, with two macros: ``edit(f)`` and
``show(f)``.

An addon adds a widget by adding such a file to its ``templates`` folder, and replaces one by a file of the same name.
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from core.web.forms.bound_field import BoundField
from core.web.templating import Templates

BY_TYPE = {
    "char": "char", "text": "text", "html": "html", "boolean": "boolean", "integer": "number", "float": "number",
    "quantity": "number", "monetary": "number", "date": "date", "datetime": "datetime", "selection": "selection",
    "many2one": "many2one", "many2many": "tags", "one2many": "tags", "binary": "binary",
}  # fmt: skip
# Names that upstream's views use for what we call otherwise.
ALIASES = {
    "many2many_tags": "tags", "many2many_checkboxes": "tags", "boolean_toggle": "boolean", "selection_badge": "badge",
    "label_selection": "badge", "state_selection": "badge", "statusbar": "badge", "progressbar": "progress",
    "monetary": "number", "float": "number", "integer": "number", "boolean_favorite": "priority",
    "CopyClipboardChar": "char", "many2one_avatar_user": "many2one", "many2one_avatar": "many2one",
    "remaining_days": "date",
}  # fmt: skip


class Widgets:
    """Draws bound fields with the templates of one application."""

    def __init__(self, templates: Templates) -> None:
        self.templates = templates
        self._names: dict[tuple[str, str], str] = {}

    def name(self, widget: str, kind: str) -> str:
        """The template's name for the widget asked for and the field's type."""
        key = (widget, kind)
        name = self._names.get(key)
        if name is None:
            wanted = "" if kind == "datetime" else ALIASES.get(widget, widget)
            name = wanted if wanted and self.templates.has(f"widgets/{wanted}.html") else BY_TYPE.get(kind, "plain")
            self._names[key] = name
        return name

    def macros(self, bound: BoundField) -> Any:
        """The macros that draw `bound`."""
        return self.templates.macros(f"widgets/{self.name(bound.node.widget, bound.rules.type)}.html")

    def control(self, bound: BoundField) -> Markup:
        """The field as an input, or as text when it cannot be edited."""
        macros = self.macros(bound)
        return self._explained(bound, macros.show(bound) if bound.readonly else macros.edit(bound))

    def show(self, bound: BoundField) -> Markup:
        """The field as text."""
        return self._explained(bound, self.macros(bound).show(bound))

    def _explained(self, bound: BoundField, html: Markup) -> Markup:
        """A control in the colour of its decoration, with its explanation behind a button; a badge is that button."""
        if bound.decoration and bound.readonly and not bound.small:
            html = Markup('<span class="is-{}">{}</span>').format(bound.decoration, html)
        if not bound.explanation or (bound.readonly and self.name(bound.node.widget, bound.rules.type) == "badge"):
            return html
        return html + self.explanation(bound.id, bound.explanation, bound.label, bound.tone)

    def explanation(self, id_: str, text: str, label: str, tone: str = "") -> Markup:
        """A button that shows a text about something."""
        macros = self.templates.macros("widgets/_explanation.html")
        return Markup(macros.explain(id_, text, label, tone))
