"""Warehouses: a building, with the places, operation types, routes and rules that its number of steps asks for."""

from __future__ import annotations

from addons.inventory.services import resupply, warehouse_setup
from core import api, fields, models
from core.exceptions import UserError, ValidationError


class StockWarehouse(models.Model):
    """A warehouse. Creating one creates everything it needs; changing the steps rebuilds its rules."""

    _name = "stock.warehouse"
    _description = "Warehouse"
    _check_company_auto = True
    _kept = True
    _order = "sequence, id"

    name = fields.Char("Warehouse", required=True)
    active = fields.Boolean(default=True)
    code = fields.Char("Short Name", required=True, help="Starts the numbers of all its transfers")
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", "Company", required=True, default=lambda self: self.env.company)
    partner_id = fields.Many2one(
        "res.partner", "Address", default=lambda self: self.env.company.partner_id, check_company=True
    )
    reception_steps = fields.Selection(
        [
            ("one_step", "Receive and Store (1 step)"),
            ("two_steps", "Receive then Store (2 steps)"),
            ("three_steps", "Receive, Quality Control, then Store (3 steps)"),
        ],
        "Incoming Shipments",
        default="one_step",
        required=True,
    )
    delivery_steps = fields.Selection(
        [
            ("ship_only", "Deliver (1 step)"),
            ("pick_ship", "Pick then Deliver (2 steps)"),
            ("pick_pack_ship", "Pick, Pack, then Deliver (3 steps)"),
        ],
        "Outgoing Shipments",
        default="ship_only",
        required=True,
    )
    view_location_id = fields.Many2one("stock.location", "View Location", index=True, check_company=True)
    lot_stock_id = fields.Many2one("stock.location", "Location Stock", check_company=True)
    wh_input_stock_loc_id = fields.Many2one("stock.location", "Input Location", check_company=True)
    wh_qc_stock_loc_id = fields.Many2one("stock.location", "Quality Control Location", check_company=True)
    wh_pack_stock_loc_id = fields.Many2one("stock.location", "Packing Location", check_company=True)
    wh_output_stock_loc_id = fields.Many2one("stock.location", "Output Location", check_company=True)
    in_type_id = fields.Many2one("stock.picking.type", "In Type", copy=False, check_company=True)
    qc_type_id = fields.Many2one("stock.picking.type", "Quality Control Type", copy=False, check_company=True)
    store_type_id = fields.Many2one("stock.picking.type", "Storage Type", copy=False, check_company=True)
    int_type_id = fields.Many2one("stock.picking.type", "Internal Type", copy=False, check_company=True)
    pick_type_id = fields.Many2one("stock.picking.type", "Pick Type", copy=False, check_company=True)
    pack_type_id = fields.Many2one("stock.picking.type", "Pack Type", copy=False, check_company=True)
    out_type_id = fields.Many2one("stock.picking.type", "Out Type", copy=False, check_company=True)
    reception_route_id = fields.Many2one("stock.route", "Receipt Route", copy=False)
    delivery_route_id = fields.Many2one("stock.route", "Delivery Route", copy=False)
    mto_pull_id = fields.Many2one("stock.rule", "MTO Rule", copy=False)
    route_ids = fields.Many2many(
        "stock.route",
        "stock_route_warehouse",
        "warehouse_id",
        "route_id",
        "Routes",
        domain=[("warehouse_selectable", "=", True)],
    )

    resupply_wh_ids = fields.Many2many(
        "stock.warehouse",
        "stock_wh_resupply_table",
        "supplied_wh_id",
        "supplier_wh_id",
        "Resupply From",
        help="Products with the route that this makes are fetched from there",
    )
    resupply_route_ids = fields.One2many("stock.route", "supplied_wh_id", "Resupply Routes")

    _name_unique = models.UniqueIndex("(name, company_id)", "The name of a warehouse must be unique in its company.")
    _code_unique = models.UniqueIndex(
        "(code, company_id)", "The short name of a warehouse must be unique in its company."
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Create the warehouses with their locations, operation types, routes and rules."""
        warehouses = super().create(vals_list)
        for warehouse in warehouses:
            warehouse_setup.build(warehouse)
        resupply.apply(warehouses.filtered("resupply_wh_ids"))
        return warehouses

    def write(self, vals):
        """Changing the steps brings places and rules in line; documents under way keep their own."""
        result = super().write(vals)
        if {"reception_steps", "delivery_steps"} & vals.keys():
            for warehouse in self:
                warehouse_setup.apply_steps(warehouse)
            resupply.refresh(self)
        if "resupply_wh_ids" in vals:
            resupply.apply(self)
        if "code" in vals:
            for warehouse in self:
                warehouse_setup.rename(warehouse)
        return result

    @api.constrains("resupply_wh_ids", "company_id")
    def _check_resupply(self):
        for warehouse in self:
            if warehouse in warehouse.resupply_wh_ids:
                raise ValidationError(
                    self.env._("%(warehouse)s cannot be resupplied from itself.", warehouse=warehouse.name),
                    fields=["resupply_wh_ids"],
                    code="inventory.resupply_from_itself",
                )
            foreign = [other for other in warehouse.resupply_wh_ids if other.company_id != warehouse.company_id]
            if foreign:
                raise ValidationError(
                    self.env._(
                        "%(warehouse)s cannot be resupplied from %(other)s of another company: sell and buy instead.",
                        warehouse=warehouse.name,
                        other=foreign[0].name,
                    ),
                    fields=["resupply_wh_ids"],
                    code="inventory.resupply_across_companies",
                )

    @api.ondelete()
    def _unlink_if_unused(self):
        used = self.env["stock.move"].sudo().search([("picking_type_id.warehouse_id", "in", self.ids)], limit=1)
        if used:
            raise UserError(
                self.env._(
                    "%(warehouse)s has moved stock (%(document)s) and stays as history. Archive it instead.",
                    warehouse=used.picking_type_id.warehouse_id.name,
                    document=used._document_name(),
                ),
                code="inventory.warehouse_moved",
            )

    @api.model
    def _provide_for(self, companies=None):
        """Give a warehouse to those of the companies (of all, if None) that have none, archived ones counting."""
        if companies is None:
            companies = self.env["res.company"].search([])
        supplied = self.with_context(active_test=False).search([("company_id", "in", companies.ids)]).company_id
        self.create(
            [
                {
                    "name": company.name,
                    "code": "".join(filter(str.isalnum, company.name)).upper()[:5] or "WH",
                    "company_id": company.id,
                    "partner_id": company.partner_id.id,
                }
                for company in companies - supplied
            ]
        )

    @api.model
    def _default_for(self, company):
        """The first warehouse of a company."""
        return self.search([("company_id", "=", company.id)], limit=1)
