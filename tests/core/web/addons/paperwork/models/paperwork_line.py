"""A line of a document."""

from __future__ import annotations

from core import api, fields, models
from core.api import _
from core.exceptions import ValidationError


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
    is_stocked = fields.Boolean(compute="_compute_is_stocked")
    quantity_to_hold = fields.Quantity()
    quantity_on_hold = fields.Quantity(compute="_compute_quantity_on_hold", inverse="_inverse_quantity_on_hold")
    sketch = fields.Binary()
    cover = fields.Binary(related="document_id.photo")

    _name_uniq = models.Constraint("UNIQUE(document_id, name)", "The document has a line of that name already.")

    @api.depends("quantity")
    def _compute_double(self) -> None:
        for line in self:
            line.double = 2 * line.quantity

    @api.depends("name")
    def _compute_is_stocked(self) -> None:
        for line in self:
            line.is_stocked = bool(line.name) and line.name != "Service"

    @api.depends("quantity_to_hold")
    def _compute_quantity_on_hold(self) -> None:
        for line in self:
            line.quantity_on_hold = line.quantity_to_hold

    def _inverse_quantity_on_hold(self) -> None:
        for line in self:
            line.quantity_to_hold = line.quantity_on_hold

    @api.constrains("name", "quantity", "origin")
    def _check_line(self) -> None:
        for line in self:
            if line.quantity < 0:
                raise ValidationError(_("%(name)s: less than nothing.", name=line.name), fields=["quantity"])
            if line.name == "Nothing":
                raise ValidationError(_("Nothing is no name."), fields=["name"])
            if line.origin == "nowhere":
                raise ValidationError(_("Everything is from somewhere."), fields=["origin"])

    @api.onchange("name")
    def _onchange_name(self) -> None:
        if self.name == "Dozen":
            self.quantity = 12
            self.origin = "by the dozen"

    def action_twice(self) -> None:
        """Double the quantity."""
        self.quantity *= 2

    def action_take(self) -> None:
        """Take more than there is."""
        self.quantity -= 100
