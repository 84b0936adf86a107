"""Making and buying what is on backorder: once for each demand, with an account of what was ordered and what was not.

order    moves ─> what neither stock nor planned or requested supply covers ─> stock.rule.run ─> Supply, linked to them
report   Supply ─> messages to the user, with links to the documents
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from addons.inventory.services import demand_cover, message_texts, move_states, procurement, product_lock, supply_links
from addons.inventory.services.forecast import visible_companies
from addons.inventory.services.quants import STOCKED
from addons.inventory.services.shortage import is_open

ZERO = Decimal(0)


class Skipped(NamedTuple):
    """A move for which nothing was ordered, why, and the documents that cover it already.

    `is_refused`: it is missing and cannot be ordered as its product is set up.
    """

    move: Any
    reason: str
    documents: tuple[Any, ...] = ()
    is_refused: bool = False


@dataclass
class Supply:
    """What was ordered (document -> the needs that it answers), and for which moves nothing was."""

    ordered: dict[Any, list[Any]] = field(default_factory=dict)
    others: list[Any] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


class _Group(NamedTuple):
    """The moves of one product at one place, and the need for what they lack together."""

    moves: list[Any]
    need: Any


def order(moves: Any, route: Any = None) -> Supply:
    """Order what neither stock nor anything planned or requested covers, all products in one go.

    Args:
        moves: demand; what is closed or covered is skipped.
        route: how to get it. By default that of each product; where it has none, the way in which it can be had.
    Raises NoRule (or what addons raise) when nothing can be ordered of all that is missing.

    The products are locked first: of two users who order the same demand, the second finds it covered.
    """
    env = moves.env
    product_lock.lock_moves(moves)
    result = Supply()
    groups = _groups(moves, route, result)
    needs = with_rules(env, [group.need for group in groups], route)
    refused = env["stock.rule"].sudo()._refusals(needs)
    possible = [need.procurement for need in needs if id(need) not in refused]
    if not possible and refused and not result.skipped:
        env["stock.rule"].sudo().run([need.procurement for need in needs])
    for group, need in zip(groups, needs, strict=True):
        if id(need) in refused:
            result.skipped += [Skipped(move, refused[id(need)], is_refused=True) for move in group.moves]
    if possible:
        env["stock.rule"].sudo().run(possible)
    for need in possible:
        document = need.values.get("supply_document")
        if document:
            result.ordered.setdefault(document, []).append(need)
        else:
            result.others.append(need)
    return result


def _groups(moves: Any, route: Any, result: Supply) -> list[_Group]:
    """The moves that lack something, by product and place; the others are noted as skipped.

    What others ordered for themselves covers nothing here. What covers a demand of what is coming anyway is linked to
    it, so that the next who asks does not count on it too.
    """
    env = moves.env
    demand = moves.sudo()
    tied = demand._supply_documents()
    waiting = demand.filtered(lambda move: is_open(move) and not tied.get(move.id))
    covers = demand_cover.of_moves(waiting)
    supply_links.release(covers.unused)
    coming = waiting.product_id._supply_documents()
    groups: list[_Group] = []
    lacking: defaultdict[Any, list[tuple[Any, Decimal]]] = defaultdict(list)
    shared: list[tuple[Any, Decimal, Any]] = []
    for move in demand:
        if move not in waiting:
            result.skipped.append(_not_waiting(move, tied.get(move.id, ())))
            continue
        if move.procure_method == "make_to_order" and not move.move_orig_ids:
            groups.append(_Group([move], _need_to_order(move, route)))
            continue
        cover = covers.by_move[move.id]
        shared += [(move, quantity, record) for record, quantity in cover.unlinked]
        if cover.missing > 0:
            place = move.location_id.warehouse_id.lot_stock_id or move.location_id
            lacking[move.product_id, place, move.company_id].append((move, cover.missing))
        else:
            result.skipped.append(_covered(move, cover, coming.get(move.product_id.id, ())))
    supply_links.connect(env, shared, begun=True)
    for (product, place, company), shares in lacking.items():
        members = [move for move, _quantity in shares]
        groups.append(_Group(members, _need(env, product, place, company, shares, route)))
    return groups


def _not_waiting(move: Any, documents: Sequence[Any]) -> Skipped:
    if documents:
        return Skipped(move, _already_covered(move.env, documents), tuple(documents))
    return Skipped(move, move.env._("closed, or not taken from stock"))


def _covered(move: Any, cover: Any, incoming: Sequence[Any]) -> Skipped:
    if move.state == "assigned":
        return Skipped(move, move.env._("reserved"))
    if not cover.coming:
        return Skipped(move, move.env._("in stock; release the backorder"))
    documents = cover.documents or incoming
    return Skipped(move, _already_covered(move.env, documents), tuple(documents))


def _already_covered(env: Any, documents: Iterable[Any]) -> str:
    names = ", ".join(str(document.display_name) for document in documents)
    return env._("already covered by %(documents)s", documents=names) if names else env._("already requested")


def with_rules(env: Any, procurements: list[Any], route: Any) -> list[Any]:
    """The needs with their rules. Without a `route`, a product that has none is supplied in the way that it can be."""
    needs = procurement.find_rules(env, procurements)
    lost = [need for need in needs if not need.rule] if route is None else []
    if not lost:
        return needs
    products = env["product.product"].browse(dict.fromkeys(need.product_id.id for need in lost))
    routes = products._supply_routes()
    for need in lost:
        if need.product_id.id in routes:
            need.values["route_ids"] = routes[need.product_id.id]
    return procurement.find_rules(env, procurements)


def _need(env: Any, product: Any, place: Any, company: Any, shares: Sequence[tuple[Any, Decimal]], route: Any) -> Any:
    moves = [move for move, _quantity in shares]
    origins = dict.fromkeys(move.origin or move._document_name() for move in moves)
    return env["stock.rule"].Procurement(
        product,
        sum((quantity for _move, quantity in shares), ZERO),
        product.uom_id,
        place,
        product.display_name,
        ", ".join(origins),
        company,
        {
            "warehouse_id": place.warehouse_id,
            "route_ids": route or env["stock.route"],
            "date_planned": min(move.date for move in moves),
            "date_deadline": min((move.date_deadline for move in moves if move.date_deadline), default=False),
            "priority": max(move.priority or "0" for move in moves),
            "demand_shares": list(shares),
        },
    )


def _need_to_order(move: Any, route: Any) -> Any:
    """The need of a move that takes nothing from stock: what is ordered for it is tied to it."""
    need = procurement.for_move(move)
    return need if route is None else need._replace(values={**need.values, "route_ids": route})


def incoming_documents(products: Any) -> dict[int, list[Any]]:
    """Product id -> the documents whose open moves bring it into stock from outside, in the companies worked for."""
    moves = products.env["stock.move"].sudo()
    companies = visible_companies(products.env)
    owned = [] if companies is None else [("company_id", "in", companies)]
    found: dict[int, list[Any]] = {}
    arriving = [
        ("product_id", "in", products.ids),
        ("state", "in", move_states.OPEN),
        ("location_id.usage", "not in", STOCKED),
        ("location_dest_id.usage", "in", STOCKED),
        *owned,
    ]
    for move in moves.search(arriving, order="date, id"):
        documents = found.setdefault(move.product_id.id, [])
        if (document := move._document()) not in documents:
            documents.append(document)
    return found


# ---------------------------------------------------------------------------- what is said about it
def report(env: Any, supply: Supply) -> None:
    """Notify the user of what was ordered, and of the rows for which nothing was and why, with links."""
    by_model: defaultdict[str, list[Any]] = defaultdict(list)
    for document in supply.ordered:
        by_model[document._name].append(document)
    for model, documents in by_model.items():
        items = [_item(need) for document in documents for need in supply.ordered[document]]
        env.notify(
            env._("%(kind)s for %(items)s:", kind=env[model]._description, items=message_texts.first_of(env, items)),
            records=_together(env, documents),
        )
    if supply.others:
        items = message_texts.first_of(env, [_item(need) for need in supply.others])
        env.notify(env._("Ordered: %(items)s.", items=items))
    if supply.skipped:
        _report_skipped(env, supply.skipped)


def _report_skipped(env: Any, skipped: Sequence[Skipped]) -> None:
    rows = [
        env._(
            "%(order)s, %(product)s (%(reason)s)",
            order=each.move.origin or each.move._document_name(),
            product=each.move.product_id.display_name,
            reason=each.reason,
        )
        for each in skipped
    ]
    by_model: defaultdict[str, list[Any]] = defaultdict(list)
    for document in dict.fromkeys(document for each in skipped for document in each.documents):
        by_model[document._name].append(document)
    text = env._("Nothing was ordered for %(rows)s.", rows=message_texts.first_of(env, rows, "; "))
    first, *more = by_model.values() or [[]]
    refused = [each.move.product_id.product_tmpl_id for each in skipped if each.is_refused]
    linked = [_together(env, records) for records in (first, refused) if records]
    env.notify(text, "warning", linked[0] if len(linked) == 1 else tuple(linked) or None)
    for documents in more:
        env.notify(env._("Also covered by:"), "info", _together(env, documents))


def _item(need: Any) -> str:
    return message_texts.quantity_of(need.product_id, need.product_qty, need.product_uom)


def _together(env: Any, documents: Iterable[Any]) -> Any:
    documents = list(documents)
    return env[documents[0]._name].browse(dict.fromkeys(document.id for document in documents))


def supply_of_moves(moves: Any) -> dict[int, list[Any]]:
    """Move id -> the documents that bring the goods of just this move; those that are cancelled bring nothing."""
    return {
        move.id: list(
            dict.fromkeys(origin._document() for origin in move.move_orig_ids if origin.state in move_states.OPEN)
        )
        for move in moves
    }
