"""Settings: a form whose fields are kept elsewhere."""

from __future__ import annotations

from typing import Any

from core import api, fields, models
from core.api import _
from core.base.services import passwords, settings
from core.exceptions import AccessError, ValidationError


class ResConfigSettings(models.TransientModel):
    """The settings form. Addons extend it; what a field is called and told decides where its value is kept.

    * ``default_x = fields.Selection(default_model="stock.picking.type")``: the default of field `x` of that model.
    * ``x = fields.Char(config_parameter="addon.x")``: a system parameter.
    * ``group_x = fields.Boolean(implied_group="addon.group_x")``: whether the users (of ``group``, by default
      internal users) are in that group.
    * ``x = fields.Many2one(related="company_id.x", readonly=False)``: a field of the company.
    """

    _name = "res.config.settings"
    _description = "Settings"

    company_id = fields.Many2one("res.company", string="Company", required=True, default=lambda self: self.env.company)
    company_name = fields.Char(related="company_id.name", string="Company Name")
    company_currency_id = fields.Many2one(
        "res.currency", related="company_id.currency_id", string="Company Currency", readonly=False
    )
    group_multi_company = fields.Boolean(string="Multiple Companies", implied_group="base.group_multi_company")

    minlength = fields.Integer(
        string="Minimum Password Length",
        config_parameter="auth_password_policy.minlength",
        default=passwords.MINIMUM_LENGTH,
        help="Characters of a new password. Present passwords stay good; who has a shorter one is asked to change it",
    )
    auth_totp_policy = fields.Selection(
        [("admin_required", "Administrators"), ("employee_required", "All internal users")],
        string="Two-Factor Authentication Required for",
        config_parameter="auth_totp.policy",
        help="Those concerned set it up when they sign in the next time. Empty: each user decides",
    )
    audit_log_days = fields.Integer(
        string="Keep Audit Log (Days)",
        config_parameter="base.audit_log_days",
        default=365,
        help="Older entries are removed by the daily clean-up",
    )

    attachment_quota = fields.Integer(
        string="Space for Files of a User (MB)",
        config_parameter="base.attachment_quota",
        default=100,
        help="For files that belong to no record, of each user who is no administrator",
    )

    @api.constrains("attachment_quota")
    def _check_attachment_quota(self) -> None:
        for settings_ in self:
            if not 1 <= settings_.attachment_quota <= 1_000_000:
                raise ValidationError(
                    _("The space for files of a user is 1 to 1,000,000 MB."),
                    fields=["attachment_quota"],
                    code="base.attachment_quota_setting",
                )

    @api.constrains("minlength", "audit_log_days")
    def _check_account_settings(self) -> None:
        for settings_ in self:
            if not passwords.MINIMUM_LENGTH <= settings_.minlength <= passwords.LARGEST_MINIMUM:
                raise ValidationError(
                    _(
                        "The minimum password length is a number from %(least)s to %(most)s.",
                        least=passwords.MINIMUM_LENGTH,
                        most=passwords.LARGEST_MINIMUM,
                    ),
                    fields=["minlength"],
                    code="base.minimum_password_length",
                )
            if not 1 <= settings_.audit_log_days <= 36500:
                raise ValidationError(
                    _("The audit log is kept for 1 to 36,500 days."),
                    fields=["audit_log_days"],
                    code="base.audit_log_days",
                )

    @api.model
    def default_get(self, fields_list: list[str]) -> dict[str, Any]:
        """Return the present settings. Raises AccessError for users who may not open them."""
        self.check_access_rights("create")
        values = super().default_get(fields_list)
        return values | settings.load(self.env, self._fields, set(fields_list))

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> ResConfigSettings:
        """Open the form: what is not given is what is in force."""
        return super().create([settings.load(self.env, self._fields, set(self._fields)) | vals for vals in vals_list])

    @api.public(access="write")
    def execute(self) -> dict[str, Any]:
        """Save: write every setting that differs from what is in force. Returns the message for the page."""
        self.ensure_one()
        if not self.env.is_admin():
            raise AccessError(_("Only administrators may change the settings."), code="base.administrators_only")
        settings.save(self.sudo())
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": _("Saved.")},
        }

    @api.public(access="write")
    def cancel(self) -> None:
        """Leave everything as it is."""
        self.sudo().unlink()
