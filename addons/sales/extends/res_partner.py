"""Customers know their orders."""

from __future__ import annotations

from typing import Any

from core import api, fields, models


class ResPartner(models.Model):
    """Orders of a partner, and how many there are."""

    _inherit = "res.partner"

    sale_order_ids = fields.One2many("sale.order", "partner_id", "Sales Orders")
    sale_order_count = fields.Integer(
        "Sales Order Count", compute="_compute_sale_order_count", groups="sales.group_sale_salesman"
    )

    @api.depends("sale_order_ids")
    def _compute_sale_order_count(self) -> None:
        counts = dict(self.env["sale.order"]._read_group([("partner_id", "in", self.ids)], ["partner_id"], ["__count"]))
        for partner in self:
            partner.sale_order_count = counts.get(partner, 0)

    @api.public(access="read")
    def action_view_sale_order(self) -> Any:
        """The orders of the partners."""
        return self.env["sale.order"].search([("partner_id", "in", self.ids)])
