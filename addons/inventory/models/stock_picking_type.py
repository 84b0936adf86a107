"""Operation types: receipts, deliveries, internal transfers, and how each of them behaves."""

from __future__ import annotations

from collections import Counter

from addons.inventory.services import move_states, scheduling
from core import api, fields, models


class StockPickingType(models.Model):
    """What transfers of one kind have in common: places, numbering, reservation, and what becomes of a shortfall."""

    _name = "stock.picking.type"
    _inherit = ["stock.underdelivery.mixin"]
    _description = "Operation Type"
    _check_company_auto = True
    _kept = True
    _order = "sequence, id"

    name = fields.Char("Operation Type", required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    code = fields.Selection(
        [("incoming", "Receipt"), ("outgoing", "Delivery"), ("internal", "Internal Transfer")],
        "Type of Operation",
        default="incoming",
        required=True,
    )
    sequence_id = fields.Many2one("ir.sequence", "Reference Sequence", copy=False, check_company=True)
    sequence_code = fields.Char("Sequence Prefix", required=True)
    warehouse_id = fields.Many2one("stock.warehouse", "Warehouse", index=True, ondelete="cascade", check_company=True)
    company_id = fields.Many2one("res.company", "Company", required=True, default=lambda self: self.env.company)
    default_location_src_id = fields.Many2one("stock.location", "Source Location", check_company=True)
    default_location_dest_id = fields.Many2one("stock.location", "Destination Location", check_company=True)
    return_picking_type_id = fields.Many2one("stock.picking.type", "Operation Type for Returns", check_company=True)
    use_create_lots = fields.Boolean("Create New Lots/Serial Numbers", default=True)
    use_existing_lots = fields.Boolean("Use Existing Lots/Serial Numbers", default=True)
    show_operations = fields.Boolean("Show Detailed Operations")
    barcode = fields.Char(copy=False)
    reservation_method = fields.Selection(
        [("at_confirm", "At Confirmation"), ("manual", "Manually"), ("by_date", "Before Scheduled Date")],
        "Reservation Method",
        required=True,
        default="at_confirm",
    )
    reservation_days_before = fields.Integer("Days", help="Days before the scheduled date at which stock is reserved")
    create_backorder = fields.Selection(
        [("ask", "Ask"), ("always", "Always"), ("never", "Never")],
        "Create Backorder",
        required=True,
        default="ask",
        help="Ask: ask the user what to do with quantities that are not shipped.\n"
        "Always: a backorder is made for it.\nNever: it is cancelled.",
    )
    move_type = fields.Selection(
        [("direct", "As soon as possible"), ("one", "When all products are ready")],
        "Shipping Policy",
        default=lambda self: self._default_move_type(),
        required=True,
    )
    count_picking_draft = fields.Integer(compute="_compute_counts")
    count_picking_ready = fields.Integer(compute="_compute_counts")
    count_picking_waiting = fields.Integer(compute="_compute_counts")
    count_picking_late = fields.Integer(compute="_compute_counts")
    count_picking_backorders = fields.Integer(compute="_compute_counts")
    count_picking = fields.Integer(compute="_compute_counts")

    @api.model
    def _default_move_type(self) -> str:
        """The shipping policy that Inventory's settings give: `direct` or `one`."""
        return self.env["ir.config_parameter"].sudo().get_param("inventory.default_picking_policy") or "direct"

    @api.depends("name", "warehouse_id.name")
    def _compute_display_name(self):
        for kind in self:
            kind.display_name = f"{kind.warehouse_id.name}: {kind.name}" if kind.warehouse_id else kind.name or ""

    def _compute_counts(self):
        of_these = [("picking_type_id", "in", self.ids), ("state", "in", move_states.UNFINISHED)]
        rows = self.env["stock.picking"]._read_group(of_these, ["picking_type_id", "state"], ["__count"])
        by_state = Counter({(kind, state): count for kind, state, count in rows})
        late = self._count(scheduling.late())
        rest = self._count([("backorder_id", "!=", False), ("state", "in", move_states.OPEN)])
        for kind in self:
            kind.count_picking_draft = by_state[kind, "draft"]
            kind.count_picking_ready = by_state[kind, "assigned"]
            kind.count_picking_waiting = by_state[kind, "confirmed"] + by_state[kind, "waiting"]
            kind.count_picking = kind.count_picking_ready + kind.count_picking_waiting
            kind.count_picking_late = late.get(kind, 0)
            kind.count_picking_backorders = rest.get(kind, 0)

    def _count(self, domain):
        """Operation type -> how many of its transfers are in the domain."""
        domain = [("picking_type_id", "in", self.ids), *domain]
        return dict(self.env["stock.picking"]._read_group(domain, ["picking_type_id"], ["__count"]))

    @api.model_create_multi
    def create(self, vals_list):
        """Each type gets a sequence of its own, named after its warehouse, unless it brings one."""
        rows = []
        for vals in vals_list:
            row = dict(vals)
            if not row.get("sequence_id"):
                warehouse = self.env["stock.warehouse"].browse(row.get("warehouse_id") or ())
                row["sequence_id"] = self._create_sequence(row, warehouse).id
            rows.append(row)
        return super().create(rows)

    def _create_sequence(self, vals, warehouse):
        code = vals.get("sequence_code") or "PICK"
        prefix = f"{warehouse.code}/{code}/" if warehouse else f"{code}/"
        company = vals.get("company_id") or warehouse.company_id.id or self.env.company.id
        return (
            self.env["ir.sequence"]
            .sudo()
            .create(
                {
                    "name": f"{warehouse.name or ''} {vals.get('name') or code}".strip(),
                    "prefix": prefix,
                    "padding": 5,
                    "company_id": company,
                }
            )
        )

    def write(self, vals):
        """A new prefix holds for the next numbers."""
        result = super().write(vals)
        if "sequence_code" in vals:
            for kind in self:
                owner = kind.warehouse_id.code
                kind.sequence_id.sudo().prefix = f"{owner}/{kind.sequence_code}/" if owner else f"{kind.sequence_code}/"
        return result

    @api.public(access="read")
    def action_view_pickings(self):
        """The open transfers of this type."""
        return self.env["stock.picking"].search(
            [("picking_type_id", "in", self.ids), ("state", "not in", move_states.CLOSED)]
        )
