"""Quick creation: records that a form makes from a typed name and the ``default_...`` values of a field's context."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.web.views.arch import Node

#: The options of a <field> that switch it off.
_SWITCHES = ("no_create", "no_quick_create")


def is_offered(node: Node) -> bool:
    """Whether the view lets people make records in the field of `node`."""
    return not any(node.options.get(switch) for switch in _SWITCHES)


def can_create(records: Any, defaults: Mapping[str, Any]) -> bool:
    """Whether the user may make a record of which only the name and `defaults` (``default_...`` values) are known."""
    if not records._rec_name or records._transient or not records.check_access_rights("create", False):
        return False
    needed = [
        spec
        for spec in records._fields.values()
        if spec.required and spec.store and not spec.compute and not spec.inherited and spec.name != records._rec_name
    ]
    return all("default" in spec.args or defaults.get(f"default_{spec.name}") for spec in needed)
