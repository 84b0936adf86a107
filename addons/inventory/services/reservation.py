"""Who gets the stock: free stock is shared out to moves, best rank first, as open move lines.

assign            moves ─> rank ─> lock stock ─> limits ─> allocate ─> one insert of lines, one write per state
assign_waiting    what has come free ─> the waiting demand for it ─> assign
unreserve         lines deleted, states follow
release_excess    after a count or an unbooked delivery: no reservation stays of stock that is not there

What goes to whom is worked out by `allocation`, without records; this module reads for it and applies what it says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from addons.inventory.services import allocation, move_states, product_lock, quants, removal
from addons.inventory.services.allocation import Demand, Key, Slot, Source, Take
from addons.inventory.services.line_changes import LineChanges
from addons.inventory.services.quants import STOCKED
from core.fields import Date
from core.rounding import round_to

ZERO = Decimal(0)
ONE = Decimal(1)


def ranked(moves: Any) -> list[Any]:
    """The moves in the order in which they get scarce stock, as the hook `rank_demand` answers."""
    if len(moves) < 2:
        return list(moves)
    answers = moves.env.hooks.rank_demand.merged(env=moves.env, moves=moves)
    keys = {move.id: key for move, key in answers.items()}
    rest = [move for move in moves if move.id not in keys]
    keys.update((move.id, key) for move, key in default_rank(rest).items())
    return sorted(moves, key=lambda move: (keys[move.id], move.id))


def default_rank(moves: Iterable[Any]) -> dict[Any, tuple[Any, ...]]:
    """Urgent before normal, then the earliest deadline (or planned date), then the oldest demand."""
    return {move: (0 if move.priority == "1" else 1, move.date_deadline or move.date, move.id) for move in moves}


def assign(moves: Any) -> None:
    """Reserve what is free for the moves that wait; what a move already has, it keeps. What is on hold stays so.

    Moves out of places without stock of their own (vendors, production) and of products whose quantity is not kept
    are available as they are. Moves fed by others get what those brought. Rounding: by the product's unit.
    """
    todo = moves.sudo().filtered(lambda move: move.state in move_states.LACKING and not move.hold_date)
    if not todo:
        return
    bypassing, chained, stocked = _sorted_out(todo)
    need = {move.id: move._in_product_unit(move.product_uom_qty) for move in todo}
    missing = {move.id: need[move.id] - _held(move) for move in todo}
    rows = [row for move in bypassing for row in unlimited_rows(move, missing[move.id])]
    # What was brought for a move is for that move first.
    wanting = _chained_demands([move for move in chained if missing[move.id] > 0], missing)
    wanting += [demand_of(move, missing[move.id]) for move in stocked if missing[move.id] > 0]
    takes = allocate(todo.env, wanting, limited=True)
    changes = LineChanges(todo.env)
    rows += lines_of_takes(todo, takes, changes)
    changes.write()
    if rows:
        todo.env["stock.move.line"]._settle_create(rows)
    for take in takes:
        missing[take.demand.id] -= take.quantity
    states = {move.id: "assigned" for move in bypassing}
    for move in (*stocked, *chained):
        states[move.id] = move_states.state_of_reserved(move, need[move.id] - missing[move.id], need[move.id])
    move_states.write(todo, states)


def _held(move: Any) -> Decimal:
    """What the lines of a move hold, in the product's unit."""
    return sum((line.quantity_product_uom for line in move.move_line_ids), ZERO)


def _sorted_out(moves: Any) -> tuple[list[Any], list[Any], list[Any]]:
    """Moves that need no stock, moves fed by other moves, and moves out of stock, each in rank order."""
    free: list[Any] = []
    fed: list[Any] = []
    stocked: list[Any] = []
    for move in ranked(moves):
        if move._should_bypass_reservation():
            free.append(move)
        elif move.move_orig_ids:
            fed.append(move)
        elif move.procure_method != "make_to_order":
            stocked.append(move)
    return free, fed, stocked


