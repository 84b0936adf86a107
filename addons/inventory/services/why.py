"""Why is it waiting? The chain of causes: who holds the stock, what it is waiting for, or that nothing is planned."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from addons.inventory.services import move_states, on_hold, operations, promise, quants
from addons.inventory.services.quants import OPEN_LINE, STOCKED
from core.api import format_day
from core.rounding import format_number

ZERO = Decimal(0)
MAX_DEPTH = 10
#: So many documents, and lines of one document, are listed; the others are counted.
MAX_LISTED = 5


class Cause(NamedTuple):
    """One link of the chain: `kind` is on_hold, missing, held, free, coming, before, or unplanned."""

    kind: str
    text: str
    document: str = ""
    depth: int = 0


class Facts:
    """What the explanations of some moves, and of those before them, stand on. Read at once, however many they are."""

    def __init__(self, moves: Any) -> None:
        self.env = moves.env
        known = level = moves
        for _depth in range(MAX_DEPTH):
            level = level.move_orig_ids - known
            known |= level
        self.products = known.product_id
        self.known = known

    @cached_property
    def stock(self) -> dict[int, list[tuple[str, Decimal]]]:
        """Product id -> (path of a location, quantity there)."""
        found: dict[int, list[tuple[str, Decimal]]] = defaultdict(list)
        for product, place, quantity in self.env["stock.quant"]._read_group(
            [("product_id", "in", self.products.ids), ("quantity", "!=", 0)],
            ["product_id", "location_id"],
            ["quantity:sum"],
        ):
            found[product.id].append((place.parent_path or "", quantity))
        return found

    @cached_property
    def reservations(self) -> dict[int, Any]:
        """Product id -> its reserved lines."""
        domain = [("product_id", "in", self.products.ids), ("state", "=", OPEN_LINE)]
        return self.env["stock.move.line"].search(domain).grouped(lambda line: line.product_id.id)

    @cached_property
    def requests(self) -> dict[int, list[str]]:
        """Move id -> the documents that ask for its goods and are not confirmed yet."""
        found: dict[int, list[str]] = self.known._requested_from()
        return found

    @cached_property
    def open_moves(self) -> dict[int, Any]:
        """Product id -> its open moves, soonest first."""
        domain = [("product_id", "in", self.products.ids), ("state", "in", move_states.OPEN)]
        return self.env["stock.move"].search(domain, order="date, id").grouped(lambda move: move.product_id.id)

    def on_hand(self, move: Any) -> Decimal:
        """What the place of the move, and all below it, holds of its product."""
        path = move.location_id.parent_path or ""
        return sum((held for place, held in self.stock.get(move.product_id.id, ()) if place.startswith(path)), ZERO)

    def free(self, move: Any) -> Decimal:
        """What of that is reserved for no document."""
        path = move.location_id.parent_path or ""
        lines = self.reservations.get(move.product_id.id, ())
        taken = [line.quantity_product_uom for line in lines if (line.location_id.parent_path or "").startswith(path)]
        return self.on_hand(move) - sum(taken, ZERO)

    @cached_property
    def limiting_addons(self) -> str:
        """The addons that may keep free stock from being reserved, as text."""
        return ", ".join(quants.limiting_addons(self.env))

    def holders(self, move: Any) -> list[str]:
        """The other documents that have stock reserved that the move could use."""
        path = move.location_id.parent_path or ""
        lines = self.reservations.get(move.product_id.id, ())
        return operations.documents_of(
            line for line in lines if line.move_id != move and (line.location_id.parent_path or "").startswith(path)
        )

    def coming(self, move: Any) -> list[Any]:
        """The open moves that bring the product into the same warehouse."""
        scope = promise.scope_of(move.location_id)
        return [
            other
            for other in self.open_moves.get(move.product_id.id, ())
            if other != move
            and _end(other).usage in STOCKED
            and promise.scope_of(_end(other)) == scope
            and promise.scope_of(other.location_id) != scope
        ]


def _end(move: Any) -> Any:
    """Where the goods of a move are wanted in the end."""
    return move.location_final_id or move.location_dest_id


def explain(moves: Any) -> dict[int, list[str]]:
    """Move id -> the causes in sentences, nearest first, indented by depth; moves that do not wait are left out."""
    waiting = moves.sudo().filtered(lambda move: move.state in move_states.LACKING)
    facts = Facts(waiting)
    return {move.id: ["  " * cause.depth + cause.text for cause in causes(move, facts)] for move in waiting}


def in_short(pickings: Any) -> dict[Any, str]:
    """Transfer -> why the first of its products wait, and how many more do: a page is no place for hundreds of them."""
    lacking = move_states.LACKING
    waiting = {picking: picking.move_ids.filtered(lambda move: move.state in lacking) for picking in pickings}
    chains = explain(pickings.env["stock.move"].union(*(moves[:MAX_LISTED] for moves in waiting.values())))
    texts = {}
    for picking, moves in waiting.items():
        lines = [line for move in moves[:MAX_LISTED] for line in chains.get(move.id, ())]
        if len(moves) > MAX_LISTED:
            more = len(moves) - MAX_LISTED
            lines.append(pickings.env._("%(count)s more lines are waiting; see the status of each below.", count=more))
        texts[picking] = "\n".join(lines)
    return texts


def causes(move: Any, facts: Facts, depth: int = 0, seen: frozenset[int] = frozenset()) -> list[Cause]:
    """The chain of causes of one waiting move."""
    if move.state not in move_states.LACKING or move.id in seen or depth > MAX_DEPTH:
        return []
    if move.hold_date:
        return [_on_hold(move, depth)]
    is_stocked = move.location_id.usage in STOCKED
    # Vendors, customers and production keep no stock of which something could be missing.
    chain = [_missing(move, facts, depth)] if is_stocked else []
    before = move.move_orig_ids.filtered(lambda origin: origin.state not in move_states.CLOSED)
    if before or not is_stocked:
        below = depth + len(chain)
        for origin in before:
            chain.append(_before(move, origin, below))
            chain += causes(origin, facts, below + 1, seen | {move.id})
        return chain
    holders = facts.holders(move)
    chain += [
        Cause("held", move.env._("Reserved for %(document)s.", document=holder), holder, depth + 1)
        for holder in holders[:MAX_LISTED]
    ]
    chain += _others(move, "held", len(holders), depth + 1)
    free = facts.free(move)
    if free > 0 and facts.limiting_addons:
        chain.append(_kept_free(move, free, facts.limiting_addons, depth + 1))
    coming = facts.coming(move)
    chain += [_planned(move, supply, depth + 1) for supply in coming[:MAX_LISTED]]
    chain += _others(move, "coming", len(coming), depth + 1)
    requests = facts.requests.get(move.id, [])
    chain += [_requested(move, name, depth + 1) for name in requests]
    if len(chain) == 1:
        chain.append(_unplanned(move, depth + 1))
    return chain


def _others(move: Any, kind: str, count: int, depth: int) -> list[Cause]:
    """Says how many documents of a kind are not listed, if any."""
    if count <= MAX_LISTED:
        return []
    if kind == "held":
        text = move.env._("Also reserved for %(count)s more documents.", count=count - MAX_LISTED)
    else:
        text = move.env._("%(count)s more documents bring some.", count=count - MAX_LISTED)
    return [Cause(kind, text, "", depth)]


def _missing(move: Any, facts: Facts, depth: int) -> Cause:
    need = move._in_product_unit(move.product_uom_qty)
    have = sum((line.quantity_product_uom for line in move.move_line_ids), ZERO)
    text = move.env._(
        "%(document)s: %(missing)s of %(need)s %(unit)s of %(product)s are missing; %(on_hand)s are in %(place)s.",
        document=move._document_name(),
        missing=format_number(need - have),
        need=format_number(need),
        unit=move.product_id.uom_id.name,
        product=move.product_id.display_name,
        place=move.location_id.complete_name,
        on_hand=format_number(facts.on_hand(move)),
    )
    return Cause("missing", text, move._document_name(), depth)


def _kept_free(move: Any, free: Decimal, addons: str, depth: int) -> Cause:
    text = move.env._(
        "%(qty)s %(unit)s are not reserved, but an addon may keep them for other demand (%(addons)s). "
        "Check availability; what is still missing then is held back.",
        qty=format_number(free),
        unit=move.product_id.uom_id.name,
        addons=addons,
    )
    return Cause("free", text, "", depth)


def _on_hold(move: Any, depth: int) -> Cause:
    text = move.env._(
        "%(document)s: %(qty)s %(unit)s of %(product)s are on hold since %(date)s (%(user)s) and reserve no stock. "
        "Check availability or release the backorder to reserve them.",
        document=move._document_name(),
        user=move.hold_user_id.name or move.env._("unknown user"),
        qty=format_number(on_hold.held(move)),
        unit=move.product_id.uom_id.name,
        product=move.product_id.display_name,
        date=format_day(move.hold_date.date(), move.env.lang),
    )
    return Cause("on_hold", text, move._document_name(), depth)


def _before(move: Any, origin: Any, depth: int) -> Cause:
    document = origin._document_name()
    text = move.env._(
        "Waiting for %(document)s (%(qty)s %(unit)s, planned for %(date)s).",
        document=document,
        qty=format_number(origin.product_uom_qty),
        unit=origin.product_uom.name,
        date=format_day(origin.date.date(), move.env.lang),
    )
    return Cause("before", text, document, depth)


def _planned(move: Any, supply: Any, depth: int) -> Cause:
    document = supply._document_name()
    text = move.env._(
        "%(qty)s %(unit)s arrive with %(document)s, planned for %(date)s.",
        document=document,
        qty=format_number(supply.product_uom_qty),
        unit=supply.product_uom.name,
        date=format_day(supply.date.date(), move.env.lang),
    )
    return Cause("coming", text, document, depth)


def _requested(move: Any, document: str, depth: int) -> Cause:
    text = move.env._("Requested in %(document)s, which is not confirmed yet.", document=document)
    return Cause("before", text, document, depth)


def _unplanned(move: Any, depth: int) -> Cause:
    text = move.env._(
        "No incoming supply for %(product)s. Create a purchase or manufacturing order, or a reordering rule.",
        product=move.product_id.display_name,
    )
    return Cause("unplanned", text, "", depth)
