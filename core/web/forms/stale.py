"""Optimistic locking: whether others changed what the user changed, and telling both values.

What only one of the two changed is no clash. The user's changes are written, the other's stay.
"""

from __future__ import annotations

from typing import Any

from core.bounds import is_integer
from core.i18n import _
from core.web.field_rules import same
from core.web.forms.binding import Binding, Typed, fingerprint
from core.web.forms.bound_field import shown
from core.web.forms.state import FormState
from core.web.forms.values import read_value


def find_clashes(state: FormState, page: Typed, record: Any) -> bool:
    """Note an error at each field that both sides changed; whether there is any.

    The page is stamped anew with the other's values: sending it a second time is a decision, and overwrites them.
    """
    who = str(record.sudo().write_uid.name or _("Someone")) if "write_uid" in record._fields else str(_("Someone"))
    found = _clashes(state.binding, page, record, who, state)
    for table in state.tables.values():
        lines = {line.id: line for line in record[table.name]}
        for key in page.list(table.name):
            if (
                is_integer(key)
                and int(key) not in lines
                and any(name.startswith(f"{table.name}.{key}.") for name in _edited(page))
            ):
                table.error = str(
                    _("%(who)s removed a line that you changed. What you typed into it is not saved.", who=who)
                )
                found = True
        for row in table.rows:
            if row.id in lines and row.binding.changed:
                found = _clashes(row.binding, page, lines[row.id], who, state) or found
    return found


def _clashes(binding: Binding, page: Typed, record: Any, who: str, state: FormState) -> bool:
    found = False
    for name in sorted(binding.changed):
        rules = binding.rules[name]
        if rules.type == "binary":
            continue
        theirs = read_value(record, rules)
        mark = fingerprint(binding.text_of(binding.nodes[name], theirs))
        if mark == page.base.get(binding.prefix + name) or same(rules, theirs, binding.values.get(name)):
            continue
        value = shown(rules, theirs, binding.formats) or str(_("empty"))
        binding.errors[name] = str(
            _("%(who)s changed this to “%(value)s” meanwhile. Save again to keep yours.", who=who, value=value)
        )
        state.base[binding.prefix + name] = mark
        found = True
    return found


def _edited(page: Typed) -> list[str]:
    """The names of the inputs whose text is not the one the page was drawn with."""
    return [name for name in page.base if name in page.form and page.changed(name, page.text(name))]
