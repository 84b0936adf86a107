"""Sending goods of a done transfer back, the same lots, at most what went."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from addons.inventory.exceptions import InventoryError
from addons.inventory.services import copied_fields, message_texts, move_states, product_lock, reservation
from addons.inventory.services.quants import Key
from core.rounding import format_number

ZERO = Decimal(0)
#: Fields that a split copies and a return does not: transfer, origin of the demand, reservation date, hold.
NOT_COPIED = frozenset(
    {
        "picking_id",
        "shortfall_id",
        "scrap_id",
        "rule_id",
        "reservation_date",
        "hold_date",
        "hold_user_id",
        "split_root_id",
    }
)


def returnable(move: Any) -> Decimal:
    """What of a done move has not been sent back yet (or is on its way back), in the product's unit."""
    gone = sum((line.quantity_product_uom for line in move.move_line_ids if line.state == "done"), ZERO)
    back = ZERO
    for returned in move.returned_move_ids:
        if returned.state == "done":
            back += sum((line.quantity_product_uom for line in returned.move_line_ids), ZERO)
        elif returned.state != "cancel":
            back += returned._in_product_unit(returned.product_uom_qty)
    return max(gone - back, ZERO)


def create_return(wizard: Any) -> Any:
    """Create the confirmed transfer that brings goods back as the dialog says; it is returned.

    Raises InventoryError when more is to come back than went.
    """
    env = wizard.env
    lock(wizard)
    lines = wanted(wizard)
    if not lines:
        raise InventoryError(env._("Enter how much comes back."), code="inventory.nothing_to_return")
    _check_quantities(lines)
    back = env["stock.picking"].create(wizard._prepare_picking_default_values())
    with copied_fields.asked_once(env, copied_fields.PARTS, lines.move_id._split_field_names()):
        rows = [line._prepare_move_default_values(back) for line in lines]
    moves = env["stock.move"].sudo().create(rows)
    waiting = moves.origin_returned_move_id.move_dest_ids.filtered(lambda move: move.state in move_states.RESERVED)
    waiting._do_unreserve()  # what comes back does not go on: the next step keeps what is left
    moves._action_confirm(merge=False)
    _take_same_lots(moves)
    waiting.filtered(reservation.may_reserve_now)._action_assign()
    return back


def lock(wizard: Any) -> None:
    """Lock the products of the dialog's moves: what can come back of them is read from here on."""
    product_lock.lock_moves(wizard.picking_id.move_ids | wizard.product_return_moves.move_id)


def wanted(wizard: Any) -> Any:
    """The lines of the dialog that say how much comes back, each with the done move that it is about.

    Raises InventoryError for a product that was not in the transfer.
    """
    lines = wizard.product_return_moves
    for line in lines.filtered(lambda line: not line.move_id):
        moves = wizard.picking_id.move_ids.filtered(lambda move, line=line: move.product_id == line.product_id)
        done = moves.filtered(lambda move: move.state == "done")[:1]
        if not done:
            raise InventoryError(
                wizard.env._(
                    "%(product)s was not in %(document)s.",
                    product=line.product_id.display_name,
                    document=wizard.picking_id.name,
                ),
                code="inventory.return_of_other_product",
            )
        line.move_id = done
    return lines.filtered(lambda line: line.quantity > 0)


def create_exchange(wizard: Any) -> Any:
    """Create and confirm the transfers that send again what is exchanged, supplied as the first time."""
    env = wizard.env
    steps = [(_first_step(line.move_id), line.quantity) for line in wanted(wizard)]
    origin = env._("Exchange of %(document)s", document=wizard.picking_id.name)
    again = {first: first.copy({"move_ids": [], "origin": origin}) for first in {step.picking_id for step, _ in steps}}
    moves = env["stock.move"].sudo()
    sent = moves.browse([step.id for step, _quantity in steps])
    with copied_fields.asked_once(env, copied_fields.PARTS, sent._split_field_names()):
        rows = [_again_values(again[step.picking_id], step, quantity) for step, quantity in steps]
    moves.create(rows)
    transfers = env["stock.picking"].union(*again.values())
    transfers.action_confirm()
    return transfers


def _first_step(move: Any) -> Any:
    """Where the goods of a move set out: a push rule sends on what a step before has brought."""
    while move.rule_id.action == "push":
        before = move.move_orig_ids.filtered(lambda origin: not origin.origin_returned_move_id)
        if not before:
            break
        move = before[0]
    return move


def _check_quantities(lines: Any) -> None:
    for line in lines:
        move, quantity, most = line.move_id, line.quantity, returnable(line.move_id)
        if quantity > most:
            raise InventoryError(
                move.env._(
                    "%(quantity)s cannot come back from %(document)s: only %(most)s went and have not come back yet.",
                    quantity=message_texts.quantity_of(move.product_id, quantity),
                    document=move._document_name(),
                    most=format_number(most),
                ),
                code="inventory.return_quantity",
                data={
                    "product": move.product_id.display_name,
                    "document": move._document_name(),
                    "quantity": format_number(quantity),
                    "most": format_number(most),
                },
            )


