"""How a list is arranged: which columns, in which order and width; from a saved layout or from the address.

layout   the id of a saved layout, ``0`` for the list as its view says, or the columns with their widths:
         ``product_id:3,date_deadline,name:1``
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from core.web.pages.opening import Opening
from core.web.views.arch import Node, View

#: Width -> what it is called; 0 is as wide as the contents.
WIDTHS = 6
MAX_COLUMNS = 60
#: A list is narrowed or arranged already when its address says one of these.
SAID = ("filter", "group", "ids", "domain", "q", "favorite", "layout", "cols", "sort", "view", "page")

Columns = Sequence[tuple[str, int]]


def columns_asked(opening: Opening) -> list[tuple[str, int]] | None:
    """The columns that the address asks for; None where the list is shown as its view says."""
    text = opening.visit.request.args.get("layout", "")
    if not text or text == "0":
        return None
    if text.isdecimal():
        layouts = opening.env["ir.ui.layout"]
        ids = {preset.id for preset in layouts._offered(opening.model, opening.action.id if opening.action else False)}
        return layouts.browse(int(text))._columns() if int(text) in ids else None
    return unpacked(text)


def unpacked(text: str) -> list[tuple[str, int]]:
    """Columns and widths as an address says them."""
    pairs = [part.partition(":") for part in text.split(",")[:MAX_COLUMNS] if part]
    return [(name, min(int(width), WIDTHS) if width.isdecimal() else 0) for name, _colon, width in pairs]


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
