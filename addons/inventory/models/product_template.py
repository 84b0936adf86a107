"""Product templates: what is common to the variants of a product, and all there is to know of one without variants."""

from __future__ import annotations

from decimal import Decimal

from addons.inventory.models.product_product import GOODS
from addons.inventory.services import variant_stock, variants
from core import api, fields, models
from core.exceptions import UserError, ValidationError

# Kept on the variant, shown on the template while it has one variant only.
QUANTITIES = ("qty_available", "free_qty", "virtual_available", "incoming_qty", "outgoing_qty")
OPEN_VARIANT_FIELDS = ("barcode", "default_code", "weight", "volume")
VARIANT_FIELDS = (*OPEN_VARIANT_FIELDS, "standard_price")


class ProductTemplate(models.Model):
    """A product. `type` says goods, service or combo; `is_storable` whether the quantity of the goods is kept."""

    _name = "product.template"
    _description = "Product"
    _order = "is_favorite desc, name, id"

    name = fields.Char(required=True, translate=True, index=True, tracking=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=1)
    color = fields.Integer()
    is_favorite = fields.Boolean("Favorite")
    description = fields.Text()
    description_sale = fields.Text("Sales Description")
    description_purchase = fields.Text("Purchase Description")
    description_picking = fields.Text("Description on Transfers")
    type = fields.Selection(
        [("consu", "Goods"), ("service", "Service"), ("combo", "Combo")], "Product Type", default="consu", required=True
    )
    is_storable = fields.Boolean(
        "Track Inventory", default=False, tracking=True, help="Keep the quantity on hand of this product"
    )
    tracking = fields.Selection(
        [("none", "By Quantity"), ("lot", "By Lots"), ("serial", "By Unique Serial Number")],
        "Tracking",
        default="none",
        required=True,
    )
    categ_id = fields.Many2one("product.category", "Product Category", index=True, ondelete="restrict")
    uom_id = fields.Many2one(
        "uom.uom", "Unit", required=True, default=lambda self: self._default_uom(), ondelete="restrict"
    )
    uom_name = fields.Char(related="uom_id.name", string="Unit Name")
    uom_ids = fields.Many2many("uom.uom", "product_template_uom", "template_id", "uom_id", "Packagings")
    uom_po_id = fields.Many2one(
        "uom.uom", "Purchase Unit", help="The unit that vendors are asked in; the product's own if empty"
    )
    list_price = fields.Monetary(
        "Sales Price",
        default=Decimal(1),
        currency_field="currency_id",
        tracking=True,
        groups="inventory.group_product_prices",
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    company_id = fields.Many2one("res.company", "Company", index=True)
    is_custom = fields.Boolean("Custom Item", help="Made for one order and not part of the catalogue", copy=False)
    sale_ok = fields.Boolean("Sales", default=True)
    purchase_ok = fields.Boolean("Purchase", default=True)
    sale_delay = fields.Integer("Customer Lead Time", help="Days between the order and the delivery")
    responsible_id = fields.Many2one("res.users", "Responsible")
    image_1920 = fields.Binary("Image")
    route_ids = fields.Many2many(
        "stock.route",
        "stock_route_product",
        "product_id",
        "route_id",
        "Routes",
        domain=[("product_selectable", "=", True)],
    )
    route_from_categ_ids = fields.Many2many("stock.route", related="categ_id.total_route_ids", string="Category Routes")
    lot_sequence_id = fields.Many2one("ir.sequence", "Serial/Lot Numbers Sequence", copy=False)
    serial_prefix_format = fields.Char(
        "Custom Lot/Serial",
        compute="_compute_serial_prefix_format",
        inverse="_inverse_serial_prefix_format",
        help="The prefix of this product's lot and serial numbers",
    )
    next_serial = fields.Char("Next Lot/Serial", compute="_compute_next_serial")
    attribute_line_ids = fields.One2many(
        "product.template.attribute.line", "product_tmpl_id", "Product Attributes", copy=True
    )
    product_variant_ids = fields.One2many("product.product", "product_tmpl_id", "Variants")
    product_variant_id = fields.Many2one("product.product", "Product Variant", compute="_compute_product_variant_id")
    product_variant_count = fields.Integer(
        "# Product Variants", compute="_compute_product_variant_id", search=fields.SearchByValue()
    )
    barcode = fields.Char(compute="_compute_from_variant", inverse="_set_barcode", search="_search_barcode")
    default_code = fields.Char(
        "Internal Reference",
        compute="_compute_from_variant",
        inverse="_set_default_code",
        search="_search_default_code",
    )
    standard_price = fields.Monetary(
        "Cost",
        currency_field="currency_id",
        compute="_compute_standard_price",
        search=fields.SearchByValue(),
        inverse="_set_standard_price",
        groups="inventory.group_product_prices",
    )
    weight = fields.Quantity(compute="_compute_from_variant", search=fields.SearchByValue(), inverse="_set_weight")
    volume = fields.Quantity(compute="_compute_from_variant", search=fields.SearchByValue(), inverse="_set_volume")
    qty_available = fields.Quantity("On Hand", compute="_compute_quantities", search=GOODS)
    free_qty = fields.Quantity("Free", compute="_compute_quantities", search=GOODS)
    virtual_available = fields.Quantity("Forecasted", compute="_compute_quantities", search=GOODS)
    incoming_qty = fields.Quantity("Incoming", compute="_compute_quantities", search=GOODS)
    outgoing_qty = fields.Quantity("Outgoing", compute="_compute_quantities", search=GOODS)
    nbr_reordering_rules = fields.Integer("Reordering Rules", compute="_compute_nbr_reordering_rules", search=GOODS)
    archived_stock = fields.Text("Stock on Archived Variants", compute="_compute_archived_stock")

    def _default_uom(self):
        return self.env.ref("inventory.product_uom_unit", raise_if_not_found=False) or self.env["uom.uom"].search(
            [], limit=1
        )

    def _compute_currency_id(self):
        for template in self:
            template.currency_id = (template.company_id or self.env.company).currency_id

    @api.depends("product_variant_ids")
    def _compute_product_variant_id(self):
        for template in self:
            variants = template.product_variant_ids
            template.product_variant_id = variants[:1]
            template.product_variant_count = len(variants)

    @api.depends(*(f"product_variant_ids.{name}" for name in OPEN_VARIANT_FIELDS))
    def _compute_from_variant(self):
        for template in self:
            variant = template._only_variant()
            for name in OPEN_VARIANT_FIELDS:
                template[name] = variant[name]

    # A method of its own: a cost may be hidden from a user who reads the reference and the barcode.
    @api.depends("product_variant_ids.standard_price")
    def _compute_standard_price(self):
        for template in self:
            template.standard_price = template._only_variant().standard_price

    def _only_variant(self):
        """The variant of a template that has one only; no record otherwise."""
        variants = self.product_variant_ids
        return variants if len(variants) == 1 else variants.browse()

    def _write_variant(self, name):
        for template in self:
            if len(template.product_variant_ids) == 1:
                template.product_variant_ids[name] = template[name]

    def _set_barcode(self):
        self._write_variant("barcode")

    def _set_default_code(self):
        self._write_variant("default_code")

    def _set_standard_price(self):
        self._write_variant("standard_price")

    def _set_weight(self):
        self._write_variant("weight")

    def _set_volume(self):
        self._write_variant("volume")

    def _search_barcode(self, operator, value):
        return [("product_variant_ids.barcode", operator, value)]

    def _search_default_code(self, operator, value):
        return [("product_variant_ids.default_code", operator, value)]

    @api.depends("lot_sequence_id.prefix")
    def _compute_serial_prefix_format(self):
        for template in self:
            template.serial_prefix_format = template.lot_sequence_id.prefix or ""

    def _inverse_serial_prefix_format(self):
        for template in self:
            prefix = template.serial_prefix_format
            if template.lot_sequence_id:
                template.lot_sequence_id.sudo().prefix = prefix
            elif prefix:
                template.lot_sequence_id = (
                    self.env["ir.sequence"]
                    .sudo()
                    .create(
                        {"name": f"{template.name} lots", "code": "stock.lot.serial", "prefix": prefix, "padding": 7}
                    )
                )

    @api.depends("lot_sequence_id.number_next", "lot_sequence_id.prefix", "tracking")
    def _compute_next_serial(self):
        lots = self.env["stock.lot"]
        for template in self:
            template.next_serial = lots._peek_name(template) if template.tracking != "none" else ""

    @api.depends(*(f"product_variant_ids.{name}" for name in QUANTITIES))
    @api.depends_context("location", "warehouse_id", "warehouse", "to_date", "lot_id", "allowed_company_ids", "uid")
    def _compute_quantities(self):
        for template in self:
            variants = template.product_variant_ids
            for name in QUANTITIES:
                template[name] = sum(variants.mapped(name), Decimal(0))

    def _compute_nbr_reordering_rules(self):
        for template in self:
            template.nbr_reordering_rules = sum(template.product_variant_ids.mapped("nbr_reordering_rules"))

    @api.depends("active", "product_variant_ids.active")
    def _compute_archived_stock(self):
        held = variant_stock.of_archived(self.filtered("active"))
        for template in self:
            template.archived_stock = variant_stock.note(template, held[template]) if template in held else False

    @api.onchange("attribute_line_ids")
    def _onchange_attribute_line_ids(self):
        return variant_stock.warning(self)

    @api.onchange("type")
    def _onchange_type(self):
        if self.type != "consu":
            self.is_storable = False
            self.tracking = "none"

    @api.onchange("tracking")
    def _onchange_tracking(self):
        if self.tracking != "none":
            self.is_storable = True

    @api.constrains("type", "is_storable", "tracking")
    def _check_storable(self):
        for template in self:
            if template.type != "consu" and (template.is_storable or template.tracking != "none"):
                raise ValidationError(
                    self.env._(
                        "%(name)s is no goods: only goods have stock, lots and serial numbers.", name=template.name
                    ),
                    fields=["type"],
                    code="inventory.not_goods",
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Create the templates with one variant each, or with those that their attributes ask for; a tracked product
        is storable."""
        of_variant = [{name: vals[name] for name in VARIANT_FIELDS if name in vals} for vals in vals_list]
        later = {*VARIANT_FIELDS, "attribute_line_ids"}
        templates = self._create_bare(
            [{name: value for name, value in vals.items() if name not in later} for vals in vals_list]
        )
        self.env["product.product"].create(
            [
                {**values, "product_tmpl_id": template.id}
                for template, values, vals in zip(templates, of_variant, vals_list)
                if not vals.get("product_variant_ids") and (values or not vals.get("attribute_line_ids"))
            ]
        )
        offered = self.browse(
            [template.id for template, vals in zip(templates, vals_list) if vals.get("attribute_line_ids")]
        )
        with variants.together(offered):
            for template, vals in zip(templates, vals_list):
                if template in offered:
                    template.write({"attribute_line_ids": vals["attribute_line_ids"]})
        return templates

    @api.model
    def _create_bare(self, vals_list):
        """Create templates without variants, for variants that are about to be created."""
        rows = []
        for vals in vals_list:
            row = dict(vals)
            if row.get("tracking", "none") != "none":
                row.setdefault("is_storable", True)
            if row.get("type") == "product":  # what older clients call storable goods
                row.update(type="consu", is_storable=True)
            rows.append(row)
        return super().create(rows)

    def write(self, vals):
        """Unit, storability and tracking stay as they are once stock has moved: history is stated in them."""
        guarded = {"uom_id", "is_storable", "tracking"} & vals.keys()
        if guarded:
            changed = self.filtered(lambda template: any(_differs(template, name, vals[name]) for name in guarded))
            self._check_unmoved(changed)
        if "attribute_line_ids" in vals:
            with variants.together(self):
                result = super().write(vals)
        else:
            result = super().write(vals)
        if vals.get("active"):
            self._create_variant_ids()
        elif "active" in vals:
            self.product_variant_ids.write({"active": False})
        return result

    def _create_variant_ids(self) -> None:
        """Bring the variants in line with the attributes; see `services.variants.follow`."""
        variants.follow(self)

    def _get_variant_for_combination(self, combination):
        """The variant of exactly these `product.template.attribute.value` records, an active one first, or none.

        Values of attributes that make no variants are left out.
        """
        self.ensure_one()
        asked = combination.filtered(lambda value: value.attribute_id.create_variant != "no_variant")
        return (
            self.env["product.product"]
            .with_context(active_test=False)
            .search(
                [
                    ("product_tmpl_id", "=", self.id),
                    ("combination_indices", "=", variants.key(asked)),
                ],
                order="active desc, id",
                limit=1,
            )
            .with_env(self.env)
        )

    @api.public(access="write")
    def create_product_variant(self, product_template_attribute_value_ids: api.Ids) -> int:
        """The id of the variant of these values (ids); it is created, or brought back, if it is not there.

        Raises:
            ValidationError: the values are not one of each attribute of the product.
        """
        self.check_access("write")
        combination = self.env["product.template.attribute.value"].browse(product_template_attribute_value_ids)
        variant = self._get_variant_for_combination(combination)
        if variant and not variant.active:
            variant.active = True
        return (variant or variant.create(variants.row(self, combination.ids))).id

    @api.public(access="read")
    def action_view_attribute_values(self):
        """The values that these products come in, with their extra prices."""
        return self._attribute_values()

    @api.public(access="read")
    def action_view_variants(self):
        """The variants of this product."""
        return self.product_variant_ids

    def _check_unmoved(self, changed) -> None:
        if not changed:
            return
        move = (
            self.env["stock.move"]
            .sudo()
            .search([("product_id.product_tmpl_id", "in", changed.ids), ("state", "!=", "cancel")], limit=1)
        )
        if move:
            raise UserError(
                self.env._(
                    "%(product)s has been moved (%(document)s), so its unit and its tracking can no longer be changed. "
                    "Archive it and create a new product instead.",
                    product=move.product_id.display_name,
                    document=move._document_name(),
                ),
                code="inventory.product_moved",
            )

    def copy(self, default=None):
        """A copy has new variants of the same attribute values at the same prices, and says that it is a copy."""
        copies = self.browse()
        for template in self:
            named = {"name": self.env._("%(name)s (copy)", name=template.name), **(default or {})}
            made = super(ProductTemplate, template).copy(named)
            extra = {value.product_attribute_value_id: value.price_extra for value in template._attribute_values()}
            for value in made._attribute_values():
                value.price_extra = extra.get(value.product_attribute_value_id, value.price_extra)
            copies |= made
        return copies

    def _attribute_values(self):
        """The `product.template.attribute.value` records that the products come in."""
        return self.attribute_line_ids.product_template_value_ids

    @api.public(access="read")
    def action_view_forecast(self):
        """The open movements that the forecast counts with."""
        return self.env["stock.move"].search(
            [
                ("product_id", "in", self.product_variant_ids.ids),
                ("state", "in", ("waiting", "confirmed", "partially_available", "assigned")),
            ]
        )

    @api.public(access="read")
    def action_update_quantity_on_hand(self):
        """The stock rows of this product, to be counted; what lies on archived variants is there, too."""
        self.ensure_one()
        held = variant_stock.of_archived(self)
        archived = [variant.id for of_product in held.values() for variant in of_product]
        rows = self.env["stock.quant"].search(
            [
                ("product_id", "in", archived),
                ("location_id.usage", "in", ("internal", "transit")),
                ("quantity", "!=", 0),
            ]
        )
        return self.product_variant_ids.action_update_quantity_on_hand() | rows


def _differs(record, name, value) -> bool:
    current = record[name]
    return (current.id if name == "uom_id" else current) != value
