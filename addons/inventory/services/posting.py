"""Done: open lines become entries of the ledger, and the stock on hand changes by exactly their sum.

    done   lots settled ─> stock locked and changed ─> lines and moves done ─> what follows
           (moves fed by these, push rules, backorder entries, demand that waited for what arrived)

`done` posts what the lines say and splits nothing; `finish` sees to the rest first.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from addons.inventory.exceptions import InventoryError, LotRequired, SerialTaken
from addons.inventory.services import (
    backorder,
    move_states,
    operations,
    product_lock,
    push,
    quants,
    reservation,
    shortfall,
)
from addons.inventory.services.quants import STOCKED, Key
from core.fields import Datetime
from core.rounding import format_number

ZERO = Decimal(0)
ONE = Decimal(1)


def finish(moves: Any, cancel_rest: bool = False) -> Any:
    """Do the moves with what is picked, or with all that is reserved; split off the rest, or cancel it.

    A move of which nothing goes is left as it is, or cancelled. Returns the done moves.
    """
    product_lock.lock_moves(moves)
    moves = moves.filtered(lambda move: move.state in move_states.UNFINISHED)
    rest: dict[int, Decimal] = {}
    idle = moves.browse()
    for move in moves:
        going = sum((line.quantity_product_uom for line in lines_to_post(move)), ZERO)
        need = move._in_product_unit(move.product_uom_qty)
        if not going:
            idle |= move
        elif going < need:
            rest[move.id] = need - going
    parts = backorder.split(moves, rest, refresh=False) if rest else moves.browse()
    finished = done(moves - idle)
    if cancel_rest and (idle or parts):
        (idle | parts).with_env(moves.env)._action_cancel()
    elif parts:
        shortfall.opened(parts, {part.id: part._document() for part in parts})
        reservation.assign(parts.filtered(reservation.may_reserve_now))
    return finished


def lines_to_post(move: Any) -> list[Any]:
    """The lines of a move that go: the picked ones, or all where none is picked."""
    lines = [line for line in move.move_line_ids if line.state != "done" and line.quantity_product_uom]
    picked = [line for line in lines if line.picked]
    return picked or lines


def done(moves: Any, when: Any = None) -> Any:
    """Post the lines of the moves: picked ones, or all of a move where none is picked; others are given back.

    Moves without anything to post are left alone. Raises LotRequired, SerialTaken, InsufficientStock, each naming
    every line concerned. Returns the done moves.
    """
    env = moves.env
    product_lock.lock_moves(moves)
    todo = moves.sudo().filtered(lambda move: move.state in move_states.UNFINISHED)
    posting: dict[int, list[Any]] = {move.id: lines_to_post(move) for move in todo}
    finished = todo.browse([move.id for move in todo if posting[move.id]])
    if not finished:
        return moves.browse()
    product_lock.lock_products(env, finished.product_id.ids)  # those of moves that are new as well
    line_ids = [line.id for lines in posting.values() for line in lines]
    lines = env["stock.move.line"].sudo().browse(line_ids)
    dropped = finished.move_line_ids - lines
    if dropped:
        dropped._settle_unlink()
    _check_places(lines)
    _leave_packages(lines)
    when = when or Datetime.now()
    _settle_lots(lines)
    deltas = quants.deltas_of(lines)
    _check_serials(env, lines, deltas)
    _change_stock(finished, lines, deltas, when)
    _check_packages(lines)
    lines._settle({"state": "done", "date": when, "picked": True})
    finished._settle({"state": "done", "date": when, "picked": True})
    _go_on(finished, deltas)
    return finished.with_env(env)


def _check_places(lines: Any) -> None:
    """A view only groups places: nothing lies in it."""
    views = (lines.location_id | lines.location_dest_id).filtered(lambda place: place.usage == "view")
    if views:
        line = next(line for line in lines if line.location_id in views or line.location_dest_id in views)
        raise InventoryError(
            lines.env._(
                "%(document)s: %(place)s only groups other locations. Choose one of those that lie in it.",
                document=line.reference,
                place=views[0].complete_name,
            ),
            code="inventory.view_location",
            data={
                "document": line.reference,
                "location": views[0].complete_name,
            },
        )


def _settle_lots(lines: Any) -> None:
    """Create the lots that lines name, and refuse lines of tracked products without one."""
    tracked = lines.filtered(lambda line: line.product_id.tracking != "none" and line.product_id.is_storable)
    if not tracked:
        return
    missing = [line for line in operations.missing_lots(tracked) if _needs_lot(line.move_id)]
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
    named = tracked.filtered(lambda line: not line.lot_id and (line.lot_name or "").strip())
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
                    "%(document)s: there is no lot or serial number %(lot)s of %(product)s, and %(kind)s takes "
                    "existing ones only. Choose one that exists, or let the operation type create new ones.",
                    document=line.reference,
                    lot=line.lot_name,
                    product=line.product_id.display_name,
                    kind=kind.display_name,
                ),
                data={
                    "document": line.reference,
                    "lot": line.lot_name,
                    "product": line.product_id.display_name,
                    "operation_type": kind.display_name,
                },
            )


def _create_lots(lines: Any) -> None:
    wanted = list(dict.fromkeys((line.product_id.id, line.lot_name.strip()) for line in lines))
    lots = lines.env["stock.lot"].sudo()
    found = lots.search([("product_id", "in", lines.product_id.ids), ("name", "in", [name for _p, name in wanted])])
    known = {(lot.product_id.id, lot.name): lot for lot in found}
    new = [key for key in wanted if key not in known]
    _check_may_create(lines, new)
    known.update(zip(new, lots.create([{"product_id": product, "name": name} for product, name in new])))
    for line in lines:
        line._settle({"lot_id": known[line.product_id.id, line.lot_name.strip()].id})


def _check_serials(env: Any, lines: Any, deltas: dict[Key, Decimal]) -> None:
    """A serial number is one unit: never two on a line, in a document, or in stock."""
    serial = {
        product.id: product for product in lines.product_id if product.tracking == "serial" and product.is_storable
    }
    if not serial:
        return
    for line in lines:
        if line.product_id.id in serial and line.quantity_product_uom != ONE:
            raise SerialTaken(
                env._(
                    "%(document)s: each %(product)s needs its own serial number; one line holds %(qty)s.",
                    document=line.reference,
                    product=line.product_id.display_name,
                    qty=line.quantity_product_uom.normalize(),
                ),
                data={
                    "document": line.reference,
                    "product": line.product_id.display_name,
                    "quantity": format_number(line.quantity_product_uom),
                },
            )
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
                    "Serial number %(lot)s of %(product)s exists already (%(place)s). Enter another one.",
                    lot=lot.name,
                    product=lot.product_id.display_name,
                    place=places.get(lot_id, lines[:1].reference),
                ),
                data={
                    "lot": lot.name,
                    "product": lot.product_id.display_name,
                    "location": places.get(lot_id, lines[:1].reference),
                },
            )


def _change_stock(moves: Any, lines: Any, deltas: dict[Key, Decimal], when: Any) -> None:
    env = moves.env
    for key, quantity in quants.apply(env, deltas, when, quants.origins_of(lines)).items():
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
                data={
                    "package": quant.package_id.name,
                    "locations": [place.complete_name, quant.location_id.complete_name],
                },
            )


def _go_on(moves: Any, deltas: dict[Key, Decimal]) -> None:
    """What follows: nothing reserves what has gone, the next moves go ahead, and waiting demand gets what has come."""
    env = moves.env
    less = {key.product for key, change in deltas.items() if change < 0}
    if less:
        reservation.release_excess(env, less)
    onward = push.push(moves)
    followers = moves.move_dest_ids.filtered(lambda move: move.state in move_states.LACKING)
    if followers:
        followers._recompute_state()
        reservation.assign(followers.filtered(lambda move: not move.hold_date))
    # What goes on is still owed: its entry goes along with it.
    shortfall.delivered(moves - onward.move_orig_ids)
    came = [key for key, change in deltas.items() if change > 0]
    if came:
        products = env["product.product"].sudo().browse(sorted({key.product for key in came}))
        places = env["stock.location"].sudo().browse(sorted({key.location for key in came}))
        reservation.assign_waiting(env, products, places)


def is_stocked(location: Any) -> bool:
    """Whether stock is kept at the location."""
    return location.usage in STOCKED
