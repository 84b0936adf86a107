"""Where lots and packages are now: by the stock rows, and by the ledger once they have left it.

Outside (at customers, in production, as loss) is what went there and did not come back. What is in stock is looked
for there first: a lot of which part was delivered is where the rest lies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from addons.inventory.services.quants import STOCKED
from core.rounding import format_number


class Content(NamedTuple):
    """So many of a product at a place."""

    location: Any
    product: Any
    quantity: Decimal


class Thing(NamedTuple):
    """By which fields a kind of record is found in the stock, on lines that bring it, and on lines that take of it."""

    stock: str
    brought: str
    taken: str


LOT = Thing("lot_id", "lot_id", "lot_id")
PACKAGE = Thing("package_id", "result_package_id", "package_id")


def of(records: Any, thing: Thing) -> dict[int, list[Content]]:
    """Id -> what there is of each lot or package, and where; three statements for any number of them.

    Quantities below zero are left out.
    """
    ids = [id_ for id_ in records.ids if id_]
    found = _in_stock(records.env, thing, ids)
    found.update(_outside(records.env, thing, [id_ for id_ in ids if id_ not in found]))
    return found


def place(content: Iterable[Content]) -> Any:
    """The one place where all of it is; False where it is nowhere or at several."""
    places = {each.location.id: each.location for each in content}
    return next(iter(places.values())) if len(places) == 1 else False


def search(model: Any, thing: Thing, operator: str, value: Any) -> Any:
    """The domain of the lots or packages whose one place is as asked."""
    if operator in ("!=", "not in", "not any", "not ilike", "not like"):
        return NotImplemented  # the complement of the positive condition
    if operator == "=":
        operator, value = "in", [value]
    everywhere = model.env["stock.location"].with_context(active_test=False)
    if operator == "in" and False in value:
        given = [each for each in value if each]
        known = _ids_at(model, thing, everywhere.search([]))
        nowhere = [("id", "not in", known)]
        return ["|", *nowhere, ("location_id", "in", given)] if given else nowhere
    if operator == "any":
        places = everywhere.search(value)
    else:
        by_id = operator in ("in", "child_of", "parent_of")
        places = everywhere.search([("id" if by_id else "complete_name", operator, value)])
    return [("id", "in", _ids_at(model, thing, places))]


def _ids_at(model: Any, thing: Thing, places: Any) -> list[int]:
    lines, quants = model.env["stock.move.line"], model.env["stock.quant"]
    held = quants._read_group([("location_id", "in", places.ids), (thing.stock, "!=", False)], [thing.stock])
    went = lines._read_group(
        [("location_dest_id", "in", places.ids), ("state", "=", "done"), (thing.brought, "!=", False)], [thing.brought]
    )
    candidates = model.browse(sorted({record.id for record, *_count in (*held, *went)}))
    found = of(candidates, thing)
    return [id_ for id_, content in found.items() if (where := place(content)) and where.id in places._ids]


def _in_stock(env: Any, thing: Thing, ids: list[int]) -> dict[int, list[Content]]:
    if not ids:
        return {}
    rows = env["stock.quant"]._read_group(
        [(thing.stock, "in", ids), ("location_id.usage", "in", STOCKED)],
        [thing.stock, "location_id", "product_id"],
        ["quantity:sum"],
    )
    found: defaultdict[int, list[Content]] = defaultdict(list)
    for record, location, product, quantity in rows:
        if quantity > 0:
            found[record.id].append(Content(location, product, quantity))
    return dict(found)


def _outside(env: Any, thing: Thing, ids: list[int]) -> dict[int, list[Content]]:
    if not ids:
        return {}
    total: defaultdict[tuple[Any, Any, Any], Decimal] = defaultdict(Decimal)
    for name, where, sign in ((thing.brought, "location_dest_id", 1), (thing.taken, "location_id", -1)):
        rows = env["stock.move.line"]._read_group(
            [(name, "in", ids), ("state", "=", "done"), (f"{where}.usage", "not in", STOCKED)],
            [name, where, "product_id"],
            ["quantity_product_uom:sum"],
        )
        for record, location, product, quantity in rows:
            total[record, location, product] += sign * quantity
    found: defaultdict[int, list[Content]] = defaultdict(list)
    for (record, location, product), quantity in total.items():
        if quantity > 0:
            found[record.id].append(Content(location, product, quantity))
    return dict(found)


def in_words(content: Iterable[Content]) -> str:
    """What there is: quantity and product of each."""
    total: defaultdict[Any, Decimal] = defaultdict(Decimal)
    for each in content:
        total[each.product] += each.quantity
    return ", ".join(f"{format_number(quantity)} {product.display_name}" for product, quantity in total.items())
