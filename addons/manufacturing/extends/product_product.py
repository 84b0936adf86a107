"""Variants: the bills that make and use them, and what is available of a kit."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from addons.manufacturing.services import kits
from core import api, fields, models


class ProductProduct(models.Model):
    """A variant may have bills of its own."""

    _inherit = "product.product"

    variant_bom_ids = fields.One2many("mrp.bom", "product_id", "BOM Product Variants")
    bom_line_ids = fields.One2many("mrp.bom.line", "product_id", "BoM Components")
    bom_count = fields.Integer("# Bill of Material", compute="_compute_bom_count", search=fields.SearchByValue())
    mrp_product_qty = fields.Quantity("Manufactured", compute="_compute_mrp_product_qty", search=fields.SearchByValue())

    @api.depends("variant_bom_ids", "product_tmpl_id.bom_ids")
    def _compute_bom_count(self) -> None:
        for product in self:
            common = product.product_tmpl_id.bom_ids.filtered(lambda bom: not bom.product_id)
            product.bom_count = len(common | product.variant_bom_ids)

    def _compute_quantities(self) -> None:
        """Of a kit there is what its components make up; all other figures are those of its stock."""
        super()._compute_quantities()
        for product, figures in kits.figures(self).items():
            for name, quantity in figures.items():
                product[name] = quantity

    def _supply_routes(self) -> dict[int, Any]:
        """See the base. What has a bill of materials can be made; that comes before buying it."""
        route = self.env.ref("manufacturing.route_warehouse0_manufacture")
        bills = self.env["mrp.bom"].sudo()._bom_find(self, company_id=self.env.company.id, bom_type="normal")
        return super()._supply_routes() | {product.id: route for product in bills if bills[product]}

    def _compute_mrp_product_qty(self) -> None:
        """What was made of each product over the last year."""
        since = fields.Datetime.now() - timedelta(days=365)
        groups = self.env["stock.move"]._read_group(
            [
                ("product_id", "in", self.ids),
                ("state", "=", "done"),
                ("production_id", "!=", False),
                ("date", ">=", since),
            ],
            ["product_id", "product_uom"],
            ["quantity:sum"],
        )
        made: dict[int, Decimal] = {}
        for product, unit, quantity in groups:
            amount = unit._compute_quantity(quantity, product.uom_id)
            made[product.id] = made.get(product.id, Decimal(0)) + amount
        for product in self:
            product.mrp_product_qty = made.get(product.id, Decimal(0))

    def _new_bom(self, reference: str) -> Any:
        """The bill of the product, one without components first; a new one where there is none.

        Args:
            reference: what the new bill is called after.
        """
        self.ensure_one()
        template = self.product_tmpl_id
        empty = template.bom_ids.filtered(lambda bom: not bom.bom_line_ids)
        return (empty or template.bom_ids)[:1] or self.env["mrp.bom"].create(
            {"product_tmpl_id": template.id, "product_qty": 1, "code": reference}
        )

    @api.public(access="read")
    def action_view_bom(self) -> Any:
        """The bills that make these products."""
        return self.env["mrp.bom"].search(self.env["mrp.bom"]._bom_find_domain(self))
