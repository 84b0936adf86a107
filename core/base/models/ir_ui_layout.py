"""Layouts: which columns a list shows, in which order and width, grouped and sorted how."""

from __future__ import annotations

import json
from typing import Any

from core import api, fields, models


class IrUiLayout(models.Model):
    """The arrangement of a list under a name."""

    _name = "ir.ui.layout"
    _description = "List Layout"
    _inherit = ["ir.list.preset.mixin"]

    user_ids = fields.Many2many(
        "res.users", "ir_ui_layout_res_users_rel", "layout_id", "user_id", "Users", help="Who sees it; empty: everybody"
    )
    default_user_ids = fields.Many2many(
        "res.users", "ir_ui_layout_default_rel", "layout_id", "user_id", "Default For", copy=False
    )
    columns = fields.Text(
        "Columns", default="[]", required=True, help="Pairs of a field and a width (0 to 6), in their order, as JSON"
    )
    group_by = fields.Text("Groups", default="[]", required=True, help="Fields to group by, as JSON")
    sort = fields.Text("Order", default="[]", required=True, help="Fields to sort by, as JSON")

    def _address(self) -> dict[str, Any]:
        """See the mixin."""
        groups, sort = json.loads(self.group_by or "[]"), json.loads(self.sort or "[]")
        return {"layout": self.id, "cols": None, "group": ",".join(groups) or None, "sort": sort[0] if sort else None}

    def _columns(self) -> list[tuple[str, int]]:
        """The fields shown, with their widths."""
        return [(str(name), int(width)) for name, width in json.loads(self.columns or "[]")]

    @api.constrains("columns", "group_by", "sort")
    def _check_texts(self) -> None:
        for name in ("columns", "group_by", "sort"):
            self._check_json(name)
