"""Where what is on backorder could come from: owed, reserved, free here, free elsewhere; one read for many records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from addons.inventory.services import message_texts, move_states, on_backorder, on_hold, quants
from addons.inventory.services.forecast import visible_companies
from addons.inventory.services.quants import STOCKED
from core import api
from core.rounding import format_number

ZERO = Decimal(0)
#: So many places are named; the rest is counted.
MAX_PLACES = 3


@dataclass(slots=True)
class Shortage:
    """What open moves of one product still lack (in the product's unit), and where as much lies free.

    `held` is what of it a user holds back, `requests` the documents that ask for it and are not confirmed yet.
    """

    short: Decimal = ZERO
    held: Decimal = ZERO
    ready: Decimal = ZERO
    here: Decimal = ZERO
    elsewhere: Decimal = ZERO
    here_places: list[tuple[Decimal, str]] = field(default_factory=list)
    other_places: list[tuple[Decimal, str]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def status(self) -> str | bool:
        """`ready`, `here`, `elsewhere` or `none`; False where nothing is open."""
        if not self.short:
            return "ready" if self.ready else False
        if self.here > 0:
            return "here"
        return "elsewhere" if self.elsewhere > 0 else "none"

    @property
    def status_or_hold(self) -> str | bool:
        """`on_hold` where a user holds back all that is short, else the `status`."""
        return "on_hold" if self.short and self.held >= self.short else self.status


def is_open(move: Any) -> bool:
    """Whether the move is planned and takes from a place where stock is kept."""
    return move.state in move_states.OPEN and move.location_id.usage in STOCKED and move.product_id.is_storable


def look(groups: Mapping[Any, Any]) -> dict[Any, Shortage]:
    """Key -> the shortage of its moves, for any number of groups of moves, each of one product."""
    found = {key: Shortage() for key in groups}
    wanted = {key: [move for move in moves.sudo() if is_open(move)] for key, moves in groups.items()}
    products = {move.product_id.id for moves in wanted.values() for move in moves}
    if not products:
        return found
    env = next(iter(groups.values())).env
    free = _free(env, sorted(products))
    for key, moves in wanted.items():
        if moves:
            found[key] = _shortage(moves, free.get(moves[0].product_id.id, {}))
    _add_requests(env, found, wanted)
    return found


def free_products(env: Any, demand: Any) -> Any:
    """The products of which moves lack something while some of them are free, wherever that is.

    Two statements however many moves: lists and documents ask for the `shortage_status` of these only.

    Args:
        demand: the domain of the moves; those that are fully reserved or closed are left out.
    """
    lacking = api.Domain(demand) & api.Domain("state", "in", move_states.LACKING)
    rows = env["stock.move"].sudo()._read_group(lacking, ["product_id"], ["__count"])
    products = [product.id for product, _count in rows]
    free = _free(env, products) if products else {}
    return env["product.product"].browse(id_ for id_ in products if any(qty > 0 for qty in free[id_].values()))


def _add_requests(env: Any, found: Mapping[Any, Shortage], wanted: Mapping[Any, list[Any]]) -> None:
    """Name the documents that ask for what neither is reserved nor free where it is to be taken from."""
    lacking = {key: moves for key, moves in wanted.items() if found[key].status in ("none", "elsewhere")}
    moves = env["stock.move"].browse([move.id for each in lacking.values() for move in each])
    documents = moves._requested_from()
    for key, each in lacking.items():
        found[key].requests = list(dict.fromkeys(name for move in each for name in documents.get(move.id, ())))


def _free(env: Any, products: list[int]) -> dict[int, dict[Any, Decimal]]:
    """Product id -> internal location -> what is free there, in the companies whose stock the user may see."""
    companies = visible_companies(env)
    owned = [] if companies is None else [("location_id.company_id", "in", companies)]
    found = quants.free_by_place(env, products, [("location_id.usage", "=", "internal"), *owned])
    found = {source: quantity for source, quantity in found.items() if quantity > 0}
    records = env["stock.location"].sudo().browse({place for _product, place in found})
    places = {place.id: place for place in records}
    pairs = [(env["product.product"].browse(product), places[place]) for product, place in found]
    back = quants.held_back(env, pairs, below=False)
    free: dict[int, dict[Any, Decimal]] = {product: {} for product in products}
    for (product, place), quantity in found.items():
        free[product][places[place]] = quantity - back.get((product, place), ZERO)
    return free


def _shortage(moves: list[Any], free: Mapping[Any, Decimal]) -> Shortage:
    result = Shortage()
    around = []
    for move in moves:
        reserved = sum((line.quantity_product_uom for line in move.move_line_ids), ZERO)
        result.ready += reserved
        result.short += on_backorder.missing(move)
        result.held += on_hold.held(move)
        # What other moves bring is not taken from the shelf.
        if not move.move_orig_ids and move.procure_method != "make_to_order":
            around.append(move.location_id)
    for place, quantity in free.items():
        if quantity <= 0:
            continue
        if any(place._is_below(each) for each in around):
            result.here += quantity
            result.here_places.append((quantity, place.complete_name))
        else:
            result.elsewhere += quantity
            result.other_places.append((quantity, place.complete_name))
    return result


def in_words(env: Any, shortage: Shortage) -> str | bool:
    """What can be done about a shortage, in a sentence or two; False where nothing is open."""
    status = shortage.status
    if not status:
        return False
    if shortage.held:
        return " ".join((env._("%(qty)s on hold.", qty=format_number(shortage.held)), _whereabouts(env, shortage)))
    return _whereabouts(env, shortage)


def _whereabouts(env: Any, shortage: Shortage) -> str:
    text = _places(env, shortage)
    if shortage.requests:
        documents = ", ".join(shortage.requests)
        text += " " + env._("Requested in %(documents)s, not confirmed yet.", documents=documents)
    return text


def _places(env: Any, shortage: Shortage) -> str:
    status = shortage.status
    if status == "ready":
        return env._("%(qty)s are reserved.", qty=format_number(shortage.ready))
    if status == "none":
        return env._("No stock is free anywhere.")
    places = sorted(shortage.here_places if status == "here" else shortage.other_places, reverse=True)
    named = [
        env._("%(qty)s in %(place)s", qty=format_number(quantity), place=place)
        for quantity, place in places[:MAX_PLACES]
    ]
    if len(places) > MAX_PLACES:
        named.append(env._("%(count)s other places", count=len(places) - MAX_PLACES))
    text = env._("Free: %(places)s.", places=", ".join(named))
    if status == "here":
        return text + " " + env._("Release the backorder to reserve it.")
    return text + " " + env._("Transfer it, or ship from there.")


def release(moves: Any) -> Any:
    """Reserve what has become free for the open moves, and notify the user of what can go and what is missing.

    Returns their transfers that can go now.
    """
    waiting = moves.filtered(lambda move: move.state in move_states.OPEN)
    on_hold.release(waiting)
    waiting._action_assign()
    ready = waiting.picking_id.filtered(lambda picking: picking.state == "assigned")
    env = moves.env
    if ready:
        env.notify(env._("Ready to transfer:"), "info", ready)
    missing = [(move, on_backorder.missing(move)) for move in waiting.sudo() if move.state in move_states.OPEN]
    texts = [
        env._(
            "%(quantity)s (%(document)s)",
            quantity=message_texts.quantity_of(move.product_id, quantity),
            document=move._document_name(),
        )
        for move, quantity in missing
        if quantity > 0
    ]
    if texts:
        items = message_texts.first_of(env, texts)
        env.notify(env._("Not available yet: %(items)s.", items=items), "warning")
    return ready
