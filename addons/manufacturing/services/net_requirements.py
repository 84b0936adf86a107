"""Net requirements: what is demanded, what stock and open orders cover of it, and what is still to be ordered.

    demand     open moves of the plan ─> per product: covered by stock, covered by open orders, missing
    explode    products that are missing and have a bill ─> demand for their components, level by level
    net        demand = from stock + from open orders + proposed, for every product; nothing is used twice

Stock and orders that other demand needs are not counted: what components may use is what the forecast of the warehouse
leaves over. A handful of statements per level of the bills, however long the plan is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from addons.inventory.services import demand_cover, procurement
from addons.inventory.services.shortage import is_open
from addons.manufacturing.services import supply
from addons.manufacturing.services.explosion import Request
from core.fields import Datetime

ZERO = Decimal(0)
ROUTE = "manufacturing.route_warehouse0_manufacture"


class Cover(NamedTuple):
    """How a demand is met: the three parts add up to it and none is negative."""

    stock: Decimal
    incoming: Decimal
    proposed: Decimal


def net(demand: Decimal, stock: Decimal, incoming: Decimal) -> Cover:
    """Cover a demand from stock, then from open orders; propose the rest.

    Args:
        demand: not negative.
        stock, incoming: what may be used; below zero counts as nothing.
    """
    from_stock = min(max(stock, ZERO), demand)
    from_orders = min(max(incoming, ZERO), demand - from_stock)
    return Cover(from_stock, from_orders, demand - from_stock - from_orders)


@dataclass
class Requirement:
    """What a plan needs of a product, in its own unit.

    `missing` says for each of `moves` what it lacks; `to_order` are those of them that take nothing from stock, for
    which orders of their own are made. `origins` names what demands it: documents, reordering rules, the products it
    goes into. `quantity` is what is to be ordered: what is proposed, unless a user entered another number.
    `reordering` is the part of the proposal that reordering rules ask for, `route` the one that its rule prefers.
    `unlinked` and `unused` say how the supply links of the demand change once the plan is carried out.
    """

    product: Any
    demand: Decimal = ZERO
    stock: Decimal = ZERO
    incoming: Decimal = ZERO
    proposed: Decimal = ZERO
    quantity: Decimal = ZERO
    bom: Any = None
    kind: str = "material"
    reordering: Decimal = ZERO
    made_with_parent: bool = False
    date: datetime | None = None
    deadline: datetime | None = None
    moves: list[Any] = field(default_factory=list)
    missing: list[Decimal] = field(default_factory=list)
    to_order: list[Any] = field(default_factory=list)
    route: Any = None
    unlinked: list[tuple[Any, Decimal, Any]] = field(default_factory=list)
    unused: list[Any] = field(default_factory=list)
    origins: dict[str, None] = field(default_factory=dict)

    def add(self, demand: Decimal, cover: Cover) -> None:
        """Count a demand and how it is met."""
        self.demand += demand
        self.stock += cover.stock
        self.incoming += cover.incoming
        self.proposed += cover.proposed

    def shares(self) -> list[tuple[Any, Decimal]]:
        """What of the quantity to order is for which demand, until it is used up: (move, quantity) pairs.

        Moves that are supplied to order come first.
        """
        left = self.quantity
        result = []
        demands = sorted(zip(self.moves, self.missing, strict=True), key=lambda demand: demand[0] not in self.to_order)
        for move, missing in demands:
            part = min(missing, left)
            left -= part
            if part > 0:
                result.append((move, part))
        return result

    def due(self, date: datetime) -> None:
        """Need it by `date`, if not earlier."""
        self.date = min(self.date or date, date)


def of_plan(plan: Any, changed: Mapping[int, Decimal] | None = None) -> list[Requirement]:
    """The requirements of a plan: what is demanded first, components after what they go into.

    Args:
        changed: product id -> how much more (or less) is to be ordered than proposed.
    """
    moves = plan._demand_moves().sorted(lambda move: (move.date, move.id))
    found = _of_moves(plan, moves)
    rules = _reordering_rules(plan)
    for product in rules:
        found.setdefault(product, Requirement(product))
    boms: dict[Any, Any] = dict.fromkeys(_supplied_otherwise(rules))
    depth = _depths(plan, found, boms)
    pools: dict[int, tuple[Decimal, Decimal]] = {}
    gross: defaultdict[Any, Decimal] = defaultdict(Decimal)
    dates: dict[Any, datetime] = {}
    parents: defaultdict[Any, dict[str, None]] = defaultdict(dict)
    by_depth: defaultdict[int, list[Any]] = defaultdict(list)
    for product, level in depth.items():
        by_depth[level].append(product)
    for level in sorted(by_depth):
        requirements = [found.setdefault(product, Requirement(product)) for product in by_depth[level]]
        needed = [each for each in requirements if gross[each.product]]
        _read_pools(plan, [each.product for each in needed], pools, found)
        for each in needed:
            _add_components(plan, each, gross[each.product], pools[each.product.id])
            each.due(dates[each.product])
            each.origins |= parents[each.product]
        for each in requirements:
            if each.product in rules:
                each.route = rules[each.product].route_id
                _add_reordering(each, rules[each.product], gross[each.product])
            each.quantity = max(each.proposed + (changed or {}).get(each.product.id, ZERO), ZERO)
            each.bom = boms.get(each.product) or None
            if each.kind != "item":
                each.kind = "subassembly" if each.bom else "material"
        _explode(plan, requirements, gross, dates, parents)
    return sorted((each for each in found.values() if each.demand), key=lambda each: depth[each.product])


# -- demand --------------------------------------------------------------------------------------------------------


def open_demand(moves: Any) -> Any:
    """Those of the moves that take from stock and that no document of their own supplies; held ones are left out.

    What is made to order counts as long as nothing was made for it: a custom item that waits for its bill.
    """
    waiting = moves.filtered(lambda move: is_open(move) and not move.hold_date and not move.move_orig_ids)
    to_order = waiting.filtered(_is_to_order)
    supplied = to_order._supply_documents()
    return waiting - to_order.filtered(lambda move: move.created_production_id or supplied[move.id])


def _is_to_order(move: Any) -> bool:
    return bool(move.procure_method == supply.MAKE_TO_ORDER)


def _of_moves(plan: Any, moves: Any) -> dict[Any, Requirement]:
    found: dict[Any, Requirement] = {}
    to_order = moves.filtered(_is_to_order)
    covers = demand_cover.of_moves(moves - to_order)
    for move in moves:
        each = found.setdefault(move.product_id, Requirement(move.product_id, kind="item"))
        cover = covers.by_move.get(move.id) or demand_cover.Cover(move._in_product_unit(move.product_uom_qty))
        each.add(cover.demand, Cover(cover.stock, cover.coming, cover.missing))
        each.due(move.date)
        if move.date_deadline:
            each.deadline = min(each.deadline or move.date_deadline, move.date_deadline)
        each.moves.append(move)
        each.missing.append(cover.missing)
        if move in to_order:
            each.to_order.append(move)
        each.unlinked += [(move, quantity, record) for record, quantity in cover.unlinked]
        each.origins[move.origin or move._document_name()] = None
    for share in covers.unused:
        found[share.source.product].unused.append(share)
    return found


# -- reordering rules ----------------------------------------------------------------------------------------------


def _reordering_rules(plan: Any) -> dict[Any, Any]:
    """Product -> the reordering rule for the stock of the warehouse; rules for other places order for these places."""
    if not plan._includes_reordering():
        return {}
    points = (
        plan.env["stock.warehouse.orderpoint"]
        .sudo()
        .search([("location_id", "=", plan.warehouse_id.lot_stock_id.id), ("company_id", "=", plan.company_id.id)])
    )
    return {point.product_id: point for point in points if not point._is_snoozed()}


def _supplied_otherwise(rules: Mapping[Any, Any]) -> list[Any]:
    """The products whose reordering rule has a route that makes nothing: their bills are of no concern."""
    return [
        product
        for product, point in rules.items()
        if point.route_id and not any(rule.action == "manufacture" for rule in point.route_id.rule_ids)
    ]


def _add_reordering(each: Requirement, point: Any, gross: Decimal) -> None:
    """What a rule asks for beyond what is proposed, when production has taken its components.

    Args:
        gross: what the plan's productions take of the product. The forecast of the rule knows nothing of them yet.
    """
    taken = ZERO if each.made_with_parent else gross
    forecast = point.qty_forecast - taken
    wanted = point.qty_to_order_manual or ZERO
    if not wanted and point._shortage(forecast + each.proposed) > 0:
        wanted = point._shortage(forecast)
    extra = wanted - each.proposed
    if extra > 0:
        each.add(extra, Cover(ZERO, ZERO, extra))
        each.reordering += extra
        each.due(Datetime.now() + timedelta(days=point.lead_days))
        each.origins[point.name] = None


# -- components ----------------------------------------------------------------------------------------------------


def _bills(plan: Any, products: Iterable[Any]) -> dict[Any, Any]:
    records = plan.env["product.product"].browse(dict.fromkeys(product.id for product in products))
    kind = plan.warehouse_id.manu_type_id
    return dict(plan.env["mrp.bom"].sudo()._bom_find(records, kind, plan.company_id.id, "normal"))


def _leaves(plan: Any, amounts: list[tuple[Any, Any, Decimal]]) -> list[list[tuple[Any, Decimal]]]:
    """For each (bill, product, quantity): its components with their quantities, both in the products' units."""
    requests = [Request.of(bom, product, quantity, product.uom_id) for bom, product, quantity in amounts]
    exploded = plan.env["mrp.bom"].sudo()._explode(requests, plan.warehouse_id.manu_type_id, plan.explode_subassemblies)
    result = []
    for explosion in exploded:
        parts = []
        for leaf in explosion.leaves:
            component = leaf.line.product_id
            if component.is_storable:
                unit = leaf.line.product_uom_id
                parts.append((component, unit._compute_quantity(leaf.quantity, component.uom_id, rounding_method="UP")))
        result.append(parts)
    return result


