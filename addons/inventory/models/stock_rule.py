"""Rules: where the goods for a place come from, or go on to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from addons.inventory.services import lead_times, procurement, push
from core import api, fields, models


class StockRule(models.Model):
    """One step of a route.

    A *pull* rule answers a need at `location_dest_id` with a move from `location_src_id`; a *push* rule sends what has
    arrived at `location_src_id` on to `location_dest_id`. Addons add actions (`buy`, `manufacture`) and answer them
    by a method `_run_<action>(procurements)`.
    """

    _name = "stock.rule"
    _description = "Stock Rule"
    _check_company_auto = True
    _kept = True
    _order = "route_sequence, sequence, id"

    Procurement = procurement.Procurement

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=20)
    action = fields.Selection(
        [("pull", "Pull From"), ("push", "Push To"), ("pull_push", "Pull & Push")],
        "Action",
        default="pull",
        required=True,
    )
    route_id = fields.Many2one("stock.route", "Route", required=True, ondelete="cascade", index=True)
    route_sequence = fields.Integer("Route Sequence", related="route_id.sequence", store=True)
    company_id = fields.Many2one("res.company", "Company", default=lambda self: self.env.company)
    location_dest_id = fields.Many2one(
        "stock.location", "Destination Location", required=True, index=True, check_company=True
    )
    location_src_id = fields.Many2one("stock.location", "Source Location", index=True, check_company=True)
    location_dest_from_rule = fields.Boolean(
        "Destination from the Rule", help="The move ends at the rule's destination, whatever its operation type says"
    )
    procure_method = fields.Selection(
        [
            ("make_to_stock", "Take From Stock"),
            ("make_to_order", "Trigger Another Rule"),
            ("mts_else_mto", "Take From Stock, if unavailable, Trigger Another Rule"),
        ],
        "Supply Method",
        default="make_to_stock",
        required=True,
    )
    picking_type_id = fields.Many2one("stock.picking.type", "Operation Type", check_company=True)
    warehouse_id = fields.Many2one("stock.warehouse", "Warehouse", index=True, ondelete="cascade", check_company=True)
    partner_address_id = fields.Many2one("res.partner", "Partner Address", check_company=True)
    delay = fields.Integer(
        "Lead Time", default=0, help="Days that moving the goods takes; buying and making have lead times of their own"
    )
    propagate_cancel = fields.Boolean("Cancel Next Move", default=False)
    auto = fields.Selection(
        [("manual", "Manual Operation"), ("transparent", "Automatic No Step Added")], "Automatic Move", default="manual"
    )

    @api.seam("procure", order=10)
    @api.private
    @api.model
    def run(self, procurements: list[procurement.Procurement], raise_user_error: bool = True) -> bool:
        """Answer needs by moves, purchases or productions.

        When:
            once for all needs of an action: of the lines of all orders that are confirmed together, of all reordering
            rules of a run; then once for the needs of all moves that these confirm and that are made to order.
        Called by:
            ``sales.services.confirmation.launch``, ``inventory.services.backorder_supply.order``,
            ``inventory.services.moves._order_supply``, ``stock.warehouse.orderpoint._order_wanted``,
            ``stock.scrap._replenish``.
        Args:
            procurements: what is needed, as made by ``stock.rule.Procurement(...)``: product, quantity and unit, place,
                origin, company, and `values` with all that is carried along.
            raise_user_error: whether needs that nothing answers raise NoRule.
        Returns:
            True.
        Raises:
            NoRule: names every need without an answer.
        Transaction:
            that of the action.
        Override:
            change, add or take out needs before ``super()``. For a rule action of the addon, define `_run_<action>`; to
            answer needs of other rules, or of none, by a document of the addon, implement the hook `plan_supply`.
        Example::

            class StockRule(models.Model):
                _inherit = "stock.rule"

                @api.model
                def run(self, procurements, raise_user_error=True):
                    procurements = [need for need in procurements if need.product_id.default_code != "DUMMY"]
                    return super().run(procurements, raise_user_error=raise_user_error)
        """
        procurement.run(self.env, procurements, raise_user_error=raise_user_error)
        return True

    @api.public(access="write")
    @api.model
    def run_scheduler(self, use_new_cursor: bool = False, company_id: int | bool = False) -> bool:
        """The nightly work: replenish automatic reordering rules and reserve what waits for its date."""
        self.check_access("write")
        domain = [("trigger", "=", "auto")] + ([("company_id", "=", company_id)] if company_id else [])
        self.env["stock.warehouse.orderpoint"].search(domain)._procure_orderpoint_confirm()
        self.env["stock.move"]._assign_waiting()
        return True

    @api.seam("procure", order=30)
    def _get_stock_move_values(
        self,
        product_id: Any,
        product_qty: Any,
        product_uom: Any,
        location_dest_id: Any,
        name: str,
        origin: str,
        company_id: Any,
        values: dict[str, Any],
    ) -> dict[str, Any]:
        """The values of the move by which this pull rule answers a need.

        When:
            once for each move that pull rules make: once for a need, twice where stock covers only part of it.
        Called by:
            ``inventory.services.procurement.pull``.
        Args:
            product_id: the product.
            product_qty: how much the move brings, in `product_uom`.
            product_uom: the unit.
            location_dest_id: the place in need.
            name: the words for it on documents.
            origin: the document that it comes from.
            company_id: for which company.
            values: all that is carried along.
        Returns:
            values for `create` of stock.move.
        Transaction:
            that of the run; it only reads.
        Override:
            change the values of ``super()``. What is only passed on needs no override but `_get_custom_move_fields`.
            The procurement method is set afterwards.
        Example::

            class StockRule(models.Model):
                _inherit = "stock.rule"

                def _get_stock_move_values(
                    self, product_id, product_qty, product_uom, location_dest_id, name, origin, company_id, values
                ):
                    row = super()._get_stock_move_values(
                        product_id, product_qty, product_uom, location_dest_id, name, origin, company_id, values
                    )
                    return row | {"priority": "1"} if product_id.default_code == "URGENT" else row
        """
        self.ensure_one()
        need = procurement.Procurement(
            product_id, product_qty, product_uom, location_dest_id, name, origin, company_id, values
        )
        return procurement.move_values(self, need)

    @api.seam("procure", order=35)
    def _get_custom_move_fields(self) -> list[str]:
        """The fields of moves that take over the value of the same name that a need carries.

        When:
            once for each move that pull rules make.
        Called by:
            ``stock.rule._get_stock_move_values``.
        Returns:
            a list of field names: plain fields, and many2one fields by record or id.
        Transaction:
            that of the run; it only reads.
        Override:
            add fields of the addon to those of ``super()``; what is not in the values of a need is left out.
        Example::

            class StockRule(models.Model):
                _inherit = "stock.rule"

                def _get_custom_move_fields(self):
                    return [*super()._get_custom_move_fields(), "restrict_partner_id"]
        """
        return []

    @api.seam("procure", order=40)
    def _lead_days(self, needs: list[Any]) -> list[int]:
        """The days that this rule takes to answer each of the needs.

        What the rule itself sets off is not counted.

        When:
            once for all needs of a rule, when reordering rules and promised dates are computed.
        Called by:
            ``inventory.services.lead_times._days_of_rules``.
        Args:
            needs: needs with product, quantity and place.
        Returns:
            a list of days, one for each need, in order.
        Transaction:
            that of the caller; it only reads.
        Override:
            add the days of the addon's actions to those of ``super()``.
        Example::

            class StockRule(models.Model):
                _inherit = "stock.rule"

                def _lead_days(self, needs):
                    return [days + 1 for days in super()._lead_days(needs)]
        """
        self.ensure_one()
        return [self.delay if self.action in lead_times.PULLS else 0] * len(needs)

    @api.seam("procure", order=50)
    @api.model
    def _refusals(self, needs: list[Any]) -> dict[int, str]:
        """Why the rules of needs cannot answer them.

        When:
            once for all needs of a plan or of backorders, before they are ordered.
        Called by:
            ``inventory.services.backorder_supply.order``, ``manufacturing.services.production_plan.create_orders``,
            ``manufacturing.services.production_plan._write_lines``.
        Args:
            needs: needs with their `rule`, which is empty where none applies.
        Returns:
            id(need) -> a few words, such as "no vendor"; needs that can be answered are not in it.
        Transaction:
            that of the caller; it only reads.
        Override:
            add the refusals of the addon's actions to those of ``super()``.
        Example::

            class StockRule(models.Model):
                _inherit = "stock.rule"

                @api.model
                def _refusals(self, needs):
                    closed = {id(need): "season is over" for need in needs if need.product_id.default_code == "SUMMER"}
                    return super()._refusals(needs) | closed
        """
        return {id(need): self.env._("no replenishment route") for need in needs if not need.rule}

    @api.seam("procure", order=20)
    def _run_pull(self, procurements: list[Any]) -> None:
        """Answer needs, each with its rule, by moves from the source of the rule.

        When:
            once for all needs of a run whose rules pull. `_run_<action>` is looked up by name: an addon that adds an
            action to the field `action` defines the method for it.
        Called by:
            ``inventory.services.procurement._answer``.
        Args:
            procurements: needs with their `rule`; each can be taken apart into procurement and rule.
        Transaction:
            that of the run.
        Override:
            change the needs before ``super()``, or leave out those that the addon answers itself.
        Example::

            class StockRule(models.Model):
                _inherit = "stock.rule"

                def _run_pull(self, procurements):
                    return super()._run_pull(sorted(procurements, key=lambda need: need.product_id.id))
        """
        procurement.pull(self.env, procurements)

    def _run_pull_push(self, procurements: list[Any]) -> None:
        """Answer needs by moves: rules that pull and push are pull rules here."""
        self._run_pull(procurements)

    @api.seam("done", order=77)
    @api.model
    def _run_push(self, steps: list[tuple[Any, Any]]) -> Any:
        """Send on what done moves have brought, each along its push rule.

        When:
            once for all done moves of an action whose goods push rules send on; not where there are none.
        Called by:
            ``inventory.services.push.push``.
        Args:
            steps: each done move with its rule.
        Returns:
            the new moves, confirmed.
        Transaction:
            that of the action that did the moves.
        Override:
            leave out what the addon sends on itself, or act on the moves that ``super()`` returns.
        Example::

            class StockRule(models.Model):
                _inherit = "stock.rule"

                @api.model
                def _run_push(self, steps):
                    return super()._run_push([(move, rule) for move, rule in steps if not move.picking_id.printed])
        """
        return push.send_on(self.env, steps)

    @api.seam("done", order=75)
    @api.model
    def _push_routes(self, move: Any) -> Any:
        """Further routes on whose push rules a move goes on, after those of its product, category and warehouse.

        When:
            once for each move that a push rule of its place may send on, when it is confirmed and when it is done.
        Called by:
            ``inventory.services.push._rule_for``.
        Args:
            move: the move whose goods may go on.
        Returns:
            stock.route records.
        Transaction:
            that of the action; it only reads.
        Override:
            add routes to those of ``super()``.
        Example::

            class StockRule(models.Model):
                _inherit = "stock.rule"

                @api.model
                def _push_routes(self, move):
                    return super()._push_routes(move) | move.partner_id.property_stock_customer.warehouse_id.route_ids
        """
        return self.env["stock.route"]

    @api.seam("done", order=80)
    def _push_prepare_move_copy_values(self, move_to_copy: Any, new_date: datetime) -> dict[str, Any]:
        """The values of the move that sends on what a done move has brought.

        When:
            once for each done move whose goods a push rule sends on.
        Called by:
            ``inventory.services.push.send_on``.
        Args:
            move_to_copy: the done move.
            new_date: when the next step is due.
        Returns:
            values for `create` of stock.move.
        Transaction:
            that of the action that did the move; it only reads.
        Override:
            add values to those of ``super()``.
        Example::

            class StockRule(models.Model):
                _inherit = "stock.rule"

                def _push_prepare_move_copy_values(self, move_to_copy, new_date):
                    return super()._push_prepare_move_copy_values(move_to_copy, new_date) | {"priority": "1"}
        """
        return push.values(self, move_to_copy, new_date)
