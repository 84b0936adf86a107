"""Menus: the tree of entries that lead to pages."""

from __future__ import annotations

from typing import Any

from core import api, fields, models
from core.api import _
from core.base.services import access
from core.base.services.caching import cached
from core.exceptions import ValidationError


class IrUiMenu(models.Model):
    """An entry of the menu. It is shown to the users in its groups who may read what it opens."""

    _name = "ir.ui.menu"
    _inherit = ["cached.mixin"]
    _description = "Menu"
    _order = "sequence, id"
    _parent_store = True

    name = fields.Char(string="Menu", required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    parent_id = fields.Many2one("ir.ui.menu", string="Parent Menu", index=True, ondelete="cascade")
    parent_path = fields.Char(index=True)
    child_id = fields.One2many("ir.ui.menu", "parent_id", string="Child Menus")
    action = fields.Reference(
        [("ir.actions.act_window", "Window Action"), ("ir.actions.act_url", "URL Action")], string="Action"
    )
    group_ids = fields.Many2many(
        "res.groups",
        "ir_ui_menu_group_rel",
        "menu_id",
        "gid",
        string="Groups",
        help="Empty: everyone who may see the page",
    )
    complete_name = fields.Char(string="Full Path", compute="_compute_complete_name", recursive=True)
    web_icon = fields.Char(string="Web Icon", help="Name of the icon shown for an application")

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self) -> None:
        for menu in self:
            above = menu.parent_id.complete_name
            menu.complete_name = f"{above} / {menu.name}" if above else menu.name

    @api.depends("complete_name")
    def _compute_display_name(self) -> None:
        for menu in self:
            menu.display_name = menu.complete_name

    @api.constrains("parent_id")
    def _check_no_loop(self) -> None:
        for menu in self:
            walk = menu.parent_id
            while walk:
                if walk == menu:
                    raise ValidationError(
                        _("The menu %(name)s would contain itself.", name=menu.name), fields=["parent_id"]
                    )
                walk = walk.parent_id

    @api.public(any_user=True)
    @api.readonly
    @api.model
    def load_menus(self) -> list[dict[str, Any]]:
        """Return the menus that the current user sees, as a tree.

        Returns:
            the applications in order; each entry has `id`, `name`, `action` ("model,id" or False), `action_id`,
            `web_icon`, `xmlid` and `children`. `action_id` is that of a window action. Entries that lead nowhere are
            left out.
        """
        key = (self.env.uid, self.env.lang)
        return cached(self.env, "menus", key, self._build_tree)

    def _build_tree(self) -> list[dict[str, Any]]:
        menus = self.sudo().search([])
        names = self.env["ir.model.data"]._xmlids_of(self._name, menus.ids)
        children: dict[int, list[Any]] = {}
        for menu in menus:
            children.setdefault(menu.parent_id.id or 0, []).append(menu)
        groups = access.group_ids(self.env, self.env.uid)
        readable = self._readable_actions(menus)

        def build(menu: Any) -> dict[str, Any] | None:
            if menu.group_ids and not self.env.su and not set(menu.group_ids.ids) & groups:
                return None
            below = [entry for child in children.get(menu.id, ()) if (entry := build(child))]
            action = menu.action if menu.action in readable else None
            if not below and not action:
                return None
            return {
                "id": menu.id,
                "name": menu.name,
                "action": f"{action._name},{action.id}" if action else False,
                "action_id": action.id if action and action._name == "ir.actions.act_window" else False,
                "web_icon": menu.web_icon or False,
                "xmlid": names.get(menu.id, ""),
                "children": below,
            }

        return [entry for menu in children.get(0, ()) if (entry := build(menu))]

    @api.private
    def _unlink_leading_to(self, actions: Any) -> None:
        """Delete the menus that lead to `actions`."""
        references = [f"{actions._name},{id_}" for id_ in actions.ids]
        self.sudo().with_context(active_test=False).search([("action", "in", references)]).unlink()

    def _readable_actions(self, menus: Any) -> set[Any]:
        """Return the menus' actions that lead the user somewhere.

        Of window actions, those whose model the user may read and whose groups fit; addresses are for everyone whom the
        menu is for, and their pages see to it who may read what.
        """
        rights, groups = self.env.registry.access, access.group_ids(self.env, self.env.uid)
        ids: dict[str, set[int]] = {"ir.actions.act_window": set(), "ir.actions.act_url": set()}
        for menu in menus:
            if menu.action:
                ids[menu.action._name].add(menu.action.id)
        existing = {name: self.env[name].sudo().browse(found).exists() for name, found in ids.items()}
        return set(existing["ir.actions.act_url"]) | {
            action
            for action in existing["ir.actions.act_window"]
            if action.res_model in self.env.registry.models
            and rights.allowed(self.env, action.res_model, "read")
            and (self.env.su or not action.group_ids or set(action.group_ids.ids) & groups)
        }
