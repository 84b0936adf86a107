"""How much there is, is free, comes and goes: by product, at a place, now or at a date; one statement per figure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

from addons.inventory.services import move_states, quants
from addons.inventory.services.quants import STOCKED
from core.fields import Datetime

ZERO = Decimal(0)


class Figures(NamedTuple):
    """What is known of the stock of one product, in its unit."""

    on_hand: Decimal = ZERO
    free: Decimal = ZERO
    incoming: Decimal = ZERO
    outgoing: Decimal = ZERO
    forecast: Decimal = ZERO


def of_products(products: Any) -> dict[int, Figures]:
    """Product id -> figures, at the places and date of the context (see `product.product`)."""
    env = products.env(su=True)
    ids = [id_ for id_ in products.ids if id_]
    result = {id_: Figures() for id_ in products._ids}
    if not ids:
        return result
    scope = Scope(products.env)
    on_hand = _on_hand(env, ids, scope)
    taken = _reserved(env, ids, scope)
    for id_, quantity in _held_back(env, ids, scope).items():
        taken[id_] = taken.get(id_, ZERO) + quantity
    source, destination = scope.domain("location_id"), scope.destination()
    incoming = _planned(env, ids, scope, [*destination, "!", *source])
    outgoing = _planned(env, ids, scope, [*source, "!", *destination])
    for id_ in ids:
        have, gone = on_hand.get(id_, ZERO), outgoing.get(id_, ZERO)
        come = incoming.get(id_, ZERO)
        result[id_] = Figures(have, have - taken.get(id_, ZERO), come, gone, have + come - gone)
    return result


class Scope:
    """The places and the date that a context asks about, within the companies whose stock the user may see.

    Raises:
        AccessError: the context names a location or warehouse that the user may not see.
    """

    def __init__(self, env: Any) -> None:
        context = env.context
        self.places = self._places(env, context)
        self.companies = visible_companies(env, asked=self.places is not None)
        self.date = _moment(context.get("to_date"))
        self.lot = context.get("lot_id")

    def _places(self, env: Any, context: Any) -> list[int] | None:
        asked = _listed(context.get("location"))
        if asked:
            names = [each for each in asked if isinstance(each, str)]
            found = env["stock.location"].search([("complete_name", "in", names)]) if names else env["stock.location"]
            return _visible(env, "stock.location", [each for each in asked if isinstance(each, int)]).ids + found.ids
        warehouses = _listed(context.get("warehouse_id") or context.get("warehouse"))
        if warehouses:
            return _visible(env, "stock.warehouse", warehouses).sudo().view_location_id.ids
        return None

    def reaches_outside(self, env: Any) -> bool:
        """Whether places are asked about where no stock rows are kept: customers, vendors, production, loss."""
        if self.places is None:
            return False
        outside = [("id", "child_of", self.places), ("usage", "not in", (*STOCKED, "view"))]
        return bool(env["stock.location"].with_context(active_test=False).search_count(outside, limit=1))

    def part(self, name: str, stocked: bool) -> list[Any]:
        """`domain` within stock locations, where stock rows are kept, or outside of it; one term, too."""
        if self.places is None and stocked:
            return self.domain(name)
        return ["&", (f"{name}.usage", "in" if stocked else "not in", STOCKED), *self.domain(name)]

    def domain(self, name: str) -> list[Any]:
        """The condition that the location field `name` lies in the scope; one term, so that "!" can go before it."""
        inside = (f"{name}.usage", "in", STOCKED) if self.places is None else (name, "child_of", self.places)
        if self.companies is None:
            return [inside]
        return ["&", inside, (f"{name}.company_id", "in", self.companies)]

    def of_companies(self) -> list[Any]:
        """The condition that moves, or their lines, are of the companies: places may be shared."""
        return [] if self.companies is None else [("company_id", "in", self.companies)]

    def of_lot(self) -> list[Any]:
        """The condition that lines and stock rows are of the lot that is asked about, if one is."""
        return [("lot_id", "=", self.lot)] if self.lot else []

    def destination(self) -> list[Any]:
        """The condition that a move ends in the scope: at its final place where it has one beyond its own step."""
        return [
            "|",
            "&",
            ("location_final_id", "!=", False),
            *self.domain("location_final_id"),
            "&",
            ("location_final_id", "=", False),
            *self.domain("location_dest_id"),
        ]


def visible_companies(env: Any, asked: bool = False) -> list[Any] | None:
    """The companies whose stock `env` shows, and False for what belongs to all; None where these are all companies.

    Args:
        asked: the places are named, which code that works by sudo does for what it has checked: all companies then.
    """
    if asked and env.su:
        return None
    own = env.companies.ids
    everyone = env["res.company"].sudo().with_context(active_test=False).search([]).ids
    return [*own, False] if set(everyone) - set(own) else None


def _listed(value: Any) -> list[Any]:
    """One value or several, as contexts carry them, as a list."""
    return [] if not value else list(value) if isinstance(value, list | tuple) else [value]


def _visible(env: Any, model: str, ids: list[int]) -> Any:
    """The records, which the user may read; raises AccessError."""
    records = env[model].browse(ids)
    records.check_access("read")
    return records


def _moment(value: Any) -> datetime | None:
    """A date means its end."""
    if not value:
        return None
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if len(value) > 10 else date.fromisoformat(value)
    return value if isinstance(value, datetime) else datetime.combine(value, time.max)


def _on_hand(env: Any, ids: list[int], scope: Scope) -> dict[int, Decimal]:
    """By the stock rows, at a past date less what the ledger says of later; outside of stock by the ledger alone."""
    domain = [("product_id", "in", ids), *scope.part("location_id", stocked=True), *scope.of_lot()]
    on_hand = _by_product(env["stock.quant"]._read_group(domain, ["product_id"], ["quantity:sum"]))
    past = scope.date if scope.date and scope.date < Datetime.now() else None
    changes = [(-1, _moved(env, ids, scope, True, [("date", ">", past)]))] if past else []
    if scope.reaches_outside(env):
        changes.append((1, _moved(env, ids, scope, False, [("date", "<=", past)] if past else [])))
    for sign, change in changes:
        for product, quantity in change.items():
            on_hand[product] = on_hand.get(product, ZERO) + sign * quantity
    return on_hand


def _moved(env: Any, ids: list[int], scope: Scope, stocked: bool, when: list[Any]) -> dict[int, Decimal]:
    """What the ledger says has come into a part of the scope, less what has left it."""
    change: defaultdict[int, Decimal] = defaultdict(Decimal)
    done = [("product_id", "in", ids), ("product_id.is_storable", "=", True), ("state", "=", "done")]
    # Stock rows have no company but that of their location; what lies outside belongs to who brought it there.
    owned = [] if stocked else scope.of_companies()
    for name, other, sign in (("location_dest_id", "location_id", 1), ("location_id", "location_dest_id", -1)):
        domain = [*done, *when, *owned, *scope.of_lot(), *scope.part(name, stocked), "!", *scope.part(other, stocked)]
        rows = env["stock.move.line"]._read_group(domain, ["product_id"], ["quantity_product_uom:sum"])
        for product, total in _by_product(rows).items():
            change[product] += sign * total
    return change


def _reserved(env: Any, ids: list[int], scope: Scope) -> dict[int, Decimal]:
    """What is reserved; outside of stock nothing is, whatever is to come from there."""
    domain = [
        ("product_id", "in", ids),
        ("state", "=", "assigned"),
        *scope.part("location_id", stocked=True),
        *scope.of_lot(),
    ]
    return _by_product(env["stock.move.line"]._read_group(domain, ["product_id"], ["quantity_product_uom:sum"]))


def _held_back(env: Any, ids: list[int], scope: Scope) -> dict[int, Decimal]:
    """What is free and kept from reservations by addons; see `quants.held_back`. One place at a time is asked for."""
    if not quants.asks_addons(env):
        return {}
    domain = [("product_id", "in", ids), *scope.part("location_id", stocked=True), *scope.of_lot()]
    pairs = [group[:2] for group in env["stock.quant"]._read_group(domain, ["product_id", "location_id"])]
    total: defaultdict[int, Decimal] = defaultdict(Decimal)
    for (product, _place), quantity in quants.held_back(env, pairs, below=False).items():
        total[product] += quantity
    return total


def _planned(env: Any, ids: list[int], scope: Scope, crossing: list[Any]) -> dict[int, Decimal]:
    """What open moves carry across the border of the scope, each unit converted once."""
    if scope.date and scope.date < Datetime.now():
        return {}
    domain = [("product_id", "in", ids), ("state", "in", move_states.OPEN), *scope.of_companies(), *crossing]
    if scope.date:
        domain.append(("date", "<=", scope.date))
    total: defaultdict[int, Decimal] = defaultdict(Decimal)
    rows = env["stock.move"]._read_group(domain, ["product_id", "product_uom"], ["product_uom_qty:sum"])
    for product, unit, quantity in rows:
        total[product.id] += unit._convert(quantity, product.uom_id)
    return total


def not_wanted_yet(products: Any, days: Mapping[int, date]) -> dict[int, Decimal]:
    """Product id -> what leaves the places of the context after the product's day, less what comes after it.

    In the product's unit, and never below zero: goods that are ordered already count, even if they come late.

    Args:
        days: product id -> the last day on which what leaves is wanted; products that are not in it are left out.
    """
    if not days:
        return {}
    scope = Scope(products.env)
    source, destination = scope.domain("location_id"), scope.destination()
    owned = scope.of_companies()
    leaving = _after(products, days, [*owned, *source, "!", *destination])
    coming = _after(products, days, [*owned, *destination, "!", *source])
    return {id_: max(quantity - coming.get(id_, ZERO), ZERO) for id_, quantity in leaving.items()}


def _after(products: Any, days: Mapping[int, date], crossing: list[Any]) -> dict[int, Decimal]:
    """What open moves carry across a border after the day of each product."""
    domain = [
        ("product_id", "in", list(days)),
        ("state", "in", move_states.OPEN),
        ("date", ">", _moment(min(days.values()))),
    ]
    total: defaultdict[int, Decimal] = defaultdict(Decimal)
    moves = products.env(su=True)["stock.move"]
    groups = ["product_id", "product_uom", "date:day"]
    for product, unit, day, quantity in moves._read_group([*domain, *crossing], groups, ["product_uom_qty:sum"]):
        if _day(day) > days[product.id]:
            total[product.id] += unit._convert(quantity, product.uom_id)
    return total


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


def _by_product(rows: Iterable[tuple[Any, Decimal]]) -> dict[int, Decimal]:
    return {product.id: total or ZERO for product, total in rows}
