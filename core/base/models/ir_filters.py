"""Saved filters: the search of a list under a name."""

from __future__ import annotations

import json
from typing import Any

from core import api, fields, models
from core.base.models.ir_list_preset_mixin import is_names


def _is_search(value: Any) -> bool:
    """Whether a value read from JSON is a search: names of filters, fields to group by, words."""
    return (
        isinstance(value, dict)
        and all(is_names(value.get(name, [])) for name in ("filter", "group_by"))
        and all(isinstance(value.get(name, ""), str) for name in ("q", "in"))
    )


class IrFilters(models.Model):
    """Conditions, filters, groups and order of a list, to be used again (*Favorites*)."""

    _name = "ir.filters"
    _description = "Saved Filter"
    _inherit = ["ir.list.preset.mixin"]

    user_ids = fields.Many2many(
        "res.users", "ir_filters_res_users_rel", "filter_id", "user_id", "Users", help="Users who see it; all if empty"
    )
    default_user_ids = fields.Many2many(
        "res.users", "ir_filters_default_rel", "filter_id", "user_id", "Default For", copy=False
    )
    domain = fields.Text("Conditions", default="[]", required=True, help="An advanced filter, as JSON")
    context = fields.Text(
        "Search", default="{}", required=True, help="Names of filters, fields to group by and words, as JSON"
    )
    sort = fields.Text("Order", default="[]", required=True, help="Fields to sort by, as JSON")

    @api.constrains("domain", "context", "sort")
    def _check_texts(self) -> None:
        self._check_json("domain", lambda value: isinstance(value, list))
        self._check_json("context", _is_search)
        self._check_json("sort", is_names)

    def _address(self) -> dict[str, Any]:
        """The parts of a list's address that show what was saved; None takes a part out."""
        context, sort = json.loads(self.context), json.loads(self.sort)
        return {
            "domain": self.domain if self.domain != "[]" else None,
            "filter": ",".join(context.get("filter") or []) or "-",
            "group": ",".join(context.get("group_by") or []) or None,
            "q": context.get("q") or None,
            "in": context.get("in") or None,
            "sort": sort[0] if sort else None,
            "favorite": self.id,
        }
