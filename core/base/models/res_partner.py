"""Partners: companies and people we deal with, their contacts and addresses."""

from __future__ import annotations

import zoneinfo
from typing import Any

from core import api, fields, models
from core.api import _
from core.exceptions import UserError, ValidationError
from core.i18n import available_languages, language_name

ADDRESS_FIELDS = ("street", "street2", "zip", "city", "state_id", "country_id")
#: What a contact of a company has in common with it: changed on the company, it changes on all its contacts.
COMMERCIAL_FIELDS = ("vat", "company_registry")


class ResPartner(models.Model):
    """A company, a person, or an address of one of these."""

    _name = "res.partner"
    _description = "Contact"
    _order = "complete_name, id"
    _rec_names_search = ("complete_name", "email", "ref", "vat")

    name = fields.Char(index=True)
    complete_name = fields.Char(compute="_compute_complete_name", store=True, index=True)
    active = fields.Boolean(default=True)
    ref = fields.Char(string="Reference", index=True)
    parent_id = fields.Many2one("res.partner", string="Related Company", index=True, ondelete="restrict")
    parent_name = fields.Char(string="Parent name", related="parent_id.name")
    child_ids = fields.One2many("res.partner", "parent_id", string="Contacts")
    type = fields.Selection(
        [
            ("contact", "Contact"),
            ("invoice", "Invoice Address"),
            ("delivery", "Delivery Address"),
            ("other", "Other Address"),
        ],
        string="Address Type",
        default="contact",
    )
    is_company = fields.Boolean(string="Is a Company")
    company_type = fields.Selection(
        [("person", "Person"), ("company", "Company")],
        string="Company Type",
        compute="_compute_company_type",
        inverse="_inverse_company_type",
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Commercial Entity",
        compute="_compute_commercial_partner_id",
        store=True,
        index=True,
        recursive=True,
    )
    commercial_company_name = fields.Char(string="Company Name Entity", compute="_compute_commercial_company_name")
    company_name = fields.Char(help="Company of a person whose company has no record of its own")

    email = fields.Char(index=True)
    email_formatted = fields.Char(compute="_compute_email_formatted", help="Name <address>")
    phone = fields.Char()
    website = fields.Char()
    function = fields.Char(string="Job Position")
    street = fields.Char()
    street2 = fields.Char()
    zip = fields.Char()
    city = fields.Char()
    state_id = fields.Many2one("res.country.state", string="State", domain="[('country_id', '=?', country_id)]")
    country_id = fields.Many2one("res.country", string="Country")
    country_code = fields.Char(related="country_id.code", string="Country Code")
    contact_address = fields.Char(string="Complete Address", compute="_compute_contact_address")
    vat = fields.Char(string="Tax ID", index=True)
    company_registry = fields.Char(string="Company ID")
    barcode = fields.Char(copy=False, index=True)

    lang = fields.Selection(selection="_languages", string="Language")
    tz = fields.Selection(selection="_time_zones", string="Timezone")
    comment = fields.Html(string="Notes")
    color = fields.Integer()
    category_id = fields.Many2many(
        "res.partner.category", "res_partner_category_rel", "partner_id", "category_id", string="Tags"
    )
    company_id = fields.Many2one("res.company", string="Company", index=True, help="Empty: shared by all companies")
    user_id = fields.Many2one("res.users", string="Salesperson")
    user_ids = fields.One2many("res.users", "partner_id", string="Users", copy=False)
    partner_share = fields.Boolean(string="Share Partner", compute="_compute_partner_share")

    _name_or_address = models.Constraint("CHECK (type <> 'contact' OR name IS NOT NULL)", "A contact needs a name.")

    @api.model
    def _languages(self) -> list[tuple[str, str]]:
        return [(code, language_name(code)) for code in available_languages()]

    @api.model
    def _time_zones(self) -> list[tuple[str, str]]:
        return [(name, name) for name in sorted(zoneinfo.available_timezones()) if "/" in name or name == "UTC"]

    # ----------------------------------------------------------------- computed

    @api.depends("name", "parent_id.name", "is_company", "type", "company_name")
    def _compute_complete_name(self) -> None:
        labels = dict(self._fields["type"].selection)
        for partner in self:
            name = partner.name or (labels.get(partner.type, "") if partner.parent_id else "")
            company = partner.parent_id.name or partner.company_name
            partner.complete_name = f"{company}, {name}" if company and not partner.is_company else name

    @api.depends("complete_name")
    def _compute_display_name(self) -> None:
        for partner in self:
            partner.display_name = partner.complete_name or ""

    @api.depends("is_company")
    def _compute_company_type(self) -> None:
        for partner in self:
            partner.company_type = "company" if partner.is_company else "person"

    def _inverse_company_type(self) -> None:
        for partner in self:
            partner.is_company = partner.company_type == "company"

    @api.depends("is_company", "parent_id.commercial_partner_id")
    def _compute_commercial_partner_id(self) -> None:
        for partner in self:
            parent = partner.parent_id
            partner.commercial_partner_id = (
                partner if partner.is_company or not parent else parent.commercial_partner_id
            )

    @api.depends("company_name", "commercial_partner_id.is_company", "commercial_partner_id.name")
    def _compute_commercial_company_name(self) -> None:
        for partner in self:
            commercial = partner.commercial_partner_id
            partner.commercial_company_name = commercial.name if commercial.is_company else partner.company_name

    @api.depends("name", "email")
    def _compute_email_formatted(self) -> None:
        for partner in self:
            name = (partner.name or partner.email or "").replace('"', "'")
            partner.email_formatted = f'"{name}" <{partner.email}>' if partner.email else ""

    @api.depends("street", "street2", "zip", "city", "state_id", "country_id", "country_id.address_format")
    def _compute_contact_address(self) -> None:
        for partner in self:
            partner.contact_address = partner._display_address()

    @api.depends("user_ids.share", "user_ids.active")
    def _compute_partner_share(self) -> None:
        for partner in self:
            users = partner.user_ids
            partner.partner_share = not users or all(user.share for user in users)

    def _display_address(self, without_company: bool = True) -> str:
        """Return the address as lines of text, in the layout of its country."""
        self.ensure_one()
        country, state = self.country_id, self.state_id
        layout = country.address_format or "%(street)s\n%(street2)s\n%(zip)s %(city)s %(state_code)s\n%(country_name)s"
        places = {name: self[name] or "" for name in ("street", "street2", "zip", "city")} | {
            "state_name": state.name or "",
            "state_code": state.code or "",
            "country_name": country.name or "",
            "country_code": country.code or "",
        }
        lines = [" ".join(line.split()) for line in (layout % places).splitlines()]
        if not without_company and self.commercial_company_name:
            lines.insert(0, self.commercial_company_name)
        return "\n".join(line for line in lines if line)

    # -------------------------------------------------------------------- rules

    @api.constrains("parent_id")
    def _check_hierarchy(self) -> None:
        for partner in self:
            walk, seen = partner.parent_id, partner
            while walk:
                if walk in seen:
                    raise ValidationError(
                        _("%(name)s cannot be a contact of itself.", name=partner.name),
                        fields=["parent_id"],
                        code="base.contact_of_itself",
                        data={"name": partner.name},
                    )
                seen |= walk
                walk = walk.parent_id

    @api.constrains("barcode")
    def _check_barcode_unique(self) -> None:
        for partner in self.filtered("barcode"):
            if self.search_count([("barcode", "=", partner.barcode), ("id", "!=", partner.id)], limit=1):
                raise ValidationError(
                    _("Another contact already has the barcode %(barcode)s.", barcode=partner.barcode),
                    fields=["barcode"],
                )

    @api.onchange("parent_id")
    def _onchange_parent_id(self) -> None:
        """A new contact lives where its company is."""
        parent = self.parent_id
        if parent and self.type == "contact" and not any(self[name] for name in ADDRESS_FIELDS):
            for name in ADDRESS_FIELDS:
                self[name] = parent[name]

    @api.onchange("country_id")
    def _onchange_country_id(self) -> None:
        if self.state_id and self.state_id.country_id != self.country_id:
            self.state_id = False

    @api.onchange("state_id")
    def _onchange_state_id(self) -> None:
        if self.state_id and not self.country_id:
            self.country_id = self.state_id.country_id

    @api.ondelete()
    def _refuse_deleting_users(self) -> None:
        users = self.env["res.users"].sudo().with_context(active_test=False).search([("partner_id", "in", self.ids)])
        if users:
            raise UserError(
                _(
                    "%(names)s can sign in, so the contact cannot be deleted. Archive it, or delete the user first.",
                    names=", ".join(users.mapped("name")),
                ),
                code="base.contact_of_user",
                data={"users": users.mapped("name")},
            )

    # --------------------------------------------------------------- life cycle

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> ResPartner:
        """Create partners; contacts of a company take over its commercial data."""
        partners = super().create([_tidied(values) for values in vals_list])
        for partner in partners.filtered("parent_id"):
            partner._take_commercial_fields()
        return partners

    def write(self, vals: dict[str, Any]) -> bool:
        """Write; commercial data reach the contacts of a company."""
        if vals.get("active") is False:
            self._check_archivable()
        result = super().write(_tidied(vals))
        if "parent_id" in vals:
            for partner in self.filtered("parent_id"):
                partner._take_commercial_fields()
        shared = {name: vals[name] for name in COMMERCIAL_FIELDS if name in vals}
        if shared:
            own = self.filtered(lambda partner: partner.commercial_partner_id == partner)
            contacts = self.search([("commercial_partner_id", "in", own.ids), ("id", "not in", own.ids)])
            if contacts:
                super(ResPartner, contacts).write(shared)
        return result

    def _take_commercial_fields(self) -> None:
        commercial = self.commercial_partner_id
        if commercial and commercial != self:
            changed = {name: commercial[name] for name in COMMERCIAL_FIELDS if self[name] != commercial[name]}
            if changed:
                super().write(changed)

    def _check_archivable(self) -> None:
        users = self.env["res.users"].sudo().search([("partner_id", "in", self.ids)])
        if users:
            raise UserError(_("%(names)s can sign in. Archive the user first.", names=", ".join(users.mapped("name"))))

    def copy_data(self, default: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """A copy is told from its original by name."""
        copies = super().copy_data(default)
        if not (default and "name" in default):
            for partner, values in zip(self, copies, strict=True):
                values["name"] = _("%(name)s (copy)", name=partner.name)
        return copies

    # -------------------------------------------------------------------- names

    @api.model
    def name_create(self, name: str) -> tuple[int, str]:
        """Create a partner from one line of text: a name, "Name <mail>" or an address."""
        label, email = _parse_mailbox(name)
        partner = self.create({"name": label or email, "email": email})
        return partner.id, partner.display_name

    @api.public(access="read")
    @api.readonly
    def address_get(self, adr_pref: list[str] | None = None) -> dict[str, int | bool]:
        """Return the address to use for each purpose in `adr_pref`, as ids.

        Nearest first: the partner itself, its contacts, then those of its company. "contact" is always answered.
        """
        wanted = list(dict.fromkeys([*(adr_pref or []), "contact"]))
        found: dict[str, int | bool] = {}
        walk = self[:1]
        while walk:
            for candidate in [walk, *walk.child_ids]:
                if candidate.type in wanted:
                    found.setdefault(candidate.type, candidate.id)
            walk = self.browse() if walk.is_company else walk.parent_id
        default = found.get("contact") or self[:1].id or False
        return {kind: found.get(kind, default) for kind in wanted}


def _tidied(values: dict[str, Any]) -> dict[str, Any]:
    """Return values with surrounding spaces cut off names and addresses."""
    names = ("name", "email", "ref", "vat", "barcode")
    return {key: value.strip() if key in names and isinstance(value, str) else value for key, value in values.items()}


def _parse_mailbox(text: str) -> tuple[str, str | bool]:
    """Return (name, address) of "Name <address>", a bare address or a bare name."""
    text = text.strip()
    if text.endswith(">") and "<" in text:
        label, _sep, address = text[:-1].rpartition("<")
        return label.strip().strip('"'), address.strip()
    return ("", text) if "@" in text and " " not in text else (text, False)
