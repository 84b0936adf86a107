"""How a list is arranged: which columns, in which order and width; from a saved layout or from the address.

layout   the id of a saved layout, ``0`` for the list as its view says, or the columns with their widths:
         ``product_id:12,date_deadline,name:4``; an id before them is that of the layout that they were changed from
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from core.bounds import is_integer
from core.web.pages.opening import Opening
from core.web.views.arch import Node, View

#: The widest column, in em; 0 is as wide as the contents.
WIDEST = 60
NARROWEST = 2
MAX_COLUMNS = 60
#: A list is narrowed or arranged already when its address says one of these.
SAID = ("filter", "group", "ids", "domain", "q", "favorite", "layout", "cols", "sort", "view", "page")

Columns = Sequence[tuple[str, int]]


def columns_asked(opening: Opening) -> list[tuple[str, int]] | None:
    """The columns that the address asks for; None where the list is shown as its view says."""
    saved, text = layout_asked(opening)
    if text:
        return unpacked(text)
    if not saved:
        return None
    layouts = opening.env["ir.ui.layout"]
    ids = {preset.id for preset in layouts._offered(opening.model, opening.action.id if opening.action else False)}
    return layouts.browse(saved)._columns() if saved in ids else None


def layout_asked(opening: Opening) -> tuple[int, str]:
    """The id of the saved layout that the address names (0: none), and the columns that it says itself."""
    text = opening.args.get("layout", "")
    first, _comma, rest = text.partition(",")
    if is_integer(first):
        return int(first), rest
    return 0, text


def read_width(text: str) -> int:
    """A width in em as an address or a form says it; 0 where it says none."""
    number = int(text) if is_integer(text) else 0
    return max(NARROWEST, min(number, WIDEST)) if number else 0


def unpacked(text: str) -> list[tuple[str, int]]:
    """Columns and widths as an address says them."""
    pairs = [part.partition(":") for part in text.split(",")[:MAX_COLUMNS] if part]
    return [(name, read_width(width)) for name, _colon, width in pairs]


def packed(columns: Columns) -> str:
    """Columns and widths as an address says them."""
    return ",".join(f"{name}:{width}" if width else name for name, width in columns)


def choosable(opening: Opening) -> list[str]:
    """The fields that a list may show: those of its view first, then all others that the user may read."""
    records, view = opening.records, opening.view("list")
    shown = [node.name for node in view.columns if node.kind == "field" and not _never(node)]
    others = [
        name
        for name, spec in records._fields.items()
        if name not in shown
        and not name.startswith("_")
        and spec.type not in ("binary", "json", "reference", "html")
        and name not in ("id", "parent_path")
        and records._field_allowed(spec)
    ]
    return [*dict.fromkeys(shown), *others]


def label_of(opening: Opening, name: str) -> str:
    """What a field is called in the list; empty for one that it cannot show."""
    if name not in choosable(opening):
        return ""
    labels = {node.name: node.string for node in opening.view("list").columns if node.string}
    return labels.get(name) or str(opening.rules_of(opening.model)[name].label)


def shown_columns(view: View, chosen: set[str] | None) -> list[tuple[str, int]]:
    """The columns of a view as they are shown without a layout."""
    return [
        (node.name, 0)
        for node in view.columns
        if node.kind == "field"
        and not _never(node)
        and (
            node.attrs.get("optional") not in ("show", "hide")
            or (node.attrs["optional"] == "show" if chosen is None else node.name in chosen)
        )
    ]


def _never(node: Node) -> bool:
    """Whether a column is there for the expressions of the view only."""
    return node.column_invisible is not None and node.column_invisible.constant and node.column_invisible.holds({})


def arranged(opening: Opening, view: View, columns: Columns) -> View:
    """The view with just these columns, in this order; the buttons of its rows stay where they were."""
    allowed = set(choosable(opening))
    by_name = {node.name: node for node in reversed(view.columns) if node.kind == "field"}
    fields = [
        _column(by_name.get(name) or Node("field", f"layout-{name}", {"name": name}), width)
        for name, width in dict(columns).items()
        if name in allowed
    ]
    if not fields:
        return view
    children = view.root.children
    first = next((place for place, node in enumerate(children) if node.kind == "field"), len(children))
    before = [node for node in children[:first] if node.kind != "field"]
    after = [node for node in children[first:] if node.kind != "field"]
    hidden = [node for node in children if node.kind == "field" and _never(node) and node.name not in dict(columns)]
    return View(view.type, view.model, view.name, replace(view.root, children=[*before, *fields, *after, *hidden]))


def _column(node: Node, width: int) -> Node:
    attrs: dict[str, Any] = {key: value for key, value in node.attrs.items() if key not in ("optional", "width")}
    return replace(node, attrs={**attrs, "width": str(width)} if width else attrs, column_invisible=None)
