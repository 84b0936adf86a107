"""Who gets the stock: free stock is shared out to moves, best rank first, as open move lines.

assign            moves ─> rank ─> lock stock ─> allocate slot by slot ─> one insert of lines, one write per state
assign_waiting    what has come free ─> the waiting demand for it ─> assign
unreserve         lines deleted, states follow
release_excess    after a count or an unbooked delivery: no reservation stays of stock that is not there
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from addons.inventory.services import move_states, product_lock, quants, removal
from addons.inventory.services.quants import STOCKED, Key, Slot
from core.fields import Date
from core.rounding import round_to

ZERO = Decimal(0)
ONE = Decimal(1)


@dataclass(slots=True)
class Demand:
    """A move that wants stock: what it lacks, in the product's unit, and what it has been given."""

    move: Any
    product: int
    location: int
    need: Decimal
    missing: Decimal
    taken: list[tuple[Slot, Decimal]] = field(default_factory=list)
    brought: dict[tuple[int, int, int, int], Decimal] | None = None


def ranked(moves: Any) -> list[Any]:
    """The moves in the order in which they get scarce stock, as the hook `rank_demand` answers."""
    if len(moves) < 2:
        return list(moves)
    keys: dict[int, Any] = {}
    for answer in moves.env.hooks.rank_demand(env=moves.env, moves=moves):
        for move, key in (answer or {}).items():
            keys.setdefault(move.id, key)
    rest = [move for move in moves if move.id not in keys]
    keys.update((move.id, key) for move, key in default_rank(rest).items())
    return sorted(moves, key=lambda move: (keys[move.id], move.id))


def default_rank(moves: Iterable[Any]) -> dict[Any, tuple[Any, ...]]:
    """Urgent before normal, then the earliest deadline (or planned date), then the oldest demand."""
    return {move: (0 if move.priority == "1" else 1, move.date_deadline or move.date, move.id) for move in moves}


def assign(moves: Any) -> None:
    """Reserve what is free for the moves that wait; what a move already has, it keeps.

    Moves out of places without stock of their own (vendors, production) and of products whose quantity is not kept
    are available as they are. Moves fed by others get what those brought. Rounding: by the product's unit.
    """
    product_lock.lock_moves(moves)
    todo = moves.sudo().filtered(lambda move: move.state in move_states.LACKING)
    if not todo:
        return
    paths = quants.paths_below(moves.env, todo.location_id.ids)
    bypassing, chained, stocked = _sorted_out(todo)
    rows: list[dict[str, Any]] = []
    demands = _demands(bypassing)
    for demand in demands:
        rows += _unlimited_rows(demand)
    competing = _chained_demands(chained) + _demands(stocked)  # what was brought for a move is for that move first
    wanting = [demand for demand in competing if demand.missing > 0]
    if wanting:
        allocate(moves.env, wanting, paths)
        rows += _write_taken(wanting)
    if rows:
        moves.env["stock.move.line"].sudo()._settle_create(rows)
    states = {demand.move.id: "assigned" for demand in demands}
    states.update(
        (demand.move.id, move_states.state_of_reserved(demand.move, demand.need - demand.missing, demand.need))
        for demand in competing
    )
    move_states.write(todo, states)


def _sorted_out(moves: Any) -> tuple[list[Any], list[Any], list[Any]]:
    """Moves that need no stock, moves fed by other moves, and moves out of stock, each in rank order."""
    usage = {location.id: location.usage in STOCKED for location in moves.location_id}
    storable = {product.id: product.is_storable for product in moves.product_id}
    free: list[Any] = []
    fed: list[Any] = []
    stocked: list[Any] = []
    for move in ranked(moves):
        if not usage[move.location_id.id] or not storable[move.product_id.id]:
            free.append(move)
        elif move.move_orig_ids:
            fed.append(move)
        elif move.procure_method != "make_to_order":
            stocked.append(move)
    return free, fed, stocked


def _demands(moves: Iterable[Any]) -> list[Demand]:
    demands = []
    for move in moves:
        need = move._in_product_unit(move.product_uom_qty)
        have = sum((line.quantity_product_uom for line in move.move_line_ids), ZERO)
        demands.append(Demand(move, move.product_id.id, move.location_id.id, need, need - have))
    return demands


