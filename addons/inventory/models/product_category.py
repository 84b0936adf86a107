"""Product categories: a tree that carries removal strategy and routes."""

from __future__ import annotations

from core import api, fields, models


class ProductCategory(models.Model):
    """A category of products; a child takes over what it does not say itself."""

    _name = "product.category"
    _inherit = ["product.removal.mixin", "stock.underdelivery.mixin"]
    _description = "Product Category"
    _parent_store = True
    _rec_name = "complete_name"
    _order = "complete_name"

    name = fields.Char(required=True, index=True)
    complete_name = fields.Char(compute="_compute_complete_name", store=True, recursive=True)
    parent_id = fields.Many2one("product.category", "Parent Category", index=True, ondelete="cascade")
    parent_path = fields.Char(index=True)
    child_id = fields.One2many("product.category", "parent_id", "Child Categories")
    removal_strategy_id = fields.Many2one(string="Force Removal Strategy")
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