def _depths(plan: Any, found: Mapping[Any, Requirement], boms: dict[Any, Any]) -> dict[Any, int]:
    """Product -> how many levels of bills are above it at most; `boms` takes up the bill of each."""
    depth = dict.fromkeys(found, 0)
    children: dict[Any, list[Any]] = {}
    frontier = list(found)
    while frontier:
        unknown = [product for product in frontier if product not in boms]
        if unknown:
            boms.update(_bills(plan, unknown))
            made = [product for product in unknown if boms[product]]
            parts = _leaves(plan, [(boms[product], product, Decimal(1)) for product in made])
            children.update((product, [part for part, _qty in each]) for product, each in zip(made, parts, strict=True))
        below: dict[Any, None] = {}
        for product in frontier:
            for part in children.get(product, ()):
                if depth.get(part, -1) <= depth[product]:
                    depth[part] = depth[product] + 1
                    below[part] = None
        frontier = list(below)
    return depth


def _read_pools(
    plan: Any, products: list[Any], pools: dict[int, tuple[Decimal, Decimal]], found: Mapping[Any, Requirement]
) -> None:
    """Product id -> stock and open orders that no demand needs: the forecast of the warehouse."""
    records = plan.env["product.product"].browse([product.id for product in products])
    records = records.with_context(warehouse_id=plan.warehouse_id.id)
    asked = records._get_quantity_in_progress()
    for product in records:
        requested = asked.get((product.id, plan.warehouse_id.lot_stock_id.id), ZERO)
        # The forecast has subtracted the demand that the plan itself is going to supply.
        left = max(product.virtual_available + requested + found[product].proposed, ZERO)
        stock = min(max(product.free_qty, ZERO), left)
        pools[product.id] = (stock, left - stock)


