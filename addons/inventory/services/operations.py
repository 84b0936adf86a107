"""What people enter on moves and lines: quantities, lots, serial numbers; checked against the stock at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any

from addons.inventory.exceptions import (
    InsufficientStock,
    InventoryError,
    LedgerClosed,
    LotRequired,
    NothingToMove,
    SerialTaken,
)
from addons.inventory.services import move_states, product_lock, quants, reservation
from addons.inventory.services.line_changes import LineChanges
from addons.inventory.services.quants import STOCKED, Key
from core import api
from core.rounding import compare, format_number

ZERO = Decimal(0)
ONE = Decimal(1)

#: How many lots or serial numbers are named in one go.
LotCount = Annotated[int, api.Meta(ge=1, le=10_000)]


# ---------------------------------------------------------------------------- typed quantities
def set_quantities(moves: Any, typed: Any) -> None:
    """Make the lines of every move hold the same quantity, in the move's unit; see `set_each`."""
    if moves:
        value = moves._fields["quantity"].convert_to_cache(typed, moves)
        set_each(dict.fromkeys(moves, value))


def set_each(targets: Mapping[Any, Decimal]) -> None:
    """Make the lines of each move hold the quantity typed, in the move's unit.

    More than reserved takes free stock first; what the books do not know of is accepted where the location allows
    negative stock, and refused otherwise. Less gives the last lines back. Raises LedgerClosed, InsufficientStock.
    """
    if not targets:
        return
    moves = next(iter(targets)).browse([move.id for move in targets])
    product_lock.lock_moves(moves, whole=True)
    wanting: dict[Any, tuple[Decimal, Decimal]] = {}
    changes = LineChanges(moves.env)
    for move, typed in targets.items():
        _check_open(move, typed)
        target = move._in_product_unit(typed)
        have = sum((line.quantity_product_uom for line in move.move_line_ids), ZERO)
        if target < have:
            changes.reduce(_last_first(move.move_line_ids), have - target)
        elif target > have:
            wanting[move] = (target, target - have)
    changes.write()
    if wanting:
        _take_more(wanting)
    lines_changed(moves)


def _check_open(move: Any, typed: Decimal) -> None:
    if move.state in move_states.CLOSED:
        raise LedgerClosed(
            move.env._(
                "%(product)s in %(document)s is closed. Return the transfer or count the stock to correct it.",
                product=move.product_id.display_name,
                document=move._document_name(),
            )
        )
    if typed < 0:
        raise InventoryError(
            move.env._(
                "%(product)s in %(document)s: %(quantity)s is below zero. To send goods back, make a return.",
                product=move.product_id.display_name,
                document=move._document_name(),
                quantity=format_number(typed),
            ),
            code="inventory.negative_quantity",
        )


def _last_first(lines: Any) -> list[Any]:
    """Lines in the order in which they give back what is too much: those not picked first, the last ones first."""
    return sorted(lines, key=lambda line: (line.picked, -line.id))


def _take_more(wanting: Mapping[Any, tuple[Decimal, Decimal]]) -> None:
    """Lines for what was typed beyond the reservation: free stock, then stock that the books do not know of.

    Args:
        wanting: move -> what it is to hold, and how much of that is missing, in the product's unit.
    """
    moves = next(iter(wanting)).browse([move.id for move in wanting])
    env = moves.env
    stocked = {move.id for move in wanting if not move._should_bypass_reservation()}
    demands = [reservation.demand_of(move, more) for move, (_target, more) in wanting.items() if move.id in stocked]
    takes = reservation.allocate(env, demands)
    rest = {move.id: more for move, (_target, more) in wanting.items()}
    for take in takes:
        rest[take.demand.id] -= take.quantity
    changes = LineChanges(env)
    rows = reservation.lines_of_takes(moves, takes, changes, picked=True)
    for move, (target, _more) in wanting.items():
        if rest[move.id] > 0:
            rows += _beyond_stock(move, target, rest[move.id], move.id in stocked, changes)
    changes.write()
    for row in rows:
        row["picked"] = env["stock.move"].browse(row["move_id"]).picked
    if rows:
        env["stock.move.line"].sudo()._settle_create(rows)


