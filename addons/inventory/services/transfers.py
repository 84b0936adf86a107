"""A whole transfer is validated: what goes now, what becomes of the rest, and in which order it all happens.

validate   lock ─> confirm drafts ─> refuse or ask (hook on_validate) ─> ship
finish     some moves of a transfer are done on their own ─> what is left becomes its backorder
ship       backorders made ─> rest split off (or cancelled) ─> posted ─> rest reserved again ─> hooks
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from addons.inventory.exceptions import AlreadyDone, InventoryError, NothingToMove, NotReady
from addons.inventory.services import (
    backorder,
    ledger,
    message_texts,
    move_states,
    operations,
    posting,
    product_lock,
    reservation,
    shortfall,
    validation_messages,
)
from core.api import format_day
from core.exceptions import ValidationError
from core.fields import Datetime
from core.rounding import compare, format_number

ZERO = Decimal(0)


@dataclass(slots=True)
class Part:
    """A move of a transfer that is being validated: what goes, and what is left, in the product's unit."""

    move: Any
    going: Decimal
    rest: Decimal


@dataclass(slots=True)
class Plan:
    """What validating a transfer would do."""

    picking: Any
    parts: list[Part] = field(default_factory=list)

    @property
    def short(self) -> list[Part]:
        """The moves of which something is left."""
        return [part for part in self.parts if part.rest > 0]

    @property
    def going(self) -> list[Part]:
        """The moves of which something goes."""
        return [part for part in self.parts if part.going > 0]


def plans(pickings: Any) -> dict[int, Plan]:
    """Picking id -> what validating it now would do. Once something is picked, only what is picked goes."""
    result = {picking.id: Plan(picking) for picking in pickings}
    for picking in pickings.sudo():
        moves = [move for move in picking.move_ids if move.state in move_states.UNFINISHED]
        lines = {move.id: [line for line in move.move_line_ids if line.quantity_product_uom] for move in moves}
        some_picked = any(line.picked for each in lines.values() for line in each)
        for move in moves:
            chosen = (line for line in lines[move.id] if line.picked or not some_picked)
            going = sum((line.quantity_product_uom for line in chosen), ZERO)
            need = move._in_product_unit(move.product_uom_qty)
            short = going < need and compare(going, need, move.product_id.uom_id.rounding) < 0
            result[picking.id].parts.append(Part(move, going, need - going if short else ZERO))
    return result


# ---------------------------------------------------------------------------- validate
def validate(pickings: Any, answers: Mapping[str, Any]) -> Any:
    """Validate transfers once, or return the wizard that asks what is still open; nothing has moved then.

    Args:
        answers: `{"backorder": {picking id: whether a backorder is made of the rest}}`, see `answered`.
    Raises AlreadyDone, NotReady, NothingToMove, LotRequired, SerialTaken, InsufficientStock.
    """
    pickings.check_access("write")
    product_lock.lock_moves(pickings.move_ids)
    pickings.lock_for_update()
    check_open(pickings)
    drafts = pickings.filtered(lambda picking: picking.state == "draft")
    if drafts:
        _confirm_drafts(drafts)
    question = pickings._run_validate(answers)
    if question:
        return question
    keep, found = _keep(pickings, answers), plans(pickings)
    dropped = [
        (part.move.product_id, part.rest) for plan in found.values() if not keep[plan.picking.id] for part in plan.short
    ]
    with pickings.env.log_documents() as log:
        backorders = ship(pickings, keep, found)
    validation_messages.notify_validated(pickings, backorders, dropped, log)
    return None


def check_open(pickings: Any) -> None:
    """Refuse transfers that were validated or cancelled before, by name."""
    closed = pickings.filtered(lambda picking: picking.state in ("done", "cancel"))
    if closed:
        raise AlreadyDone(
            "\n".join(picking._state_refusal("button_validate") for picking in closed),
            data={"documents": closed.mapped("name")},
        )


