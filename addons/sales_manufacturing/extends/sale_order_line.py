"""Lines over kits: what is shipped are the components, what is counted are the kits."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from addons.sales_manufacturing.services import kits
from core import api, fields, models


class SaleOrderLine(models.Model):
    """A kit is delivered when all of its components are."""

    _inherit = "sale.order.line"

    needs_bom = fields.Boolean(
        "Bill of Materials Missing",
        compute="_compute_needs_bom",
        help="A custom item that cannot be made before its bill of materials lists its components.",
    )

    @api.depends("product_id.is_custom", "product_id.bom_ids.bom_line_ids", "state", "company_id.require_bom")
    def _compute_needs_bom(self) -> None:
        for line in self:
            custom = line.product_id.is_custom and line.company_id.require_bom and line.state != "cancel"
            line.needs_bom = custom and not line.product_id.sudo().bom_ids.bom_line_ids

    @api.public(access="read")
    def action_new_bom(self) -> Any:
        """New Bill: the bill of materials of the line's product, to be filled in."""
        self.ensure_one()
        return self.product_id._new_bom(self.order_id.name)

    @api.depends("product_uom_qty")
    def _compute_qty_delivered(self) -> None:
        # How much of a component a kit takes is known from the quantity ordered, so a new one counts anew.
        super()._compute_qty_delivered()

    def _shipped(self, net: bool = True) -> dict[Any, Decimal]:
        sold_as_kit = kits.among(self)
        return super(SaleOrderLine, self - sold_as_kit)._shipped(net) | kits.shipped(sold_as_kit, net)

    def _reduce_demand(self, quantities: Mapping[int, Decimal]) -> None:
        sold_as_kit = kits.among(self)
        super(SaleOrderLine, self - sold_as_kit)._reduce_demand(quantities)
        kits.reduce(sold_as_kit, quantities)

    def _in_parts(self, quantities: Mapping[int, Decimal]) -> dict[int, dict[Any, Decimal]]:
        sold_as_kit = kits.among(self)
        return super(SaleOrderLine, self - sold_as_kit)._in_parts(quantities) | kits.in_parts(sold_as_kit, quantities)

    def _from_parts(self, parts: Mapping[int, Mapping[Any, Decimal]]) -> dict[int, Decimal]:
        sold_as_kit = kits.among(self)
        return super(SaleOrderLine, self - sold_as_kit)._from_parts(parts) | kits.from_parts(sold_as_kit, parts)