def _places(picking: Any, kind: Any) -> tuple[Any, Any]:
    """From where the goods went, to where returns of this kind arrive."""
    arrive = kind.default_location_dest_id
    same_kind = kind.code == picking.picking_type_id.code or kind == picking.picking_type_id
    if same_kind or not arrive or arrive.usage != picking.location_id.usage:
        arrive = picking.location_id
    return picking.location_dest_id, arrive


def picking_values(picking: Any) -> dict[str, Any]:
    """The values of a transfer that brings goods of a done one back."""
    kind = picking.picking_type_id.return_picking_type_id or picking.picking_type_id
    source, destination = _places(picking, kind)
    return {
        "partner_id": picking.partner_id.id,
        "company_id": picking.company_id.id,
        "return_id": picking.id,
        "origin": picking.env._("Return of %(document)s", document=picking.name),
        "move_type": "direct",
        "picking_type_id": kind.id,
        "location_id": source.id,
        "location_dest_id": destination.id,
    }


def move_values(move: Any, back: Any, quantity: Decimal, refund: bool) -> dict[str, Any]:
    """The values of the move that brings `quantity` (in the product's unit) of a done move back.

    Args:
        back: the new transfer.
        refund: whether what the order counts as delivered or received goes down with it.
    """
    values = _copied_values(back, move, quantity)
    values.update(
        location_id=move.location_dest_id.id,
        location_dest_id=back.location_dest_id.id,
        origin_returned_move_id=move.id,
        procure_method="make_to_stock",
        to_refund=refund,
    )
    if not move.location_dest_id.should_bypass_reservation():
        # Inside the warehouse the same goods go back, not others at that location.
        values["move_orig_ids"] = [(4, move.id)]
    return values


def _again_values(again: Any, move: Any, quantity: Decimal) -> dict[str, Any]:
    values = _copied_values(again, move, quantity)
    values.update(location_id=move.location_id.id, location_dest_id=move.location_dest_id.id)
    values.update(location_final_id=move.location_final_id.id)
    values.update(origin=again.origin, origin_returned_move_id=False)
    return values


def _copied_values(picking: Any, move: Any, quantity: Decimal) -> dict[str, Any]:
    """The values of a new demand like that of `move` in another transfer."""
    unit, own = move.product_uom, move.product_id.uom_id
    exact = own._convert_exactly(quantity, unit)
    names = copied_fields.answered(move.env, copied_fields.PARTS) or move._split_field_names()
    values = {}
    for name in (name for name in names if name not in NOT_COPIED):
        value = move[name]
        values[name] = value.id if hasattr(value, "_ids") else value
    values.update(
        product_uom_qty=quantity if exact is None else exact,
        product_uom=(own if exact is None else unit).id,
        picking_id=picking.id,
        picking_type_id=picking.picking_type_id.id,
        location_final_id=False,
        date=picking.scheduled_date,
        date_deadline=False,
        state="draft",
        reference_ids=[(4, reference.id) for reference in move.reference_ids],
    )
    return values


def _take_same_lots(moves: Any) -> None:
    """What comes back from outside are the lots that went, and they are whose they were: put that on the lines."""
    identified = moves.filtered(_has_own_lots)
    lines = identified.move_line_ids
    if lines:
        lines._settle_unlink()
    rows: list[dict[str, Any]] = []
    for move in identified:
        rest = move._in_product_unit(move.product_uom_qty)
        for (lot, owner), quantity in _lots_out(move.origin_returned_move_id).items():
            part = min(rest, quantity)
            if part > 0:
                rest -= part
                key = Key(move.product_id.id, move.location_id.id, lot, owner=owner)
                rows.append(reservation.line_values(move, part, key))
        if rest > 0:
            rows.append(reservation.line_values(move, rest))
    if rows:
        moves.env["stock.move.line"].sudo()._settle_create(rows)
        moves._recompute_state()


def _has_own_lots(move: Any) -> bool:
    """Whether a return comes from outside, and brings lots or goods of an owner that the done move names."""
    sent = move.origin_returned_move_id.move_line_ids
    named = move.product_id.tracking != "none" or sent.owner_id
    return bool(named and move.location_id.should_bypass_reservation())


def _lots_out(move: Any) -> dict[tuple[int, int], Decimal]:
    """(lot, owner) -> what of it went and is not back."""
    out: defaultdict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for line in move.move_line_ids:
        out[line.lot_id.id or 0, line.owner_id.id or 0] += line.quantity_product_uom
    for returned in move.returned_move_ids:
        for line in returned.move_line_ids if returned.state == "done" else ():
            out[line.lot_id.id or 0, line.owner_id.id or 0] -= line.quantity_product_uom
    return {key: quantity for key, quantity in out.items() if quantity > 0}