def _beyond_stock(
    move: Any, target: Decimal, rest: Decimal, stocked: bool, changes: LineChanges
) -> list[dict[str, Any]]:
    """The rows for what is left when free stock has been taken; a line that may hold more of it grows instead."""
    if stocked and not move.location_id.allow_negative_stock:
        raise shortage_error(move.env, move, Key(move.product_id.id, move.location_id.id), target)
    if not stocked and move.product_id.tracking == "serial" and move.product_id.is_storable:
        return reservation.unlimited_rows(move, rest)
    key = Key(move.product_id.id, move.location_id.id, owner=move.restrict_partner_id.id or 0)
    line = reservation.growable(move).get(key)
    if line is not None and not line.lot_name:
        changes.grow(line, rest)
        return []
    return [reservation.line_values(move, rest)]


def shortage_error(env: Any, move: Any, key: Key, wanted: Decimal, taken: Decimal = ZERO) -> InsufficientStock:
    """Error that says what there is (of the lot, if the key names one), who holds it, and what can be done.

    Args:
        taken: what this transaction has already booked off the stock, and is about to undo.
    """
    product = env["product.product"].sudo().browse(key.product)
    place = env["stock.location"].sudo().browse(key.location)
    lot = env["stock.lot"].sudo().browse(key.lot or ())
    slots = [slot for slot in quants.free(env, product, place) if not lot or slot.key.lot == lot.id]
    on_hand = sum((slot.quantity for slot in slots), ZERO) + taken
    text = env._(
        "%(document)s: %(wanted)s %(unit)s of %(product)s are not free. %(place)s has %(on_hand)s."
        if on_hand >= wanted
        else "%(document)s: %(wanted)s %(unit)s of %(product)s are more than there are. %(place)s has %(on_hand)s.",
        document=move._document_name(),
        wanted=format_number(wanted),
        unit=product.uom_id.name,
        product=f"{product.display_name} ({lot.name})" if lot else product.display_name,
        place=place.complete_name,
        on_hand=format_number(on_hand),
    )
    holders = holding_lines(env, product, place, exclude=move, lot=lot)
    if holders:
        named = ", ".join(documents_of(holders))
        text += " " + env._("Reserved for %(holders)s; unreserve there first.", holders=named)
    text += " " + env._("If there is more, count the stock (Inventory, Physical Inventory).")
    return InsufficientStock(
        text,
        data={
            "document": move._document_name(),
            "product": product.display_name,
            "lot": lot.name or "",
            "location": place.complete_name,
            "quantity": format_number(wanted),
            "unit": product.uom_id.name,
            "on_hand": format_number(on_hand),
            "reserved_by": reserved_by(holders),
        },
    )


def holding_lines(env: Any, product: Any, place: Any, exclude: Any = None, lot: Any = None) -> list[Any]:
    """The lines that have stock of the product (or of one lot of it) there reserved."""
    domain = [("product_id", "=", product.id), ("state", "=", "assigned"), ("location_id", "child_of", place.ids)]
    if lot:
        domain.append(("lot_id", "=", lot.id))
    lines = env["stock.move.line"].sudo().search(domain)
    return [line for line in lines if line.move_id != exclude]


def documents_of(lines: Iterable[Any]) -> list[str]:
    """The documents that reserved lines belong to, each with its quantity; the lines are of one product."""
    return [f"{name} ({format_number(quantity)} {unit})" for (name, unit), quantity in _reserved(lines).items()]


def reserved_by(lines: Iterable[Any]) -> dict[str, str]:
    """Name of each document that reserved lines belong to -> its quantity in the product's unit, for programs."""
    return {name: format_number(quantity) for (name, _unit), quantity in _reserved(lines).items()}


def _reserved(lines: Iterable[Any]) -> dict[tuple[str, str], Decimal]:
    held: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.move_id:
            held[line.move_id._document_name(), line.product_id.uom_id.name] += line.quantity_product_uom
    return held


