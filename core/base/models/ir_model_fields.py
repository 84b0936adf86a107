"""Fields as records."""

from __future__ import annotations

from core import api, fields, models


class IrModelFields(models.Model):
    """One field of one model of the registry. Rows are kept by `services/reflection.py`, never by hand."""

    _name = "ir.model.fields"
    _description = "Field"
    _order = "name, id"
    _rec_name = "field_description"

    name = fields.Char(string="Field Name", required=True, index=True)
    model = fields.Char(string="Model Name", required=True, index=True)
    model_id = fields.Many2one("ir.model", string="Model", required=True, ondelete="cascade", index=True)
    field_description = fields.Char(string="Field Label", required=True)
    help = fields.Text(string="Field Help")
    ttype = fields.Char(string="Field Type", required=True)
    relation = fields.Char(string="Related Model")
    relation_field = fields.Char(string="Inverse Field")
    related = fields.Char(string="Related Field Path")
    depends = fields.Char(string="Dependencies")
    selection = fields.Json(string="Selection Options")
    groups = fields.Char(string="Groups", help="External ids of the groups that may use the field")
    required = fields.Boolean()
    readonly = fields.Boolean()
    store = fields.Boolean(string="Stored")
    index = fields.Boolean(string="Indexed")
    translate = fields.Boolean(string="Translatable")
    company_dependent = fields.Boolean(string="Company Dependent")
    tracking = fields.Boolean(string="Tracked")
    modules = fields.Char(string="In Addons")

    _name_unique = models.UniqueIndex("(model, name)", "Each field of a model is listed once.")

    @api.depends("name", "model", "field_description")
    def _compute_display_name(self) -> None:
        for record in self:
            record.display_name = f"{record.field_description} ({record.model}.{record.name})"

    @api.model
    def _get(self, model_name: str, name: str) -> IrModelFields:
        """Return the row for a field; empty when it is unknown."""
        return self.sudo().search([("model", "=", model_name), ("name", "=", name)], limit=1)
