"""Views as records: the XML architectures of forms, lists and searches. `core.web` combines and draws them."""

from __future__ import annotations

from typing import Any

from lxml import etree

from core import api, fields, models
from core.api import _
from core.base.services import architecture
from core.exceptions import ValidationError
from core.xml_source import parse_xml


class IrUiView(models.Model):
    """An architecture, or a change of another view's."""

    _name = "ir.ui.view"
    _inherit = ["cached.mixin"]
    _description = "View"
    _order = "priority, name, id"

    name = fields.Char(string="View Name", required=True)
    model = fields.Char(index=True)
    type = fields.Selection(
        list(architecture.VIEW_TYPES.items()),
        string="View Type",
    )
    arch = fields.Text(string="View Architecture", required=True)
    inherit_id = fields.Many2one("ir.ui.view", string="Inherited View", ondelete="cascade", index=True)
    inherit_children_ids = fields.One2many("ir.ui.view", "inherit_id", string="Views which inherit from this one")
    priority = fields.Integer(
        string="Sequence", required=True, default=16, help="The least one is a model's default view"
    )
    mode = fields.Selection(
        [("primary", "Base view"), ("extension", "Extension View")],
        string="View inheritance mode",
        required=True,
        default="primary",
        help="An extension changes the view that it inherits from. A base view that inherits is a changed copy.",
    )
    active = fields.Boolean(default=True)
    group_ids = fields.Many2many(
        "res.groups",
        "ir_ui_view_group_rel",
        "view_id",
        "group_id",
        string="Groups",
        help="The view, or the change, is only for users in one of these groups",
    )
    xml_id = fields.Char(string="External ID", compute="_compute_xml_id")

    _model_type_index = models.Index("(model, type, priority)")
    _extension_has_base = models.Constraint(
        "CHECK (mode <> 'extension' OR inherit_id IS NOT NULL)", "An extension view needs a view to inherit from."
    )

    def _compute_xml_id(self) -> None:
        names = self.env["ir.model.data"]._xmlids_of(self._name, self.ids)
        for view in self:
            view.xml_id = names.get(view.id, "")

    @api.constrains("arch", "model", "type", "inherit_id", "mode")
    def _check_arch(self) -> None:
        """A view that cannot be drawn is refused, and the message says which view, where and why."""
        problems = []
        for view in self:
            label = f"{view.xml_id or view.name} ({view.model or _('no model')})"
            for problem in architecture.problems(
                self.env, view.arch or "", view.model, view.type, bool(view.inherit_id)
            ):
                problems.append(str(_("View %(view)s: %(problem)s", view=label, problem=problem)))
        if problems:
            raise ValidationError("\n".join(problems), fields=["arch"], code="view_error")

    @api.constrains("inherit_id")
    def _check_no_loop(self) -> None:
        for view in self:
            walk = view.inherit_id
            while walk:
                if walk == view:
                    raise ValidationError(
                        _("View %(view)s inherits from itself.", view=view.name), fields=["inherit_id"]
                    )
                walk = walk.inherit_id

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> IrUiView:
        """Create views; type, model and mode follow from the architecture and the inherited view when not given."""
        return super().create([self._completed(values) for values in vals_list])

    def _completed(self, values: dict[str, Any]) -> dict[str, Any]:
        values = dict(values)
        parent = self.browse(values["inherit_id"]) if values.get("inherit_id") else self.browse()
        if parent:
            values.setdefault("mode", "extension")
            values["model"] = values.get("model") or parent.model
            values["type"] = values.get("type") or parent.type
        elif not values.get("type"):
            values["type"] = _root_tag(values.get("arch")) or False
        if not values.get("name"):
            values["name"] = ".".join(part for part in (values.get("model"), values.get("type")) if part) or "view"
        return values

    @api.private
    @api.model
    def default_view(self, model: str, view_type: str) -> int | bool:
        """Return the id of the model's first base view of a type, or False."""
        domain = [("model", "=", model), ("type", "=", view_type), ("mode", "=", "primary")]
        return self.sudo().search(domain, limit=1, order="priority, id").id

    def _extensions(self) -> IrUiView:
        """Return the active extensions of this view that the user's groups let through, in order of application.

        Outer changes come before the changes to them: by depth, then as `_in_order_of_application` says.
        """
        user_groups = self.env.user.all_group_ids
        found, level = self.browse(), self
        while level:
            level = self.sudo().search([("inherit_id", "in", level.ids), ("mode", "=", "extension")])
            level = level.filtered(lambda view: not view.group_ids or bool(view.group_ids & user_groups))
            found |= level._in_order_of_application()
        return found

    def _in_order_of_application(self) -> IrUiView:
        """Return these views by priority, then by the loading order of their addons, then by age.

        Views without external id, such as those that users made, come last among equal priorities.
        """
        positions = {addon: position for position, addon in enumerate(self.env.registry.addons)}
        names = self.env["ir.model.data"]._xmlids_of(self._name, self.ids)

        def key(view: IrUiView) -> tuple[int, int, int]:
            addon = names.get(view.id, "").partition(".")[0]
            return view.priority, positions.get(addon, len(positions)), view.id

        return self.sorted(key)


def _root_tag(arch: Any) -> str:
    """Return the name of the outermost element where it is a view type; else an empty text."""
    try:
        tag = parse_xml(arch if isinstance(arch, str) else "").tag
    except (etree.XMLSyntaxError, ValueError):
        return ""
    return str(tag) if tag in architecture.VIEW_TYPES else ""
