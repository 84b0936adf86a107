"""Layouts: which columns a list shows, in which order and width, grouped and sorted how."""

from __future__ import annotations

import json
from typing import Any

from core import api, fields, models
from core.base.models.ir_list_preset_mixin import is_names


def _is_columns(value: Any) -> bool:
    """Whether a value read from JSON is a list of pairs of a field and a width."""
    return isinstance(value, list) and all(
        isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) and type(pair[1]) is int
        for pair in value
    )


class IrUiLayout(models.Model):
    """The arrangement of a list under a name."""

    _name = "ir.ui.layout"
    _description = "List Layout"
    _inherit = ["ir.list.preset.mixin"]

    user_ids = fields.Many2many(
        "res.users",
        "ir_ui_layout_res_users_rel",
        "layout_id",
        "user_id",
        "Users",
        help="Users who see it; all if empty",
    )
    default_user_ids = fields.Many2many(
        "res.users", "ir_ui_layout_default_rel", "layout_id", "user_id", "Default For", copy=False
    )
    columns = fields.Text(
        "Columns",
        default="[]",
        required=True,
        help="Pairs of a field and a width in em (0: automatic), in their order, as JSON",
    )
    group_by = fields.Text("Groups", default="[]", required=True, help="Fields to group by, as JSON")
    sort = fields.Text("Order", default="[]", required=True, help="Fields to sort by, as JSON")

    def _address(self) -> dict[str, Any]:
        """See the mixin."""
        groups, sort = json.loads(self.group_by), json.loads(self.sort)
        return {"layout": self.id, "cols": None, "group": ",".join(groups) or None, "sort": sort[0] if sort else None}

    def _columns(self) -> list[tuple[str, int]]:
        """The fields shown, with their widths."""
        return [(name, width) for name, width in json.loads(self.columns)]

    @api.constrains("columns", "group_by", "sort")
    def _check_texts(self) -> None:
        self._check_json("columns", _is_columns)
        self._check_json("group_by", is_names)
        self._check_json("sort", is_names)
