"""Kits: a product that is never moved itself; its components are moved in its place."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from addons.inventory.services import move_split
from addons.manufacturing.services.explosion import Request, refuse_empty

ZERO = Decimal(0)
# What there is of a kit, as fields of `product.product`.
COUNTED = ("qty_available", "free_qty", "incoming_qty", "outgoing_qty", "virtual_available")


def explode(moves: Any) -> Any:
    """Replace draft moves of kits by moves of their components; returns the moves that are to be confirmed.

    What an order makes is left alone, kit or not. One look for bills, one create and one unlink for all moves.

    Raises:
        NoBillOfMaterials: a kit has no components for the variant that is moved.
    """
    drafts = moves.filtered(lambda move: move.state == "draft" and not move.production_id)
    products = drafts.product_id
    if not products:
        return moves
    found = moves.env["mrp.bom"].sudo()._bom_find(products, company_id=moves.env.company.id, bom_type="phantom")
    kits = drafts.filtered(lambda move: found.get(move.product_id))
    if not kits:
        return moves
    requests = [
        Request.of(found[move.product_id], move.product_id, move.product_uom_qty, move.product_uom) for move in kits
    ]
    rows = []
    exploded = moves.env["mrp.bom"].sudo()._explode(requests)
    for move, base, explosion in zip(kits, move_split.part_values(kits.sudo()), exploded, strict=True):
        refuse_empty(explosion.empty)
        for leaf in explosion.leaves:
            if leaf.line.product_id.type == "consu":
                own = move._prepare_phantom_move_values(leaf.line, leaf.quantity, ZERO)
                rows.append({**base, "state": "draft", **own})
    components = moves.sudo().create(rows).with_env(moves.env)
    rest = moves - kits
    kits.sudo().unlink()
    return rest | components


def component_values(move: Any, bom_line: Any, quantity: Decimal) -> dict[str, Any]:
    """See `stock.move._prepare_phantom_move_values`."""
    return {
        "product_id": bom_line.product_id.id,
        "product_uom": bom_line.product_uom_id.id,
        "product_uom_qty": quantity,
        "bom_line_id": bom_line.id,
        "description_picking": move.description_picking or move.product_id.display_name,
    }


def figures(products: Any) -> dict[Any, dict[str, Decimal]]:
    """How many of each kit its components make up: kit -> field of `product.product` -> quantity in the kit's unit.

    Whole kits are counted; what is no goods is not waited for. Products that are no kit are left out. One look for
    bills, one explosion and one reading of the components' figures, at the place and date of the context.
    """
    stored = products.filtered("id")
    found = products.env["mrp.bom"].sudo()._bom_find(stored, company_id=products.env.company.id, bom_type="phantom")
    bills = {product: bom for product, bom in found.items() if bom}
    if not bills:
        return {}
    exploded = (
        products.env["mrp.bom"]
        .sudo()
        ._explode([Request(bom, product, bom.product_qty) for product, bom in bills.items()])
    )
    result = {}
    for (product, bom), explosion in zip(bills.items(), exploded, strict=True):
        needed: dict[Any, Decimal] = defaultdict(Decimal)
        for leaf in explosion.leaves:
            if leaf.line.product_id.is_storable and leaf.quantity:
                component = leaf.line.product_id.with_env(products.env)
                unit = leaf.line.product_uom_id
                needed[component] += unit._compute_quantity(leaf.quantity, component.uom_id, round=False)
        result[product] = {name: _whole_kits(name, product, bom, needed) for name in COUNTED}
    return result


def _whole_kits(name: str, product: Any, bom: Any, needed: dict[Any, Decimal]) -> Decimal:
    batches = [component[name] / quantity for component, quantity in needed.items()]
    whole = (min(batches, default=Decimal(0)) * bom.product_qty).to_integral_value(ROUND_FLOOR)
    return bom.product_uom_id._compute_quantity(whole, product.uom_id, rounding_method="DOWN")