def demand_of(move: Any, missing: Decimal, brought: Mapping[Key, Decimal] | None = None) -> Demand:
    """What a move lacks (in the product's unit), as a demand to allocate."""
    product = move.product_id
    owner = move.restrict_partner_id.id or 0
    return Demand(move.id, product.id, move.location_id.id, missing, owner, product.tracking == "serial", brought)


def _chained_demands(moves: list[Any], missing: Mapping[int, Decimal]) -> list[Demand]:
    """Demands that may take only what the moves before them brought, less what their siblings took."""
    brought: dict[tuple[int, ...], dict[Key, Decimal]] = {}
    demands = []
    for move in moves:
        family = (move.product_id.id, *sorted(move.move_orig_ids.ids))
        if family not in brought:
            brought[family] = _brought(move.move_orig_ids)
        demands.append(demand_of(move, missing[move.id], brought[family]))
    return demands


def _brought(origins: Any) -> dict[Key, Decimal]:
    """What the moves have brought, less what those after them hold or have taken on."""
    brought: defaultdict[Key, Decimal] = defaultdict(Decimal)
    for line in origins.move_line_ids:
        if line.state == "done":
            brought[quants.target_key(line)] += line.quantity_product_uom
    for line in origins.move_dest_ids.move_line_ids:
        brought[quants.source_key(line)] -= line.quantity_product_uom
    return brought


# ---------------------------------------------------------------------------- what goes to whom
def allocate(env: Any, demands: list[Demand], limited: bool = False) -> list[Take]:
    """Lock the stock that the demands ask for, and say what each of them gets, in their order.

    Args:
        limited: whether the hook `limit_reservation` may lower what they get.
    """
    if not demands:
        return []
    paths = quants.paths_below(env, {demand.location for demand in demands})
    by_product: defaultdict[int, list[Slot]] = defaultdict(list)
    for slot in quants.free_slots(env, {demand.product for demand in demands}, paths):
        if slot.free > 0:
            by_product[slot.key.product].append(slot)
    if not by_product:
        return []
    offers = _offers(env, demands, by_product, paths)
    offers, limits = quants.ask_addons(env, offers)
    if limited and env.hooks.has("limit_reservation"):
        _limit(env, demands, offers, limits)
    return allocation.allocate(demands, offers, limits)


def _offers(
    env: Any, demands: list[Demand], by_product: Mapping[int, list[Slot]], paths: Mapping[int, str]
) -> dict[Source, list[Slot]]:
    """The slots that each product and location may draw on, in the order of the removal strategy."""
    offers: dict[Source, list[Slot]] = {}
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
            offers[product, location] = removal.ordered(env, slots, strategy.get(product, removal.DEFAULT))
    return offers


def _limit(
    env: Any, demands: list[Demand], offers: Mapping[Source, list[Slot]], limits: Mapping[Source, Decimal]
) -> None:
    """Lower what the demands get to the lowest answer of the hook `limit_reservation`."""
    moves = env["stock.move"].browse([demand.id for demand in demands])
    by_id = dict(zip(moves.ids, moves, strict=True))
    missing = {by_id[demand.id]: demand.missing for demand in demands}
    free = {}
    for move, demand in zip(moves, demands, strict=True):
        there = sum((slot.free for slot in offers[demand.source]), ZERO)
        free[move.product_id, move.location_id] = min(there, limits.get(demand.source, there))
    lowest: dict[int, Decimal] = {}
    for answer in env.hooks.limit_reservation(env=env, moves=list(moves), missing=missing, free=free):
        for move, most in answer.items():
            lowest[move.id] = min(most, lowest.get(move.id, most))
    for demand in demands:
        if demand.id in lowest:
            step = by_id[demand.id].product_id.uom_id.rounding
            demand.limit = round_to(max(lowest[demand.id], ZERO), step, "DOWN")


