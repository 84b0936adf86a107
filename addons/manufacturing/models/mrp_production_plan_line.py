"""Lines of production plans."""

from __future__ import annotations

from typing import Any

from addons.manufacturing.services import closed_plans
from core import api, fields, models


class MrpProductionPlanLine(models.Model):
    """A product that a plan needs: its demand is what comes from stock, from open orders and what is proposed."""

    _name = "mrp.production.plan.line"
    _description = "Production Plan Line"
    _order = "plan_id, sequence, id"
    _rec_name = "product_id"

    plan_id = fields.Many2one("mrp.production.plan", "Plan", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    state = fields.Selection(related="plan_id.state", string="Plan Status")
    product_id = fields.Many2one("product.product", "Product", required=True, ondelete="restrict")
    product_uom_id = fields.Many2one(related="product_id.uom_id", string="Unit")
    kind = fields.Selection(
        [("item", "Item"), ("subassembly", "Sub-assembly"), ("material", "Raw material")], "Kind", default="item"
    )
    bom_id = fields.Many2one("mrp.bom", "Bill of Materials", ondelete="set null")
    demand_names = fields.Char("For")
    date_planned = fields.Datetime("Needed")
    qty_on_hand = fields.Quantity("On Hand", compute="_compute_qty_on_hand")
    qty_demand = fields.Quantity("Demand", readonly=True)
    qty_stock = fields.Quantity("From Stock", readonly=True, help="Free stock, and what is reserved for this demand")
    qty_incoming = fields.Quantity(
        "From Open Orders", readonly=True, help="Open manufacturing orders, purchases, requests and transfers"
    )
    qty_proposed = fields.Quantity("Proposed", readonly=True)
    qty_to_order = fields.Quantity("To Order", help="What is proposed; enter another quantity to order that instead")
    supply = fields.Selection(
        [
            ("manufacture", "Manufacture"),
            ("buy", "Buy"),
            ("pull", "Transfer"),
            ("parent", "With its item"),
            ("covered", "Covered"),
            ("nothing", "Not Ordered"),
            ("none", "No source"),
        ],
        "Supply",
        readonly=True,
    )
    document_ref = fields.Char("Document Reference", readonly=True, copy=False)
    document_name = fields.Char("Ordered By", readonly=True, copy=False)
    problem = fields.Char("Problem", readonly=True, copy=False)
    needs_bom = fields.Boolean(
        "Bill of Materials Missing",
        readonly=True,
        copy=False,
        help="It cannot be made before its bill of materials lists its components.",
    )

    @api.constrains("qty_to_order")
    def _check_qty_to_order(self) -> None:
        closed_plans.check_quantities(self)

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> Any:
        """Add lines. Raises ManufacturingError where the plan is done."""
        lines = super().create(vals_list)
        closed_plans.check_open(lines.plan_id)
        return lines

    def write(self, vals: dict[str, Any]) -> bool:
        """Change lines. Raises ManufacturingError where the plan is done, or another one is given that is."""
        closed_plans.check_open(self.plan_id)
        result = super().write(vals)
        if "plan_id" in vals:
            closed_plans.check_open(self.plan_id)
        return result

    @api.ondelete()
    def _unlink_except_done(self) -> None:
        closed_plans.check_open(self.plan_id)

    @api.depends("product_id", "plan_id.warehouse_id")
    def _compute_qty_on_hand(self) -> None:
        for warehouse, lines in self.grouped(lambda line: line.plan_id.warehouse_id).items():
            for line in lines:
                line.qty_on_hand = line.product_id.with_context(warehouse_id=warehouse.id).qty_available

    @api.public(access="read")
    def action_view_document(self) -> Any:
        """The document that was created for the line."""
        self.ensure_one()
        model, _comma, id_ = (self.document_ref or "").partition(",")
        return self.env[model].browse(int(id_)).exists() if id_ else None

    @api.public(access="read")
    def action_new_bom(self) -> Any:
        """New Bill: the bill of materials of the line's product, to be filled in."""
        self.ensure_one()
        return self.product_id._new_bom(self.demand_names or self.plan_id.name)
