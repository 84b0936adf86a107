"""Done: open lines become entries of the ledger, and the stock on hand changes by exactly their sum.

finish   `remaining.outcome`: what is done, stays open, is cancelled
         ─> rests split off ─> what stays open into backorders ─> cancelled ─> lines posted, moves done
         ─> what follows: the next steps, backorder entries, moves fed by these, demand that waited for what arrived
post     places, packages, lots and serial numbers checked ─> stock locked and changed ─> lines done
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from addons.inventory.exceptions import InventoryError, LotRequired, SerialTaken
from addons.inventory.services import (
    move_states,
    operations,
    product_lock,
    push,
    quants,
    remaining,
    reservation,
    shortfall,
    tolerance_history,
)
from addons.inventory.services.quants import Key
from core.fields import Datetime
from core.rounding import format_number

ONE = Decimal(1)


def finish(moves: Any, cancel_rest: bool = False) -> Any:
    """Do moves with what is picked, or with all that is reserved where nothing of their transfer is picked.

    Drafts are confirmed first, each as the move that it is. Of a move of which only a part goes, the rest
    is split off. It is cancelled with `cancel_rest`, and where it is within the underdelivery tolerance; otherwise all
    that is left of a transfer goes into its backorder, and what is no part of a transfer stays open. A transfer of
    which something is done is done: its other moves, too, are cancelled or go into the backorder. Moves of which
    nothing goes are left alone where their transfer stays as it is, unless the rest is cancelled.

    Returns the done moves. Raises LotRequired, SerialTaken, InsufficientStock, each naming every line concerned.
    """
    env, moves = moves.env, moves.sudo()
    _confirm_drafts(moves)
    outcome = remaining.outcome(moves, cancel_rest)
    kept, cancelled = _split_off_rests(outcome, cancel_rest)
    left = _create_backorders(outcome.done.picking_id, kept)
    if cancelled:
        cancelled._action_cancel()
    tolerance_history.note_parts(outcome.parts)
    if not outcome.done:
        return outcome.done.with_env(env)
    when = _post_lines(outcome)
    waiting = _follow_up(outcome.done, left)
    if waiting:
        waiting._action_assign()
    _close_transfers(outcome.done.picking_id.with_env(env), left, when)
    return outcome.done.with_env(env)


@dataclass(frozen=True, slots=True)
class Remainder:
    """What is left of moves that are done, and stays open.

    Attributes:
        moves: the moves; those of transfers are in `backorders` now.
        documents: move id -> the document that fell short.
        backorders: one for each of `pickings`, the transfers of which something is left.
    """

    moves: Any
    documents: dict[int, Any]
    pickings: Any
    backorders: Any


def _confirm_drafts(moves: Any) -> None:
    """Confirm those of the moves that are drafts, without merging: a transfer with a draft is a draft itself."""
    drafts = moves.filtered(lambda move: move.state == "draft")
    if drafts:
        drafts._action_confirm(merge=False)


def _split_off_rests(outcome: remaining.Outcome, cancel_rest: bool) -> tuple[Any, Any]:
    """Split off what remains of the moves that are done; returns all that stays open, and all that is cancelled."""
    short = [part for part in outcome.parts if part.rest or part.tolerated]
    if not short:
        return outcome.kept, outcome.cancelled
    moves = outcome.done.browse([part.move.id for part in short])
    rests = moves._split({part.move: part.rest or part.tolerated for part in short})
    ends = [cancel_rest or bool(part.tolerated) for part in short]
    cancelled = rests.browse([rest.id for rest, end in zip(rests, ends, strict=True) if end])
    return (rests - cancelled) | outcome.kept, cancelled | outcome.cancelled


def _create_backorders(pickings: Any, kept: Any) -> Remainder:
    """Put what stays open of the transfers that are done into their backorders."""
    _confirm_drafts(kept)
    documents = {move.id: move.picking_id or move._document() for move in kept}
    short = pickings & kept.picking_id
    return Remainder(kept, documents, short, short._create_backorder(kept.filtered("picking_id")) if short else short)


def _post_lines(outcome: remaining.Outcome) -> Any:
    """Post the lines that go, give the others back, and return when that was."""
    moves = outcome.done
    product_lock.lock_products(moves.env, moves.product_id.ids)  # those of moves that are new as well
    lines = moves.env["stock.move.line"].sudo().browse([line.id for part in outcome.parts for line in part.lines])
    others = moves.move_line_ids - lines
    if others:
        others._settle_unlink()
    lines._action_done()
    when = lines[0].date
    moves._settle({"state": "done", "date": when, "picked": True})
    return when


def _follow_up(moves: Any, left: Remainder) -> Any:
    """What follows from done moves: nothing reserves what has gone, the goods go on, and what is owed is noted.

    Returns the moves to reserve for: those fed by these, the demand that waited for what has come, and what is left.
    """
    deltas = quants.deltas_of(moves.move_line_ids)
    less = {key.product for key, change in deltas.items() if change < 0}
    if less:
        reservation.release_excess(moves.env, less)
    onward = push.push(moves)
    followers = moves.move_dest_ids.filtered(lambda move: move.state in move_states.LACKING)
    followers._recompute_state()
    # What goes on is still owed: its entry goes along with it.
    shortfall.delivered(moves - onward.move_orig_ids)
    waiting = followers.filtered(lambda move: not move.hold_date) | _waiting_for(moves.env, deltas)
    if left.moves:
        shortfall.opened(left.moves, left.documents)
    lacking = left.moves.filtered(lambda move: move.state in move_states.LACKING and reservation.may_reserve_now(move))
    return waiting | lacking


def _waiting_for(env: Any, deltas: dict[Key, Decimal]) -> Any:
    """The demand that waited for the stock of which there is more now."""
    came = [key for key, change in deltas.items() if change > 0]
    if not came:
        return env["stock.move"].sudo()
    products = env["product.product"].sudo().browse(sorted({key.product for key in came}))
    places = env["stock.location"].sudo().browse(sorted({key.location for key in came}))
    return reservation.waiting_for(env, products, places)


def _close_transfers(pickings: Any, left: Remainder, when: Any) -> None:
    """Date the transfers that are done, and answer the hooks `on_backorder` and `on_done`."""
    closed = pickings.filtered(lambda picking: picking.state == "done")
    if closed:
        closed.write({"date_done": when})
    if left.pickings:
        backorders = left.backorders.with_env(pickings.env)
        left.pickings.with_env(pickings.env)._notify("on_backorder", backorders=backorders)
    if closed:
        closed._notify("on_done")


# ---------------------------------------------------------------------------- lines
def post(lines: Any) -> None:
    """Post open lines: their stock changes, and they are done.

    Raises LotRequired, SerialTaken, InsufficientStock, each naming every line concerned.
    """
    _check_places(lines)
    _leave_packages(lines)
    check_tracking(lines)
    _settle_lots(lines)
    when = _date_of(lines.move_id)
    deltas = quants.deltas_of(lines)
    _check_serials(lines.env, lines, deltas)
    _change_stock(lines.move_id, lines, deltas, when)
    _check_packages(lines)
    lines._settle({"state": "done", "date": when, "picked": True})


def _date_of(moves: Any) -> Any:
    """When it happened: now, or on the day that a count was made."""
    return moves[0].date if all(move.is_inventory for move in moves) else Datetime.now()


def _check_places(lines: Any) -> None:
    """A view only groups places: nothing lies in it."""
    views = (lines.location_id | lines.location_dest_id).filtered(lambda place: place.usage == "view")
    if views:
        line = next(line for line in lines if line.location_id in views or line.location_dest_id in views)
        raise InventoryError(
            lines.env._(
                "%(document)s: %(location)s only groups other locations. Choose one of those that lie in it.",
                document=line.reference,
                location=views[0].complete_name,
            ),
            code="inventory.view_location",
        )


def check_tracking(lines: Any) -> None:
    """Refuse lines of tracked products without a lot, and several units of a product on one serial number.

    The validation of transfers checks it before it asks anything, posting for all lines.

    Raises LotRequired, which names every line without a lot, and SerialTaken.
    """
    missing = [line for line in operations.missing_lots(lines) if _needs_lot(line.move_id)]
    if missing:
        names = Counter((line.reference, line.product_id.display_name) for line in missing)
        raise LotRequired(
            lines.env._(
                "A lot or serial number is missing for:\n%(lines)s\nEnter it in the detailed operations.",
                lines="\n".join(f"{document}: {product}" for document, product in names),
            ),
            data={"missing": [{"document": document, "product": product} for document, product in names]},
            lines=lines.browse([line.id for line in missing]),
        )
    serial = _of_serial_numbers(lines)
    for line in lines:
        if line.product_id in serial and line.quantity_product_uom != ONE:
            raise SerialTaken(
                lines.env._(
                    "%(document)s: each %(product)s needs its own serial number; one line holds %(quantity)s.",
                    document=line.reference,
                    product=line.product_id.display_name,
                    quantity=format_number(line.quantity_product_uom),
                )
            )


def _of_serial_numbers(lines: Any) -> Any:
    return lines.product_id.filtered(lambda product: product.tracking == "serial" and product.is_storable)


def _settle_lots(lines: Any) -> None:
    """Create the lots that lines of tracked products name."""
    named = lines.filtered(
        lambda line: (
            line.product_id.tracking != "none"
            and line.product_id.is_storable
            and not line.lot_id
            and (line.lot_name or "").strip()
        )
    )
    if named:
        _create_lots(named)


def _needs_lot(move: Any) -> bool:
    """Whether the lot of a tracked product is to be said; counts find it, and some operation types know of no lots."""
    kind = move.picking_type_id
    return not move.is_inventory and (not kind or kind.use_create_lots or kind.use_existing_lots)


def _check_may_create(lines: Any, new: list[tuple[int, str]]) -> None:
    for line in lines:
        kind = line.move_id.picking_type_id
        if kind and not kind.use_create_lots and (line.product_id.id, line.lot_name.strip()) in new:
            raise LotRequired(
                lines.env._(
                    "%(document)s: there is no lot or serial number %(lot)s of %(product)s, and %(operation_type)s "
                    "takes existing ones only. Choose one that exists, or let the operation type create new ones.",
                    document=line.reference,
                    lot=line.lot_name,
                    product=line.product_id.display_name,
                    operation_type=kind.display_name,
                )
            )


def _create_lots(lines: Any) -> None:
    wanted = list(dict.fromkeys((line.product_id.id, line.lot_name.strip()) for line in lines))
    lots = lines.env["stock.lot"].sudo()
    found = lots.search([("product_id", "in", lines.product_id.ids), ("name", "in", [name for _p, name in wanted])])
    known = {(lot.product_id.id, lot.name): lot for lot in found}
    new = [key for key in wanted if key not in known]
    _check_may_create(lines, new)
    known.update(zip(new, lots.create([{"product_id": product, "name": name} for product, name in new])))
    lines._settle_multi([{"lot_id": known[line.product_id.id, line.lot_name.strip()].id} for line in lines])


def _check_serials(env: Any, lines: Any, deltas: dict[Key, Decimal]) -> None:
    """A serial number is one unit: never two in a document, or in stock; for those on a line see `check_tracking`."""
    serial = set(_of_serial_numbers(lines).ids)
    if not serial:
        return
    lots = {key.lot for key in deltas if key.product in serial}
    rows = env["stock.quant"].sudo().search([("lot_id", "in", sorted(lots))])
    held: Counter[int] = Counter()
    places: dict[int, str] = {}
    for row in rows:
        held[row.lot_id.id] += row.quantity
        if row.quantity > 0:
            places[row.lot_id.id] = row.location_id.complete_name
    arriving: Counter[int] = Counter()
    for key, change in deltas.items():
        if key.product in serial:
            held[key.lot] += change
            arriving[key.lot] += change
    for lot_id, quantity in held.items():
        if quantity > ONE and arriving[lot_id] > 0:
            lot = env["stock.lot"].sudo().browse(lot_id)
            raise SerialTaken(
                env._(
                    "Serial number %(lot)s of %(product)s exists already (%(location)s). Enter another one.",
                    lot=lot.name,
                    product=lot.product_id.display_name,
                    location=places.get(lot_id, lines[:1].reference),
                )
            )


def _change_stock(moves: Any, lines: Any, deltas: dict[Key, Decimal], when: Any) -> None:
    env = moves.env
    with quants.complete(env, deltas) as on_hand:
        env["stock.quant"]._update_available_quantities(dict(deltas), when, lines)
    for key, quantity in on_hand.items():
        if quantity < 0 and deltas[key] < 0:
            place = env["stock.location"].sudo().browse(key.location)
            if not place.allow_negative_stock:
                move = moves.filtered(lambda move, key=key: move.product_id.id == key.product)[:1]
                raise operations.shortage_error(env, move, key, -deltas[key], taken=-deltas[key])


def _leave_packages(lines: Any) -> None:
    """A package goes along with its content only where all of it goes; what is taken out of one leaves it."""
    along = lines.filtered(lambda line: line.package_id and line.result_package_id == line.package_id)
    if not along:
        return
    going: Counter[Key] = Counter()
    for line in along:
        going[quants.source_key(line)] += line.quantity_product_uom
    content = lines.env["stock.quant"].sudo().search([("package_id", "in", along.package_id.ids), ("quantity", ">", 0)])
    staying = {quant.package_id.id for quant in content if going[quants.key_of(quant)] < quant.quantity}
    out = along.filtered(lambda line: line.package_id.id in staying)
    if out:
        out._settle({"result_package_id": False})


def _check_packages(lines: Any) -> None:
    """A package is at one place: nothing is put into one that stays elsewhere, and none is torn in two."""
    packages = lines.result_package_id
    if not packages:
        return
    places: dict[int, Any] = {}
    for quant in lines.env["stock.quant"].sudo().search([("package_id", "in", packages.ids), ("quantity", ">", 0)]):
        place = places.setdefault(quant.package_id.id, quant.location_id)
        if place != quant.location_id:
            raise InventoryError(
                lines.env._(
                    "%(package)s would be at two places, %(place)s and %(other)s. Move the whole package, or put "
                    "the goods into another one.",
                    package=quant.package_id.name,
                    place=place.complete_name,
                    other=quant.location_id.complete_name,
                ),
                code="inventory.package_at_two_places",
            )
