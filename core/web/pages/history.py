"""What happened to a record: the changes of its tracked fields, and who made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from core.i18n import _
from core.web.visit import Visit

_ROWS = 60


@dataclass
class Entry:
    """One moment: who, when, and either changes (label, from, to) or a sentence."""

    who: str
    when: str
    iso: str
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    text: str = ""


def history_of(visit: Visit, record: Any, labels: Mapping[str, str]) -> list[Entry]:
    """The latest entries first. Fields that the user may not see are left out.

    Args:
        labels: field name -> its label on the form, where that is not the model's.
    """
    if not any(spec.tracking for spec in record._fields.values()):
        return []
    rows = (
        visit.env["ir.tracking"].sudo().search([("model", "=", record._name), ("res_id", "=", record.id)], limit=_ROWS)
    )
    visible = [row for row in rows if row.field in record._fields and record._field_allowed(record._fields[row.field])]
    grouped = groupby(visible, key=lambda row: (row.user_id.id, row.date))
    entries = [_entry(visit, list(group), labels) for _key, group in grouped]
    if "create_date" in record._fields and record.create_date and len(rows) < _ROWS:
        made = Entry(
            _name(record.sudo().create_uid), visit.formats.moment(record.create_date), record.create_date.isoformat()
        )
        made.text = str(_("Created"))
        entries.append(made)
    return entries


def _entry(visit: Visit, rows: list[Any], labels: Mapping[str, str]) -> Entry:
    first = rows[0]
    changes = [
        (labels.get(row.field) or str(row.field_label), row.old_display or "", row.new_display or "")
        for row in reversed(rows)
    ]
    return Entry(_name(first.user_id), visit.formats.moment(first.date), first.date.isoformat(), changes)


def _name(user: Any) -> str:
    return str(user.name) if user else str(_("System"))
