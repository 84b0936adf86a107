"""By-product of a bill of materials."""

from __future__ import annotations

from decimal import Decimal

from addons.manufacturing.services import applying
from core import api, fields, models
from core.exceptions import ValidationError


class MrpBomByproduct(models.Model):
    """What comes out besides the product of the bill, and its share of the cost."""

    _name = "mrp.bom.byproduct"
    _description = "Bill of Materials By-product"
    _check_company_auto = True
    _inherit = ["mrp.bom.part.mixin"]
    _order = "sequence, id"
    _rec_name = "product_id"

    sequence = fields.Integer("Sequence", default=10)
    product_id = fields.Many2one("product.product", "By-product", required=True, check_company=True)
    product_qty = fields.Quantity("Quantity", default=Decimal(1), required=True)
    product_uom_id = fields.Many2one(
        "uom.uom", "Unit", required=True, compute="_compute_product_uom_id", store=True, readonly=False, precompute=True
    )
    operation_id = fields.Many2one("mrp.routing.workcenter", "Produced in Operation")
    bom_product_template_attribute_value_ids = fields.Many2many(
        "product.template.attribute.value",
        "mrp_bom_byproduct_variant_value_rel",
        "byproduct_id",
        "value_id",
        "Apply on Variants",
        help="Variants with one of these values of each attribute named. Empty: all variants.",
    )
    cost_share = fields.Quantity("Cost Share (%)", digits=2, help="Part of the order's cost that this carries.")

    _qty_not_negative = models.Constraint(
        "CHECK (product_qty >= 0)", "A by-product comes out in a quantity of zero or more."
    )

    @api.depends("product_id")
    def _compute_product_uom_id(self) -> None:
        for line in self:
            line.product_uom_id = line.product_id.uom_id

    @api.constrains("cost_share", "bom_id", applying.VALUES)
    def _check_cost_share(self) -> None:
        for bom in self.bom_id:
            together = [bom.byproduct_ids]
            if bom.byproduct_ids[applying.VALUES]:
                variants = bom.product_tmpl_id.product_variant_ids
                together = [applying.on_variant(bom.byproduct_ids, variant) for variant in variants]
            totals = [sum(byproducts.mapped("cost_share"), Decimal(0)) for byproducts in together]
            if any(share < 0 for share in bom.byproduct_ids.mapped("cost_share")) or any(t > 100 for t in totals):
                raise ValidationError(
                    self.env._(
                        "The by-products of %(bom)s carry cost shares of 0 to 100 %% in all. Lower them.",
                        bom=bom.display_name,
                    ),
                    fields=["cost_share"],
                    code="manufacturing.cost_share",
                )

    @api.constrains("product_id", "bom_id")
    def _check_product(self) -> None:
        for line in self:
            if line.product_id.product_tmpl_id == line.bom_id.product_tmpl_id:
                raise ValidationError(
                    self.env._(
                        "%(product)s is what the bill of materials makes, and cannot be its by-product as well. "
                        "Choose another product.",
                        product=line.product_id.display_name,
                    ),
                    fields=["product_id"],
                    code="manufacturing.byproduct_is_product",
                )
