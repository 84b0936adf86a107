"""Order lines over kits: from the components that moved to the kits that the customer has, and back.

The bills of all lines are looked up and taken apart together. How much of each component a line takes is what its bill
says for the quantity ordered, rounded as it was when the delivery was made, so that a complete delivery is complete.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from addons.inventory.services import order_lines
from addons.manufacturing.services.explosion import Request
from addons.sales.services import confirmation, delivery

ZERO = Decimal(0)
ONE = Decimal(1)


def among(lines: Any) -> Any:
    """Those of the lines that are delivered as components."""
    return lines.filtered(
        lambda line: any(move.bom_line_id and move.product_id != line.product_id for move in line.move_ids)
    )


def shipped(lines: Any, net: bool) -> dict[Any, Decimal]:
    """Whole kits that the customer has: line id -> how many, in the unit of the line; `net` of what came back."""
    if not lines:
        return {}
    ordered = {line.id: line._in_product_unit(line.product_uom_qty) or ONE for line in lines}
    needed = _components(lines, ordered)
    result = {}
    for line in lines:
        complete = _complete(line, ordered[line.id], needed[line.id], net)
        result[line.id] = line._from_product_unit(complete)
    return result


def _complete(line: Any, ordered: Decimal, needed: Mapping[Any, Decimal], net: bool) -> Decimal:
    """Kits of which every component has come, in the product's unit; half a kit is none."""
    ratios = [
        Fraction(order_lines.fulfilled(_moves_of(line, product), delivery.towards_customer, net)) / Fraction(quantity)
        for product, quantity in needed.items()
    ]
    ratio = min(ratios, default=Fraction(0))
    if ratio == 1:
        return ordered
    whole = ratio * Fraction(ordered)
    return Decimal(whole.numerator // whole.denominator)


def reduce(lines: Any, quantities: Mapping[int, Decimal]) -> None:
    """Take the components of so many kits (line id -> how many, in the unit of the line) from the open moves."""
    if not lines:
        return
    after = {line.id: line._in_product_unit(line.product_uom_qty) for line in lines}
    before = {line.id: after[line.id] + line._in_product_unit(quantities[line.id]) for line in lines}
    remaining, taken = _components(lines, after), _components(lines, before)
    reductions = []
    for line in lines:
        for product, quantity in taken[line.id].items():
            less = quantity - remaining[line.id].get(product, ZERO)
            if less > 0:
                reductions.append(confirmation.Reduction(line.order_id, _moves_of(line, product), less))
    confirmation.reduce(reductions)


def in_parts(lines: Any, quantities: Mapping[int, Decimal]) -> dict[int, dict[Any, Decimal]]:
    """Line id -> component -> how much of it the last so many kits take (line id -> kits, in the product's unit)."""
    if not lines:
        return {}
    ordered = {line.id: line._in_product_unit(line.product_uom_qty) for line in lines}
    without = {line.id: max(ordered[line.id] - quantities[line.id], ZERO) for line in lines}
    everything, before = _components(lines, ordered), _components(lines, without)
    return {
        line.id: {
            product: quantity - before[line.id].get(product, ZERO) for product, quantity in everything[line.id].items()
        }
        for line in lines
    }


def from_parts(lines: Any, parts: Mapping[int, Mapping[Any, Decimal]]) -> dict[int, Decimal]:
    """Line id -> kits that lack something while so much of each component is lacking, in the product's unit."""
    asked = lines.filtered(lambda line: any(parts[line.id].values()))
    result = dict.fromkeys(lines.ids, ZERO)
    if not asked:
        return result
    ordered = {line.id: line._in_product_unit(line.product_uom_qty) or ONE for line in asked}
    needed = _components(asked, ordered)
    for line in asked:
        kits = ordered[line.id]
        ratios = [
            Fraction(parts[line.id].get(product, ZERO)) / Fraction(quantity)
            for product, quantity in needed[line.id].items()
        ]
        lacking = max(ratios, default=Fraction(0)) * Fraction(kits)
        result[line.id] = min(Decimal(-(-lacking.numerator // lacking.denominator)), kits)
    return result


def _components(lines: Any, quantities: Mapping[int, Decimal]) -> dict[int, dict[Any, Decimal]]:
    """Line id -> component -> how much of it so many kits take, both in the unit of the product."""
    boms = _bills(lines)
    asked = lines.filtered(lambda line: boms[line.id] and quantities[line.id])
    requests = [
        Request.of(boms[line.id], line.product_id, quantities[line.id], line.product_id.uom_id) for line in asked
    ]
    result: dict[int, dict[Any, Decimal]] = {line.id: {} for line in lines}
    for line, explosion in zip(asked, lines.env["mrp.bom"].sudo()._explode(requests), strict=True):
        needed: defaultdict[Any, Decimal] = defaultdict(Decimal)
        for leaf in explosion.leaves:
            component = leaf.line.product_id
            if component.type == "consu" and leaf.quantity:
                unit = leaf.line.product_uom_id
                needed[component] += unit._convert(leaf.quantity, component.uom_id)
        result[line.id] = dict(needed)
    return result


def _bills(lines: Any) -> dict[int, Any]:
    """The bill by which each line was taken apart: the one its moves know, else the one that applies today."""
    bom = lines.env["mrp.bom"].sudo()
    bill_of = {part.id: part.bom_id for part in lines.sudo().move_ids.bom_line_id}  # read for all lines at once
    found: dict[int, Any] = {}
    for company, members in lines.grouped(lambda line: line.company_id.id).items():
        today = bom._bom_find(members.product_id, company_id=company, bom_type="phantom")
        for line in members:
            template = line.product_id.product_tmpl_id
            used = (bill_of[move.bom_line_id.id] for move in line.sudo().move_ids if move.bom_line_id)
            own = (each for each in used if each.product_tmpl_id == template)
            found[line.id] = next(own, today[line.product_id])
    return found


def _moves_of(line: Any, product: Any) -> Any:
    return line.move_ids.sudo().filtered(lambda move: move.product_id == product)
