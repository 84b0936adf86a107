"""Tags for contacts."""

from __future__ import annotations

from core import api, fields, models

#: So many parents are looked up; what has more is found by its own name.
_LEVELS = 8


class ResPartnerCategory(models.Model):
    """A tag; tags may form a tree."""

    _name = "res.partner.category"
    _description = "Contact Tag"
    _order = "name, id"
    _parent_store = True

    name = fields.Char(string="Tag Name", required=True, translate=True)
    color = fields.Integer()
    active = fields.Boolean(default=True)
    parent_id = fields.Many2one("res.partner.category", string="Category", index=True, ondelete="cascade")
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("res.partner.category", "parent_id", string="Child Tags")
    partner_ids = fields.Many2many(
        "res.partner", "res_partner_category_rel", "category_id", "partner_id", string="Contacts", copy=False
    )

    @api.depends("parent_id.display_name", "name")
    def _compute_display_name(self) -> None:
        for tag in self:
            above = tag.parent_id.display_name
            tag.display_name = f"{above} / {tag.name}" if above else tag.name

    def _name_search_domain(self, name: str, operator: str) -> api.Domain:
        """Found by its name, and as it is shown: below its parents."""
        domain = super()._name_search_domain(name, operator)
        above, divided, own = name.rpartition(" / ")
        if not divided or operator not in ("=", "=ilike", "ilike") or name.count(" / ") > _LEVELS:
            return domain
        return domain | api.Domain([("parent_id.display_name", operator, above), ("name", operator, own)])