def _add_components(plan: Any, each: Requirement, gross: Decimal, pool: tuple[Decimal, Decimal]) -> None:
    if supply.is_made_to_order(each.product, plan.warehouse_id):
        each.made_with_parent = True
        each.add(gross, Cover(ZERO, gross, ZERO))
    else:
        each.add(gross, net(gross, *pool))


def _explode(
    plan: Any,
    requirements: list[Requirement],
    gross: dict[Any, Decimal],
    dates: dict[Any, datetime],
    parents: dict[Any, dict[str, None]],
) -> None:
    """Add what the production of `requirements` takes to the gross demand of their components."""
    made = []
    for each in requirements:
        quantity = each.quantity + (gross[each.product] if each.made_with_parent else ZERO)
        if each.bom and quantity > 0:
            made.append((each, quantity))
    parts = _leaves(plan, [(each.bom, each.product, quantity) for each, quantity in made])
    for (each, _quantity), components in zip(made, parts, strict=True):
        start = (each.date or Datetime.now()) - timedelta(days=each.bom.produce_delay or 0)
        for component, quantity in components:
            gross[component] += quantity
            dates[component] = min(dates.get(component, start), start)
            parents[component][each.product.display_name] = None


# -- ordering ------------------------------------------------------------------------------------------------------


def procurements(plan: Any, requirements: Iterable[Requirement]) -> list[tuple[Requirement, Any]]:
    """What is to be ordered for the requirements, each with its procurements: one for the stock of the warehouse, and
    one for each move that is supplied to order."""
    wanted = [each for each in requirements if each.quantity > 0]
    moves = plan.env["stock.move"].sudo().browse([move.id for each in wanted for move in each.moves])
    references_of = {move.id: move.reference_ids.ids for move in moves}
    result = []
    for each in wanted:
        shares = each.shares()
        to_order = [(move, quantity) for move, quantity in shares if move in each.to_order]
        shares = [(move, quantity) for move, quantity in shares if move not in each.to_order]
        result += [(each, _need_to_order(plan, each, move, quantity)) for move, quantity in to_order]
        quantity = each.quantity - sum((quantity for _move, quantity in to_order), ZERO)
        if quantity > 0:
            result.append((each, _need_for_stock(plan, each, quantity, shares, references_of)))
    return result