def retyped(pickings: Any, vals: Mapping[str, Any]) -> dict[Any, dict[str, Any]]:
    """What else a new operation type changes on drafts: their number, and the places that are not given.

    Raises InventoryError for transfers that are under way.
    """
    changed = pickings.filtered(lambda picking: ledger.changes(picking, "picking_type_id", vals["picking_type_id"]))
    started = changed.filtered(lambda picking: picking.state != "draft")
    if started:
        raise InventoryError(
            pickings.env._(
                "%(documents)s is under way: its operation type stays. Cancel it and make a new transfer.",
                documents=", ".join(started.mapped("name")),
            ),
            code="inventory.transfer_under_way",
            data={"documents": started.mapped("name")},
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


def _confirm_drafts(pickings: Any) -> None:
    """An immediate transfer: what was typed is confirmed and, where nothing was typed, reserved."""
    empty = pickings.filtered(lambda picking: not picking.move_ids)
    if empty:
        raise NothingToMove(
            pickings.env._(
                "%(documents)s has no products. Add what is to be moved.", documents=", ".join(empty.mapped("name"))
            ),
            data={"documents": empty.mapped("name")},
        )
    pickings.move_ids.filtered(lambda move: move.state == "draft")._action_confirm()
    waiting = pickings.move_ids.filtered(
        lambda move: move.state in move_states.LACKING and not move.picked and not move.quantity
    )
    if waiting:
        waiting._action_assign()


def policies(pickings: Any) -> dict[int, str]:
    """Picking id -> `ask`, `always` or `never`, as the hook `choose_backorder_policy` answers."""
    chosen: dict[int, str] = {}
    for answer in pickings.env.hooks.choose_backorder_policy(env=pickings.env, documents=pickings):
        for picking, policy in (answer or {}).items():
            chosen.setdefault(picking.id, policy)
    return chosen


def answered(pickings: Any, answers: Mapping[str, Any]) -> dict[int, bool]:
    """The answers to the question `backorder`, by picking id; `"*"` answers for all that are not named.

    Remote clients send the ids as text.
    """
    given = dict(answers.get("backorder") or {})
    everyone = given.pop("*", None)
    result = {} if everyone is None else dict.fromkeys(pickings.ids, bool(everyone))
    return result | {int(key): bool(value) for key, value in given.items()}


def _keep(pickings: Any, answers: Mapping[str, Any]) -> dict[int, bool]:
    """Picking id -> whether a backorder is made of what is left."""
    given = answered(pickings, answers)
    chosen = policies(pickings)
    return {picking.id: given.get(picking.id, chosen.get(picking.id) != "never") for picking in pickings}


# ---------------------------------------------------------------------------- the default refusals, called by hooks.py
def refuse_incomplete(pickings: Any) -> None:
    """Refuse transfers that ship all at once while something is missing: every product and quantity is named."""
    together = pickings.filtered(lambda picking: picking.move_type == "one")
    if not together:
        return
    found = plans(together)
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
    for plan in plans(idle).values():
        for part in plan.parts:
            text = _missing_line(plan.picking, part)
            if part.move.hold_date:
                text += " " + idle.env._(
                    "(on hold since %(date)s)", date=format_day(part.move.hold_date.date(), idle.env.lang)
                )
            holders = operations.holding_lines(idle.env, part.move.product_id, part.move.location_id, exclude=part.move)
            if holders:
                named = ", ".join(operations.documents_of(holders))
                text += " " + idle.env._("(reserved for %(holders)s)", holders=named)
            lines.append(text)
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


def to_ask(pickings: Any, answers: Mapping[str, Any]) -> Any:
    """The transfers with a rest whose policy is to ask, and about which nothing was answered."""
    given = answered(pickings, answers)
    open_ = pickings.filtered(lambda picking: picking.id not in given)
    if not open_:
        return open_
    chosen = policies(open_)
    asking = open_.filtered(lambda picking: chosen.get(picking.id, "ask") == "ask")
    found = plans(asking)
    return asking.filtered(lambda picking: found[picking.id].short)


# ---------------------------------------------------------------------------- ship
def ship(pickings: Any, keep: Mapping[int, bool], found: Mapping[int, Plan] | None = None) -> Any:
    """Post the transfers; the rest of each becomes a backorder where `keep` says so, and is cancelled otherwise.

    Args:
        found: what `plans` says of the transfers now, where the caller knows it.
    Returns the backorders.
    """
    found = plans(pickings) if found is None else found
    env = pickings.env
    pickings = pickings.sudo()
    remaining = pickings.filtered(lambda picking: keep.get(picking.id) and found[picking.id].short)
    backorders = create_backorders(remaining)
    target = dict(zip(remaining.ids, backorders))
    parts = [part for plan in found.values() for part in plan.parts]
    kept, dropped = divide(parts, target, refresh=False)
    going = [part.move.id for part in parts if part.going]
    now = Datetime.now()
    if dropped:
        dropped._action_cancel()
    posting.done(env["stock.move"].browse(going), when=now)
    pickings.write({"date_done": now})
    _open_shortfalls(kept, target)
    again = kept.filtered(lambda move: move.state in move_states.LACKING and reservation.may_reserve_now(move))
    if again:
        reservation.assign(again)
    remaining, backorders, pickings = (records.with_env(env) for records in (remaining, backorders, pickings))
    if remaining:
        remaining._notify("on_backorder", backorders=backorders)
    pickings._notify("on_done")
    return backorders


def finish(moves: Any, cancel_rest: bool = False) -> Any:
    """Do moves of any kind; see `posting.finish`. A transfer of which something is done is done.

    What is left in it goes into its backorder, unless the rest is cancelled. Returns the done moves.
    """
    finished = posting.finish(moves, cancel_rest=cancel_rest)
    pickings = finished.picking_id
    if not pickings:
        return finished
    left = pickings.sudo().move_ids.filtered(lambda move: move.state in move_states.OPEN)
    remaining = left.picking_id.with_env(moves.env) if not cancel_rest else pickings.browse()
    backorders = create_backorders(remaining)
    target = dict(zip(remaining.ids, backorders))
    for picking in remaining:
        rest = left.filtered(lambda move, picking=picking: move.picking_id.id == picking.id)
        move_into(rest, target[picking.id])
        _open_shortfalls(rest.filtered(lambda move: not move.shortfall_id), target)
    closed = pickings.filtered(lambda picking: picking.state == "done")
    closed.write({"date_done": Datetime.now()})
    if remaining:
        remaining._notify("on_backorder", backorders=backorders)
    if closed:
        closed._notify("on_done")
    return finished


def move_into(moves: Any, picking: Any) -> None:
    """Put moves with their lines into another transfer."""
    moves._settle({"picking_id": picking.id})
    if moves.move_line_ids:
        moves.move_line_ids._settle({"picking_id": picking.id})


def divide(parts: Iterable[Part], target: Mapping[int, Any], refresh: bool) -> tuple[Any, Any]:
    """Separate what goes from what stays. Returns the moves kept for backorders and those to cancel."""
    split_kept, split_dropped = [], []
    whole: defaultdict[int, list[int]] = defaultdict(list)
    idle: list[int] = []
    model = None
    for part in parts:
        model = part.move.browse()
        picking = part.move.picking_id.id
        if not part.going:
            if picking in target and part.rest:
                whole[picking].append(part.move.id)
            else:
                idle.append(part.move.id)
        elif part.rest:
            (split_kept if picking in target else split_dropped).append(part)
    if model is None:
        raise NothingToMove("There is nothing to move.")
    for picking, ids in whole.items():
        move_into(model.browse(ids), target[picking])
    everything = split_kept + split_dropped
    new = backorder.split(
        model.browse([part.move.id for part in everything]),
        [part.rest for part in everything],
        {part.move.id: {"picking_id": target[part.move.picking_id.id].id} for part in split_kept},
        refresh=refresh,
    )
    kept = model.browse(new.ids[: len(split_kept)] + [move for ids in whole.values() for move in ids])
    return kept, model.browse(new.ids[len(split_kept) :] + idle)


def create_backorders(pickings: Any) -> Any:
    """A new transfer for what is left of each, in the same order; it takes over all that a copy would."""
    names = pickings._backorder_field_names()
    return pickings.create([_backorder_values(picking, names) for picking in pickings]) if pickings else pickings


def split(pickings: Any) -> Any:
    """Leave in each transfer what is typed or picked, put the rest into backorders, and return these."""
    found = plans(pickings)
    remaining = pickings.filtered(lambda picking: found[picking.id].short and found[picking.id].going)
    if not remaining:
        raise NothingToMove(pickings.env._("Enter the quantities that stay in the transfer; the rest is split off."))
    backorders = create_backorders(remaining)
    target = dict(zip(remaining.ids, backorders))
    divide([part for picking in remaining for part in found[picking.id].parts], target, refresh=True)
    remaining._notify("on_backorder", backorders=backorders)
    validation_messages.notify_backorders(backorders)
    return backorders


def _backorder_values(picking: Any, names: list[str]) -> dict[str, Any]:
    values = {}
    for name in names:
        value = picking[name]
        values[name] = value.id if hasattr(value, "_ids") else value
    return {**values, "backorder_id": picking.id}


def _open_shortfalls(kept: Any, target: Mapping[int, Any]) -> None:
    """Each move kept for a backorder owes something: its entry names the transfer that fell short."""
    if not kept:
        return
    original = {backorder_.id: picking for picking, backorder_ in target.items()}
    documents = {move.id: move.env["stock.picking"].browse(original[move.picking_id.id]) for move in kept}
    shortfall.opened(kept, documents)


def untyped(env: Any) -> ValidationError:
    """The error for a transfer without an operation type: its places and company would be missing too, and follow."""
    text = env._("A transfer needs an operation type (picking_type_id): its places follow from it.")
    return ValidationError(text, fields=["picking_type_id"], code="inventory.operation_type_missing")