# ---------------------------------------------------------------------------- lines by hand
def completed_lines(env: Any, vals_list: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Values of lines entered by hand, completed from their move; a move is opened where none was named."""
    rows = []
    for vals in vals_list:
        row = dict(vals)
        check_typed(env["stock.move.line"], row.get("quantity", 0))
        move = env["stock.move"].browse(row.get("move_id") or ())
        if not move and row.get("picking_id") and row.get("product_id"):
            move = _move_for_line(env, row)
            row["move_id"] = move.id
        if not move:
            raise InventoryError(
                env._("A line needs the transfer or the move that it belongs to, and its product."),
                code="inventory.line_without_move",
            )
        _complete_from_move(row, move)
        rows.append(row)
    return rows


def _move_for_line(env: Any, row: dict[str, Any]) -> Any:
    picking = env["stock.picking"].browse(row["picking_id"])
    found = picking.move_ids.filtered(
        lambda move: move.product_id.id == row["product_id"] and move.state not in move_states.CLOSED
    )[:1]
    if found:
        return found
    product = env["product.product"].browse(row["product_id"])
    move = env["stock.move"].create(
        {
            "product_id": product.id,
            "product_uom": row.get("product_uom_id") or product.uom_id.id,
            "product_uom_qty": 0,
            "picking_id": picking.id,
            "additional": True,
        }
    )
    return move._action_confirm(merge=False) if picking.state != "draft" else move


def _complete_from_move(row: dict[str, Any], move: Any) -> None:
    if move.state in move_states.CLOSED:
        raise LedgerClosed(
            move.env._(
                "%(document)s is closed: no lines can be added. Make a new transfer instead.",
                document=move._document_name(),
            )
        )
    defaults = {
        "product_id": move.product_id.id,
        "product_uom_id": move.product_uom.id,
        "picking_id": move.picking_id.id,
        "company_id": move.company_id.id,
        "location_id": move.location_id.id,
        "location_dest_id": move.location_dest_id.id,
        "picked": move.picked,
        "owner_id": move.restrict_partner_id.id,
    }
    for name, value in defaults.items():
        if not row.get(name):
            row[name] = value
    if "quantity" not in row:
        row["quantity"] = (
            ONE if move.product_id.tracking == "serial" else max(move.product_uom_qty - move.quantity, ZERO)
        )


def check_typed(lines: Any, typed: Any) -> None:
    """Refuse quantities below zero, with the product's name where there is one."""
    number = lines._fields["quantity"].convert_to_cache(typed, lines[:1])
    if number and number < 0:
        what = lines[:1].product_id.display_name if lines else ""
        raise InventoryError(
            lines.env._(
                "%(what)s: %(quantity)s is below zero. To send goods back, make a return.",
                what=what or lines.env._("Quantity"),
                quantity=format_number(number),
            ),
            code="inventory.negative_quantity",
        )


def check_lines(lines: Any) -> None:
    """Refuse lots of other products, serial numbers of several units, and stock that is not there or not free."""
    for line in lines.filtered("lot_id"):
        if line.lot_id.product_id != line.product_id:
            raise LotRequired(
                lines.env._(
                    "%(lot)s is a lot of %(lot_product)s, not of %(product)s.",
                    lot=line.lot_id.name,
                    lot_product=line.lot_id.product_id.display_name,
                    product=line.product_id.display_name,
                )
            )
        if line.product_id.tracking == "serial" and line.quantity_product_uom not in (ZERO, ONE):
            raise SerialTaken(
                lines.env._(
                    "%(document)s: serial number %(lot)s identifies one %(product)s, not %(quantity)s.",
                    document=line.reference,
                    lot=line.lot_id.name,
                    product=line.product_id.display_name,
                    quantity=format_number(line.quantity_product_uom),
                )
            )
    _check_stock(lines)


def _check_stock(lines: Any) -> None:
    strict = lines.filtered(
        lambda line: (
            line.location_id.usage in STOCKED
            and line.product_id.is_storable
            and line.quantity
            and (not line.location_id.allow_negative_stock or (line.lot_id and line.product_id.tracking == "serial"))
        )
    )
    if not strict:
        return
    env = lines.env
    products = strict.product_id.ids
    have = {row.key: row.quantity for row in quants.lock(env, products)}
    held = quants.reserved(env, products)
    for line in strict:
        key = quants.source_key(line)
        there = have.get(key, ZERO)
        if there <= 0 and line.location_id.allow_negative_stock:
            continue  # unknown to the books, and tolerated there
        if held.get(key, ZERO) > there:
            raise shortage_error(env, line.move_id, key, line.quantity_product_uom)


def lines_changed(moves: Any) -> None:
    """Bring moves in line with lines that were entered by hand."""
    moves = moves.sudo().filtered(lambda move: move.state not in move_states.CLOSED)
    newly = moves.filtered(lambda move: not move.picked and any(line.picked for line in move.move_line_ids))
    if newly:
        newly._settle({"picked": True})
    moves._recompute_state()


def follow_picks(moves: Any) -> None:
    """A move is picked as long as one of its lines is."""
    for picked in (True, False):
        turned = moves.filtered(
            lambda move, picked=picked: (
                move.state not in move_states.CLOSED
                and move.picked != picked
                and any(line.picked for line in move.move_line_ids) == picked
            )
        )
        if turned:
            turned._settle({"picked": picked})


def redirect(moves: Any) -> None:
    """Let the open lines of moves go where the moves go now; a place below it that a person has chosen stays.

    The products are locked already, so that no line is done between the filter and the write.
    """
    outside = moves.move_line_ids.filtered(
        lambda line: line.state != "done" and not line.location_dest_id._is_below(line.move_id.location_dest_id)
    )
    if outside:
        outside._settle_multi([{"location_dest_id": line.move_id.location_dest_id.id} for line in outside])


# ---------------------------------------------------------------------------- lots
def set_lots(move: Any, lots: Any) -> None:
    """Give a move exactly these lots: lines of others go, lines without a lot get one, missing lines are added."""
    product_lock.lock_moves(move)
    lines = move.move_line_ids
    gone = lines.filtered(lambda line: line.lot_id and line.lot_id not in lots)
    if gone:
        gone.unlink()
    lines -= gone
    new = [lot for lot in lots if lot not in lines.lot_id]
    for line in lines.filtered(lambda line: not line.lot_id):
        if not new:
            break
        line.write({"lot_id": new.pop(0).id, "lot_name": False})
    for lot in new:
        slots = quants.free(move.env, move.product_id, move.location_id)
        place = next((slot.key.location for slot in slots if slot.key.lot == lot.id), move.location_id.id)
        move.env["stock.move.line"].create(
            {
                "move_id": move.id,
                "lot_id": lot.id,
                "location_id": place,
                "quantity": move.product_id.uom_id._compute_quantity(ONE, move.product_uom, round=False),
            }
        )


def name_lots(move: Any, names: list[dict[str, str]]) -> None:
    """Write lot names on the lines of an incoming move: first on those without, then on new ones."""
    lines = [line for line in move.move_line_ids if not line.lot_id and not line.lot_name]
    for values in names:
        if lines:
            lines.pop(0).write(values)
        else:
            move.env["stock.move.line"].create({"move_id": move.id, "quantity": 1, **values})


def missing_lots(lines: Any) -> list[Any]:
    """The lines of tracked products without a lot or the name of one."""
    tracked = {product.id for product in lines.product_id if product.tracking != "none" and product.is_storable}
    return [
        line
        for line in lines
        if line.product_id.id in tracked
        and not line.lot_id
        and not (line.lot_name or "").strip()
        and compare(line.quantity_product_uom, ZERO, line.product_id.uom_id.rounding) > 0
    ]


# ---------------------------------------------------------------------------- packages
def put_in_pack(picking: Any) -> Any:
    """Pack what is picked in a transfer (or all that is reserved) and not packed yet; returns the package."""
    lines = picking.move_line_ids.filtered(
        lambda line: line.quantity and not line.result_package_id and line.state != "done"
    )
    chosen = lines.filtered("picked") or lines
    if not chosen:
        raise NothingToMove(picking.env._("%(document)s: there is nothing to pack.", document=picking.name))
    package = picking.env["stock.package"].create({"company_id": picking.company_id.id})
    chosen._settle({"result_package_id": package.id})
    return package
