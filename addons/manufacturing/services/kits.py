"""Kits: a product that is never moved itself; its components are moved in its place."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from addons.manufacturing.services.explosion import Request


def explode(moves: Any) -> Any:
    """Replace draft moves of kits by moves of their components; returns the moves that are to be confirmed.

    What an order makes is left alone, kit or not. One look for bills, one create and one unlink for all moves.
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
        Request(found[move.product_id], move.product_id, _in_unit(move, found[move.product_id])) for move in kits
    ]
    rows = []
    exploded = moves.env["mrp.bom"].sudo()._explode(requests)
    for move, base, explosion in zip(kits, kits._part_values(), exploded, strict=True):
        for leaf in explosion.leaves:
            if leaf.line.product_id.type != "consu":
                continue
            rows.append(
                {
                    **base,
                    "state": "draft",
                    "product_id": leaf.line.product_id.id,
                    "product_uom": leaf.line.product_uom_id.id,
                    "product_uom_qty": leaf.quantity,
                    "bom_line_id": leaf.line.id,
                    "description_picking": move.description_picking or move.product_id.display_name,
                }
            )
    components = moves.sudo().create(rows).with_env(moves.env)
    rest = moves - kits
    kits.sudo().unlink()
    return rest | components


def _in_unit(move: Any, bom: Any) -> Decimal:
    if move.product_uom == bom.product_uom_id:
        return move.product_uom_qty
    return move.product_uom._compute_quantity(move.product_uom_qty, bom.product_uom_id, round=False)
