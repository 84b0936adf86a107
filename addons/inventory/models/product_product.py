"""Product variants: what is moved, counted, reserved and sold. The rest of a product is on its template."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from addons.inventory.services import backorder_supply, forecast, move_states, on_backorder, variants
from core import api, fields, models
from core.exceptions import ValidationError

# Only goods have stock.
GOODS = fields.SearchByValue([("type", "=", "consu")])
# Only storable products are on backorder.
STORABLE = fields.SearchByValue([("is_storable", "=", True)])
REORDERED = fields.SearchByValue([("orderpoint_ids", "!=", False)])
# How a product with a reference is shown.
_SHOWN = re.compile(r"\[(?P<code>[^\]]+)\]\s*(?P<name>.*)")
# How a variant is shown.
_VARIANT = re.compile(r"(?P<name>.+) \((?P<values>[^()]+)\)")


class ProductProduct(models.Model):
    """A product that stock consists of. Its quantities are read at the place and date that the context names.

    Context: `location` (id, name or list of them), `warehouse_id`, `to_date`, `lot_id`; without them, all internal
    locations of the allowed companies, now.
    """

    _name = "product.product"
    _description = "Product Variant"
    _inherits = {"product.template": "product_tmpl_id"}
    _order = "default_code, id"

    product_tmpl_id = fields.Many2one(
        "product.template", "Product Template", required=True, index=True, ondelete="cascade"
    )
    active = fields.Boolean(default=True)
    default_code = fields.Char("Internal Reference", index=True)
    code = fields.Char("Reference", related="default_code")
    barcode = fields.Char(copy=False, index=True)
    standard_price = fields.Monetary("Cost", currency_field="currency_id", groups="inventory.group_product_prices")
    product_template_attribute_value_ids = fields.Many2many(
        "product.template.attribute.value",
        "product_variant_combination",
        "product_product_id",
        "product_template_attribute_value_id",
        "Attribute Values",
        domain="[('product_tmpl_id', '=', product_tmpl_id), ('ptav_active', '=', True)]",
        copy=False,
    )
    combination_indices = fields.Char(
        compute="_compute_combination_indices",
        store=True,
        index=True,
        help="The ids of the attribute values, in order; empty for a product without attributes",
    )
    price_extra = fields.Monetary(
        "Variant Price Extra",
        currency_field="currency_id",
        compute="_compute_price_extra",
        search=fields.SearchByValue([("combination_indices", "!=", False)]),
        help="What the attribute values add to the sales price",
        groups="inventory.group_product_prices",
    )
    lst_price = fields.Monetary(
        "Public Price",
        currency_field="currency_id",
        compute="_compute_lst_price",
        inverse="_inverse_lst_price",
        search="_search_lst_price",
        groups="inventory.group_product_prices",
    )
    weight = fields.Quantity()
    volume = fields.Quantity()
    stock_quant_ids = fields.One2many("stock.quant", "product_id", "Stock")
    stock_move_ids = fields.One2many("stock.move", "product_id", "Moves")
    orderpoint_ids = fields.One2many("stock.warehouse.orderpoint", "product_id", "Minimum Stock Rules")
    nbr_reordering_rules = fields.Integer("Reordering Rules", compute="_compute_nbr_reordering_rules", search=REORDERED)
    reordering_min_qty = fields.Quantity(compute="_compute_nbr_reordering_rules", search=REORDERED)
    reordering_max_qty = fields.Quantity(compute="_compute_nbr_reordering_rules", search=REORDERED)
    qty_available = fields.Quantity("On Hand", compute="_compute_quantities", search=GOODS)
    free_qty = fields.Quantity("Free", compute="_compute_quantities", search=GOODS, help="On hand and not reserved")
    incoming_qty = fields.Quantity("Incoming", compute="_compute_quantities", search=GOODS)
    outgoing_qty = fields.Quantity("Outgoing", compute="_compute_quantities", search=GOODS)
    virtual_available = fields.Quantity(
        "Forecasted",
        compute="_compute_quantities",
        search=GOODS,
        help="On hand, plus what is on its way in, less what is to go out",
    )
    has_backorder = fields.Boolean(compute="_compute_backordered_qty", search=STORABLE)
    backordered_qty = fields.Quantity(
        "On Backorder",
        compute="_compute_backordered_qty",
        search=STORABLE,
        help="What customers ordered and no stock is reserved for",
    )

    _barcode_unique = models.UniqueIndex(
        "(barcode) WHERE barcode IS NOT NULL AND barcode <> ''", "A barcode identifies one product only."
    )

    _combination_unique = models.UniqueIndex(
        "(product_tmpl_id, combination_indices) WHERE active AND combination_indices IS NOT NULL",
        "A product has one variant only of the same attribute values.",
    )

    @api.depends("product_template_attribute_value_ids")
    def _compute_combination_indices(self):
        for product in self:
            product.combination_indices = variants.key(product.product_template_attribute_value_ids)

    @api.depends("product_template_attribute_value_ids.price_extra")
    def _compute_price_extra(self):
        for product in self:
            values = product.product_template_attribute_value_ids if product.combination_indices else ()
            product.price_extra = sum((value.price_extra for value in values), Decimal(0))

    @api.depends("product_tmpl_id.list_price", "price_extra")
    def _compute_lst_price(self):
        for product in self:
            product.lst_price = product.product_tmpl_id.list_price + product.price_extra

    def _inverse_lst_price(self):
        """The price of the product is set so that this variant costs what was typed."""
        for product in self:
            product.product_tmpl_id.list_price = product.lst_price - product.price_extra

    def _search_lst_price(self, operator, value):
        dearer = self.with_context(active_test=False).search(
            [("product_template_attribute_value_ids.price_extra", "!=", 0)]
        )
        found = dearer.filtered(lambda product: product.filtered_domain([("lst_price", operator, value)]))
        plain = api.Domain("id", "not in", dearer.ids) & api.Domain("product_tmpl_id.list_price", operator, value)
        return plain | api.Domain("id", "in", found.ids)

    @api.constrains("product_template_attribute_value_ids", "product_tmpl_id", "active")
    def _check_combination(self):
        wrong = variants.check_combinations(self)
        if wrong:
            raise ValidationError(
                self.env._(
                    "A variant of %(product)s has one value of each of its attributes (%(attributes)s). "
                    "Choose the values that are missing, and none of another product.",
                    product=wrong.product_tmpl_id.name,
                    attributes=", ".join(wrong.product_tmpl_id.attribute_line_ids.attribute_id.mapped("name")) or "-",
                ),
                fields=["product_template_attribute_value_ids"],
                code="inventory.variant_values",
            )

    @api.depends(
        "name",
        "default_code",
        "combination_indices",
        "product_template_attribute_value_ids.ptav_active",
        "product_template_attribute_value_ids.product_attribute_value_id.name",
        "product_template_attribute_value_ids.attribute_line_id.value_count",
    )
    def _compute_display_name(self):
        for product in self:
            name = product.product_tmpl_id.name or ""
            if product.combination_indices:
                values = product.sudo().product_template_attribute_value_ids._combination_name()
                name = f"{name} ({values})" if values else name
            product.display_name = f"[{product.default_code}] {name}" if product.default_code else name

    def _name_search_domain(self, name, operator):
        """Found by name, reference or barcode, and by how a product is shown: "[reference] name"."""
        domain = self._search_display_name(operator, name)
        variant = _VARIANT.fullmatch(name.strip())
        if variant and operator in ("=", "=ilike", "ilike"):
            value = "product_template_attribute_value_ids.product_attribute_value_id.name"
            parts = [(value, operator, part.strip()) for part in variant["values"].split(",")]
            named = [api.Domain(*part) for part in [("product_tmpl_id.name", operator, variant["name"]), *parts]]
            domain |= api.Domain.AND(named)
        shown = _SHOWN.match(name.strip())
        if shown is None or operator not in ("=", "=ilike", "ilike"):
            return domain
        named = [("default_code", operator, shown["code"]), ("product_tmpl_id.name", operator, shown["name"])]
        return domain | api.Domain(named if shown["name"] else named[:1])

    @api.model
    def _search_display_name(self, operator, value):
        """Found by name, reference, barcode or the value of an attribute."""
        positive = operator not in ("!=", "not ilike", "not like", "not in", "not =ilike", "not =like")
        parts = [
            [("product_tmpl_id.name", operator, value)],
            [("default_code", operator, value)],
            [("barcode", operator, value)],
        ]
        if positive:
            parts.append([("product_template_attribute_value_ids.product_attribute_value_id.name", operator, value)])
        domains = [api.Domain(part) for part in parts]
        return api.Domain.OR(domains) if positive else api.Domain.AND(domains)

    # ------------------------------------------------------------------ quantities
    @api.depends(
        "stock_quant_ids.quantity",
        "stock_move_ids.state",
        "stock_move_ids.date",
        "stock_move_ids.quantity",
        "stock_move_ids.product_uom_qty",
    )
    @api.depends_context("location", "warehouse_id", "warehouse", "to_date", "lot_id", "allowed_company_ids", "uid")
    def _compute_quantities(self):
        figures = forecast.of_products(self)
        for product in self:
            row = figures[product.id]
            product.qty_available = row.on_hand
            product.free_qty = row.free
            product.incoming_qty = row.incoming
            product.outgoing_qty = row.outgoing
            product.virtual_available = row.forecast

    def _get_quantity_in_progress(self) -> dict[tuple[int, int], Decimal]:
        """(product id, location id) -> what is asked for there and not planned as a move yet, in the product's unit.

        For forecasts, which count all demand: what is requested for a document of its own is in it too.
        """
        result: dict[tuple[int, int], Decimal] = {}
        for product, place, quantity, _record in self._open_requests() + self._open_requests(tied=True):
            result[product.id, place.id] = result.get((product.id, place.id), Decimal(0)) + quantity
        return result

    def _open_requests(self, tied: bool = False) -> list[tuple[Any, Any, Decimal, Any]]:
        """What is asked for and not planned as a move yet: (product, location, quantity in its unit, record).

        Args:
            tied: what is for documents that wait for just this (made to order), instead of what is for anything.

        Addons whose documents wait for a confirmation (requests to vendors) add theirs. The record is one to which
        supply links refer (`stock.supply.link._supply_fields`), or None.
        """
        return []

    def _supply_documents(self) -> dict[int, list[Any]]:
        """Product id -> the open documents that bring it into stock; addons add their requests."""
        return backorder_supply.incoming_documents(self)

    def _supply_routes(self) -> dict[int, Any]:
        """Product id -> the route by which it can be supplied where none of its own says so; addons add theirs."""
        return {}

    @api.depends("stock_move_ids.state", "stock_move_ids.quantity", "stock_move_ids.product_uom_qty")
    @api.depends_context("allowed_company_ids")
    def _compute_backordered_qty(self):
        missing = on_backorder.of_products(self)
        for product in self:
            product.backordered_qty = missing.get(product.id, Decimal(0))
            product.has_backorder = product.backordered_qty > 0

    @api.depends("orderpoint_ids.product_min_qty", "orderpoint_ids.product_max_qty")
    def _compute_nbr_reordering_rules(self):
        for product in self:
            points = product.orderpoint_ids
            product.nbr_reordering_rules = len(points)
            product.reordering_min_qty = sum(points.mapped("product_min_qty"), Decimal(0))
            product.reordering_max_qty = sum(points.mapped("product_max_qty"), Decimal(0))

    # ------------------------------------------------------------------ create, copy, archive
    @api.model_create_multi
    def create(self, vals_list):
        """A variant created on its own brings its template with it."""
        rows, bare = [], []
        for vals in vals_list:
            if vals.get("product_tmpl_id"):
                rows.append(vals)
                continue
            common = {
                name: value for name, value in vals.items() if name in self._fields and self._fields[name].inherited
            }
            rows.append({name: value for name, value in vals.items() if name not in common})
            bare.append((rows[-1], common))
        templates = self.env["product.template"]._create_bare([common for _row, common in bare])
        for (row, _common), template in zip(bare, templates):
            row["product_tmpl_id"] = template.id
        return super().create(rows)

    def write(self, vals):
        """Reordering rules of a product that is archived, or comes back, are so with it."""
        changed = self.filtered(lambda product: "active" in vals and product.active != bool(vals["active"]))
        guarded = {"uom_id", "is_storable", "tracking"} & vals.keys()
        if guarded:
            self.product_tmpl_id.write({name: vals[name] for name in guarded})
        result = super().write({name: vals[name] for name in vals if name not in guarded})
        if changed:
            points = self.env["stock.warehouse.orderpoint"].sudo().with_context(active_test=False)
            points.search([("product_id", "in", changed.ids)]).write({"active": bool(vals["active"])})
        return result

    def copy(self, default=None):
        """Copying a product copies its template; the answer is the copy's variant."""
        return self.product_tmpl_id.copy(default).product_variant_ids

    # ------------------------------------------------------------------ what other services ask
    def _route_ids(self):
        """The routes that apply to this product, its own before those of its category."""
        self.ensure_one()
        return self.route_ids | self.categ_id.total_route_ids

    def _find_open_document(self):
        """(product, name of the document) of a document that asks for one of the products and is not finished, or None.

        Addons whose documents have no moves yet (quotations, requests) add theirs.
        """
        move = (
            self.env["stock.move"]
            .sudo()
            .search([("product_id", "in", self.ids), ("state", "not in", move_states.CLOSED)], limit=1)
        )
        return (move.product_id, move._document_name()) if move else None

    @api.public(access="read")
    def action_update_quantity_on_hand(self):
        """The stock rows of the products, to be counted; a first empty row at the warehouse where there is none."""
        self.env["stock.quant"]._ensure_countable(self)
        return self.env["stock.quant"].search([("product_id", "in", self.ids), ("location_id.usage", "=", "internal")])
