"""Models as records, for rights, rules, defaults and people who want to look things up."""

from __future__ import annotations

from core import api, fields, models


class IrModel(models.Model):
    """One model of the registry. Rows are kept by `services/reflection.py`, never by hand."""

    _name = "ir.model"
    _description = "Model"
    _order = "model"
    _rec_name = "name"

    name = fields.Char(string="Model Description", required=True)
    model = fields.Char(string="Model", required=True, help="Technical name, e.g. stock.picking")
    info = fields.Text(string="Information", help="What the model is for")
    modules = fields.Char(string="In Addons", help="Addons that define or extend the model, in order")
    transient = fields.Boolean(string="Transient Model")
    abstract = fields.Boolean(string="Abstract Model")
    order = fields.Char(string="Order")
    field_id = fields.One2many("ir.model.fields", "model_id", string="Fields")
    access_ids = fields.One2many("ir.model.access", "model_id", string="Access Rights")
    rule_ids = fields.One2many("ir.rule", "model_id", string="Record Rules")

    _model_unique = models.UniqueIndex("(model)", "Each model is listed once.")

    @api.model
    def _get_id(self, name: str) -> int:
        """Return the id of the row for a model name, or 0."""
        found = self.env.cr.execute("SELECT id FROM ir_model WHERE model = :model", {"model": name}).scalar()
        return found or 0

    @api.model
    def _get(self, name: str) -> IrModel:
        """Return the row for a model name; empty when the model is unknown."""
        found = self._get_id(name)
        return self.sudo().browse([found] if found else [])
