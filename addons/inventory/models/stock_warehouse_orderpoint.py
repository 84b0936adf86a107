"""Reordering rules: keep a product between a minimum and a maximum."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from addons.inventory.services import document_messages, forecast, lead_times
from core import api, fields, models
from core.exceptions import UserError, ValidationError
from core.rounding import compare, round_to


class StockWarehouseOrderpoint(models.Model):
    """When the forecast at a place falls below the minimum, as much is ordered as reaches the maximum."""

    _name = "stock.warehouse.orderpoint"
    _description = "Minimum Inventory Rule"
    _check_company_auto = True
    _order = "location_id, product_id, id"

    name = fields.Char("Name", readonly=True, copy=False)
    active = fields.Boolean(default=True)
    trigger = fields.Selection([("auto", "Auto"), ("manual", "Manual")], "Trigger", default="auto", required=True)
    company_id = fields.Many2one("res.company", "Company", required=True, default=lambda self: self.env.company)
    warehouse_id = fields.Many2one(
        "stock.warehouse",
        "Warehouse",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env["stock.warehouse"]._default_for(self.env.company),
        check_company=True,
    )
    location_id = fields.Many2one(
        "stock.location",
        "Location",
        required=True,
        ondelete="cascade",
        index=True,
        default=lambda self: self.env["stock.warehouse"]._default_for(self.env.company).lot_stock_id,
        check_company=True,
    )
    product_id = fields.Many2one(
        "product.product",
        "Product",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("is_storable", "=", True)],
        check_company=True,
    )
    product_tmpl_id = fields.Many2one(
        "product.template", related="product_id.product_tmpl_id", string="Product Template"
    )
    product_uom = fields.Many2one("uom.uom", related="product_id.uom_id", string="Unit")
    product_min_qty = fields.Quantity("Min Quantity", required=True)
    product_max_qty = fields.Quantity("Max Quantity", required=True)
    qty_multiple = fields.Quantity(
        "Multiple Quantity", default=Decimal(1), help="The order is rounded up to a multiple of it"
    )
    route_id = fields.Many2one("stock.route", "Route", check_company=True)
    snoozed_until = fields.Date("Snoozed")
    qty_on_hand = fields.Quantity("On Hand", compute="_compute_quantities")
    qty_forecast = fields.Quantity("Forecast", compute="_compute_quantities")
    qty_to_order_computed = fields.Quantity("To Order (computed)", compute="_compute_quantities")
    qty_to_order_manual = fields.Quantity("To Order (typed)", copy=False)
    qty_to_order = fields.Quantity("To Order", compute="_compute_qty_to_order", inverse="_inverse_qty_to_order")
    lead_days = fields.Integer(
        "Lead Days",
        compute="_compute_lead_days",
        help="Days from ordering to having the goods: of the rules on the way, the vendor or the bill of materials",
    )
    supply_problem = fields.Text(
        "Problem", readonly=True, copy=False, help="What kept the last automatic run from ordering"
    )
    lead_horizon_date = fields.Date(
        "Horizon",
        compute="_compute_lead_horizon_date",
        help="What is to leave until then is looked at: the lead days, and as many more as the company looks ahead",
    )

    _one_per_place = models.UniqueIndex(
        "(product_id, location_id, company_id)", "There is a reordering rule for this product and location already."
    )

    @api.depends("product_id", "location_id", "warehouse_id", "route_id", "company_id")
    def _compute_lead_days(self):
        placed = self.filtered(lambda point: point.product_id and point.location_id and point.company_id)
        days = lead_times.of_needs(self.env, {point: point._procurement(Decimal(1)) for point in placed})
        for point in self:
            point.lead_days = days.get(point, 0)

    @api.depends("lead_days", "company_id.horizon_days")
    def _compute_lead_horizon_date(self):
        for point in self:
            ahead = point.lead_days + point.company_id.horizon_days
            point.lead_horizon_date = fields.Date.today() + timedelta(days=ahead)

    @api.depends(
        "product_id.qty_available",
        "product_id.virtual_available",
        "location_id",
        "product_min_qty",
        "product_max_qty",
        "qty_multiple",
        "lead_horizon_date",
    )
    def _compute_quantities(self):
        """What is to leave after the horizon is not wanted yet; what is ordered counts, however late it comes."""
        asked = self._quantity_in_progress()
        by_place = self.grouped("location_id")
        for location, points in by_place.items():
            products = points.product_id.with_context(location=location.id)
            figures = {product.id: (product.qty_available, product.virtual_available) for product in products}
            horizons = {point.product_id.id: point.lead_horizon_date for point in points if point.product_id}
            later = forecast.not_wanted_yet(products, horizons)
            for point in points:
                on_hand, expected = figures.get(point.product_id.id, (Decimal(0), Decimal(0)))
                expected += asked.get(point.id, Decimal(0)) + later.get(point.product_id.id, Decimal(0))
                point.qty_on_hand = on_hand
                point.qty_forecast = expected
                point.qty_to_order_computed = point._shortage(expected)

    def _quantity_in_progress(self) -> dict[int, Decimal]:
        """Rule id -> what is asked for at its location and not planned as a move yet, in the product's unit."""
        asked = self.product_id._get_quantity_in_progress()
        return {point.id: asked.get((point.product_id.id, point.location_id.id), Decimal(0)) for point in self}

    def _shortage(self, forecast):
        step = self.product_id.uom_id.rounding or Decimal("0.01")
        if compare(forecast, self.product_min_qty, step) >= 0:
            return Decimal(0)
        missing = max(self.product_min_qty, self.product_max_qty) - forecast
        return round_to(missing, self.qty_multiple, "UP") if self.qty_multiple > 0 else missing

    @api.depends("qty_to_order_computed", "qty_to_order_manual")
    def _compute_qty_to_order(self):
        for point in self:
            point.qty_to_order = point.qty_to_order_manual or point.qty_to_order_computed

    def _inverse_qty_to_order(self):
        for point in self:
            point.qty_to_order_manual = point.qty_to_order if point.qty_to_order != point.qty_to_order_computed else 0

    @api.constrains("product_min_qty", "product_max_qty")
    def _check_limits(self):
        for point in self:
            if point.product_max_qty and point.product_max_qty < point.product_min_qty:
                raise ValidationError(
                    self.env._("%(product)s: the maximum is below the minimum.", product=point.product_id.display_name),
                    fields=["product_max_qty"],
                    code="inventory.maximum_below_minimum",
                )

    @api.onchange("warehouse_id")
    def _onchange_warehouse_id(self):
        """The place follows, unless it is in that warehouse already."""
        if self.warehouse_id and self.location_id.warehouse_id != self.warehouse_id:
            self.location_id = self.warehouse_id.lot_stock_id

    @api.onchange("location_id")
    def _onchange_location_id(self):
        if self.location_id.warehouse_id:
            self.warehouse_id = self.location_id.warehouse_id

    @api.model_create_multi
    def create(self, vals_list):
        """Warehouse and location follow from each other, and from the company."""
        rows = []
        for vals in vals_list:
            row = dict(vals)
            place = self.env["stock.location"].browse(row.get("location_id") or ())
            warehouse = self.env["stock.warehouse"].browse(row.get("warehouse_id") or ()) or place.warehouse_id
            warehouse = warehouse or self.env["stock.warehouse"]._default_for(self.env.company)
            row["warehouse_id"] = warehouse.id
            row.setdefault("location_id", warehouse.lot_stock_id.id)
            rows.append(row)
        return super().create(self.env["ir.sequence"]._with_numbers("stock.orderpoint", rows))

    @api.public(access="write")
    def action_replenish(self, force_to_max: bool = False):
        """Order what is missing now, whatever the trigger; with `force_to_max`, up to the maximum."""
        self.check_access("write")
        wanted = {}
        for point in self:
            quantity = point.qty_to_order
            if force_to_max:
                quantity = max(point.product_max_qty - point.qty_forecast, Decimal(0))
            if quantity > 0:
                wanted[point] = quantity
        with document_messages.announced(self.env):
            self._order_wanted(wanted)
        self.write({"qty_to_order_manual": 0})
        return True

    def _procure_orderpoint_confirm(self):
        """Order what is missing for the rules that are not put off.

        What cannot be ordered does not keep other rules waiting: `supply_problem` says why.
        """
        due = self.filtered(lambda point: not point._is_snoozed())
        problems = due._order_each({point: point.qty_to_order for point in due if point.qty_to_order > 0})
        for point in due:
            if (point.supply_problem or "") != problems.get(point, ""):
                point.supply_problem = problems.get(point) or False

    def _is_snoozed(self):
        """Whether the rule is put off to a later day."""
        return bool(self.snoozed_until and self.snoozed_until > fields.Date.today())

    def _order_each(self, wanted):
        """Order all together, or where that fails in halves; returns the rules that failed, with the reason."""
        if not wanted:
            return {}
        try:
            with self.env.savepoint():
                self._order_wanted(wanted)
            return {}
        except UserError as error:
            if len(wanted) == 1:
                return {point: str(error) for point in wanted}
        points = list(wanted)
        middle = len(points) // 2
        return self._order_each({point: wanted[point] for point in points[:middle]}) | self._order_each(
            {point: wanted[point] for point in points[middle:]}
        )

    def _order_wanted(self, wanted):
        now = fields.Datetime.now()
        needs = []
        for point, quantity in wanted.items():
            needs.append(point._procurement(quantity, now + timedelta(days=point.lead_days)))
        self.env["stock.rule"].run(needs)
        self.invalidate_recordset(["qty_on_hand", "qty_forecast", "qty_to_order", "qty_to_order_computed"])

    def _procurement(self, quantity, date=False):
        self.ensure_one()
        return self.env["stock.rule"].Procurement(
            self.product_id,
            quantity,
            self.product_uom,
            self.location_id,
            self.name,
            self.name,
            self.company_id,
            self._prepare_procurement_values(date),
        )

    @api.seam("procure", order=5)
    def _prepare_procurement_values(self, date=False):
        """How an order for this reordering rule is answered, and what it carries along.

        When:
            once for each reordering rule that orders, and when its lead time is computed.
        Called by:
            ``stock.warehouse.orderpoint._procurement``.
        Args:
            date: when the goods are wanted; False where only the lead time is asked for.
        Returns:
            the `values` of the need: warehouse, route, date, and what moves and orders take over.
        Transaction:
            that of the run; it only reads.
        Override:
            add values to those of ``super()``; `self` is one reordering rule. `stock.rule._run_<action>` finds them
            in the need.
        Example::

            class StockWarehouseOrderpoint(models.Model):
                _inherit = "stock.warehouse.orderpoint"

                def _prepare_procurement_values(self, date=False):
                    return super()._prepare_procurement_values(date) | {"priority": "1"}
        """
        self.ensure_one()
        values = {"warehouse_id": self.warehouse_id, "orderpoint_id": self, "route_ids": self.route_id}
        return values | {"date_planned": date} if date else values
