"""Product categories: a tree that carries removal strategy and routes."""

from __future__ import annotations

from addons.inventory.services import removal
from core import api, fields, models
from core.exceptions import ValidationError


class ProductCategory(models.Model):
    """A category of products; a child takes over what it does not say itself."""

    _name = "product.category"
    _inherit = ["stock.underdelivery.mixin"]
    _description = "Product Category"
    _parent_name = "parent_id"
    _parent_store = True
    _rec_name = "complete_name"
    _order = "complete_name"

    name = fields.Char(required=True, index=True)
    complete_name = fields.Char(compute="_compute_complete_name", store=True, recursive=True)
    parent_id = fields.Many2one("product.category", "Parent Category", index=True, ondelete="cascade")
    parent_path = fields.Char(index=True)
    child_id = fields.One2many("product.category", "parent_id", "Child Categories")
    removal_strategy_id = fields.Many2one("product.removal", "Force Removal Strategy", ondelete="restrict")
    route_ids = fields.Many2many(
        "stock.route",
        "stock_route_categ",
        "categ_id",
        "route_id",
        "Routes",
        domain=[("product_categ_selectable", "=", True)],
    )
    total_route_ids = fields.Many2many("stock.route", compute="_compute_total_route_ids", string="Total Routes")
    product_count = fields.Integer("# Products", compute="_compute_product_count")

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for category in self:
            parent = category.parent_id.complete_name if category.parent_id else ""
            category.complete_name = f"{parent} / {category.name}" if parent else category.name

    @api.depends("parent_id", "route_ids")
    def _compute_total_route_ids(self):
        for category in self:
            routes = category.route_ids
            parent = category.parent_id
            while parent:
                routes |= parent.route_ids
                parent = parent.parent_id
            category.total_route_ids = routes

    def _compute_product_count(self):
        rows = self.env["product.template"]._read_group([("categ_id", "child_of", self.ids)], ["categ_id"], ["__count"])
        counts = {category.id: count for category, count in rows}
        for category in self:
            below = category.search([("id", "child_of", category.id)]) if category.id else category
            category.product_count = sum(counts.get(child.id, 0) for child in below)

    def _removal_method(self) -> str | None:
        """The strategy of this category or of the nearest parent that has one."""
        category = self
        while category:
            if category.removal_strategy_id:
                return category.removal_strategy_id.method
            category = category.parent_id
        return None

    @api.constrains("removal_strategy_id")
    def _check_removal_strategy(self):
        used = self.filtered("removal_strategy_id")
        if used:
            names = {category: category.removal_strategy_id.method for category in used}
            removal.check_known(used, "removal_strategy_id", names)

    @api.constrains("parent_id")
    def _check_no_loop(self):
        for category in self:
            seen, parent = category, category.parent_id
            while parent:
                if parent in seen:
                    raise ValidationError(
                        self.env._("%(name)s cannot be a child of itself.", name=category.name),
                        fields=["parent_id"],
                        code="inventory.category_in_itself",
                    )
                seen |= parent
                parent = parent.parent_id
