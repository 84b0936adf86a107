"""Moves of manufacturing: components, finished products, by-products; and kits, which are moved as their components."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from addons.inventory.services import move_states
from addons.manufacturing.services import component_transfers, consumption, kits, planning, production_states, supply
from core import api, fields, models

PER_UNIT = Decimal("0.000000001")


class StockMove(models.Model):
    """A move may consume a component of an order, or bring in what an order makes."""

    _inherit = "stock.move"

    raw_material_production_id = fields.Many2one(
        "mrp.production", "Production Order for Components", index=True, ondelete="cascade", check_company=True
    )
    production_id = fields.Many2one(
        "mrp.production", "Production Order for Finished Products", index=True, ondelete="cascade", check_company=True
    )
    created_production_id = fields.Many2one(
        "mrp.production", "Created Production Order", index=True, copy=False, ondelete="set null"
    )
    production_plan_id = fields.Many2one(
        "mrp.production.plan",
        "Production Plan",
        copy=False,
        index=True,
        ondelete="set null",
        help="The plan that asked for it; the order that is made for it belongs to that plan",
    )
    production_group_id = fields.Many2one(
        "mrp.production.group", "Production Group", compute="_compute_production_group_id"
    )
    bom_line_id = fields.Many2one("mrp.bom.line", "BoM Line", ondelete="set null")
    byproduct_id = fields.Many2one("mrp.bom.byproduct", "By-product", ondelete="set null")
    operation_id = fields.Many2one("mrp.routing.workcenter", "Operation", ondelete="set null")
    workorder_id = fields.Many2one("mrp.workorder", "Work Order", index=True, ondelete="set null")
    cost_share = fields.Quantity("Cost Share (%)", digits=2)
    manual_consumption = fields.Boolean(
        "Manual Consumption",
        copy=False,
        help="Demand or consumption was entered by hand and need not follow the bill of materials.",
    )
    unit_factor = fields.Quantity("Unit Factor", digits=9, compute="_compute_unit_factor")
    should_consume_qty = fields.Quantity("Quantity To Consume", compute="_compute_should_consume_qty")
    unbuild_id = fields.Many2one("mrp.unbuild", "Disassembly Order", index=True, ondelete="set null")
    consume_unbuild_id = fields.Many2one("mrp.unbuild", "Consumed Disassembly Order", index=True, ondelete="set null")
    order_finished_lot_ids = fields.Many2many(
        "stock.lot", string="Finished Lot/Serial Number", compute="_compute_order_finished_lot_ids"
    )

    @api.depends("raw_material_production_id.production_group_id", "production_id.production_group_id")
    def _compute_production_group_id(self) -> None:
        for move in self:
            move.production_group_id = move._production().production_group_id

    @api.depends("product_uom_qty", "raw_material_production_id.product_qty", "production_id.product_qty")
    def _compute_unit_factor(self) -> None:
        for move in self:
            production = move._production()
            remaining = production._remaining() if production else Decimal(0)
            factor = move.product_uom_qty / (remaining or production.product_qty or 1) if production else Decimal(1)
            move.unit_factor = factor.quantize(PER_UNIT)

    @api.depends("product_uom_qty", "raw_material_production_id.qty_producing")
    def _compute_should_consume_qty(self) -> None:
        for move in self:
            move.should_consume_qty = consumption.should_consume(move)

    @api.depends("raw_material_production_id.lot_producing_ids")
    def _compute_order_finished_lot_ids(self) -> None:
        for move in self:
            move.order_finished_lot_ids = move.raw_material_production_id.lot_producing_ids

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> Any:
        """A component or by-product added on an order's form takes places and operation type from the order."""
        rows = [planning.completed(self.env, vals) for vals in vals_list]
        moves = super().create(rows)
        added = moves.filtered(
            lambda move: (
                move.state == "draft" and move._production() and move._production().state not in ("draft", "done")
            )
        )
        late = added.filtered(lambda move: move.raw_material_production_id and not move.bom_line_id)
        if late:
            late._settle({"additional": True})
            late._action_confirm(merge=False)
        (added - late).filtered("production_id")._settle({"state": "confirmed"})
        return moves

    def unlink(self) -> bool:
        """A component taken off an order under way is given back, with the transfer that would only have brought it.

        Closing the order asks about it, as it does about other consumption that the bill does not foresee.
        """
        removed = self.filtered(
            lambda move: (
                move.raw_material_production_id.state in production_states.OPEN and move.state not in move_states.CLOSED
            )
        )
        if removed:
            (removed | component_transfers.fetched(removed))._action_cancel()
            removed.filtered("bom_line_id").raw_material_production_id.write({"has_removed_components": True})
        return super().unlink()

    def _demand_entered(self, vals: dict[str, Any]) -> None:
        """A demand that a user changes on a confirmed order is remembered as changed by hand."""
        super()._demand_entered(vals)
        if "manual_consumption" not in vals:
            raw = self.filtered(lambda move: move.raw_material_production_id and move.state in move_states.OPEN)
            raw._settle({"manual_consumption": True})

    @api.onchange("quantity")
    def _onchange_quantity(self) -> Any:
        """Typing what a component was consumed of says that it is what was consumed, whatever is made."""
        if self.raw_material_production_id and self.quantity != self.should_consume_qty:
            self.picked = True
            self.manual_consumption = True
        return super()._onchange_quantity()

    def _production(self) -> Any:
        """The order that this move is a component or a product of."""
        return self.raw_material_production_id or self.production_id

    def _document_name(self) -> str:
        """The order's name, for moves of an order."""
        self.ensure_one()
        unbuild = self.unbuild_id or self.consume_unbuild_id
        return self._production().name or unbuild.name or super()._document_name()

    @api.model
    def _reference_paths(self) -> list[str]:
        links = ("raw_material_production_id", "production_id", "unbuild_id", "consume_unbuild_id")
        return [*(f"{link}.name" for link in links), *super()._reference_paths()]

    def _document(self) -> Any:
        """The order, for moves of an order."""
        self.ensure_one()
        return self._production() or self.unbuild_id or self.consume_unbuild_id or super()._document()

    def _should_be_assigned(self) -> bool:
        """Moves of an order are in the order, not in a transfer."""
        if self._production() or self.unbuild_id or self.consume_unbuild_id:
            return False
        return super()._should_be_assigned()

    def _get_underdelivery_tolerance(self) -> dict[int, Decimal]:
        """See the base. Components and products of an order have that of the order."""
        result = super()._get_underdelivery_tolerance()
        orders = self.raw_material_production_id | self.production_id
        if not orders:
            return result
        percents = orders._get_underdelivery_tolerance()
        return result | {move.id: percents[move._production().id] for move in self if move._production()}

    def _prepare_merge_moves_distinct_fields(self) -> list[str]:
        """Components of different lines or orders stay apart."""
        return [
            *super()._prepare_merge_moves_distinct_fields(),
            "bom_line_id",
            "raw_material_production_id",
            "production_id",
            "workorder_id",
        ]

    def _action_confirm(self, merge: bool = True, merge_into: Any = False) -> Any:
        """Kits are replaced by their components before anything is confirmed; returns the moves that remain."""
        return super(StockMove, kits.explode(self))._action_confirm(merge=merge, merge_into=merge_into)

    @api.seam("confirm", order=18)
    def _prepare_phantom_move_values(
        self, bom_line: Any, product_qty: Decimal, quantity_done: Decimal
    ) -> dict[str, Any]:
        """The values that the move of a component has of its own, where those of its kit do not hold.

        When:
            for each component of each kit that is confirmed; the components then replace the kit.
        Called by:
            ``manufacturing.services.kits.explode``.
        Args:
            bom_line: the line of the kit's bill of materials that names the component.
            product_qty: the demand of the component, in the unit of the line.
            quantity_done: what was moved of it already: 0, as kits are replaced before anything is.
        Returns:
            values for `create` of stock.move: product, unit, demand, the line and the description. All else is as in
            the move of the kit, in the fields that `_split_field_names` lists.
        Transaction:
            that of the action; it only reads.
        Override:
            add values to those of ``super()``; `self` is the move of the kit, which is deleted afterwards.
        Example::

            class StockMove(models.Model):
                _inherit = "stock.move"

                def _prepare_phantom_move_values(self, bom_line, product_qty, quantity_done):
                    values = super()._prepare_phantom_move_values(bom_line, product_qty, quantity_done)
                    return values | {"sequence": bom_line.sequence}
        """
        return kits.component_values(self, bom_line, product_qty)

    def _set_procure_methods(self) -> None:
        """Decide which components are taken from stock and which set off a rule of their own."""
        supply.set_procure_methods(self)
