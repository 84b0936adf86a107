"""Companies: whose stock, whose orders, whose books."""

from __future__ import annotations

from typing import Any

from core import api, fields, models
from core.api import _
from core.exceptions import UserError, ValidationError

#: Kept on the company's partner and shown on the company.
PARTNER_FIELDS = ("name", "email", "phone", "website", "vat", "company_registry", "street", "street2", "zip", "city")


class ResCompany(models.Model):
    """A company of ours, with the partner that represents it towards others."""

    _name = "res.company"
    _kept = True
    _inherit = ["cached.mixin"]
    _description = "Company"
    _company_field = "id"
    _order = "sequence, name"
    _parent_store = True

    name = fields.Char(related="partner_id.name", string="Company Name", required=True, store=True, readonly=False)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    parent_id = fields.Many2one("res.company", string="Parent Company", index=True, ondelete="restrict")
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("res.company", "parent_id", string="Branches")
    partner_id = fields.Many2one("res.partner", string="Partner", required=True, ondelete="restrict")
    currency_id = fields.Many2one(
        "res.currency", string="Currency", required=True, default=lambda self: self._default_currency()
    )
    user_ids = fields.Many2many("res.users", "res_company_users_rel", "cid", "user_id", string="Accepted Users")
    logo = fields.Binary(string="Company Logo")
    color = fields.Integer()

    email = fields.Char(related="partner_id.email", readonly=False)
    phone = fields.Char(related="partner_id.phone", readonly=False)
    website = fields.Char(related="partner_id.website", readonly=False)
    vat = fields.Char(related="partner_id.vat", string="Tax ID", readonly=False)
    company_registry = fields.Char(related="partner_id.company_registry", string="Company ID", readonly=False)
    street = fields.Char(related="partner_id.street", readonly=False)
    street2 = fields.Char(related="partner_id.street2", readonly=False)
    zip = fields.Char(related="partner_id.zip", readonly=False)
    city = fields.Char(related="partner_id.city", readonly=False)
    state_id = fields.Many2one("res.country.state", related="partner_id.state_id", string="State", readonly=False)
    country_id = fields.Many2one("res.country", related="partner_id.country_id", string="Country", readonly=False)
    country_code = fields.Char(related="partner_id.country_id.code", string="Country Code")

    _name_unique = models.UniqueIndex("(name)", "There is already a company with this name.")

    def _default_currency(self) -> Any:
        return self.env.company.currency_id

    @api.constrains("active")
    def _check_active(self) -> None:
        for company in self.filtered(lambda company: not company.active):
            users = self.env["res.users"].sudo().search([("company_id", "=", company.id)])
            if users:
                raise ValidationError(
                    _(
                        "%(company)s cannot be archived: it is still the company of %(users)s.",
                        company=company.name,
                        users=", ".join(users.mapped("name")),
                    ),
                    fields=["active"],
                    code="base.company_in_use",
                    data={
                        "company": company.name,
                        "users": users.mapped("name"),
                    },
                )

    @api.ondelete()
    def _refuse_deleting_the_last(self) -> None:
        if not self.sudo().with_context(active_test=False).search_count([("id", "not in", self.ids)], limit=1):
            raise UserError(_("The only company cannot be deleted."))

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> ResCompany:
        """Create companies, each with its partner; its creator may work in it."""
        partners = self.env["res.partner"]
        without = [values for values in vals_list if not values.get("partner_id")]
        created = partners.create([{"name": values.get("name"), "is_company": True} for values in without])
        partner_of = {id(values): partner.id for values, partner in zip(without, created, strict=True)}
        companies = super().create(
            [{**values, "partner_id": values.get("partner_id") or partner_of[id(values)]} for values in vals_list]
        )
        if self.env["res.users"].sudo().browse(self.env.uid).exists():
            self.env["res.users"].sudo().browse(self.env.uid).write(
                {"company_ids": [api.Command.link(company.id) for company in companies]}
            )
        return companies
