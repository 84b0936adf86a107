"""A line of a document."""

from __future__ import annotations

from core import api, fields, models


class PaperworkLine(models.Model):
    """So much of something."""

    _name = "paperwork.line"
    _description = "Line"
    _rec_name = "name"

    document_id = fields.Many2one("paperwork.document", required=True, ondelete="cascade")
    name = fields.Char(required=True)
    quantity = fields.Quantity(default=1)
    double = fields.Quantity(compute="_compute_double")
    origin = fields.Char()

    @api.depends("quantity")
    def _compute_double(self) -> None:
        for line in self:
            line.double = 2 * line.quantity

    @api.onchange("name")
    def _onchange_name(self) -> None:
        if self.name == "Dozen":
            self.quantity = 12
            self.origin = "by the dozen"

    def action_twice(self) -> None:
        """Double the quantity."""
        self.quantity *= 2
