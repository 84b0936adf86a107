"""Routes: named sets of rules that products, categories and warehouses choose from."""

from __future__ import annotations

from core import fields, models


class StockRoute(models.Model):
    """A way that goods can take through the warehouse, or into it."""

    _name = "stock.route"
    _description = "Inventory Routes"
    _check_company_auto = True
    _kept = True
    _order = "sequence, id"

    name = fields.Char("Route", required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=0)
    rule_ids = fields.One2many("stock.rule", "route_id", "Rules")
    product_selectable = fields.Boolean("Applicable on Product", default=True)
    product_categ_selectable = fields.Boolean("Applicable on Product Category")
    warehouse_selectable = fields.Boolean("Applicable on Warehouse")
    sale_selectable = fields.Boolean("Selectable on Sales Order Line")
    supplied_wh_id = fields.Many2one("stock.warehouse", "Supplied Warehouse", check_company=True)
    supplier_wh_id = fields.Many2one("stock.warehouse", "Supplying Warehouse", check_company=True)
    company_id = fields.Many2one("res.company", "Company", index=True)
    product_ids = fields.Many2many(
        "product.template", "stock_route_product", "route_id", "product_id", "Products", copy=False
    )
    categ_ids = fields.Many2many(
        "product.category", "stock_route_categ", "route_id", "categ_id", "Product Categories", copy=False
    )
    warehouse_ids = fields.Many2many(
        "stock.warehouse",
        "stock_route_warehouse",
        "route_id",
        "warehouse_id",
        "Warehouses",
        copy=False,
        check_company=True,
    )

    def _check_company(self, fnames=None):
        """A route without a company is for all of them, its warehouses included."""
        super(StockRoute, self.filtered("company_id"))._check_company(fnames)