def _chained_demands(moves: list[Any]) -> list[Demand]:
    """Demands that may take only what the moves before them brought, less what their siblings took."""
    demands = _demands(moves)
    for demand in demands:
        origins = demand.move.move_orig_ids
        brought: defaultdict[tuple[int, int, int, int], Decimal] = defaultdict(Decimal)
        for line in origins.move_line_ids:
            if line.state == "done":
                key = quants.target_key(line)
                brought[key.location, key.lot, key.package, key.owner] += line.quantity_product_uom
        for line in origins.move_dest_ids.move_line_ids:
            key = quants.source_key(line)
            brought[key.location, key.lot, key.package, key.owner] -= line.quantity_product_uom
        demand.brought = dict(brought)
    return demands


def allocate(env: Any, demands: list[Demand], paths: Mapping[int, str]) -> None:
    """Give the demands, in their order, what is free; the slots are locked and shared between them.

    Args:
        paths: the locations that the demands take from, and those below them (see `quants.paths_below`).
    """
    by_product: defaultdict[int, list[Slot]] = defaultdict(list)
    for slot in quants.free_slots(env, {demand.product for demand in demands}, paths):
        if slot.free > 0:
            by_product[slot.key.product].append(slot)
    if not by_product:
        return
    lists = _ordered_lists(env, demands, by_product, paths)
    given: defaultdict[tuple[int, ...], Decimal] = defaultdict(Decimal)
    for demand in demands:
        slots = lists[demand.product, demand.location]
        while slots and slots[0].free <= 0:
            slots.pop(0)
        for slot in slots:
            if demand.missing <= 0:
                break
            _take(demand, slot, given)


def _ordered_lists(
    env: Any, demands: list[Demand], by_product: dict[int, list[Slot]], paths: Mapping[int, str]
) -> dict[tuple[int, int], list[Slot]]:
    """The slots that each product and location may draw on, in the order of the removal strategy."""
    lists: dict[tuple[int, int], list[Slot]] = {}
    wanted: defaultdict[int, set[int]] = defaultdict(set)
    for demand in demands:
        wanted[demand.location].add(demand.product)
    for location, products in wanted.items():
        path = paths[location]
        below = {p: [slot for slot in by_product.get(p, ()) if slot.path.startswith(path)] for p in products}
        choice = [p for p, slots in below.items() if len(slots) > 1]
        strategy = {}
        if choice:
            records = env["product.product"].sudo().browse(choice)
            strategy = removal.strategies(env, records, env["stock.location"].sudo().browse(location))
        for product, slots in below.items():
            lists[product, location] = removal.ordered(env, slots, strategy.get(product, removal.DEFAULT))
    return lists


def _take(demand: Demand, slot: Slot, given: dict[tuple[int, ...], Decimal]) -> None:
    owner = demand.move.restrict_partner_id.id
    if owner and slot.key.owner != owner:
        return
    part = min(demand.missing, slot.free)
    if demand.brought is not None:
        key = (slot.key.location, slot.key.lot, slot.key.package, slot.key.owner)
        # What this run has given to siblings comes off, though it is not written yet.
        share = (demand.product, *key, *sorted(demand.move.move_orig_ids.ids))
        part = min(part, demand.brought.get(key, ZERO) - given[share])
        given[share] += max(part, ZERO)
    if demand.move.product_id.tracking == "serial":
        part = round_to(part, ONE, "DOWN")  # a serial number identifies a whole unit
    if part > 0:
        slot.free -= part
        demand.missing -= part
        demand.taken.append((slot, part))


def _write_taken(demands: list[Demand]) -> list[dict[str, Any]]:
    """The lines to insert for what was taken; a line of the same stock grows instead."""
    rows = []
    for demand in demands:
        lines: dict[Key, Any] = {}
        if demand.taken:
            lines = growable(demand.move, picked=False)
        for slot, part in demand.taken:
            line = lines.get(slot.key)
            if line is not None:
                grow(line, part)
            else:
                rows.append(_row(demand.move, part, slot))
    return rows


