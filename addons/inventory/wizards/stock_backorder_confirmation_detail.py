"""The quantities behind the question about backorders."""

from __future__ import annotations

from addons.inventory.services import message_texts
from core import api, fields, models

#: So many quantities are stated in the texts of the question.
STATED = 10


class StockBackorderConfirmationDetail(models.TransientModel):
    """What goes now, what is left, and when the rest is expected, for one product of one transfer."""

    _name = "stock.backorder.confirmation.detail"
    _description = "Backorder Confirmation Quantities"

    wizard_id = fields.Many2one("stock.backorder.confirmation", "Question", required=True, ondelete="cascade")
    move_id = fields.Many2one("stock.move", "Move", required=True, ondelete="cascade")
    picking_id = fields.Many2one("stock.picking", related="move_id.picking_id", string="Transfer")
    product_id = fields.Many2one("product.product", related="move_id.product_id", string="Product")
    product_uom_id = fields.Many2one("uom.uom", related="move_id.product_id.uom_id", string="Unit")
    quantity_now = fields.Quantity("Goes Now")
    quantity_rest = fields.Quantity("Left")
    date_expected = fields.Datetime("Rest Expected")

    def _listed(self, name, dates=False):
        """The first details in words: "45 Units of Drawer Case Black, ... and 12 more"; the table has all of them."""
        words = []
        details = self.filtered(name)
        stated = details[:STATED]
        requests = stated.move_id._requested_from() if dates else {}
        for detail in stated:
            text = message_texts.quantity_of(detail.product_id, detail[name])
            if dates and detail.quantity_rest:
                text += f" ({detail._supply_of_rest(requests.get(detail.move_id.id, ()))})"
            words.append(text)
        if not words:
            return self.env._("nothing")
        return message_texts.with_rest(self.env, ", ".join(words), len(details) - len(stated))

    def _supply_of_rest(self, requests):
        """When what is left is expected, or the `requests` (names of documents not confirmed yet) that it waits for."""
        if self.date_expected:
            return self.env._("expected %(date)s", date=api.format_day(self.date_expected.date(), self.env.lang))
        if requests:
            return self.env._("requested in %(documents)s, not confirmed yet", documents=", ".join(requests))
        return self.env._("no supply planned")
