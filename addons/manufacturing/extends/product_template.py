"""Products and what they are made of."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core import api, fields, models


class ProductTemplate(models.Model):
    """A product may be made by bills of materials, and be used in others."""

    _inherit = "product.template"

    bom_ids = fields.One2many("mrp.bom", "product_tmpl_id", "Bills of Materials")
    bom_line_ids = fields.One2many("mrp.bom.line", string="BoM Components", compute="_compute_bom_line_ids")
    bom_count = fields.Integer("# Bill of Material", compute="_compute_bom_count", search=fields.SearchByValue())
    used_in_bom_count = fields.Integer(
        "# BoM Where Used", compute="_compute_used_in_bom_count", search=fields.SearchByValue()
    )
    mrp_product_qty = fields.Quantity("Manufactured", compute="_compute_mrp_product_qty", search=fields.SearchByValue())
    property_stock_production = fields.Many2one(
        "stock.location",
        "Production Location",
        domain=[("usage", "=", "production")],
        help="Where the product is made, if not at the common production location; it counts as outside the stock.",
    )
    is_kits = fields.Boolean("Is Kit", compute="_compute_is_kits", search="_search_is_kits")

    @api.depends("product_variant_ids")
    def _compute_bom_line_ids(self) -> None:
        for template in self:
            template.bom_line_ids = template.product_variant_ids.bom_line_ids

    @api.depends("bom_ids.active")
    def _compute_bom_count(self) -> None:
        for template in self:
            template.bom_count = len(template.bom_ids)

    def _compute_used_in_bom_count(self) -> None:
        groups = self.env["mrp.bom.line"]._read_group(
            [("product_id.product_tmpl_id", "in", self.ids)], ["product_id"], ["bom_id:count_distinct"]
        )
        counts: dict[int, int] = {}
        for product, count in groups:
            counts[product.product_tmpl_id.id] = counts.get(product.product_tmpl_id.id, 0) + count
        for template in self:
            template.used_in_bom_count = counts.get(template.id, 0)

    def _compute_mrp_product_qty(self) -> None:
        for template in self:
            template.mrp_product_qty = sum(template.product_variant_ids.mapped("mrp_product_qty"), Decimal(0))

    @api.depends("bom_ids.type", "bom_ids.active")
    def _compute_is_kits(self) -> None:
        for template in self:
            template.is_kits = any(bom.type == "phantom" for bom in template.bom_ids)

    def _search_is_kits(self, operator: str, value: Any) -> list[Any]:
        kits = self.env["mrp.bom"].sudo().search([("type", "=", "phantom")]).product_tmpl_id
        return [("id", "in" if (operator in ("=", "in")) == bool(value) else "not in", kits.ids)]

    @api.public(access="read")
    def action_view_boms(self) -> Any:
        """The bills that make these products."""
        return self.bom_ids

    @api.public(access="read")
    def action_used_in_bom(self) -> Any:
        """The bills that these products go into."""
        return self.bom_line_ids.bom_id

    @api.public(access="read")
    def action_view_mos(self) -> Any:
        """The orders that make these products."""
        return self.env["mrp.production"].search([("product_id.product_tmpl_id", "in", self.ids)])