def growable(move: Any, picked: bool = True) -> dict[Key, Any]:
    """The open lines of a move that may hold more of their stock: what is packed for the way keeps its content.

    Args:
        picked: whether picked lines may; what is reserved automatically is not picked.
    """
    return {
        quants.source_key(line): line
        for line in move.move_line_ids
        if (not line.result_package_id or line.result_package_id == line.package_id) and (picked or not line.picked)
    }


def grow(line: Any, part: Decimal) -> None:
    """Let an open line hold `part` (in the product's unit) more, or less where it is negative."""
    total = line.quantity_product_uom + part
    unit, own = line.product_uom_id, line.product_id.uom_id
    quantity = own._convert_exactly(total, unit)
    if quantity is None:
        line._settle({"product_uom_id": own.id, "quantity": total, "quantity_product_uom": total})
    else:
        line._settle({"quantity": quantity, "quantity_product_uom": total})


def _row(move: Any, part: Decimal, slot: Slot | None = None) -> dict[str, Any]:
    return line_values(move, part, slot.key if slot else None, whole=bool(slot and part == slot.quantity))


def line_values(move: Any, part: Decimal, key: Key | None = None, whole: bool = False) -> dict[str, Any]:
    """The values of an open line for `part` (in the product's unit) of a move, out of the stock `key`.

    The line is in the move's unit where that is exact, otherwise in the product's.
    """
    unit, own = move.product_uom, move.product_id.uom_id
    quantity: Decimal | None = part
    if unit != own:
        quantity = own._convert_exactly(part, unit)
        if quantity is None:
            unit, quantity = own, part
    values = {
        "move_id": move.id,
        "picking_id": move.picking_id.id,
        "company_id": move.company_id.id,
        "product_id": move.product_id.id,
        "product_uom_id": unit.id,
        "quantity": quantity,
        "quantity_product_uom": part,
        "location_id": key.location if key else move.location_id.id,
        "location_dest_id": move.location_dest_id.id,
    }
    if not key and move.restrict_partner_id:
        values["owner_id"] = move.restrict_partner_id.id
    if key and (key.lot or key.package or key.owner):
        values |= {"lot_id": key.lot or False, "package_id": key.package or False, "owner_id": key.owner or False}
        if whole:
            values["result_package_id"] = key.package or False  # the package goes as it is
    return values


def _unlimited_rows(demand: Demand) -> list[dict[str, Any]]:
    """Lines for what needs no stock; a line per unit where each unit is to get its serial number."""
    if demand.missing <= 0:
        return []
    product = demand.move.product_id
    whole = demand.missing == demand.missing.to_integral_value()
    if product.tracking == "serial" and product.is_storable and whole:
        return [_row(demand.move, ONE) for _unit in range(int(demand.missing))]
    return [_row(demand.move, demand.missing)]


def unreserve(moves: Any, picked_too: bool = False) -> None:
    """Give back what the moves have reserved; what is already picked stays, unless `picked_too`.

    Other demand for the same stock is served next: the moves themselves stand back until stock comes again.
    """
    product_lock.lock_moves(moves)
    moves = moves.sudo().filtered(lambda move: move.state in move_states.RESERVED)
    lines = moves.move_line_ids
    if not picked_too:
        lines = lines.filtered(lambda line: not line.picked)
    freed_products, freed_places = lines.product_id, lines.location_id
    if lines:
        lines._settle_unlink()
    moves._recompute_state()
    if lines:
        assign_waiting(moves.env, freed_products, freed_places, exclude=moves)


def owner_changed(moves: Any) -> None:
    """Let open moves take, or bring, the goods of their owner: what is reserved of others is given back."""
    moves = moves.sudo().filtered(lambda move: move.state in move_states.RESERVED)
    own = moves.filtered(lambda move: move._should_bypass_reservation())
    for move in own:
        move.move_line_ids._settle({"owner_id": move.restrict_partner_id.id})
    stocked = (moves - own).filtered(
        lambda move: (
            move.restrict_partner_id and any(line.owner_id != move.restrict_partner_id for line in move.move_line_ids)
        )
    )
    if stocked:
        unreserve(stocked)
        assign(stocked.filtered(may_reserve_now))


