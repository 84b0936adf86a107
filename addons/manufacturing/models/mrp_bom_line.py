"""Component of a bill of materials."""

from __future__ import annotations

from decimal import Decimal

from addons.manufacturing.services import applying
from core import api, fields, models
from core.exceptions import ValidationError


class MrpBomLine(models.Model):
    """So many of a component go into what the bill makes."""

    _name = "mrp.bom.line"
    _description = "Bill of Materials Component"
    _check_company_auto = True
    _inherit = ["mrp.bom.part.mixin"]
    _order = "sequence, id"
    _rec_name = "product_id"

    sequence = fields.Integer("Sequence", default=10)
    product_id = fields.Many2one(
        "product.product", "Component", required=True, index=True, domain=[("type", "=", "consu")], check_company=True
    )
    product_tmpl_id = fields.Many2one(related="product_id.product_tmpl_id", string="Component Product")
    product_qty = fields.Quantity("Quantity", default=Decimal(1), required=True, uom_field="product_uom_id")
    product_uom_id = fields.Many2one(
        "uom.uom", "Unit", required=True, compute="_compute_product_uom_id", store=True, readonly=False, precompute=True
    )
    operation_id = fields.Many2one(
        "mrp.routing.workcenter", "Consumed in Operation", help="Empty: consumed when the order is finished."
    )
    bom_product_template_attribute_value_ids = fields.Many2many(
        "product.template.attribute.value",
        "mrp_bom_line_variant_value_rel",
        "bom_line_id",
        "value_id",
        "Apply on Variants",
        help="Variants with one of these values of each attribute named. Empty: all variants.",
    )
    parent_product_tmpl_id = fields.Many2one(related="bom_id.product_tmpl_id", string="Made Product")
    tracking = fields.Selection(related="product_id.tracking")
    child_bom_id = fields.Many2one("mrp.bom", "Sub-BoM", compute="_compute_child_bom_id")
    child_line_ids = fields.One2many("mrp.bom.line", string="Sub-BoM Components", compute="_compute_child_line_ids")

    _qty_not_negative = models.Constraint(
        "CHECK (product_qty >= 0)",
        "A component cannot be needed in a negative quantity. List what production leaves over as a by-product.",
    )

    @api.depends("product_id")
    def _compute_product_uom_id(self) -> None:
        for line in self:
            line.product_uom_id = line.product_id.uom_id

    @api.depends("product_id", "bom_id")
    def _compute_child_bom_id(self) -> None:
        found = self.env["mrp.bom"]._bom_find(self.product_id)
        for line in self:
            line.child_bom_id = found.get(line.product_id) or False

    @api.depends("child_bom_id")
    def _compute_child_line_ids(self) -> None:
        for line in self:
            line.child_line_ids = applying.on_variant(line.child_bom_id.bom_line_ids, line.product_id)

    @api.onchange("product_id")
    def _onchange_product_id(self) -> None:
        if self.product_id:
            self.product_uom_id = self.product_id.uom_id

    @api.constrains("product_id", "bom_id", applying.VALUES)
    def _check_cycle(self) -> None:
        self.bom_id._check_bom_cycle()

    @api.constrains("product_id", "product_uom_id")
    def _check_unit(self) -> None:
        for line in self:
            if not line.product_uom_id._has_common_reference(line.product_id.uom_id):
                raise ValidationError(
                    self.env._(
                        "%(product)s is measured in %(own)s, which does not convert into %(unit)s. "
                        "Choose a unit of the same kind.",
                        product=line.product_id.display_name,
                        own=line.product_id.uom_id.display_name,
                        unit=line.product_uom_id.display_name,
                    ),
                    fields=["product_uom_id"],
                    code="manufacturing.unit_family",
                )
