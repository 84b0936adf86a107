"""The life of moves before anything is moved: completed, confirmed, merged, changed, cancelled.

confirm   draft ─> confirmed/waiting ─> into transfers ─> merged ─> procured (make to order) ─> reserved
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from addons.inventory.exceptions import InventoryError, LedgerClosed
from addons.inventory.services import (
    ledger,
    move_merge,
    move_states,
    operations,
    procurement,
    product_lock,
    push,
    reservation,
    shortfall,
    transfers,
)
from addons.inventory.services.line_changes import LineChanges
from addons.inventory.services.quants import STOCKED
from core.rounding import compare, format_number

ZERO = Decimal(0)


# ---------------------------------------------------------------------------- values
def completed(env: Any, vals: Mapping[str, Any]) -> Mapping[str, Any]:
    """Values of a move, completed by what its transfer and its product already say."""
    known = {"location_id", "location_dest_id", "product_uom", "company_id"} <= vals.keys()
    if known and ("date" in vals or not vals.get("picking_id")):
        return vals
    row = dict(vals)
    picking = env["stock.picking"].browse(row.get("picking_id") or ())
    if picking:
        row.setdefault("company_id", picking.company_id.id)
        for name in ("location_id", "location_dest_id", "picking_type_id", "partner_id"):
            if not row.get(name):
                row[name] = picking[name].id
        row.setdefault("date", picking.scheduled_date)
        row.setdefault("origin", picking.origin)
    if not row.get("product_uom") and row.get("product_id"):
        row["product_uom"] = env["product.product"].browse(row["product_id"]).uom_id.id
    row.setdefault("product_uom_qty", 0)
    return row


def check_demands(env: Any, vals_list: Iterable[Mapping[str, Any]]) -> None:
    """Refuse new moves with a demand below zero, unless needs are being taken back (`procurement.pull`)."""
    if env.cr.memory.get(procurement.NEGATIVE_DEMAND):
        return
    for vals in vals_list:
        check_demand(env, vals)


def check_demand(env: Any, vals: Mapping[str, Any]) -> None:
    """Refuse a demand below zero that is entered; only a need that is taken back is one."""
    model = env["stock.move"]
    demand = model._fields["product_uom_qty"].convert_to_cache(vals.get("product_uom_qty"), model)
    if demand and demand < 0:
        product = env["product.product"].browse(vals.get("product_id") or ())
        raise InventoryError(
            env._(
                "%(product)s: a demand of %(qty)s is below zero. To send goods back, make a return.",
                product=product.display_name or env._("Stock move"),
                qty=format_number(demand),
            ),
            code="inventory.negative_quantity",
            data={
                "product": product.display_name or "",
                "quantity": format_number(demand),
            },
        )


def picking_values(move: Any) -> dict[str, Any]:
    """The values of a new transfer for a move."""
    return {
        "picking_type_id": move.picking_type_id.id,
        "partner_id": move.partner_id.id,
        "location_id": move.location_id.id,
        "location_dest_id": move.location_dest_id.id,
        "company_id": move.company_id.id,
        "origin": move.origin,
        "priority": move.priority,
        "move_type": move.picking_type_id.move_type,
    }


# ---------------------------------------------------------------------------- confirm
def confirm(moves: Any, merge: bool = True, merge_into: Any = False) -> Any:
    """Confirm draft moves and reserve what their operation types reserve at once.

    Args:
        moves: those that are not drafts are left alone.
        merge: whether equal moves of a transfer become one.
        merge_into: further moves to merge with.
    Returns the moves that remain, merged ones replaced by what they merged into.
    """
    drafts = moves.sudo().filtered(lambda move: move.state == "draft")
    if not drafts:
        return moves
    others = moves.sudo() - drafts
    _settle_typed(drafts)
    push.redirect(drafts)
    orders = _write_first_states(drafts)
    known = drafts.picking_id
    _assign_pickings(drafts)
    wanted = {move.id: move.product_uom_qty for move in orders}
    kept = drafts._merge_moves(merge_into) if merge else drafts
    _order_supply(kept, _still_wanted(drafts.env, wanted))
    _reserve_at_once(kept)
    documents = kept.picking_id - known
    if documents:
        moves.env.hooks.on_confirm(env=moves.env, documents=documents.with_env(moves.env))
    return (others | kept).with_env(moves.env)


def _settle_typed(drafts: Any) -> None:
    """What was typed on a draft without demand is its demand; the owner that a transfer names owns its goods."""
    for move in drafts:
        owner = move.picking_id.owner_id
        if owner and not move.restrict_partner_id:
            move.restrict_partner_id = owner
        if not move.product_uom_qty and move.quantity:
            move.product_uom_qty = move.quantity


def _write_first_states(drafts: Any) -> Any:
    """Give drafts their first open state; returns those that must order their supply."""
    states = {}
    orders = []
    for move in drafts:
        states[move.id] = move_states.base_state(move)
        if move.procure_method == "make_to_order" and not move.move_orig_ids:
            orders.append(move.id)
        # What the step before has brought lies there for this move, whatever the day.
        day = move._reservation_day(move.date) if move.picking_type_id and not move.move_orig_ids else None
        if day:
            move.reservation_date = day
    move_states.write(drafts, states)
    return drafts.browse(orders)


def _assign_pickings(moves: Any) -> None:
    """Put moves without a transfer into one: an open one of the same reference, or a new one per group."""
    groups: defaultdict[Any, list[Any]] = defaultdict(list)
    for move in moves:
        if move._should_be_assigned():
            groups[move._picking_key(), move.reference_ids._ids].append(move)
    if not groups:
        return
    existing = _open_pickings(moves.env, groups)
    target: dict[int, int] = {}
    rows, places = [], []
    for key, members in groups.items():
        picking = existing.get(key)
        if picking:
            moves.env.log_changed(picking)
            target.update((move.id, picking.id) for move in members)
            continue
        rows.append(members[0]._get_new_picking_values())
        places.append(members)
    created = moves.env["stock.picking"].sudo().create(rows)
    moves.env.log_created(created)
    for picking, members in zip(created, places, strict=True):
        target.update((move.id, picking.id) for move in members)
    transfers.move_into(moves.browse(target), target)


def _open_pickings(env: Any, groups: Mapping[Any, list[Any]]) -> dict[Any, Any]:
    """The open transfers that the groups join: same operation, places and partner, and a reference in common."""
    moves = env["stock.move"].browse([move.id for members in groups.values() for move in members])
    # A reference that this very order brought along has no other moves, and the cache knows it.
    found = moves.reference_ids.move_ids.sudo() - moves
    found = found.filtered(lambda move: move.state in move_states.OPEN and move.picking_id)
    by_key: dict[tuple[Any, ...], Any] = {}
    for move in found:
        picking = move.picking_id
        if picking.printed or picking.state in move_states.CLOSED or move.hold_date:
            continue  # what is on hold has a transfer of its own
        shape = (picking.picking_type_id.id, picking.location_id.id, picking.location_dest_id.id, picking.partner_id.id)
        for reference in move.reference_ids._ids:
            by_key.setdefault((shape, reference), picking)
    return {
        (key, refs): picking
        for key, refs in groups
        for picking in (next((by_key[key[:4], ref] for ref in refs if (key[:4], ref) in by_key), None),)
        if picking
    }


def _still_wanted(env: Any, wanted: dict[int, Decimal]) -> dict[int, Decimal]:
    """What is to be ordered, by the moves that remain: one that was merged is wanted by the move it became part of."""
    result: defaultdict[int, Decimal] = defaultdict(Decimal)
    for id_, quantity in wanted.items():
        result[move_merge.remaining_id(env, id_)] += quantity
    return result


def _order_supply(moves: Any, quantities: Mapping[int, Decimal]) -> None:
    """Procure what the moves need at their source (in their unit); the answers are linked to them."""
    needs = [
        procurement.for_move(move)._replace(product_qty=quantities[move.id])
        for move in moves
        if quantities.get(move.id, ZERO) > 0
    ]
    if needs:
        moves.env["stock.rule"].run(needs)


def _reserve_at_once(moves: Any) -> None:
    """Reserve moves whose operation type says so, and those that need no stock at all."""
    now = moves.filtered(
        lambda move: (
            move.state in move_states.OPEN
            and not move.hold_date
            and (
                reservation.may_reserve_now(move)
                or move.location_id.usage not in STOCKED
                or not move.product_id.is_storable
            )
        )
    )
    if now:
        now._action_assign()


# ---------------------------------------------------------------------------- merge
def merge(moves: Any, merge_into: Any = False) -> Any:
    """Merge open moves of one transfer; see `stock.move._merge_moves`."""
    moves = moves.sudo()
    pool = moves.picking_id.move_ids | moves
    if merge_into:
        pool |= merge_into.sudo()
    groups = move_merge.alike(_doubled(pool), ["picking_id", *moves._prepare_merge_moves_distinct_fields()])
    # Where more is taken back than asked for, the move turns around instead.
    groups = [group for group in groups if sum(group.mapped("product_uom_qty")) >= 0]
    if groups:
        firsts = move_merge.join(groups)
        reschedule(firsts)
        demand_changed(firsts)
        empty = firsts.filtered(lambda move: not move.product_uom_qty)
        if empty:
            empty._action_cancel()
    kept = moves.browse(dict.fromkeys(move_merge.remaining_id(moves.env, id_) for id_ in moves.ids))
    _turn_negative(kept)
    return kept


def _doubled(moves: Any) -> Any:
    """The open moves that share product and transfer with another one: the only ones of which more is to be read."""
    rows = moves.read(["state", "picking_id", "product_id", "product_uom_qty"], load=None)
    places = {
        row["id"]: (row["picking_id"], row["product_id"])
        for row in rows
        if row["picking_id"] and row["state"] in move_states.OPEN
    }
    seen = Counter(places.values())
    return moves.browse([id_ for id_, place in places.items() if seen[place] > 1])


def _turn_negative(moves: Any) -> None:
    """A demand below zero that nothing absorbed brings goods back: the move turns around."""
    turned = moves.filtered(lambda move: move.product_uom_qty < 0)
    for move in turned:
        kind = move.picking_type_id.return_picking_type_id or move.picking_type_id
        picking = move.picking_id
        move._settle(
            {
                "product_uom_qty": -move.product_uom_qty,
                "location_id": move.location_dest_id.id,
                "location_dest_id": move.location_id.id,
                "picking_type_id": kind.id,
                "picking_id": False,
                "procure_method": "make_to_stock",
                "to_refund": True,
            }
        )
        if picking and not picking.move_ids:
            moves.env.log_removed(picking)
            picking.unlink()
    if turned:
        _assign_pickings(turned)


# ---------------------------------------------------------------------------- change
def check_changeable(moves: Any, vals: Mapping[str, Any]) -> None:
    """Refuse demands below zero, closed transfers, and another product in place of one that is planned already."""
    check_demand(moves.env, {"product_id": moves[:1].product_id.id, **vals})
    if "picking_id" in vals:
        ledger.check_document(moves, [vals])
    if "product_id" not in vals:
        return
    planned = moves.filtered(
        lambda move: move.state != "draft" and ledger.changes(move, "product_id", vals["product_id"])
    )
    if planned:
        raise InventoryError(
            moves.env._(
                "%(product)s in %(document)s is planned already and cannot become another product. "
                "Set its demand to 0 and add the other product.",
                product=planned[0].product_id.display_name,
                document=planned[0]._document_name(),
            ),
            code="inventory.move_planned",
        )


def over_demand(move: Any) -> dict[str, Any] | None:
    """The warning of a form in which more is typed than is asked for."""
    if not move.product_uom or compare(move.quantity, move.product_uom_qty, move.product_uom.rounding) <= 0:
        return None
    message = move.env._(
        "%(product)s: %(typed)s %(unit)s are more than the %(demand)s that are asked for. "
        "You can ship more; the order is then over-delivered.",
        product=move.product_id.display_name,
        typed=format_number(move.quantity),
        unit=move.product_uom.name,
        demand=format_number(move.product_uom_qty),
    )
    return {"warning": {"title": move.env._("More than demanded"), "message": message}}


def follow_changes(moves: Any, vals: Mapping[str, Any]) -> None:
    """Let what is reserved follow the values that were written on open moves."""
    if "product_uom_qty" in vals or "product_uom" in vals:
        demand_changed(moves)
    if "restrict_partner_id" in vals:
        reservation.owner_changed(moves)
    if "location_dest_id" in vals:
        operations.redirect(moves)
    if "picked" in vals:
        lines = moves.move_line_ids.filtered(lambda line: line.state != "done" and line.picked != vals["picked"])
        lines._settle({"picked": vals["picked"]})
    if "location_id" in vals:
        moves.filtered(lambda move: move.state in move_states.RESERVED)._do_unreserve()
    if "date" in vals:
        reschedule(moves)


def demand_changed(moves: Any) -> None:
    """Give back what is reserved beyond the new demand, and reserve what the new demand needs."""
    product_lock.lock_moves(moves)
    moves = moves.sudo().filtered(lambda move: move.state in move_states.OPEN)
    changes = LineChanges(moves.env)
    for move in moves:
        lines = move.move_line_ids
        held = sum((line.quantity_product_uom for line in lines), ZERO)
        free = lines.filtered(lambda line: not line.picked)
        changes.reduce(reversed(free), held - move._in_product_unit(move.product_uom_qty))
    changes.write()
    moves._recompute_state()
    shortfall.changed(moves)
    short = moves.filtered(lambda move: move.state in move_states.LACKING and reservation.may_reserve_now(move))
    if short:
        short._action_assign()


def reschedule(moves: Any) -> None:
    """A new date moves the day of reservation where the operation type reserves by date."""
    for move in moves.filtered(
        lambda move: move.state in move_states.OPEN and move.picking_type_id.reservation_method == "by_date"
    ):
        move.reservation_date = move._reservation_day(move.date)


# ---------------------------------------------------------------------------- cancel
def cancel(moves: Any) -> None:
    """Cancel open moves: reservations are given back, and moves planned only for them follow. Raises LedgerClosed."""
    moves = moves.sudo().filtered(lambda move: move.state != "cancel")
    done = moves.filtered(lambda move: move.state == "done")
    if done:
        raise LedgerClosed(
            moves.env._(
                "%(product)s in %(document)s has been moved and cannot be cancelled. Return the transfer instead.",
                product=done[0].product_id.display_name,
                document=done[0]._document_name(),
            )
        )
    if not moves:
        return
    lines = moves.move_line_ids
    products, places = lines.product_id, lines.location_id
    if lines:
        lines._settle_unlink()
    moves._settle({"state": "cancel"})
    shortfall.cancelled(moves)
    _release_followers(moves)
    if products:
        reservation.assign_waiting(moves.env, products, places, exclude=moves)


def _release_followers(moves: Any) -> None:
    """Moves fed only by cancelled ones are cancelled too, or take from stock from now on."""
    followers = moves.move_dest_ids.filtered(lambda move: move.state in move_states.UNFINISHED)
    follow = left = followers.browse()
    for move in followers:
        origins = move.move_orig_ids
        if any(origin.state not in move_states.CLOSED for origin in origins):
            continue
        lost = origins.filtered(lambda origin: origin in moves)
        if all(origin.state == "cancel" for origin in origins) and all(origin.propagate_cancel for origin in lost):
            follow |= move
        else:
            left |= move
    if follow:
        follow._action_cancel()
    (followers - follow - left)._recompute_state()
    take_from_stock(left)


def take_from_stock(moves: Any) -> None:
    """Let moves whose supply will not come take from stock from now on; reserved as their operation type says."""
    for move in moves:
        cancelled = move.move_orig_ids.filtered(lambda origin: origin.state == "cancel")
        move.write({"procure_method": "make_to_stock", "move_orig_ids": [(3, origin.id) for origin in cancelled]})
    moves._recompute_state()
    _reserve_at_once(moves)
