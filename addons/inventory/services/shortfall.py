"""Backorder entries: what is owed, from the day it could not be delivered to the day it is delivered or cancelled.

The entry is one record through all splits and merges: every move that still owes part of it points to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from addons.inventory.services import move_states
from core.fields import Datetime

ZERO = Decimal(0)


def opened(moves: Any, documents: Mapping[int, Any]) -> None:
    """Note that the moves were left over: a new entry each, or an event where the demand had one already.

    Args:
        moves: the moves that hold what is still owed.
        documents: the document that fell short, by move id.
    """
    _note(moves, documents, "opened", "deferred")


def put_on_hold(moves: Any, documents: Mapping[int, Any]) -> None:
    """Note that a user holds the moves back, as `opened` does for what is left over."""
    before = moves.sudo().shortfall_id
    _note(moves, documents, "held", "held")
    _explain_again(before)


def _note(moves: Any, documents: Mapping[int, Any], first: str, later: str) -> None:
    moves = moves.sudo()
    fresh = moves.filtered(lambda move: not move.shortfall_id and not move.is_inventory)
    again = moves.filtered("shortfall_id")
    events = [_event(move.shortfall_id, later, move.product_qty, documents[move.id].display_name) for move in again]
    if fresh:
        reasons = _reasons(fresh)
        entries = (
            moves.env["stock.backorder"]
            .sudo()
            .create([_entry(move, documents[move.id], reasons.get(move.id, "no_stock")) for move in fresh])
        )
        fresh._settle_multi([{"shortfall_id": entry.id} for entry in entries])
        events += [_event(entry, first, entry.quantity, entry.origin) for entry in entries]
    if events:
        moves.env["stock.backorder.event"].sudo().create(events)


def _reasons(moves: Any) -> dict[int, str]:
    """Move id -> reason code, as the hook `explain_shortfall` answers; the first answer counts."""
    reasons: dict[int, str] = {}
    for answer in moves.env.hooks.explain_shortfall(env=moves.env, moves=moves):
        for move, code in (answer or {}).items():
            reasons.setdefault(move.id, code)
    return reasons


def _entry(move: Any, document: Any, reason: str) -> dict[str, Any]:
    quantity = move._in_product_unit(move.product_uom_qty)
    return {
        "product_id": move.product_id.id,
        "quantity": quantity,
        "quantity_owed": quantity,
        "reason": reason,
        "origin": document.display_name,
        "source": move.origin,
        "res_model": document._name,
        "res_id": document.id,
        "partner_id": move.partner_id.id or move.picking_id.partner_id.id,
        "company_id": move.company_id.id,
        "date_promised": move.date_deadline or move.date,
        "priority": move.priority,
    }


def _event(entry: Any, kind: str, quantity: Decimal, document: str) -> dict[str, Any]:
    return {"backorder_id": entry.id, "kind": kind, "quantity": quantity, "document": document}


def released(moves: Any) -> None:
    """Note that the moves are no longer on hold. What they owe is still owed."""
    owing = moves.sudo().filtered("shortfall_id")
    if owing:
        moves.env["stock.backorder.event"].sudo().create(
            [_event(move.shortfall_id, "released", move.product_qty, move._document_name()) for move in owing]
        )
        _explain_again(owing.shortfall_id)


def withdrawn(moves: Any) -> None:
    """Note that the moves go back to where they were split off, to be put on hold.

    An entry that the hold had opened owes that much less: the moves leave it. One that was there before goes on.
    """
    owing = moves.sudo().filtered("shortfall_id")
    leaving = owing.filtered(lambda move: move.shortfall_id.event_ids[:1].kind == "held")
    released(owing - leaving)
    if not leaving:
        return
    _taken_off(leaving, "withdrawn")
    leaving._settle({"shortfall_id": False})


def _explain_again(entries: Any) -> None:
    """Bring the reasons in line with what holds the entries up now; the demand that is not held back comes first."""
    moves = entries.browse().move_ids
    for entry in entries:
        moves |= entry._demand_moves().sorted(lambda move: (bool(move.hold_date), move.id))[:1]
    reasons = _reasons(moves) if moves else {}
    changed: defaultdict[str, list[int]] = defaultdict(list)
    for move in moves:
        reason = reasons.get(move.id, "no_stock")
        if reason != move.shortfall_id.reason:
            changed[reason].append(move.shortfall_id.id)
    for reason, ids in changed.items():
        entries.browse(ids).write({"reason": reason})


def delivered(moves: Any) -> None:
    """Take what done moves moved off their entries; an entry that owes nothing is closed."""
    owing = moves.sudo().filtered("shortfall_id")
    if not owing:
        return
    amounts: defaultdict[Any, Decimal] = defaultdict(Decimal)
    events = []
    for move in owing:
        quantity = sum((line.quantity_product_uom for line in move.move_line_ids), ZERO)
        amounts[move.shortfall_id] += quantity
        events.append(_event(move.shortfall_id, "delivered", quantity, move._document_name()))
    _reduce(amounts, "quantity_done", events)


def cancelled(moves: Any) -> None:
    """Take what cancelled moves asked for off their entries."""
    owing = moves.sudo().filtered("shortfall_id")
    if owing:
        _taken_off(owing, "cancelled")


def _taken_off(owing: Any, kind: str) -> None:
    """Take what the moves ask for off their entries, as an event of this kind."""
    amounts: defaultdict[Any, Decimal] = defaultdict(Decimal)
    events = []
    for move in owing:
        quantity = move._in_product_unit(move.product_uom_qty)
        amounts[move.shortfall_id] += quantity
        events.append(_event(move.shortfall_id, kind, quantity, move._document_name()))
    _reduce(amounts, "quantity_cancelled", events)


def changed(moves: Any) -> None:
    """Let entries follow demands that were changed: more is owed from now on, or a part of it is given up."""
    fewer: dict[Any, Decimal] = {}
    events: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for entry, demand in moves.sudo().filtered("shortfall_id").grouped("shortfall_id").items():
        open_moves = entry.move_ids.filtered(lambda move: move.state not in move_states.CLOSED)
        owed = sum((move._in_product_unit(move.product_uom_qty) for move in open_moves), ZERO)
        difference, document = owed - entry.quantity_owed, demand[0]._document_name()
        if difference > 0:
            entry.write({"quantity": entry.quantity + difference, "quantity_owed": owed})
            events[False].append(_event(entry, "raised", difference, document))
        elif difference < 0:
            fewer[entry] = -difference
            events[True].append(_event(entry, "cancelled", -difference, document))
    if fewer:
        _reduce(fewer, "quantity_cancelled", events[True])
    if events[False]:
        moves.env["stock.backorder.event"].sudo().create(events[False])


def _reduce(amounts: Mapping[Any, Decimal], column: str, events: list[dict[str, Any]]) -> None:
    now = Datetime.now()
    for entry, quantity in amounts.items():
        # Over-delivery settles the debt; it does not turn it around.
        owed = max(entry.quantity_owed - quantity, ZERO)
        values: dict[str, Any] = {column: entry[column] + quantity, "quantity_owed": owed}
        if not owed:
            values |= {
                "state": "done" if column == "quantity_done" or entry.quantity_done else "cancel",
                "date_closed": now,
            }
        entry.write(values)
    next(iter(amounts)).env["stock.backorder.event"].sudo().create(events)
