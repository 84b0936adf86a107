"""Why is it waiting? The chain of causes: who holds the stock, what it is waiting for, or that nothing is planned."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from addons.inventory.services import operations, promise, quants
from addons.inventory.services.quants import STOCKED
from core.rounding import format_number

ZERO = Decimal(0)
SHORT = ("waiting", "confirmed", "partially_available")
MAX_DEPTH = 10


class Cause(NamedTuple):
    """One link of the chain: `kind` is missing, held, coming, before, or unplanned."""

    kind: str
    text: str
    document: str = ""
    depth: int = 0


def explain(moves: Any) -> dict[int, list[str]]:
    """Move id -> the causes in sentences, nearest first, indented by depth; moves that do not wait are left out."""
    return {
        move.id: ["  " * cause.depth + cause.text for cause in causes(move)]
        for move in moves.sudo()
        if move.state in SHORT
    }


def causes(move: Any, depth: int = 0, seen: frozenset[int] = frozenset()) -> list[Cause]:
    """The chain of causes of one waiting move."""
    if move.state not in SHORT or move.id in seen or depth > MAX_DEPTH:
        return []
    chain = [_missing(move, depth)]
    before = move.move_orig_ids.filtered(lambda origin: origin.state not in ("done", "cancel"))
    if before or move.location_id.usage not in STOCKED:
        for origin in before:
            chain.append(_before(move, origin, depth + 1))
            chain += causes(origin, depth + 2, seen | {move.id})
        return chain
    holders = operations.holding_documents(move.env, move.product_id, move.location_id, exclude=move)
    chain += [
        Cause("held", move.env._("Reserved for %(document)s.", document=holder), holder, depth + 1)
        for holder in holders
    ]
    coming = _coming(move)
    chain += [_planned(move, supply, depth + 1) for supply in coming]
    if not coming and not holders:
        chain.append(_unplanned(move, depth + 1))
    return chain


def _missing(move: Any, depth: int) -> Cause:
    need = move._in_product_unit(move.product_uom_qty)
    have = sum((line.quantity_product_uom for line in move.move_line_ids), ZERO)
    on_hand = sum((slot.quantity for slot in quants.free(move.env, move.product_id, move.location_id)), ZERO)
    text = move.env._(
        "%(document)s lacks %(missing)s of %(need)s %(unit)s of %(product)s; %(place)s holds %(on_hand)s.",
        document=move._document_name(),
        missing=format_number(need - have),
        need=format_number(need),
        unit=move.product_id.uom_id.name,
        product=move.product_id.display_name,
        place=move.location_id.complete_name,
        on_hand=format_number(on_hand),
    )
    return Cause("missing", text, move._document_name(), depth)


def _before(move: Any, origin: Any, depth: int) -> Cause:
    document = origin._document_name()
    text = move.env._(
        "It waits for %(document)s (%(qty)s %(unit)s, planned for %(date)s).",
        document=document,
        qty=format_number(origin.product_uom_qty),
        unit=origin.product_uom.name,
        date=origin.date.date().isoformat(),
    )
    return Cause("before", text, document, depth)


def _coming(move: Any) -> Any:
    """The open moves that bring the product into the same warehouse."""
    scope = promise.scope_of(move.location_id)
    planned = move.env["stock.move"].search(
        [("product_id", "=", move.product_id.id), ("state", "in", promise.OPEN), ("id", "!=", move.id)],
        order="date, id",
    )
    return planned.filtered(
        lambda other: (
            other.location_dest_id.usage in STOCKED
            and promise.scope_of(other.location_dest_id) == scope
            and promise.scope_of(other.location_id) != scope
        )
    )


def _planned(move: Any, supply: Any, depth: int) -> Cause:
    document = supply._document_name()
    text = move.env._(
        "%(qty)s %(unit)s come with %(document)s, planned for %(date)s.",
        document=document,
        qty=format_number(supply.product_uom_qty),
        unit=supply.product_uom.name,
        date=supply.date.date().isoformat(),
    )
    return Cause("coming", text, document, depth)


def _unplanned(move: Any, depth: int) -> Cause:
    text = move.env._(
        "Nothing is planned to bring %(product)s: receive, buy or make it, or set a reordering rule.",
        product=move.product_id.display_name,
    )
    return Cause("unplanned", text, "", depth)
