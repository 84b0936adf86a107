"""Lines of orders: the same for sales and purchasing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from addons.inventory.services import document_messages, order_guards, order_lines
from core import api, fields, models

ZERO = Decimal(0)


class OrderLineMixin(models.AbstractModel):
    """A product, how much of it and at what price, or a mere text. Moves carry out the lines of confirmed orders.

    A model of lines says where `order_id` leads, has `move_ids` and `price_unit`, and says by `_kind` what it calls the
    quantities; `_launch` makes its moves, `_reduce_demand` takes them back.
    """

    _name = "order.line.mixin"
    _inherit = ["product.line.mixin"]
    _description = "Order Line"
    _order = "order_id, sequence, id"

    #: What the model calls its parts.
    _kind: ClassVar[order_lines.OrderKind]
    #: The words for what is refused: a quantity that is `negative`, `entered` by hand or `below` the fulfilled one, and
    #: a `discount` that is no part of the price.
    _refusals: ClassVar[Mapping[str, order_lines.Refusal]]

    order_id = fields.Many2one("order.mixin", "Order", required=True, ondelete="cascade", index=True)
    state = fields.Selection(related="order_id.state", string="Order Status")
    company_id = fields.Many2one(related="order_id.company_id")
    currency_id = fields.Many2one(related="order_id.currency_id")
    display_type = fields.Selection(
        [("line_section", "Section"), ("line_subsection", "Subsection"), ("line_note", "Note")],
        "Kind",
        help="Empty for a product; a section or a note has only a text",
    )
    discount = fields.Quantity("Discount (%)", digits=2, groups="inventory.group_product_prices")
    price_subtotal = fields.Monetary(
        "Amount", compute="_compute_price_subtotal", store=True, groups="inventory.group_product_prices"
    )
    price_total = fields.Monetary(
        "Total", compute="_compute_price_subtotal", store=True, groups="inventory.group_product_prices"
    )
    product_type = fields.Selection(related="product_id.type", string="Product Type")

    def _text(self) -> str | bool:
        """A section or a note keeps its words; a product that is taken off the line takes its words along."""
        return super()._text() if self.display_type else False

    @api.depends(lambda self: () if self._abstract else (self._kind.demand, "price_unit", "discount"))
    def _compute_price_subtotal(self) -> None:
        for line in self:
            amount = line[self._kind.demand] * line.price_unit * (100 - line.discount) / 100
            line.price_subtotal = line.currency_id.round(amount) if line.currency_id else amount
            line.price_total = line.price_subtotal

    @api.constrains("product_uom_id", "product_id")
    def _check_unit(self) -> None:
        order_guards.check_unit(self)

    @api.constrains("discount", lambda cls: (cls._kind.demand,))
    def _check_numbers(self) -> None:
        order_guards.check_not_negative(self)
        order_guards.check_discount(self, code=self._refusals["discount"].code)

    @api.constrains("display_type", "product_id", "price_unit", "name", lambda cls: (cls._kind.demand,))
    def _check_kind(self) -> None:
        order_guards.check_kind(self)

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> Any:
        """Lines of confirmed orders get their moves at once."""
        kind = self._kind
        lines = super().create(
            [{kind.demand: ZERO, **vals} if vals.get("display_type") else vals for vals in vals_list]
        )
        order_guards.refuse_locked(lines.order_id)
        order_guards.refuse_entered(lines.filtered(lambda line: line[kind.fulfilled] and not line.move_ids))
        confirmed = lines.filtered(lambda line: line.state == kind.confirmed)
        if confirmed:
            with document_messages.announced(self.env):
                confirmed._launch()
        return lines

    def write(self, vals: dict[str, Any]) -> bool:
        """The moves of confirmed lines follow their new quantities, and a message names the transfers."""
        kind = self._kind
        order_guards.refuse_changes(self, vals)
        if kind.demand not in vals:
            return super().write(vals)
        confirmed = order_guards.lock_lines(self)
        before = {line.id: line[kind.demand] for line in confirmed}
        with document_messages.announced(self.env):
            result = super().write(vals)
            if confirmed:
                order_lines.change_quantities(confirmed, before)
        return result

    @api.ondelete()
    def _refuse_locked_or_confirmed(self) -> None:
        order_guards.refuse_deletion(self)

    @api.model
    def _requested(self, products: Any) -> tuple[Any, str] | None:
        """One of the products that an order asks for which is not confirmed yet, and the name of the order; or None."""
        asked = [("product_id", "in", products.ids), ("order_id.state", "in", self._kind.drafts)]
        line = self.sudo().search(asked, limit=1)
        return (line.product_id, line.order_id.name) if line else None

    def _in_product_unit(self, quantity: Decimal) -> Decimal:
        """A quantity of the line, in the unit of its product."""
        return self.product_uom_id._convert(quantity, self.product_id.uom_id)

    def _from_product_unit(self, quantity: Decimal) -> Decimal:
        """A quantity in the unit of the product, in that of the line."""
        return self.product_id.uom_id._convert(quantity, self.product_uom_id) if quantity else ZERO

    def _launch(self, before: Mapping[int, Decimal] | None = None) -> None:
        """Have moves carry out what is ordered and was not `before` (line id -> how much, in the unit of the line)."""
        raise NotImplementedError

    def _reduce_demand(self, quantities: Mapping[int, Decimal]) -> None:
        """Take `quantities` (line id -> how much, in the unit of the line) from the open moves of these lines."""
        raise NotImplementedError
