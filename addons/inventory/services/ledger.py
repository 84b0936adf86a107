"""The ledger is append-only: what moves and lines say once they are done stays, and only validating makes them done.

These guards stand where people and clients come in: `create` and `write`. Services use `_settle`, `_update` and
`_insert`; that states are not for entering is the ORM's guard (`core.orm.states`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from addons.inventory.exceptions import LedgerClosed
from addons.inventory.services import move_states

OF_MOVES = frozenset(
    {
        "product_id",
        "product_uom",
        "product_uom_qty",
        "location_id",
        "location_dest_id",
        "picking_id",
        "company_id",
        "date",
        "picked",
        "scrap_id",
        "is_inventory",
    }
)
OF_LINES = frozenset(
    {
        "move_id",
        "picking_id",
        "company_id",
        "product_id",
        "product_uom_id",
        "quantity",
        "lot_id",
        "lot_name",
        "location_id",
        "location_dest_id",
        "package_id",
        "result_package_id",
        "owner_id",
        "picked",
        "date",
    }
)


def changes(record: Any, name: str, value: Any) -> bool:
    """Whether writing `value` would change the field; raises ValidationError where it has no meaning for it."""
    field = record._fields[name]
    return field.convert_to_cache(value, record) != field.convert_to_cache(record[name], record)


def check_open(records: Any, vals: Mapping[str, Any], closed: Iterable[str]) -> None:
    """Refuse to change figures of moves or lines that are done; the same values again are let through.

    Args:
        closed: the fields that are history once a record is done.
    Raises LedgerClosed.
    """
    names = [name for name in closed if name in vals]
    if not names:
        return
    for record in records:
        if record.state == "done" and any(changes(record, name, vals[name]) for name in names):
            raise _history_error(record)


def check_not_deleted(lines: Any) -> None:
    """Refuse to delete lines that are done. Raises LedgerClosed."""
    for line in lines:
        if line.state == "done":
            raise _history_error(line)


def check_moves_not_deleted(moves: Any) -> None:
    """Refuse to delete moves that are planned or done. Raises LedgerClosed."""
    for move in moves:
        if move.state not in ("draft", "cancel"):
            raise LedgerClosed(
                moves.env._(
                    "%(product)s in %(document)s is planned or done and cannot be deleted. Cancel it instead.",
                    product=move.product_id.display_name,
                    document=move._document_name(),
                )
            )


def _given(model: Any, rows: Iterable[Mapping[str, Any]], name: str) -> list[Any]:
    """The values that new records get of a field: in their rows, or by default, which the context may say."""
    default = model.default_get([name]).get(name)
    return [value for row in rows if (value := row.get(name, default))]


def check_document(model: Any, rows: Iterable[Mapping[str, Any]]) -> None:
    """Refuse to add to transfers that are done or cancelled. Raises LedgerClosed."""
    field = model._fields["picking_id"]
    ids = {field.convert_to_cache(picking, model) for picking in _given(model, rows, "picking_id")}
    for picking in model.env["stock.picking"].browse(sorted(ids)) if ids else ():
        if picking.state in move_states.CLOSED:
            raise LedgerClosed(
                model.env._(
                    "%(document)s is closed: nothing can be added. Make a new transfer instead.", document=picking.name
                )
            )


def _history_error(record: Any) -> LedgerClosed:
    document = record._document_name() if record._name == "stock.move" else record.reference
    product = record.product_id.display_name
    return LedgerClosed(
        record.env._(
            "%(product)s in %(document)s has been moved; that stays in the history. "
            "Return the transfer or count the stock to correct it.",
            product=product,
            document=document,
        )
    )


def check_places_stay(pickings: Any, vals: Mapping[str, Any]) -> None:
    """Refuse another operation type or another place for transfers that are done. Raises LedgerClosed."""
    names = [name for name in ("picking_type_id", "location_id", "location_dest_id") if name in vals]
    for picking in pickings if names else ():
        if picking.state == "done" and any(changes(picking, name, vals[name]) for name in names):
            raise LedgerClosed(
                pickings.env._("%(document)s is done: its places and its type stay.", document=picking.name)
            )
