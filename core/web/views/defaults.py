"""Views for models that have none: plain, complete and good enough to work with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import quoteattr

_MAGIC = frozenset(
    {"id", "create_uid", "create_date", "write_uid", "write_date", "display_name", "parent_path", "active"}
)
_LONG = frozenset({"text", "html", "one2many", "many2many"})
_UNSHOWN = frozenset({"json", "binary", "reference"})
_LIST_COLUMNS = 8


def default_arch(model: Any, view_type: str) -> str:
    """The architecture of a default view of `model` (an empty recordset)."""
    return {"form": _form, "list": _list, "search": _search, "kanban": _kanban}[view_type](model)


def _shown(model: Any) -> list[Any]:
    """The fields worth showing: those that are kept, or that can be edited although computed."""
    return [
        spec
        for name, spec in model._fields.items()
        if name not in _MAGIC
        and spec.type not in _UNSHOWN
        and not name.startswith("_")
        and (spec.store or spec.type in _LONG)
    ]


def _name_field(model: Any) -> str:
    return model._rec_name if model._rec_name in model._fields else ""


def _tags(specs: Iterable[Any]) -> str:
    return "".join(f"<field name={quoteattr(spec.name)}/>" for spec in specs)


def _form(model: Any) -> str:
    title = _name_field(model)
    short = [spec for spec in _shown(model) if spec.type not in _LONG and spec.name not in (title, model._state_field)]
    long = [spec for spec in _shown(model) if spec.type in _LONG]
    half = (len(short) + 1) // 2
    header = f'<header><field name="{model._state_field}" widget="statusbar"/></header>' if _has_states(model) else ""
    heading = f'<div class="oe_title"><h1><field name="{title}"/></h1></div>' if title else ""
    pages = "".join(f"<page string={quoteattr(str(spec.string))}>{_tags([spec])}</page>" for spec in long)
    notebook = f"<notebook>{pages}</notebook>" if pages else ""
    groups = f"<group><group>{_tags(short[:half])}</group><group>{_tags(short[half:])}</group></group>"
    return f"<form>{header}<sheet>{heading}{groups}{notebook}</sheet></form>"


def _has_states(model: Any) -> bool:
    return bool(model.STATES) and model._state_field in model._fields


def _list(model: Any) -> str:
    title = _name_field(model) or "display_name"
    others = [spec for spec in _shown(model) if spec.type not in _LONG and spec.name != title]
    # What identifies and dates a record comes first, numbers and flags after.
    rank = {"many2one": 0, "char": 1, "date": 2, "datetime": 2, "selection": 3}
    others.sort(key=lambda spec: rank.get(spec.type, 4))
    return f'<list><field name="{title}"/>{_tags(others[: _LIST_COLUMNS - 1])}</list>'


def _search(model: Any) -> str:
    title = _name_field(model) or "display_name"
    fields = [
        spec for spec in _shown(model) if spec.type in ("many2one", "char") and spec.name != title and spec.store
    ][:6]
    groups = [spec for spec in _shown(model) if spec.type in ("many2one", "selection") and spec.store][:6]
    filters = "".join(
        f"<filter name={quoteattr('group_' + spec.name)} string={quoteattr(str(spec.string))}"
        f" context={quoteattr(repr({'group_by': spec.name}))}/>"
        for spec in groups
    )
    archived = (
        '<filter name="archived" string="Archived" domain="[(\'active\', \'=\', False)]"/>'
        if "active" in model._fields
        else ""
    )
    return f'<search><field name="{title}"/>{_tags(fields)}{archived}<group>{filters}</group></search>'


def _kanban(model: Any) -> str:
    title = _name_field(model) or "display_name"
    others = [spec for spec in _shown(model) if spec.type in ("many2one", "selection", "date") and spec.name != title][
        :3
    ]
    card = f'<strong><field name="{title}"/></strong>{_tags(others)}'
    return f'<kanban><templates><t t-name="card">{card}</t></templates></kanban>'