# ---------------------------------------------------------------------------- lines
def lines_of_takes(
    moves: Any, takes: Iterable[Take], changes: LineChanges, picked: bool = False
) -> list[dict[str, Any]]:
    """The lines to insert for what the moves take; a line of the same stock grows instead.

    Args:
        changes: takes on what lines grow by.
        picked: whether picked lines may grow; what is reserved automatically is not picked.
    """
    takes = list(takes)
    by_id = {move.id: move for move in moves}
    quant_ids = list(dict.fromkeys(take.slot.quant_id for take in takes))
    stock = dict(zip(quant_ids, moves.env["stock.quant"].sudo().browse(quant_ids), strict=True))
    lines: dict[int, dict[Key, Any]] = {}
    rows = []
    for demand, slot, part in takes:
        move = by_id[demand.id]
        if demand.id not in lines:
            lines[demand.id] = growable(move, picked)
        line = lines[demand.id].get(slot.key)
        if line is not None:
            changes.grow(line, part)
        else:
            whole = part == slot.quantity
            rows.append(line_values(move, part, slot.key, whole=whole, reserved_quant=stock[slot.quant_id]))
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


def line_values(
    move: Any, part: Decimal, key: Key | None = None, whole: bool = False, reserved_quant: Any = None
) -> dict[str, Any]:
    """The values of an open line for `part` (in the product's unit) of a move, out of the stock `key`.

    The line is in the move's unit where that is exact, otherwise in the product's. Where an addon extends
    `_prepare_move_line_vals`, that is asked; the stock that the line takes is decided here.

    Args:
        whole: it is all of that stock: a package goes as it is.
        reserved_quant: the row of the stock, where it is known.
    """
    if move._is_extended("_prepare_move_line_vals"):
        values = move._prepare_move_line_vals(quantity=part, reserved_quant=reserved_quant)
    else:
        values = prepare_line(move, part)
    return with_stock(values, key, whole) if key else values


def prepare_line(move: Any, part: Decimal) -> dict[str, Any]:
    """The values of an open line for `part` (in the product's unit) of a move, whatever stock it takes."""
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
        "location_id": move.location_id.id,
        "location_dest_id": move.location_dest_id.id,
    }
    if move.restrict_partner_id:
        values["owner_id"] = move.restrict_partner_id.id
    return values


def with_stock(values: dict[str, Any], key: Key, whole: bool = False) -> dict[str, Any]:
    """The values of a line that takes the stock `key`; `whole` where it is all of it: a package goes as it is."""
    values = {**values, "location_id": key.location}
    if key.lot or key.package or key.owner or "owner_id" in values:
        values |= {"lot_id": key.lot or False, "package_id": key.package or False, "owner_id": key.owner or False}
        if whole:
            values["result_package_id"] = key.package or False
    return values


def unlimited_rows(move: Any, missing: Decimal) -> list[dict[str, Any]]:
    """Lines for what needs no stock; a line per unit where each unit is to get its serial number."""
    if missing <= 0:
        return []
    product = move.product_id
    whole = missing == missing.to_integral_value()
    if product.tracking == "serial" and product.is_storable and whole:
        return [line_values(move, ONE) for _unit in range(int(missing))]
    return [line_values(move, missing)]


def unreserve(moves: Any) -> None:
    """Give back what the moves have reserved; what is already picked stays.

    Other demand for the same stock is served next: the moves themselves stand back until stock comes again.
    """
    moves = moves.sudo().filtered(lambda move: move.state in move_states.RESERVED)
    lines = moves.move_line_ids.filtered(lambda line: not line.picked)
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
    lines = own.move_line_ids
    if lines:
        lines._settle_multi([{"owner_id": line.move_id.restrict_partner_id.id} for line in lines])
    stocked = (moves - own).filtered(
        lambda move: (
            move.restrict_partner_id and any(line.owner_id != move.restrict_partner_id for line in move.move_line_ids)
        )
    )
    if stocked:
        stocked._do_unreserve()
        stocked.filtered(may_reserve_now)._action_assign()


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
    have = quants.changed_here(env)
    if not held.keys() <= have.keys():
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
    touched, changes = env["stock.move"], LineChanges(env)
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
            changes.grow(line, -part)
    changes.write()
    touched._recompute_state()
    return touched
