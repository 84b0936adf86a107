"""Closing orders: consume the components, take the product in, keep the rest for a backorder or cancel it.

    mark_done   sanity checks ─> questions (hook on_validate) ─> close
    close       transfers ─> serial numbers ─> reserve ─> split off the rest ─> post ─> orders done ─> on_done
    finish      numbers checked ─> consumption and production as lines ─> all moves done at once

Every step works on all orders of the call at once; what the orders make now is computed once (`output`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from addons.inventory.services import (
    backorder_policy,
    message_texts,
    move_states,
    on_hold,
    operations,
    remaining,
    tolerance_history,
)
from addons.manufacturing.exceptions import ManufacturingError
from addons.manufacturing.services import (
    completion_messages,
    component_transfers,
    consumption,
    output,
    progress,
    splitting,
    tracking,
)
from addons.manufacturing.services.output import Output
from addons.manufacturing.services.splitting import Part, Portion
from core.rounding import compare

ZERO = Decimal(0)


def mark_done(productions: Any, answers: Mapping[str, Any]) -> Any:
    """See `mrp.production.button_mark_done`.

    The rows are locked and the states checked again first: of two users who press the button at once, the second
    one learns that the order is done.
    """
    productions.check_access("write")
    if not productions:
        return None
    productions.lock_for_update()
    productions._check_transition("button_mark_done")
    # Read at once: the units of products and those of components.
    (productions.move_raw_ids | productions.move_finished_ids).product_id.mapped("uom_id")
    productions._button_mark_done_sanity_checks()
    with remaining.tolerances_asked_once(productions.env):
        return productions._run_validate(answers) or close(productions, answers)


def check_quantities(productions: Any) -> None:
    """Refuse to close orders that neither make anything nor have made anything."""
    for production, now in output.of(productions).items():
        if now.made <= 0 and not production.qty_produced:
            raise ManufacturingError(
                production.env._(
                    "%(order)s has nothing to produce. Enter how many %(product)s were made, or cancel the order.",
                    order=production.name,
                    product=production.product_id.display_name,
                ),
                code="manufacturing.nothing_to_produce",
            )


def close(productions: Any, answers: Mapping[str, Any]) -> Any:
    """Do it; every question has its answer.

    Returns:
        The first of the split orders when serial numbers split them, or what a transfer asks before it is made.
    """
    question = make_transfers(productions, answers)
    if question:
        return question
    parts, rests = _split_by_serials(productions, answers)
    productions |= parts
    outputs = output.of(productions, tolerate=True)
    short = productions.filtered(lambda production: outputs[production].rest)
    later = backorder_policy.with_backorder(short, answers) if short else short
    dropped = {production: outputs[production].rest for production in short - later}
    tolerated = {production: now.tolerated for production, now in outputs.items() if now.tolerated}
    origins = productions.move_raw_ids.move_orig_ids
    with productions.env.log_documents() as log:
        backorders = post(outputs, later)
        component_transfers.drop_left_over(origins)
        moment = productions.env["mrp.workorder"]._stamp()
        closed = {"state": "done", "date_finished": moment, "is_locked": True}
        productions._settle_multi([{**closed, "qty_producing": now.made} for now in outputs.values()])
        progress.close_workorders(productions)
        tolerance_history.note(
            (order, message_texts.quantity_of(order.product_id, quantity, order.product_uom_id))
            for order, quantity in tolerated.items()
        )
        productions._notify("on_done")
    completion_messages.notify_closed(_made(outputs), backorders, dropped, tolerated, log)
    settle_rests(rests, answers)
    return parts[:1] or None


def make_transfers(productions: Any, answers: Mapping[str, Any]) -> Any:
    """Bring what is consumed now where that was the answer; returns what a transfer asks first, or None."""
    given = productions._answers_to("transfer", answers)
    chosen = productions.filtered(lambda production: given.get(production) == component_transfers.MAKE)
    return chosen._transfer_components(consumption.targets(output.of(chosen))) if chosen else None


def settle_rests(rests: Mapping[Any, Any], answers: Mapping[str, Any]) -> None:
    """Keep what numbers have left of orders as backorders, or cancel it: as answered, else as the policy says.

    Args:
        rests: order -> its part without a number. Each is named in a message.
    """
    if not rests:
        return
    orders = next(iter(rests.values())).browse([order.id for order in rests])
    kept = backorder_policy.with_backorder(orders, answers)
    backorders = orders.browse([rest.id for order, rest in rests.items() if order in kept])
    dropped = orders.browse([rest.id for rest in rests.values()]) - backorders
    if dropped:
        dropped.action_cancel()
    completion_messages.notify_rests(backorders, dropped)


def _split_by_serials(productions: Any, answers: Mapping[str, Any]) -> tuple[Any, dict[Any, Any]]:
    """Divide the orders for which serial numbers were answered into one order per number.

    Returns all parts, and order -> its part without a number.
    """
    entries = {
        production: [tracking.Entry(((name, tracking.NOT_GIVEN),)) for name in names]
        for production, names in productions._answers_to("serials", answers).items()
        if names
    }
    return tracking.split_by_numbers(entries) if entries else (productions.browse(), {})


def _made(outputs: Mapping[Any, Output]) -> dict[Any, Decimal]:
    return {production: now.made for production, now in outputs.items()}


def post(outputs: Mapping[Any, Output], later: Any) -> Any:
    """Consume and produce what each order makes now, after splitting off the rest of those in `later`.

    Returns the orders that were split off.
    """
    productions = later.browse([production.id for production in outputs])
    wanted = consumption.targets(outputs)
    reserve(wanted)
    amounts = {production: [_made_now(production, outputs[production].made, wanted)] for production in later}
    backorders = later._split_productions(amounts) - later if later else later
    productions._post_inventory(cancel_backorder=True, wanted=wanted)
    if backorders:
        reserve_again(backorders)
    return backorders


def post_inventory(productions: Any, cancel_backorder: bool, wanted: Mapping[Any, Decimal] | None) -> None:
    """See `mrp.production._post_inventory`."""
    outputs = output.of(productions)
    if not cancel_backorder:
        outputs = {production: now for production, now in outputs.items() if now.made > 0}
        productions = productions.browse([production.id for production in outputs])
    if wanted is None:
        wanted = consumption.targets(outputs)
        reserve(wanted)
    if cancel_backorder:
        finish(outputs, wanted)
        return
    parts = {
        production: [_made_now(production, now.made, wanted), Part(now.rest)]
        for production, now in outputs.items()
        if now.rest
    }
    stay = splitting.split_moves(parts) if parts else None
    # The moves that are done now hold what is made, and nothing of the rest.
    whole = {production: Output(now.made, now.remaining - now.rest, ZERO) for production, now in outputs.items()}
    finish(whole, wanted, leave=stay)
    productions.write({"qty_producing": ZERO})
    reserve_again(productions)


def state_consumption(productions: Any) -> None:
    """Let the open components hold what is made now takes of them, and mark them as consumed.

    What was entered by hand stays. Components that are on their way to the place of work, and tracked ones of which
    too little is reserved, are left to be consumed when the order is closed.
    """
    wanted = {}
    for production, now in output.of(productions).items():
        for move in move_states.unfinished(production.move_raw_ids):
            if move.state != "waiting" and not (move.picked and move.manual_consumption):
                wanted[move] = consumption.planned(move, now)
    reserve(wanted)
    stated = {
        move: quantity
        for move, quantity in wanted.items()
        if move.has_tracking == "none" or not _is_short(move, quantity)
    }
    _fit_consumption(stated)
    unpicked = productions.env["stock.move"].browse([move.id for move in stated if not move.picked])
    if unpicked:
        unpicked.write({"picked": True})


def finish(outputs: Mapping[Any, Output], wanted: Mapping[Any, Decimal], leave: Any = None) -> None:
    """Turn what is wanted of the components, and what is made, into done moves; the others are cancelled.

    Of an order that makes nothing now, only what is picked is consumed. Nothing is split here.

    Args:
        outputs: order -> what it makes now.
        wanted: component -> what is consumed of it, in the unit of its move.
        leave: open moves of these orders that are not concerned: what is made of them comes later.
    """
    if not outputs:
        return
    productions = next(iter(outputs)).browse([production.id for production in outputs])
    moves = productions.env["stock.move"]
    making = productions.filtered(lambda production: outputs[production].made > 0)
    if making:
        tracking.number(making)
        tracking.refuse_taken(making)
    wanted = productions._draw_components(dict(wanted))
    used = _fit_consumption(wanted)
    leave = leave or moves
    produced = _bring_in(outputs, leave)
    going = moves.browse([*used, *produced])
    idle = (moves.browse([move.id for move in wanted]) | (productions.move_finished_ids - leave)) - going
    dropped = move_states.unfinished(idle)
    if dropped:
        dropped._action_cancel()
    tracking.refuse_consumed(moves.browse(used))
    if going:
        going._action_done(cancel_backorder=True)


def _made_now(production: Any, quantity: Decimal, wanted: Mapping[Any, Decimal]) -> Part:
    """The part of an order that is made now, with the reserved lines that it consumes."""
    moves = move_states.unfinished(production.move_raw_ids)
    return Part(quantity, portions={move: Portion(wanted[move]) for move in moves})


# -- components ------------------------------------------------------------------------------------------------------


def reserve(wanted: Mapping[Any, Decimal]) -> None:
    """Try to reserve what is consumed and not reserved yet; for what is still missing see `_fit_consumption`."""
    short = [move for move, quantity in wanted.items() if _is_short(move, quantity)]
    if not short:
        return
    moves = short[0].browse([move.id for move in short if not move.picked])
    more = moves.filtered(lambda move: wanted[move] > move.product_uom_qty)
    if more:
        more._settle_multi([{"product_uom_qty": wanted[move]} for move in more])
    if moves:
        on_hold.release(moves)
        moves._action_assign()


def _is_short(move: Any, quantity: Decimal) -> bool:
    return move.quantity < quantity and compare(move.quantity, quantity, move.product_uom.rounding) < 0


def _fit_consumption(wanted: Mapping[Any, Decimal]) -> list[int]:
    """Make the lines of each move hold exactly what is consumed; returns the ids of the moves that consume anything.

    What is missing is taken from the stock that the books do not know of, where the location allows negative stock
    and the component is not tracked by lot; inventory refuses it elsewhere, naming product, place and quantity.
    """
    different = {
        move: quantity
        for move, quantity in wanted.items()
        if quantity and move.quantity != quantity and compare(move.quantity, quantity, move.product_uom.rounding)
    }
    if different:
        operations.set_each(different)
    return [move.id for move, quantity in wanted.items() if quantity]


def reserve_again(backorders: Any) -> None:
    """What the first part left free may serve the rest."""
    waiting = backorders.move_raw_ids.filtered(
        lambda move: (
            move.state in ("confirmed", "partially_available")
            and move.picking_type_id.reservation_method == "at_confirm"
        )
    )
    if waiting:
        waiting._action_assign()


# -- products --------------------------------------------------------------------------------------------------------


def _bring_in(outputs: Mapping[Any, Output], leave: Any) -> list[int]:
    """Write the lines of what is made, with its lots; returns the ids of the moves."""
    rows: list[dict[str, Any]] = []
    ids = []
    byproducts: dict[Any, Decimal] = {}
    productions = next(iter(outputs)).browse([production.id for production in outputs])
    _drop_expected_lines(productions.move_finished_ids - leave)
    for production, now in outputs.items():
        for move in move_states.unfinished(production.move_finished_ids - leave):
            if move.product_id == production.product_id and now.made > 0:
                rows.extend(_product_lines(production, move, now.made))
                ids.append(move.id)
            elif move.picked:
                ids.extend([move.id] if move.quantity else [])
            else:
                quantity = consumption.planned(move, now)
                if quantity:
                    byproducts[move] = quantity
                    ids.append(move.id)
    rows.extend(_byproduct_lines(byproducts))
    productions.env["stock.move.line"]._settle_create(rows)
    return ids


def _drop_expected_lines(finished: Any) -> None:
    """Lines that only announced the product give way to those that say what was made."""
    announced = finished.filtered(lambda move: move.state not in move_states.CLOSED and not move.picked).move_line_ids
    if announced:
        announced._settle_unlink()


def line_values(move: Any, quantity: Decimal, unit: Any, lot_id: int | bool = False) -> dict[str, Any]:
    """The values of a line for what comes in, `quantity` in `unit`."""
    part = unit._convert(quantity, move.product_id.uom_id)
    values = move._prepare_move_line_vals(quantity=part)
    return values | {
        "product_uom_id": unit.id,
        "quantity": quantity,
        "quantity_product_uom": part,
        "lot_id": lot_id,
        "picked": True,
        "state": "assigned",
    }


def _product_lines(production: Any, move: Any, made: Decimal) -> list[dict[str, Any]]:
    lots = production.lot_producing_ids
    if production.product_tracking not in ("lot", "serial"):
        return [line_values(move, made, production.product_uom_id)]
    if len(lots) == 1:
        return [line_values(move, made, production.product_uom_id, lots.id)]
    if production.product_tracking == "serial":
        return [line_values(move, Decimal(1), production.product_id.uom_id, lot.id) for lot in lots]
    raise ManufacturingError(
        production.env._(
            "%(order)s lists the lots %(lots)s without saying how many of %(product)s each of them gets. "
            "Split the order first, one order per lot.",
            order=production.name,
            lots=lots.mapped("name"),
            product=production.product_id.display_name,
        ),
        code="manufacturing.lots_without_quantities",
    )


def _byproduct_lines(quantities: Mapping[Any, Decimal]) -> list[dict[str, Any]]:
    """Lines of by-products that were not entered; tracked ones get the next numbers."""
    counts: Counter[Any] = Counter()
    for move, quantity in quantities.items():
        if move.has_tracking in ("lot", "serial"):
            counts[move.product_id] += int(move._in_product_unit(quantity)) if move.has_tracking == "serial" else 1
    if not counts:
        return [line_values(move, quantity, move.product_uom) for move, quantity in quantities.items()]
    env = next(iter(quantities)).env
    company = next(iter(quantities)).company_id
    names = tracking.next_names(env, counts)
    created = env["stock.lot"].create(
        [tracking.lot_values(product, company, name) for product, fresh in names.items() for name in fresh]
    )
    lots = {product: iter(members.ids) for product, members in created.grouped("product_id").items()}
    rows = []
    for move, quantity in quantities.items():
        if move.has_tracking == "serial":
            unit, count = move.product_id.uom_id, int(move._in_product_unit(quantity))
            rows.extend(line_values(move, Decimal(1), unit, next(lots[move.product_id])) for _unit in range(count))
        elif move.has_tracking == "lot":
            rows.append(line_values(move, quantity, move.product_uom, next(lots[move.product_id])))
        else:
            rows.append(line_values(move, quantity, move.product_uom))
    return rows
