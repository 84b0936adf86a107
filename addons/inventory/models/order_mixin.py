"""Orders: the same for sales and purchasing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from addons.inventory.services import document_messages, move_states, on_backorder, order_guards
from core import api, fields, models

ZERO = Decimal(0)


class OrderMixin(models.AbstractModel):
    """A numbered order of lines (`order_line`), with sums, a lock for what was agreed, and a day when it is late.

    A model of orders has transfers (`picking_ids`) and a sequence whose code is its name, and says by `_late_domain`
    which of its orders are late.
    """

    _name = "order.mixin"
    _description = "Order"
    _inherit = ["document.mixin", "stock.underdelivery.mixin", "stock.tolerated.mixin"]
    _check_company_auto = True
    _order = "date_order desc, id desc"

    #: The fields that `_late_domain` asks about.
    _late_fields: tuple[str, ...] = ()

    name = fields.Char("Order Reference", required=True, copy=False, readonly=True, index=True, default="New")
    locked = fields.Boolean("Locked", copy=False, tracking=True, help="What was agreed can no longer be changed")
    origin = fields.Char("Source Document", copy=False)
    state = fields.Selection(
        [], "Status", default="draft", required=True, readonly=True, copy=False, tracking=True, index=True
    )
    partner_id = fields.Many2one(
        "res.partner", "Contact", required=True, index=True, ondelete="restrict", tracking=True, check_company=True
    )
    date_order = fields.Datetime("Order Date", required=True, copy=False, default=fields.Datetime.now)
    _queue_index = models.Index("(date_order DESC, id DESC)")  # lists come in this order
    user_id = fields.Many2one("res.users", "Responsible", default=lambda self: self.env.user, index=False)
    company_id = fields.Many2one(
        "res.company", "Company", required=True, default=lambda self: self.env.company, index=False
    )
    currency_id = fields.Many2one("res.currency", related="company_id.currency_id")
    has_texts = fields.Boolean("Has Sections or Notes", compute="_compute_has_texts")
    amount_untaxed = fields.Monetary(
        "Untaxed Amount", compute="_compute_amounts", store=True, groups="inventory.group_product_prices"
    )
    amount_tax = fields.Monetary(
        "Taxes", compute="_compute_amounts", store=True, groups="inventory.group_product_prices"
    )
    amount_total = fields.Monetary(
        "Total", compute="_compute_amounts", store=True, groups="inventory.group_product_prices"
    )
    is_late = fields.Boolean("Late", compute="_compute_is_late", search="_search_is_late")

    @api.depends("order_line.display_type")
    def _compute_has_texts(self) -> None:
        for order in self:
            order.has_texts = any(line.display_type for line in order.order_line)

    @api.depends("order_line.price_subtotal", "order_line.price_total")
    def _compute_amounts(self) -> None:
        for order in self:
            untaxed = sum((line.price_subtotal for line in order.order_line), ZERO)
            total = sum((line.price_total for line in order.order_line), ZERO)
            order.amount_untaxed, order.amount_tax, order.amount_total = untaxed, total - untaxed, total

    @api.depends(lambda self: self._late_fields)
    def _compute_is_late(self) -> None:
        late = self.filtered_domain(self._late_domain())
        for order in self:
            order.is_late = order in late

    def _search_is_late(self, operator: str, value: Any) -> Any:
        return on_backorder.matching(self._late_domain(), operator, value)

    def _late_domain(self) -> Any:
        """The domain of late orders, over `_late_fields`."""
        return api.Domain.FALSE

    def _cancel_with_transfers(self) -> None:
        """Cancel the orders and their open transfers."""
        open_pickings = self.picking_ids.filtered(lambda picking: picking.state not in move_states.CLOSED)
        if open_pickings:
            open_pickings.sudo().action_cancel()
        self._settle({"state": "cancel"})

    def _first_warehouses(self) -> dict[int, Any]:
        """Company id -> its first warehouse."""
        found: dict[int, Any] = {}
        for warehouse in self.env["stock.warehouse"].sudo().search([("company_id", "in", self.company_id.ids)]):
            found.setdefault(warehouse.company_id.id, warehouse)
        return found

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> Any:
        """Number the orders that have no name."""
        return super().create(self.env["ir.sequence"]._with_numbers(self._name, vals_list))

    def _lines_to_change(self, commands: Any) -> Any:
        """The lines whose demand is changed by commands for `order_line`."""
        field = self._fields["order_line"]
        lines = self.env[field.comodel_name]
        return lines.browse(
            id_
            for kind, id_, values in field.normalise(commands, self)
            if kind == api.Command.UPDATE and lines._kind.demand in values
        )

    def write(self, vals: dict[str, Any]) -> bool:
        """Transfers follow what is changed of confirmed orders, and a message names them."""
        if "order_line" in vals:
            order_guards.lock_lines(self._lines_to_change(vals["order_line"]))
        with document_messages.announced(self.env):
            return super().write(vals)
