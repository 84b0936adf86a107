"""The fields that a part of a move, or the backorder of a transfer, takes over from the whole.

Seams say which they are: `stock.move._split_field_names` and `stock.picking._backorder_field_names`. The answer is the
same for all records, so an action asks once and keeps the answer for its `_prepare_*` methods.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from addons.inventory.services import action_scope

ASKED = "inventory.copied_fields"
PARTS, BACKORDERS = "_split_field_names", "_backorder_field_names"
# What belongs to the part, not to the demand.
OWN = {
    "id",
    "create_uid",
    "create_date",
    "write_uid",
    "write_date",
    "state",
    "quantity",
    "picked",
    "product_uom_qty",
    "product_uom",
    "display_name",
}
# Copied though they are not copied when a person duplicates a move.
FOLLOWING = (
    "picking_id",
    "procure_method",
    "date_deadline",
    "reservation_date",
    "hold_date",
    "hold_user_id",
    "price_unit",
    "origin_returned_move_id",
    "shortfall_id",
    "scrap_id",
    "split_root_id",
)


def stored_columns(model: Any) -> list[str]:
    """The stored columns that a part takes over unless an addon says otherwise."""
    names = [
        name
        for name, field in model._fields.items()
        if field.column_backed and field.copy and name not in OWN and not field.computed
    ]
    more = (name for name in FOLLOWING if name in model._fields and model._fields[name].column_backed)
    return names + [name for name in more if name not in names]


def asked_once(env: Any, seam: str, names: list[str]) -> AbstractContextManager[Any]:
    """Within the block, `answered` returns what the seam has answered for all records of the action."""
    return action_scope.scoped(env, (ASKED, seam), names)


def answered(env: Any, seam: str) -> list[str] | None:
    """The names that the action under way has asked for; None where none has asked."""
    names: list[str] | None = env.cr.memory.get((ASKED, seam))
    return names
