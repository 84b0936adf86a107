"""User-defined defaults: what a form starts with, for everyone, one company or one user."""

from __future__ import annotations

import json
from typing import Any

from core import api, fields, models
from core.api import _
from core.base.services.caching import cached
from core.exceptions import ValidationError


class IrDefault(models.Model):
    """A value that new records of a model start with. The most particular one counts: user, then company, then all."""

    _name = "ir.default"
    _inherit = ["cached.mixin"]
    _description = "Default Value"
    _order = "field_id, id"
    _rec_name = "field_id"

    field_id = fields.Many2one("ir.model.fields", string="Field", required=True, ondelete="cascade", index=True)
    user_id = fields.Many2one("res.users", string="User", ondelete="cascade", help="Empty: all users")
    company_id = fields.Many2one("res.company", string="Company", ondelete="cascade", help="Empty: all companies")
    condition = fields.Char(help="For programs: the default holds only when it is asked for with this condition")
    json_value = fields.Char(string="Default Value (JSON format)", required=True)

    @api.constrains("json_value", "field_id")
    def _check_value(self) -> None:
        for row in self:
            field = self.env[row.field_id.model]._fields.get(row.field_id.name)
            try:
                value = json.loads(row.json_value)
                if field is not None:
                    field.convert_to_cache(value, self.env[row.field_id.model].browse())
            except ValueError as error:
                raise ValidationError(
                    _("%(value)s is not a valid default: %(error)s", value=row.json_value, error=error),
                    fields=["json_value"],
                    code="base.default_value",
                ) from error

    # ------------------------------------------------------------------- public

    @api.public(any_user=True)
    @api.model
    def set(
        self,
        model_name: str,
        field_name: str,
        value: Any,
        user_id: int | bool = False,
        company_id: int | bool = False,
        condition: str | bool = False,
    ) -> bool:
        """Set a default, replacing the one for the same user, company and condition.

        Args:
            model_name: e.g. "stock.picking".
            field_name: a field of it.
            value: in the format of `write`; a recordset counts as its ids.
            user_id: an id, True for the current user, False for all.
            company_id: an id, True for the current company, False for all.
            condition: see the field.
        """
        field = self.env["ir.model.fields"]._get(model_name, field_name)
        if not field:
            raise ValidationError(
                _("%(model)s has no field %(field)s.", model=model_name, field=field_name),
                code="base.unknown_field",
                data={
                    "model": model_name,
                    "field": field_name,
                },
            )
        user = self.env.uid if user_id is True else user_id
        company = self.env.company.id if company_id is True else company_id
        text = json.dumps(_plain(value), default=str)
        key = {"field_id": field.id, "user_id": user, "company_id": company, "condition": condition}
        found = self.search([(name, "=", part) for name, part in key.items()], limit=1)
        if found:
            found.json_value = text
        else:
            self.create({**key, "json_value": text})
        return True

    @api.model
    def _get(
        self,
        model_name: str,
        field_name: str,
        user_id: int | bool = False,
        company_id: int | bool = False,
        condition: str | bool = False,
    ) -> Any:
        """Return the default for exactly this user, company and condition, or None."""
        field = self.env["ir.model.fields"]._get(model_name, field_name)
        user = self.env.uid if user_id is True else user_id
        company = self.env.company.id if company_id is True else company_id
        key = {"field_id": field.id, "user_id": user, "company_id": company, "condition": condition}
        found = self.sudo().search([(name, "=", part) for name, part in key.items()], limit=1)
        return json.loads(found.json_value) if found else None

    @api.model
    def _get_model_defaults(
        self, model_name: str, condition: str | bool = False, *, own: bool = True
    ) -> dict[str, Any]:
        """Return the defaults that apply to the current user and company: field name -> value.

        Asked at every creation, so models without any default are told apart first, without looking at the user.

        Args:
            own: those that are for the current user only, too.
        """
        if model_name not in cached(self.env, "models_with_defaults", "", self._models_with_defaults):
            return {}
        key = (self.env.uid if own else 0, self.env.company.id, model_name, condition or None)
        return dict(cached(self.env, "defaults", key, lambda: self._read_defaults(*key)))

    def _models_with_defaults(self) -> frozenset[str]:
        rows = self.env.cr.execute(
            "SELECT DISTINCT f.model FROM ir_default d JOIN ir_model_fields f ON f.id = d.field_id"
        )
        return frozenset(row[0] for row in rows)

    def _read_defaults(self, uid: int, company: int, model_name: str, condition: str | None) -> dict[str, Any]:
        rows = self.env.cr.execute(
            "SELECT f.name, d.json_value FROM ir_default d JOIN ir_model_fields f ON f.id = d.field_id"
            " WHERE f.model = :model AND (d.user_id IS NULL OR d.user_id = :uid)"
            " AND (d.company_id IS NULL OR d.company_id = :company)"
            " AND COALESCE(d.condition, '') = :condition"
            " ORDER BY CASE WHEN d.user_id IS NULL THEN 0 ELSE 1 END, CASE WHEN d.company_id IS NULL THEN 0 ELSE 1 END,"
            " d.id DESC",
            {"model": model_name, "uid": uid, "company": company, "condition": condition or ""},
        )
        return {name: json.loads(value) for name, value in rows}  # a more particular row comes later and wins

    @api.private
    @api.model
    def discard_records(self, records: models.Model) -> None:
        """Forget defaults that name `records`, which are going to be deleted."""
        pointing = self.sudo().search([("field_id.ttype", "=", "many2one"), ("field_id.relation", "=", records._name)])
        pointing.filtered(lambda row: json.loads(row.json_value) in records.ids).unlink()


def _plain(value: Any) -> Any:
    """Return a recordset as its id or ids, anything else as it is."""
    if isinstance(value, models.BaseModel):
        return value.ids if len(value) != 1 else value.id
    return value