def _values(plan: Any, each: Requirement) -> dict[str, Any]:
    return {
        "warehouse_id": plan.warehouse_id,
        "date_planned": each.date or Datetime.now(),
        "date_deadline": each.deadline or False,
        "production_plan_id": plan,
        **({"route_ids": each.route} if each.route else {}),
        **({"bom_id": each.bom, "route_ids": each.route or plan.env.ref(ROUTE)} if each.bom else {}),
    }


def _need_for_stock(
    plan: Any, each: Requirement, quantity: Decimal, shares: list[tuple[Any, Decimal]], references_of: Any
) -> Any:
    env = plan.env
    moves = [move for move in each.moves if move not in each.to_order]
    origins = dict.fromkeys(filter(None, (move.origin for move in moves)))
    references = dict.fromkeys(id_ for move in moves for id_ in references_of[move.id])
    return env["stock.rule"].Procurement(
        each.product,
        quantity,
        each.product.uom_id,
        plan.warehouse_id.lot_stock_id,
        plan.name,
        ", ".join([*origins, plan.name]),
        plan.company_id,
        {
            "route_ids": env["stock.route"],
            **_values(plan, each),
            "reference_ids": env["stock.reference"].browse(references),
            "demand_shares": shares,
        },
    )


def _need_to_order(plan: Any, each: Requirement, move: Any, quantity: Decimal) -> Any:
    """The need of a move that takes nothing from stock: what is made for it is tied to it."""
    need = procurement.for_move(move)
    return need._replace(
        product_qty=quantity,
        product_uom=each.product.uom_id,
        origin=", ".join(filter(None, [move.origin, plan.name])),
        values={**need.values, **_values(plan, each), "date_planned": move.date},
    )


def split_to_order(requirements: Iterable[Requirement]) -> None:
    """Split moves that are supplied to order where less is ordered than they need; the rest waits for another order."""
    parts = {
        move: move._in_product_unit(move.product_uom_qty) - quantity
        for each in requirements
        for move, quantity in each.shares()
        if move in each.to_order
    }
    parts = {move: rest for move, rest in parts.items() if rest > 0}
    if parts:
        next(iter(parts)).browse([move.id for move in parts])._split(parts)