def assign_waiting(env: Any, products: Any = None, locations: Any = None, exclude: Any = None) -> None:
    """Reserve waiting demand for stock that has arrived or come free, best rank first; see `waiting_for`.

    Args:
        exclude: moves that are not served now.
    """
    waiting = waiting_for(env, products, locations)
    if exclude:
        waiting -= exclude
    if waiting:
        waiting._action_assign()


def waiting_for(env: Any, products: Any = None, locations: Any = None) -> Any:
    """The moves that wait for stock and are reserved automatically.

    Args:
        products: what has come; all products if None.
        locations: where; demand at these places and at those around them. All places if None.
    """
    moves = env["stock.move"].sudo()
    domain: list[Any] = [("state", "in", ("confirmed", "partially_available"))]
    if products is not None:
        if not products:
            return moves
        domain.insert(0, ("product_id", "in", products.ids))
    if locations is not None:
        around = {int(part) for place in locations for part in (place.parent_path or "").split("/") if part}
        domain.append(("location_id", "in", sorted(around)))
    return moves.search(domain, order="id").filtered(may_reserve_now)


def may_reserve_now(move: Any) -> bool:
    """Whether the move is reserved automatically: not on hold, and its operation type lets it."""
    if move.hold_date:
        return False
    kind = move.picking_type_id
    method = kind.reservation_method if kind else "at_confirm"
    if method == "manual":
        return False
    return method != "by_date" or not move.reservation_date or move.reservation_date <= Date.today()


def release_excess(env: Any, product_ids: Iterable[int], spare: Any = None) -> Any:
    """Take reservations back where more is reserved than there is, from the lowest rank upwards.

    Args:
        product_ids: the products whose stock went down.
        spare: moves whose reservation is not touched.
    Returns the moves that lost something; they wait again.
    """
    product_ids = list(product_ids)
    product_lock.lock_products(env, product_ids)
    held = quants.reserved(env, product_ids)
    if not held:
        return env["stock.move"]
    rows = env["stock.quant"].sudo().search([("product_id", "in", product_ids)])
    have = {quants.key_of(row): row.quantity for row in rows}
    excess = {key: total - max(have.get(key, ZERO), ZERO) for key, total in held.items()}
    excess = {key: over for key, over in excess.items() if over > 0}
    kept = _stocked_keys(env, excess)
    if not kept:
        return env["stock.move"]
    lines = (
        env["stock.move.line"]
        .sudo()
        .search([("state", "=", "assigned"), ("product_id", "in", list({key.product for key in kept}))])
    )
    return _shrink(env, kept, lines, spare)


def _stocked_keys(env: Any, excess: dict[Key, Decimal]) -> dict[Key, Decimal]:
    places = env["stock.location"].sudo().browse({key.location for key in excess})
    stocked = {place.id for place in places if place.usage in STOCKED}
    products = env["product.product"].sudo().browse({key.product for key in excess})
    storable = {product.id for product in products if product.is_storable}
    return {key: over for key, over in excess.items() if key.location in stocked and key.product in storable}


def _shrink(env: Any, excess: dict[Key, Decimal], lines: Any, spare: Any) -> Any:
    by_move: defaultdict[int, list[Any]] = defaultdict(list)
    for line in lines:
        if quants.source_key(line) in excess:
            by_move[line.move_id.id].append(line)
    moves = env["stock.move"].sudo().browse(by_move)
    touched, emptied = env["stock.move"], []
    for move in reversed(ranked(moves)):
        if spare and move in spare:
            continue
        for line in by_move[move.id]:
            key = quants.source_key(line)
            part = min(excess[key], line.quantity_product_uom)
            if part <= 0:
                continue
            excess[key] -= part
            touched |= move
            if part == line.quantity_product_uom:
                emptied.append(line.id)
            else:
                grow(line, -part)
    if emptied:
        env["stock.move.line"].sudo().browse(emptied)._settle_unlink()
    touched._recompute_state()
    return touched
