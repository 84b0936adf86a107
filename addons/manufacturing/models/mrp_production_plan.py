"""Production plan: what is demanded, what covers it, and the orders that were created for the rest."""

from __future__ import annotations

from typing import Any

from addons.inventory.services import move_states
from addons.manufacturing.services import closed_plans, net_requirements, production_plan
from core import api, fields, models
from core.api import _


class MrpProductionPlan(models.Model):
    """A run of the Production Planning Tool: demand up to a day, netted against stock and open orders.

    A plan remembers what it ordered. Another plan over the same demand finds it covered and proposes nothing.
    """

    _name = "mrp.production.plan"
    _inherit = ["document.mixin"]
    _description = "Production Plan"
    _check_company_auto = True
    _order = "id desc"

    STATES = [("draft", "Draft"), ("done", "Done")]
    TRANSITIONS = {"action_get_items": ({"draft"}, None), "action_create_orders": ({"draft"}, "done")}
    _settled_strictly = True
    STATE_REFUSALS = {"done": _("The orders of %(record)s are already created. Make a new plan for other demand.")}

    name = fields.Char("Reference", default="New", readonly=True, copy=False)
    state = fields.Selection(STATES, "Status", default="draft", readonly=True, copy=False, tracking=True)
    company_id = fields.Many2one("res.company", "Company", required=True, default=lambda self: self.env.company)
    warehouse_id = fields.Many2one(
        "stock.warehouse",
        "Warehouse",
        required=True,
        default=lambda self: self.env["stock.warehouse"]._default_for(self.env.company),
        check_company=True,
    )
    demand_source = fields.Selection(
        [("open", "All open demand")],
        "Get Items From",
        default="open",
        required=True,
        help="All open demand: orders, transfers, components of production, and reordering rules",
    )
    date_to = fields.Date("Demand Up To", help="Later demand is left out. Empty: all of it.")
    explode_subassemblies = fields.Boolean(
        "Explode Sub-Assemblies",
        help="Make items of the components of their sub-assemblies. Otherwise sub-assemblies come from stock, and what "
        "is missing of them is made by orders of their own.",
    )
    line_ids = fields.One2many("mrp.production.plan.line", "plan_id", "Items and Materials", copy=False)
    production_ids = fields.One2many("mrp.production", "plan_id", "Manufacturing Orders", copy=False)
    has_problems = fields.Boolean("Has Problems", compute="_compute_has_problems")
    production_count = fields.Integer("Manufacturing Order Count", compute="_compute_production_count")

    @api.depends("line_ids.problem")
    def _compute_has_problems(self) -> None:
        for plan in self:
            plan.has_problems = any(line.problem for line in plan.line_ids)

    @api.depends("production_ids")
    def _compute_production_count(self) -> None:
        for plan in self:
            plan.production_count = len(plan.production_ids)

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> Any:
        """Create draft plans, numbered."""
        return super().create(self.env["ir.sequence"]._with_numbers(self._name, vals_list))

    def write(self, vals: dict[str, Any]) -> bool:
        """Change plans; quantities entered for items change what is needed of their components.

        Raises ManufacturingError for a plan that is done.
        """
        if self._is_settling():
            return super().write(vals)
        closed_plans.check_values(self, vals)
        result = super().write(vals)
        if "line_ids" in vals:
            for plan in self:
                if plan.state == "draft" and plan.line_ids:
                    production_plan.refresh(plan)
        return result

    @api.ondelete()
    def _unlink_except_done(self) -> None:
        closed_plans.check_open(self)

    @api.public(access="write")
    @api.transition
    def action_get_items(self) -> None:
        """Get Items: list what is demanded, and what neither stock nor open orders cover of it."""
        for plan in self:
            production_plan.get_items(plan)

    @api.public(access="write")
    @api.transition
    def action_create_orders(self) -> None:
        """Create the manufacturing orders and material requests of all lines that can be ordered."""
        for plan in self:
            production_plan.create_orders(plan)

    @api.public(access="read")
    def action_view_productions(self) -> Any:
        """The manufacturing orders of the plans."""
        return self.production_ids

    def _includes_reordering(self) -> bool:
        """Whether reordering rules count as demand."""
        return bool(self.demand_source == "open")

    def _demand_moves(self) -> Any:
        """The open moves that the plan is to supply; addons add other sources of demand."""
        self.ensure_one()
        domain = [
            ("state", "in", ["waiting", "confirmed", "partially_available", "assigned"]),
            ("location_id", "child_of", self.warehouse_id.view_location_id.id),
        ]
        moves = self.env["stock.move"].sudo().search(domain)
        return net_requirements.open_demand(moves.filtered(self._is_in_time))

    def _is_in_time(self, move: Any) -> bool:
        """Whether a move is due by the last day of the plan, and takes stock of the warehouse that does not come back.

        The first step of a delivery or of the transfer of components ends within the warehouse, but what it takes
        leaves with a later step.
        """
        end = move.location_final_id or move.location_dest_id
        stays = end.warehouse_id == self.warehouse_id and end.usage == "internal"
        if stays and not any(following.state not in move_states.CLOSED for following in move.move_dest_ids):
            return False
        return not self.date_to or move.date.date() <= self.date_to
