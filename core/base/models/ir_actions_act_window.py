"""Window actions: which records of which model a page shows, and how."""

from __future__ import annotations

from typing import Any

from core import api, fields, models
from core.api import Domain, _
from core.base.services.architecture import VIEW_TYPES
from core.base.services.evaluation import ExpressionError, evaluate, names_in
from core.base.services.rule_names import rule_names
from core.exceptions import ValidationError


class IrActionsActWindow(models.Model):
    """Opens a list, form or other page of a model."""

    _name = "ir.actions.act_window"
    _inherit = ["cached.mixin"]
    _description = "Window Action"
    _order = "name, id"

    name = fields.Char(string="Action Name", required=True, translate=True)
    type = fields.Char(string="Action Type", required=True, default="ir.actions.act_window", readonly=True)
    res_model = fields.Char(string="Destination Model", required=True, index=True)
    res_id = fields.Integer(string="Record ID", help="The record to open, for a form")
    view_mode = fields.Char(required=True, default="list,form", help="Kinds of page in order, separated by commas")
    view_id = fields.Many2one("ir.ui.view", string="View Ref.", ondelete="set null")
    view_ids = fields.One2many("ir.actions.act_window.view", "act_window_id", string="Views")
    views = fields.Json(compute="_compute_views", help="Pairs of view id (or False) and kind, in order")
    search_view_id = fields.Many2one("ir.ui.view", string="Search View Ref.", ondelete="set null")
    domain = fields.Char(
        string="Domain Value", help="Which records are shown; may use uid, user, company_id, company_ids, time"
    )
    context = fields.Char(
        string="Context Value", required=True, default="{}", help="Defaults and search_default_ filters"
    )
    target = fields.Selection(
        [
            ("current", "Current Window"),
            ("new", "New Window"),
            ("fullscreen", "Full Screen"),
            ("main", "Main action of Current Window"),
        ],
        string="Target Window",
        default="current",
    )
    limit = fields.Integer(default=80, help="Rows per page of a list")
    usage = fields.Char(string="Action Usage")
    path = fields.Char(string="Path to show in the URL")
    help = fields.Html(string="Action Description", translate=True, help="Shown when there are no records")
    group_ids = fields.Many2many(
        "res.groups",
        "ir_act_window_group_rel",
        "act_id",
        "gid",
        string="Groups",
        help="Empty: everyone who may see the records",
    )
    binding_model_id = fields.Many2one(
        "ir.model", string="Binding Model", ondelete="cascade", help="Offered on the pages of this model"
    )
    binding_view_types = fields.Char(default="list,form")

    _path_unique = models.UniqueIndex("(path)", "Another action already has this path.")

    @api.depends("view_mode", "view_id", "view_ids.view_id", "view_ids.view_mode", "view_ids.sequence")
    def _compute_views(self) -> None:
        for action in self:
            pairs = [[line.view_id.id or False, line.view_mode] for line in action.view_ids.sorted("sequence")]
            given = {mode for _id, mode in pairs}
            for mode in _modes(action.view_mode):
                if mode not in given:
                    fits = action.view_id and action.view_id.type == mode
                    pairs.append([action.view_id.id if fits else False, mode])
            action.views = pairs

    @api.constrains("res_model", "view_mode")
    def _check_model(self) -> None:
        for action in self:
            if action.res_model not in self.env.registry.models:
                raise ValidationError(
                    _(
                        "The action %(name)s shows %(model)s, which is no model.",
                        name=action.name,
                        model=action.res_model,
                    ),
                    fields=["res_model"],
                    code="base.unknown_model",
                    data={"model": action.res_model},
                )
            unknown = [mode for mode in _modes(action.view_mode) if mode not in VIEW_TYPES]
            if unknown or not action.view_mode:
                raise ValidationError(
                    _(
                        "The action %(name)s has an unknown view mode: %(mode)s.",
                        name=action.name,
                        mode=action.view_mode,
                    ),
                    fields=["view_mode"],
                    code="base.view_mode",
                    data={"mode": action.view_mode},
                )

    @api.constrains("domain", "context")
    def _check_expressions(self) -> None:
        for action in self:
            for name in ("domain", "context"):
                try:
                    names_in(action[name] or "{}")
                except ExpressionError as error:
                    raise ValidationError(
                        _(
                            "The %(part)s of the action %(name)s is not valid: %(error)s",
                            part=name,
                            name=action.name,
                            error=error,
                        ),
                        fields=[name],
                        code="base.action_expression",
                        data={"field": name},
                    ) from error

    def _evaluated_domain(self, **names: Any) -> Domain:
        """Return the domain for the current user; `names` are further names that it may use (active_id, ...)."""
        self.ensure_one()
        return Domain(evaluate(self.domain or "[]", self._names() | names))

    def _evaluated_context(self, **names: Any) -> dict[str, Any]:
        """Return the context for the current user; see `_evaluated_domain`."""
        self.ensure_one()
        return evaluate(self.context or "{}", self._names() | names)

    def _names(self) -> dict[str, Any]:
        return {"uid": self.env.uid, "active_id": False, "active_ids": [], "active_model": False} | rule_names(self.env)

    def unlink(self) -> bool:
        """Delete actions, with the menus that lead to them."""
        self.env["ir.ui.menu"]._unlink_leading_to(self)
        return super().unlink()


class IrActionsActWindowView(models.Model):
    """The view that an action uses for one kind of page, where it is not the model's default one."""

    _name = "ir.actions.act_window.view"
    _description = "Window Action View"
    _order = "sequence, id"
    _rec_name = "view_id"

    sequence = fields.Integer(default=10)
    view_id = fields.Many2one("ir.ui.view", string="View", ondelete="cascade")
    view_mode = fields.Selection(list(VIEW_TYPES.items()), string="View Type", required=True)
    act_window_id = fields.Many2one(
        "ir.actions.act_window", string="Action", required=True, ondelete="cascade", index=True
    )

    _mode_unique = models.UniqueIndex("(act_window_id, view_mode)", "An action has one view of each kind.")


def _modes(view_mode: str | bool) -> list[str]:
    """Return the kinds of page of a view mode; "tree" is what lists were called once."""
    names = [name.strip() for name in (view_mode or "").split(",") if name.strip()]
    return ["list" if name == "tree" else name for name in names]
