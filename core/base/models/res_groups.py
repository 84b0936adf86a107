"""Groups: what users may do is granted to groups, and groups may imply other groups."""

from __future__ import annotations

from typing import Any

from core import api, fields, models
from core.api import Domain, _
from core.base.services import access
from core.exceptions import UserError, ValidationError


class ResGroups(models.Model):
    """A set of users with rights in common."""

    _name = "res.groups"
    _inherit = ["cached.mixin"]
    _description = "Group"
    _rec_names_search = ("full_name",)
    _order = "privilege_id, sequence, name, id"

    name = fields.Char(required=True, translate=True)
    full_name = fields.Char(string="Group Name", compute="_compute_full_name", search="_search_full_name")
    sequence = fields.Integer(default=10)
    comment = fields.Text(translate=True)
    share = fields.Boolean(string="Share Group", help="For outsiders who are shown some of our data, not for employees")
    privilege_id = fields.Many2one("res.groups.privilege", string="Privilege", ondelete="set null", index=True)
    category_id = fields.Many2one("ir.module.category", string="Category", related="privilege_id.category_id")
    api_key_duration = fields.Float(
        string="API Keys maximum duration days", help="Longest life of an API key of these users; 0: no limit"
    )

    user_ids = fields.Many2many(
        "res.users", "res_groups_users_rel", "gid", "uid", string="Users", groups=access.USER_MANAGERS
    )
    all_user_ids = fields.Many2many(
        "res.users", string="Users and implied users", compute="_compute_all_user_ids", groups=access.USER_MANAGERS
    )
    all_users_count = fields.Integer(string="# Users", compute="_compute_all_user_ids")
    implied_ids = fields.Many2many(
        "res.groups",
        "res_groups_implied_rel",
        "gid",
        "hid",
        string="Implied Groups",
        help="Users of this group are automatically in those groups",
    )
    implied_by_ids = fields.Many2many(
        "res.groups",
        "res_groups_implied_rel",
        "hid",
        "gid",
        string="Implying Groups",
        help="Users of those groups are automatically in this group",
    )
    all_implied_ids = fields.Many2many(
        "res.groups", string="Transitively Implied Groups", compute="_compute_all_implied_ids"
    )
    all_implied_by_ids = fields.Many2many(
        "res.groups", string="Transitively Implying Groups", compute="_compute_all_implied_by_ids"
    )

    model_access = fields.One2many("ir.model.access", "group_id", string="Access Rights")
    rule_groups = fields.Many2many("ir.rule", "rule_group_rel", "group_id", "rule_group_id", string="Record Rules")
    menu_access = fields.Many2many("ir.ui.menu", "ir_ui_menu_group_rel", "gid", "menu_id", string="Access Menus")
    view_access = fields.Many2many("ir.ui.view", "ir_ui_view_group_rel", "group_id", "view_id", string="Views")

    _name_unique = models.UniqueIndex("(privilege_id, name)", "A privilege cannot have two groups of the same name.")

    @api.depends("name", "privilege_id.name")
    def _compute_full_name(self) -> None:
        for group in self:
            privilege = group.privilege_id.name
            group.full_name = f"{privilege} / {group.name}" if privilege else group.name

    def _search_full_name(self, operator: str, value: Any) -> Domain:
        if isinstance(value, str) and "/" in value:
            privilege, name = (part.strip() for part in value.split("/", 1))
            return Domain("privilege_id.name", operator, privilege) & Domain("name", operator, name)
        return Domain("name", operator, value) | Domain("privilege_id.name", operator, value)

    @api.depends("full_name")
    def _compute_display_name(self) -> None:
        for group in self:
            group.display_name = group.full_name

    @api.depends("implied_ids.all_implied_ids")
    def _compute_all_implied_ids(self) -> None:
        for group in self:
            group.all_implied_ids = self.browse(sorted(access.implied_groups(self.env, group._origin.ids)))

    def _compute_all_implied_by_ids(self) -> None:
        everything = self.sudo().search([])
        for group in self:
            wanted = set(group._origin.ids)
            group.all_implied_by_ids = everything.filtered(
                lambda other, wanted=wanted: wanted & access.implied_groups(self.env, [other.id])
            )

    @api.depends("user_ids", "all_implied_by_ids.user_ids")
    def _compute_all_user_ids(self) -> None:
        for group in self:
            group.all_user_ids = group.all_implied_by_ids.user_ids
            group.all_users_count = len(group.all_user_ids)

    @api.constrains("implied_ids")
    def _check_no_cycle(self) -> None:
        for group in self:
            if any(group.id in access.implied_groups(self.env, [other.id]) for other in group.implied_ids):
                raise ValidationError(
                    _("The group %(group)s would imply itself.", group=group.full_name),
                    fields=["implied_ids"],
                    code="base.group_in_itself",
                    data={"group": group.full_name},
                )

    @api.ondelete()
    def _refuse_deleting_needed_groups(self) -> None:
        needed = {access.group_id(self.env, name) for name in ("base.group_user", "base.group_system")}
        if needed & set(self.ids):
            raise UserError(_("The groups for internal users and for administrators cannot be deleted."))

    # ----------------------------------------------------------------- settings

    def _apply_group(self, implied: ResGroups) -> None:
        """Make these groups imply `implied`: their users gain it."""
        for group in self:
            if implied not in group.implied_ids:
                group.write({"implied_ids": [api.Command.link(implied.id)]})

    def _remove_group(self, implied: ResGroups) -> None:
        """Stop implying `implied`, and take it from users who had it only through these groups."""
        for group in self:
            if implied in group.implied_ids:
                group.write({"implied_ids": [api.Command.unlink(implied.id)]})
        implied.write({"user_ids": [api.Command.unlink(user.id) for user in self.all_user_ids & implied.user_ids]})
