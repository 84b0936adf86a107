"""Validation of transfers: what is done now, what goes into a backorder or is cancelled, in which order.

validate   product lock ─> lock ─> confirm drafts ─> refuse or ask (hook on_validate) ─> `_action_done` of the transfers
           whose rest is kept, and of those whose rest is cancelled ─> that of their moves (`posting.finish`)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from addons.inventory.exceptions import AlreadyDone, InventoryError, NothingToMove, NotReady
from addons.inventory.services import (
    backorder_policy,
    copied_fields,
    ledger,
    message_texts,
    move_states,
    operations,
    posting,
    validation_messages,
)
from addons.inventory.services.remaining import Part, tolerances_asked_once, transfer_plans
from core.api import format_day
from core.exceptions import ValidationError
from core.rounding import format_number


# ---------------------------------------------------------------------------- validate
def validate(pickings: Any, answers: Mapping[str, Any]) -> Any:
    """Validate transfers once, or return the wizard that asks what is still open; nothing has moved then.

    Args:
        answers: `{"backorder": {picking id: whether a backorder is made of the rest}}`; see `backorder_policy`.
    Raises AlreadyDone, NotReady, NothingToMove, LotRequired, SerialTaken, InsufficientStock.
    """
    pickings.check_access("write")
    pickings.lock_for_update()
    check_open(pickings)
    drafts = pickings.filtered(lambda picking: picking.state == "draft")
    if drafts:
        _confirm_drafts(drafts)
    with tolerances_asked_once(pickings.env):
        return pickings._run_validate(answers) or _carry_out(pickings, answers)


def _carry_out(pickings: Any, answers: Mapping[str, Any]) -> None:
    """Do the transfers, whose questions are answered, and queue the notification of it."""
    kept = backorder_policy.with_backorder(pickings, answers)
    dropping = pickings - kept
    not_tolerated = transfer_plans(dropping, tolerate=False)
    short = [(plan.picking, part) for plan in not_tolerated.values() for part in plan.short]
    dropped = [(picking, part.move.product_id, part.rest) for picking, part in short]
    before = kept.move_ids
    with pickings.env.log_documents() as log:
        if dropping:
            dropping._action_done(cancel_backorder=True)
        backorders = kept._action_done() if kept else kept
    tolerated = (kept.move_ids - before).filtered(lambda move: move.state == "cancel")
    validation_messages.notify_validated(pickings, backorders, dropped, tolerated, log)


def check_open(pickings: Any) -> None:
    """Refuse transfers that were validated or cancelled before, by name."""
    closed = pickings.filtered(lambda picking: picking.state in move_states.CLOSED)
    if closed:
        raise AlreadyDone(
            "\n".join(picking._state_refusal("button_validate") for picking in closed),
            data={"documents": closed.mapped("name")},
        )


def operation_type_values(pickings: Any, vals: Mapping[str, Any]) -> dict[Any, dict[str, Any]]:
    """What else a new operation type changes on drafts: their number, and the places that are not given.

    Raises InventoryError for transfers that are under way.
    """
    changed = pickings.filtered(lambda picking: ledger.changes(picking, "picking_type_id", vals["picking_type_id"]))
    started = changed.filtered(lambda picking: picking.state != "draft")
    if started:
        raise InventoryError(
            pickings.env._(
                "%(documents)s is under way: its operation type stays. Cancel it and make a new transfer.",
                documents=started.mapped("name"),
            ),
            code="inventory.transfer_under_way",
        )
    fields = pickings._fields
    given = {
        name: fields[name].convert_to_cache(vals[name], pickings)
        for name in ("picking_type_id", "partner_id")
        if name in vals
    }
    kind = pickings.env["stock.picking.type"].sudo().browse(given["picking_type_id"] or ())
    if not kind:
        return {}  # the field refuses to be empty in its own words
    numbers = kind.sequence_id.next_many(len(changed)) if changed and kind.sequence_id else []
    result = {}
    for position, picking in enumerate(changed):
        values = picking._places_of(kind.id, {"partner_id": given.get("partner_id", picking.partner_id.id)})
        values = {name: value for name, value in values.items() if value and name not in vals}
        result[picking] = {**values, **({"name": numbers[position]} if numbers and "name" not in vals else {})}
    return result


def check_have_moves(pickings: Any) -> None:
    """Refuse transfers without a move. Raises NothingToMove."""
    empty = pickings.filtered(lambda picking: not picking.move_ids)
    if empty:
        raise NothingToMove(
            pickings.env._("%(documents)s has no products. Add what is to be moved.", documents=empty.mapped("name"))
        )


def _confirm_drafts(pickings: Any) -> None:
    """An immediate transfer: what was typed is confirmed and, where nothing was typed, reserved."""
    check_have_moves(pickings)
    pickings.move_ids.filtered(lambda move: move.state == "draft")._action_confirm()
    waiting = pickings.move_ids.filtered(
        lambda move: move.state in move_states.LACKING and not move.picked and not move.quantity
    )
    if waiting:
        waiting._action_assign()


# ---------------------------------------------------------------------------- the default refusals, called by hooks.py
def refuse_incomplete(pickings: Any) -> None:
    """Refuse transfers that ship all at once while something is missing: every product and quantity is named."""
    together = pickings.filtered(lambda picking: picking.move_type == "one")
    if not together:
        return
    found = transfer_plans(together)
    short = [(picking, part) for picking in together for part in found[picking.id].short]
    if short:
        raise NotReady(
            pickings.env._(
                "All products must be available before shipping. Missing:\n%(lines)s\n"
                'Wait for them, or set the shipping policy of the transfer to "As soon as possible".',
                lines="\n".join(_missing_line(picking, part) for picking, part in short),
            ),
            data={"missing": [_missing(picking, part) for picking, part in short]},
        )


def _missing_line(picking: Any, part: Part) -> str:
    return picking.env._(
        "%(document)s: %(quantity)s",
        document=picking.name,
        quantity=message_texts.quantity_of(part.move.product_id, part.rest),
    )


def _missing(picking: Any, part: Part) -> dict[str, Any]:
    product = part.move.product_id
    return {
        "picking": picking.name,
        "product": product.display_name,
        "quantity": format_number(part.rest),
        "unit": product.uom_id.name,
    }


def refuse_empty(pickings: Any) -> None:
    """Refuse transfers of which nothing would move, and say what they are waiting for."""
    idle = pickings.filtered(lambda picking: not any(line.quantity_product_uom for line in picking.move_line_ids))
    if not idle:
        return
    lines, missing = [], []
    for plan in transfer_plans(idle).values():
        for part in plan.parts:
            holders = _holders(part.move)
            lines.append(_missing_line(plan.picking, part) + _why_missing(part.move, holders))
            missing.append(
                {
                    **_missing(plan.picking, part),
                    "on_hold": bool(part.move.hold_date),
                    "reserved_by": operations.reserved_by(holders),
                }
            )
        if not plan.parts:
            lines.append(idle.env._("%(document)s: no products", document=plan.picking.name))
    raise NothingToMove(
        idle.env._(
            "No quantity is reserved or entered for:\n%(lines)s\n"
            "Check availability, wait for a receipt, or enter the quantities to transfer.",
            lines="\n".join(lines),
        ),
        data={"missing": missing},
    )


def refuse_missing_lots(pickings: Any) -> None:
    """Refuse transfers of which lines go without the lot or serial number that their product needs.

    Where an addon overrides what posts lines, it may complete them there: then only posting refuses.
    """
    env = pickings.env
    if any(env[model]._is_extended("_action_done") for model in ("stock.picking", "stock.move", "stock.move.line")):
        return
    plans = transfer_plans(pickings, tolerate=False).values()
    ids = [line.id for plan in plans for part in plan.parts for line in part.lines]
    posting.check_tracking(env["stock.move.line"].sudo().browse(ids))


def _holders(move: Any) -> list[Any]:
    """The reserved lines that keep a move from its stock; none where it is on hold, as it would take nothing then."""
    if move.hold_date:
        return []
    return operations.holding_lines(move.env, move.product_id, move.location_id, exclude=move)


def _why_missing(move: Any, holders: list[Any]) -> str:
    """Why nothing is reserved for a move, to follow what is missing; empty where that is not known."""
    if move.hold_date:
        since = format_day(move.hold_date.date(), move.env.lang)
        return str(move.env._(", on hold since %(date)s", date=since))
    if holders:
        return str(move.env._(", reserved for %(holders)s", holders=", ".join(operations.documents_of(holders))))
    return ""


def to_ask(pickings: Any, answers: Mapping[str, Any]) -> Any:
    """The transfers with a rest whose policy is to ask, and about which nothing was answered."""
    asking = backorder_policy.undecided(pickings, answers)
    found = transfer_plans(asking)
    return asking.filtered(lambda picking: found[picking.id].short)


# ---------------------------------------------------------------------------- done, and what is left
def done(pickings: Any, cancel_backorder: bool) -> Any:
    """Do the moves of the transfers; returns the backorders made of what is left."""
    before = pickings.backorder_ids
    moves = pickings.move_ids.filtered(lambda move: move.state in move_states.UNFINISHED)
    if moves:
        moves._action_done(cancel_backorder=cancel_backorder)
    return pickings.backorder_ids - before


def create_backorders(pickings: Any, moves: Any = None) -> Any:
    """A new transfer for what is left of each, in the same order; it takes over all that a copy would.

    Args:
        moves: what goes into the new transfers, with its lines; all open moves of the transfers by default.
    """
    if moves is None:
        moves = pickings.move_ids.filtered(lambda move: move.state in move_states.OPEN)
    with copied_fields.asked_once(pickings.env, copied_fields.BACKORDERS, pickings._backorder_field_names()):
        rows = [picking._prepare_backorder_vals() for picking in pickings]
    backorders = pickings.create(rows)
    target = dict(zip(pickings.ids, backorders.ids, strict=True))
    move_into(moves, {move.id: target[move.picking_id.id] for move in moves})
    return backorders


def move_into(moves: Any, target: Mapping[int, int]) -> None:
    """Put moves with their lines into other transfers: move id -> transfer id."""
    moves._settle_multi([{"picking_id": target[move.id]} for move in moves])
    lines = moves.move_line_ids
    if lines:
        lines._settle_multi([{"picking_id": target[line.move_id.id]} for line in lines])


def split(pickings: Any) -> Any:
    """Leave in each transfer what is typed or picked, put the rest into backorders, and return these.

    The products are locked already. Raises AlreadyDone, NothingToMove.
    """
    pickings.lock_for_update()
    check_open(pickings)
    found = transfer_plans(pickings, tolerate=False)
    short = pickings.filtered(lambda picking: found[picking.id].short and found[picking.id].going)
    if not short:
        raise NothingToMove(pickings.env._("Enter the quantities that stay in the transfer; the rest is split off."))
    parts = [part for picking in short for part in found[picking.id].short]
    rests = {part.move: part.rest for part in parts if part.going}
    moves = short.env["stock.move"].sudo()
    left = moves.browse([part.move.id for part in parts if not part.going])
    if rests:
        left |= moves.browse([move.id for move in rests])._split(rests)
    backorders = short._create_backorder(left)
    short._notify("on_backorder", backorders=backorders)
    validation_messages.notify_backorders(backorders)
    return backorders


def backorder_values(picking: Any) -> dict[str, Any]:
    """The values of the transfer for what is left of `picking`."""
    values = {}
    names = copied_fields.answered(picking.env, copied_fields.BACKORDERS) or picking._backorder_field_names()
    for name in names:
        value = picking[name]
        values[name] = value.id if hasattr(value, "_ids") else value
    return {**values, "backorder_id": picking.id}


def missing_operation_type_error(env: Any) -> ValidationError:
    """The error for a transfer without an operation type: its places and company would be missing too, and follow."""
    text = env._("A transfer needs an operation type (picking_type_id): its places follow from it.")
    return ValidationError(text, fields=["picking_type_id"], code="inventory.operation_type_missing")
