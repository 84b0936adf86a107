"""Users: who may sign in, as what, in which companies."""

from __future__ import annotations

from typing import Any

from core import api, fields, models
from core.api import _
from core.base.services import access
from core.exceptions import AccessError, UserError, ValidationError

SUPERUSER_ID = 1
#: What users may read of and change about themselves whatever their rights.
SELF_WRITABLE = {
    "name", "email", "phone", "signature", "lang", "tz", "company_id", "notification_type", "action_id",
}  # fmt: skip
#: What decides who can sign in as whom, with which rights.
GUARDED = {"login", "password", "new_password", "password_hash", "active", "group_ids", "role", "partner_id"}
#: What the password is asked for again: an open session that is found must not give more than itself.
CONFIRMED = GUARDED - {"partner_id"}
#: What no API key writes on users that are there: it would be worth more than itself.
SECRETS = {"password", "new_password", "password_hash"}


class ResUsers(models.Model):
    """A login, delegating name and address to its partner."""

    _name = "res.users"
    _kept = True
    _inherit = ["cached.mixin", "res.users.credentials", "res.users.totp"]
    _description = "User"
    _company_field = "company_ids"
    _order = "name, login"
    _inherits = {"res.partner": "partner_id"}
    _rec_names_search = ("name", "login")

    partner_id = fields.Many2one(
        "res.partner", string="Related Partner", required=True, ondelete="restrict", index=True
    )
    login = fields.Char(required=True, help="Used to sign in", groups=access.USER_MANAGERS)
    active = fields.Boolean(default=True)
    active_partner = fields.Boolean(related="partner_id.active", string="Partner is Active")
    signature = fields.Html(string="Email Signature", groups=access.USER_MANAGERS)
    notification_type = fields.Selection(
        [("email", "By Emails"), ("inbox", "In the Program")],
        string="Notification",
        required=True,
        default="email",
        groups=access.USER_MANAGERS,
    )
    action_id = fields.Many2one(
        "ir.actions.act_window", string="Home Action", ondelete="set null", groups=access.USER_MANAGERS
    )
    login_date = fields.Datetime(string="Latest Login", readonly=True, copy=False, groups=access.USER_MANAGERS)

    group_ids = fields.Many2many(
        "res.groups",
        "res_groups_users_rel",
        "uid",
        "gid",
        string="Groups",
        default=lambda self: self._default_groups(),
        groups=access.USER_MANAGERS,
    )
    all_group_ids = fields.Many2many(
        "res.groups", string="Groups and Implied Groups", compute="_compute_all_group_ids", groups=access.USER_MANAGERS
    )
    share = fields.Boolean(
        string="Share User", compute="_compute_share", help="An outsider who sees what is shared with them"
    )
    role = fields.Selection(
        [("group_user", "User"), ("group_system", "Administrator")],
        compute="_compute_role",
        inverse="_inverse_role",
        groups=access.USER_MANAGERS,
    )
    company_id = fields.Many2one(
        "res.company",
        string="Company",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
        help="The company that the user starts in",
    )
    company_ids = fields.Many2many(
        "res.company",
        "res_company_users_rel",
        "user_id",
        "cid",
        string="Companies",
        default=lambda self: self.env.company,
        help="The companies that the user may work in",
        groups=access.USER_MANAGERS,
    )
    companies_count = fields.Integer(
        string="Number of Companies", compute="_compute_companies_count", groups=access.USER_MANAGERS
    )

    _login_unique = models.UniqueIndex("(login)", "There is already a user with this login.")

    def _default_groups(self) -> Any:
        return self.env.ref("base.group_user", raise_if_not_found=False) or self.env["res.groups"]

    # ----------------------------------------------------------------- computed

    @api.depends("group_ids.all_implied_ids")
    def _compute_all_group_ids(self) -> None:
        for user in self:
            user.all_group_ids = self.env["res.groups"].browse(
                sorted(access.implied_groups(self.env, user.group_ids._origin.ids))
            )

    @api.depends("group_ids")
    def _compute_share(self) -> None:
        employees = access.group_id(self.env, access.EMPLOYEE)
        for user in self:
            user.share = employees not in access.implied_groups(self.env, user.group_ids._origin.ids)

    @api.depends("group_ids")
    def _compute_role(self) -> None:
        system = access.group_id(self.env, "base.group_system")
        employees = access.group_id(self.env, access.EMPLOYEE)
        for user in self:
            groups = access.implied_groups(self.env, user.group_ids._origin.ids)
            user.role = "group_system" if system in groups else "group_user" if employees in groups else False

    def _inverse_role(self) -> None:
        system, employee = self.env.ref("base.group_system"), self.env.ref(access.EMPLOYEE)
        for user in self.filtered("role"):
            wanted, other = (system, employee) if user.role == "group_system" else (employee, system)
            user.group_ids = [api.Command.unlink(other.id), api.Command.link(wanted.id)]

    @api.depends("company_ids")
    def _compute_companies_count(self) -> None:
        for user in self:
            user.companies_count = len(user.company_ids)

    # -------------------------------------------------------------------- rules

    @api.constrains("company_id", "company_ids", "active")
    def _check_own_company(self) -> None:
        for user in self.filtered("active"):
            if user.company_id not in user.company_ids:
                raise ValidationError(
                    _(
                        "%(company)s is not among the companies that %(user)s may work in.",
                        company=user.company_id.name,
                        user=user.name,
                    ),
                    fields=["company_id"],
                    code="base.company_of_user",
                    data={
                        "company": user.company_id.name,
                        "user": user.name,
                    },
                )

    @api.constrains("group_ids", "active")
    def _check_an_administrator_is_left(self) -> None:
        """Nobody may lock everybody out. The system's own user does not count, it cannot sign in."""
        self.env.flush_all()
        system = access.group_id(self.env, "base.group_system")
        if not system or self.ids == [SUPERUSER_ID]:
            return
        users = self.sudo().search([("id", "!=", SUPERUSER_ID)])
        if not any(system in access.group_ids(self.env, user.id) for user in users):
            raise ValidationError(
                _("At least one active user has to be an administrator."),
                fields=["group_ids"],
                code="base.last_administrator",
            )

    @api.onchange("login")
    def _onchange_login(self) -> None:
        if self.login and "@" in self.login and not self.email:
            self.email = self.login

    @api.onchange("company_id")
    def _onchange_company_id(self) -> None:
        if self.company_id and self.company_id not in self.company_ids._origin:
            self.company_ids |= self.company_id

    @api.ondelete()
    def _refuse_deleting_needed_users(self) -> None:
        needed = {SUPERUSER_ID, self.env["ir.model.data"]._xmlid_to_res_id("base.user_admin"), self.env.uid}
        if needed & set(self.ids):
            raise UserError(
                _("The system's user, the first administrator and yourself cannot be deleted. Archive them instead."),
                code="base.user_needed",
            )

    # What is for those who manage users is also for the user themselves.
    def _field_allowed(self, field: Any) -> bool:
        return super()._field_allowed(field) or (field.groups == access.USER_MANAGERS and self.ids == [self.env.uid])

    def _field_shown(self, field: Any) -> bool:
        return super()._field_shown(field) or field.groups == access.USER_MANAGERS

    # --------------------------------------------------------------- life cycle

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> ResUsers:
        """Create users, each with a partner unless one is given.

        Raises AccessError without the right, IdentityRequired in a session without the password given lately.
        """
        if not self.env.su:
            self._require_identity(key_suffices=True)
        users = super().create([_with_company(values) for values in vals_list])
        if not self.env.is_admin():
            users._refuse_administrators()
        return users

    def has_access(self, operation: str) -> bool:
        """Return whether `check_access` would pass; of themselves users may always write, and `write` says what."""
        return super().has_access(operation) or (operation == "write" and self.ids == [self.env.uid])

    def write(self, vals: dict[str, Any]) -> bool:
        """Write. Users may change their own preferences (`SELF_WRITABLE`) without further rights.

        Raises IdentityRequired for `CONFIRMED` fields in a session without the password given lately, and for `SECRETS`
        with an API key.
        """
        if vals.get("active") and SUPERUSER_ID in self.ids:
            raise UserError(
                _("The system's user cannot be activated: it is for the server alone."), code="base.system_user"
            )
        if vals.get("active") is False and self.env.uid in self.ids and not self.env.su:
            raise UserError(_("You cannot archive yourself."))
        if not self.env.su and CONFIRMED & set(vals):
            self._require_identity(key_suffices=not SECRETS & set(vals))
        records = self
        if not self.env.su and self.ids == [self.env.uid] and set(vals) <= SELF_WRITABLE:
            if "company_id" in vals and vals["company_id"] not in self.sudo().company_ids.ids:
                raise AccessError(_("You may not work in that company."), code="base.company_of_user")
            records = self.sudo()
        # Asked before the write: after it, a user who became administrator by it would pass.
        guarded = bool(GUARDED & set(vals)) and not self.env.is_admin()
        if guarded:
            self._refuse_administrators()
        result = super(ResUsers, records).write(vals)
        if guarded:
            self._refuse_administrators()
        if vals.get("active") is False:
            self._end_access()
        return result

    def _refuse_administrators(self) -> None:
        """Raise AccessError when one of the users is an administrator; for people who only manage users."""
        if any(user._is_admin() for user in self.sudo()):
            raise AccessError(
                _("Only administrators may change administrators or appoint them."),
                code="base.administrators_only",
            )

    def unlink(self) -> bool:
        """Delete users; their partners stay."""
        if not self.env.is_admin():
            self._refuse_administrators()
        return super().unlink()

    def copy_data(self, default: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """A copy has a login and a partner of its own."""
        copies = super().copy_data(default)
        for user, values in zip(self, copies, strict=True):
            values.pop("partner_id", None)
            values["name"] = (default or {}).get("name") or str(_("%(name)s (copy)", name=user.name))
            values["login"] = (default or {}).get("login") or str(_("%(name)s (copy)", name=user.login))
        return copies

    # ------------------------------------------------------------------- groups

    @api.public(any_user=True)
    @api.readonly
    def has_group(self, group_ext_id: api.Name) -> bool:
        """Return whether the user is in a group, given by external id, directly or by implication.

        Raises AccessError for another user than oneself whom one may not read.
        """
        self.ensure_one()
        self._check_asks_for_self()
        return access.user_has_group(self.env, group_ext_id, self.id)

    @api.public(any_user=True)
    @api.readonly
    def has_groups(self, group_spec: api.Text) -> bool:
        """Return whether the user matches a list such as "base.group_user,!base.group_portal"; see `has_group`."""
        self.ensure_one()
        self._check_asks_for_self()
        return access.matches_groups(self.env, group_spec, self.id)

    def _check_asks_for_self(self) -> None:
        if not self.env.su and self.id != self.env.uid:
            self.check_access("read")

    def _is_admin(self) -> bool:
        """Return whether the user is an administrator (or the system)."""
        self.ensure_one()
        return self.id == SUPERUSER_ID or self.has_group("base.group_system")

    def _is_system(self) -> bool:
        """Return whether the user may change the program's settings."""
        return self._is_admin()

    def _is_internal(self) -> bool:
        """Return whether the user is an employee rather than an outsider."""
        self.ensure_one()
        return self.has_group(access.EMPLOYEE)

    @api.public(any_user=True)
    @api.readonly
    @api.model
    def context_get(self) -> dict[str, Any]:
        """Return the context that a client of the current user starts with."""
        user = self.env.user.sudo()
        return {"lang": user.lang or "en_US", "tz": user.tz or False, "uid": user.id}


def _with_company(values: dict[str, Any]) -> dict[str, Any]:
    """Return values in which the user may work in the company that they start in."""
    if values.get("company_id") and not values.get("company_ids"):
        return {**values, "company_ids": [api.Command.set([values["company_id"]])]}
    return values
