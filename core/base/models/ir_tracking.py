"""Field history: one row per change of a tracked field."""

from __future__ import annotations

from core import api, fields, models
from core.api import _
from core.exceptions import UserError


class IrTracking(models.Model):
    """A change: who, when, from which value to which. Written by `services/tracking.py`, never changed."""

    _name = "ir.tracking"
    _description = "Field History"
    _order = "id desc"
    _rec_name = "field"
    _log_access = False

    model = fields.Char(required=True)
    res_id = fields.Integer(string="Record ID", required=True)
    field = fields.Char(required=True)
    field_label = fields.Char(compute="_compute_field_label")
    old_value = fields.Text(help="For programs")
    new_value = fields.Text(help="For programs")
    old_display = fields.Text(string="From")
    new_display = fields.Text(string="To")
    user_id = fields.Many2one("res.users", string="Changed by", ondelete="set null")
    date = fields.Datetime(string="Changed on", required=True)

    _record_index = models.Index("(model, res_id, id)")

    @api.depends("model", "field")
    def _compute_field_label(self) -> None:
        for row in self:
            model = self.env.registry.models.get(row.model)
            field = model._fields.get(row.field) if model else None
            row.field_label = field.string if field is not None else row.field

    def write(self, vals: dict[str, object]) -> bool:
        """History is not rewritten."""
        raise UserError(_("The history of a record cannot be changed."), code="base.history_closed")

    @api.private
    def check_document_access(self, operation: str = "read") -> IrTracking:
        """Return those rows whose document the user may perform `operation` on."""
        allowed = self.browse()
        for model_name, rows in self.sudo().grouped("model").items():
            if model_name in self.env.registry.models:
                documents = self.env[model_name].browse(set(rows.mapped("res_id"))).exists()
                visible = set(documents._filtered_access(operation).ids)
                allowed |= rows.filtered(lambda row, visible=visible: row.res_id in visible).with_env(self.env)
        return allowed.sorted()

    @api.autovacuum
    def _forget_deleted_documents(self) -> None:
        """Remove the history of models that are gone with their addon."""
        known = list(self.env.registry.models)
        self.sudo().search([("model", "not in", known)]).unlink()
