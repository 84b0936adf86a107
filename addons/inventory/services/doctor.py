"""The stock laws, checked on a live database, and a plan to repair what is broken.

1  on hand at a place = what the done lines brought, less what they took
2  a reservation is a row: nothing below zero, and never more than there is (unless the place allows it)
3  a split conserves: what a backorder entry owes, has been given and was cancelled add up to what was short;
   a move holds exactly what its lines say, and its state says so; the state of a transfer is that of its moves
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from addons.inventory.services import bulk, quants, reservation, transfers
from addons.inventory.services.quants import STOCKED, Key
from core.fields import Datetime
from core.rounding import compare, format_number

ZERO = Decimal(0)
OPEN = ("waiting", "confirmed", "partially_available", "assigned")


@dataclass(frozen=True, slots=True)
class Problem:
    """A law that does not hold: which one, where, and what a repair would do. `kind` and `key` drive the repair."""

    law: int
    text: str
    repair: str
    kind: str
    key: Any
    value: Any = None


def check_laws(env: Any) -> list[Problem]:
    """All violations of laws 1 to 3 in the database, worst first; an empty list when all is well."""
    env = env(su=True, context={"active_test": False})
    env.flush_all()
    moves = [*_check_moves(env)]
    settled = {problem.key: problem.value for problem in moves if problem.kind == "state"}
    return [
        *_check_on_hand(env),
        *_check_reserved(env),
        *moves,
        *_check_transfers(env, settled),
        *_check_backorders(env),
    ]


# ---------------------------------------------------------------------------- law 1
def ledger(env: Any) -> dict[Key, Decimal]:
    """What the done lines say is on hand, by key, at the places where stock is kept."""
    totals: defaultdict[Key, Decimal] = defaultdict(Decimal)
    for place, package, sign in (("location_dest_id", "result_package_id", 1), ("location_id", "package_id", -1)):
        rows = env["stock.move.line"]._read_group(
            [("state", "=", "done"), (f"{place}.usage", "in", STOCKED), ("product_id.is_storable", "=", True)],
            ["product_id", place, "lot_id", package, "owner_id"],
            ["quantity_product_uom:sum"],
        )
        for product, location, lot, packed, owner, total in rows:
            totals[Key(product.id, location.id, lot.id or 0, packed.id or 0, owner.id or 0)] += sign * (total or ZERO)
    return totals


def _check_on_hand(env: Any) -> Iterable[Problem]:
    booked = ledger(env)
    rows = {quants.key_of(row): row.quantity for row in env["stock.quant"].search([])}
    for key in sorted(booked.keys() | rows.keys()):
        said, held = booked.get(key, ZERO), rows.get(key, ZERO)
        if said != held:
            yield Problem(
                1,
                f"{_name(env, key)}: {format_number(held)} on hand, but the movements add up to {format_number(said)}",
                f"set the quantity on hand to {format_number(said)}",
                "on_hand",
                key,
                said - held,
            )


def _name(env: Any, key: Key) -> str:
    product = env["product.product"].browse(key.product)
    place = env["stock.location"].browse(key.location)
    lot = env["stock.lot"].browse(key.lot or ())
    return " / ".join(part for part in (product.display_name, place.complete_name, lot.name) if part)


# ---------------------------------------------------------------------------- law 2
def _check_reserved(env: Any) -> Iterable[Problem]:
    places = {place.id: place for place in env["stock.location"].search([("usage", "in", STOCKED)])}
    storable = set(env["product.product"].search([("is_storable", "=", True)]).ids)
    rows = {quants.key_of(row): row.quantity for row in env["stock.quant"].search([])}
    for key, held in sorted(quants.reserved(env, None).items()):
        if key.location not in places or key.product not in storable:
            continue
        there = max(rows.get(key, ZERO), ZERO)
        if held > there and not places[key.location].allow_negative_stock:
            yield Problem(
                2,
                f"{_name(env, key)}: {format_number(held)} reserved of {format_number(there)} on hand",
                "give the excess back, lowest rank first",
                "excess",
                key,
            )
    for line in env["stock.move.line"].search([("quantity_product_uom", "<", 0)]):
        yield Problem(
            2,
            f"{line.reference}: a line of {line.product_id.display_name} is below zero",
            "delete the line",
            "line",
            line.id,
        )
    stray = env["stock.move.line"].search([("state", "=", "assigned"), ("move_id.state", "in", ("done", "cancel"))])
    for line in stray:
        yield Problem(
            2,
            f"{line.reference}: a closed movement still reserves {line.product_id.display_name}",
            "delete the line",
            "line",
            line.id,
        )


# ---------------------------------------------------------------------------- law 3
def _check_moves(env: Any) -> Iterable[Problem]:
    sums: defaultdict[int, Decimal] = defaultdict(Decimal)
    for move, total in env["stock.move.line"]._read_group([], ["move_id"], ["quantity_product_uom:sum"]):
        sums[move.id] = total or ZERO
    for move in env["stock.move"].search([]):
        total, own = sums[move.id], move.product_id.uom_id
        name = f"{move._document_name()}: {move.product_id.display_name}"
        said = (
            move.product_uom._compute_quantity(move.quantity, own, round=False)
            if move.product_uom != own
            else move.quantity
        )
        if abs(said - total) > own.rounding:
            yield Problem(
                3,
                f"{name} says {format_number(said)}, its lines say {format_number(total)}",
                "take the lines' sum",
                "quantity",
                move.id,
            )
        if move.product_uom_qty < 0:
            yield Problem(
                3,
                f"{name} has a demand below zero",
                "ask for nothing, and cancel it if it is open",
                "negative",
                move.id,
            )
        if move.state in OPEN:
            expected = _expected_state(move, total)
            if expected != move.state and not (
                expected in ("confirmed", "waiting") and move.state in ("confirmed", "waiting")
            ):
                yield Problem(
                    3,
                    f"{name} is {move.state}, its lines make it {expected}",
                    f"make it {expected}",
                    "state",
                    move.id,
                    expected,
                )


def _expected_state(move: Any, total: Decimal) -> str:
    need = move._in_product_unit(move.product_uom_qty)
    if compare(total, need, move.product_id.uom_id.rounding) >= 0 and (total or not need):
        return "assigned" if total else move.state
    return "partially_available" if total else reservation.base_state(move)


def _check_transfers(env: Any, settled: Mapping[int, str]) -> Iterable[Problem]:
    """The state of each transfer, as its moves are, or will be once they are repaired (`settled`)."""
    for picking in env["stock.picking"].search([]):
        states = [settled.get(move.id, move.state) for move in picking.move_ids]
        expected = transfers.state_of(states, picking.move_type)
        if picking.state != expected:
            yield Problem(
                3,
                f"{picking.display_name} is {picking.state}, its moves make it {expected}",
                f"make it {expected}",
                "transfer",
                picking.id,
            )


def _check_backorders(env: Any) -> Iterable[Problem]:
    """What is owed is what the open moves ask for; with what was given and given up it makes what was short.

    More may have been given than was short: that settles the debt and is no mistake.
    """
    owing: defaultdict[int, Decimal] = defaultdict(Decimal)
    moves = env["stock.move"].search([("shortfall_id", "!=", False), ("state", "not in", ("done", "cancel"))])
    for move in moves:
        owing[move.shortfall_id.id] += move._in_product_unit(move.product_uom_qty)
    for entry in env["stock.backorder"].search([]):
        if entry.quantity_owed != owing[entry.id]:
            yield Problem(
                3,
                f"Backorder {entry.display_name} owes {format_number(entry.quantity_owed)}, "
                f"its moves {format_number(owing[entry.id])}",
                f"set what is owed to {format_number(owing[entry.id])}",
                "owed",
                entry.id,
                owing[entry.id],
            )
            continue
        total = entry.quantity_owed + entry.quantity_done + entry.quantity_cancelled
        if total < entry.quantity or (entry.quantity_owed and total != entry.quantity):
            yield Problem(
                3,
                f"Backorder {entry.display_name} was over {format_number(entry.quantity)}; "
                f"owed, delivered and cancelled make {format_number(total)}",
                f"note that it was over {format_number(total)}",
                "short",
                entry.id,
                total,
            )
        if (entry.state == "open") != bool(entry.quantity_owed):
            kept = "open" if entry.quantity_owed else "done"
            yield Problem(
                3,
                f"Backorder {entry.display_name} is {entry.state} and owes {format_number(entry.quantity_owed)}",
                f"make it {kept}",
                "owed",
                entry.id,
                entry.quantity_owed,
            )


# ---------------------------------------------------------------------------- repair
def repair(env: Any, problems: Iterable[Problem]) -> None:
    """Carry out the repairs of `problems`; the ledger is never changed, the figures derived from it are."""
    env = env(su=True, context={"active_test": False})
    problems = list(problems)
    changes = {problem.key: problem.value for problem in problems if problem.kind == "on_hand"}
    if changes:
        quants.apply(env, changes, Datetime.now())
    lines = env["stock.move.line"].browse([problem.key for problem in problems if problem.kind == "line"])
    if lines:
        moves = lines.move_id
        lines._drop()
        reservation.refresh_states(moves)
    products = {problem.key.product for problem in problems if problem.kind in ("excess", "on_hand")}
    if products:
        reservation.release_excess(env, products)
    _repair_moves(env, problems)
    for problem in problems:
        if problem.kind == "owed":
            entry = env["stock.backorder"].browse(problem.key)
            values = {"quantity_owed": problem.value, "state": "open" if problem.value else "done"}
            total = problem.value + entry.quantity_done + entry.quantity_cancelled
            entry.write(values | {"quantity": total} if problem.value or total < entry.quantity else values)
        elif problem.kind == "short":
            env["stock.backorder"].browse(problem.key).quantity = problem.value


def _total(move: Any) -> Decimal:
    """What the lines of a move say, in its unit."""
    total = sum((line.quantity_product_uom for line in move.move_line_ids), ZERO)
    converted: Decimal = move.product_id.uom_id._compute_quantity(total, move.product_uom, round=False)
    return converted


def _repair_moves(env: Any, problems: list[Problem]) -> None:
    stale = env["stock.move"].browse([p.key for p in problems if p.kind == "quantity"])
    if stale:
        bulk.assign(stale, "quantity", {move.id: _total(move) for move in stale})
    reservation.refresh_states(env["stock.move"].browse([p.key for p in problems if p.kind in ("state", "quantity")]))
    negative = env["stock.move"].browse([p.key for p in problems if p.kind == "negative"])
    if negative:
        bulk.assign(negative, "product_uom_qty", dict.fromkeys(negative.ids, ZERO))
        negative.filtered(lambda move: move.state not in ("done", "cancel"))._action_cancel()
    # last: what the repairs above did to the moves may have settled it
    pickings = env["stock.picking"].browse([p.key for p in problems if p.kind == "transfer"])
    bulk.assign(pickings, "state", {picking.id: _made_by_moves(picking) for picking in pickings})


def _made_by_moves(picking: Any) -> str:
    return transfers.state_of([move.state for move in picking.move_ids], picking.move_type)
