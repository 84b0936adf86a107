"""Field history: who changed what, when, from which value to which.

The ORM calls `record_changes` once per flush with all changes of fields declared `tracking=True`. The names shown
for related records and selections are those of the moment: a history must not change when a partner is renamed.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from core.api import _
from core.rounding import format_number

#: (model name or recordset, record id, field name, cache value before, cache value after)
Change = tuple[Any, int, str, Any, Any]

COLUMNS = ("model", "res_id", "field", "old_value", "new_value", "old_display", "new_display", "user_id", "date")


def record_changes(env: Any, changes: Sequence[Change]) -> None:
    """Write one history row per change, all in one INSERT.

    Values that are shown alike before and after (False and None, say) leave no row.
    """
    named = [(_model_name(model), res_id, name, old, new) for model, res_id, name, old, new in changes]
    names = _display_names(env, named)
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None, microsecond=0)
    rows = []
    for model, res_id, name, old, new in named:
        field = env.registry.models[model]._fields[name]
        before, after = (_display(env, field, value, names) for value in (old, new))
        if before != after:
            values = (model, res_id, name, _raw(old), _raw(new), before, after, env.uid or None, now)
            rows.append(dict(zip(COLUMNS, values, strict=True)))
    if rows:
        _insert(env, rows)


def _insert(env: Any, rows: list[dict[str, Any]]) -> None:
    table = sa.table(
        "ir_tracking",
        *(sa.column(name, sa.DateTime() if name == "date" else None) for name in COLUMNS),
    )
    env.cr.execute(
        sa.insert(table).values(rows) if len(rows) == 1 else sa.insert(table), rows if len(rows) > 1 else None
    )


def _model_name(model: Any) -> str:
    return model if isinstance(model, str) else model._name


def _display_names(env: Any, changes: Iterable[Change]) -> dict[tuple[str, int], str]:
    """Return the names of all records that any old or new value refers to, read in one go per model."""
    wanted: dict[str, set[int]] = {}
    for model, _res_id, name, *values in changes:
        field = env.registry.models[model]._fields[name]
        if getattr(field, "comodel_name", None):
            wanted.setdefault(field.comodel_name, set()).update(i for value in values for i in _ids(value))
    found: dict[tuple[str, int], str] = {}
    for comodel, ids in wanted.items():
        records = env[comodel].sudo().browse(sorted(ids)).exists()
        found.update(((comodel, record.id), str(record.display_name)) for record in records)
    return found


def _ids(value: Any) -> list[int]:
    if not value:
        return []
    if hasattr(value, "ids"):
        return list(value.ids)
    items = value if isinstance(value, list | tuple | set | frozenset) else [value]
    return [item for item in items if isinstance(item, int)]


def _display(env: Any, field: Any, value: Any, names: dict[tuple[str, int], str]) -> str:
    """Return `value` as a person would read it; an unset value is an empty text."""
    if getattr(field, "comodel_name", None):
        missing = str(_("deleted"))
        return ", ".join(names.get((field.comodel_name, id_), missing) for id_ in _ids(value))
    if field.type == "boolean":
        return str(_("Yes") if value else _("No"))
    if field.type == "selection":
        return str(_selection_label(env, field, value)) if value else ""
    if value is None or value is False:
        return ""
    if isinstance(value, Decimal):
        return format_number(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return str(value)


def _selection_label(env: Any, field: Any, value: str) -> str:
    selection = env[field.model_name].fields_get([field.name], ["selection"])[field.name].get("selection") or []
    return dict(selection).get(value, value)


def _raw(value: Any) -> str | None:
    """Return the value itself as text, for programs; records as their ids."""
    if value is None or value is False:
        return None
    if hasattr(value, "ids"):
        value = value.ids
    if isinstance(value, list | tuple | set | frozenset):
        return ",".join(str(item) for item in value)
    return format_number(value) if isinstance(value, Decimal) else str(value)
