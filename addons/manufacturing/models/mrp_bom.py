"""Bill of materials: what a product is made of."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from addons.manufacturing.services import explosion, production_plan
from core import api, fields, models
from core.exceptions import ValidationError

# What orders are planned by; a change of these leaves the orders planned before behind.
PLANNED_BY = frozenset({"product_qty", "product_uom_id", "bom_line_ids", "byproduct_ids", "operation_ids"})


class MrpBom(models.Model):
    """What `product_qty` of a product are made of, by which operations, leaving which by-products.

    A *normal* bill makes a manufacturing order; a *kit* (`phantom`) is never made: wherever it is asked for, its
    components take its place.
    """

    _name = "mrp.bom"
    _description = "Bill of Materials"
    _check_company_auto = True
    _order = "sequence, id"
    _rec_name = "product_tmpl_id"

    code = fields.Char("Reference")
    active = fields.Boolean("Active", default=True)
    type = fields.Selection(
        [("normal", "Manufacture this product"), ("phantom", "Kit")], "BoM Type", default="normal", required=True
    )
    product_tmpl_id = fields.Many2one(
        "product.template",
        "Product",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("type", "=", "consu")],
        check_company=True,
    )
    product_id = fields.Many2one(
        "product.product",
        "Product Variant",
        index=True,
        help="Only if this bill of materials applies to one variant.",
        check_company=True,
    )
    product_qty = fields.Quantity(
        "Quantity",
        default=Decimal(1),
        required=True,
        help="How many the components below make.",
        uom_field="product_uom_id",
    )
    product_uom_id = fields.Many2one(
        "uom.uom", "Unit", required=True, compute="_compute_product_uom_id", store=True, readonly=False, precompute=True
    )
    bom_line_ids = fields.One2many("mrp.bom.line", "bom_id", "Components", copy=True)
    byproduct_ids = fields.One2many("mrp.bom.byproduct", "bom_id", "By-products", copy=True)
    operation_ids = fields.One2many("mrp.routing.workcenter", "bom_id", "Operations", copy=True)
    possible_product_template_attribute_value_ids = fields.Many2many(
        "product.template.attribute.value",
        string="Possible Values",
        compute="_compute_possible_product_template_attribute_value_ids",
        help="What components, by-products and operations can apply on: what the variants of the product come in.",
    )
    operation_count = fields.Integer("Operation Count", compute="_compute_operation_count")
    sequence = fields.Integer("Sequence", default=10)
    picking_type_id = fields.Many2one(
        "stock.picking.type",
        "Operation Type",
        domain=[("code", "=", "mrp_operation")],
        help="Empty: any.",
        check_company=True,
    )
    company_id = fields.Many2one("res.company", "Company", index=True, default=lambda self: self.env.company)
    ready_to_produce = fields.Selection(
        [
            ("all_available", "When all components are available"),
            ("asap", "When components for 1st operation are there"),
        ],
        "Manufacturing Readiness",
        default="all_available",
        required=True,
    )
    consumption = fields.Selection(
        [("flexible", "Allowed"), ("warning", "Allowed with warning"), ("strict", "Blocked")],
        "Flexible Consumption",
        default="warning",
        required=True,
        help="Whether an order may consume more or less than this bill says.",
    )
    allow_operation_dependencies = fields.Boolean("Operation Dependencies")
    produce_delay = fields.Integer("Manufacturing Lead Time", help="Days that making the product takes.")
    days_to_prepare_mo = fields.Integer("Days to prepare Manufacturing Order")
    enable_batch_size = fields.Boolean("Batch Size")
    batch_size = fields.Quantity("Quantity per Batch", default=Decimal(1))

    _qty_positive = models.Constraint(
        "CHECK (product_qty > 0)", "A bill of materials makes a quantity greater than zero."
    )

    @api.depends("product_tmpl_id")
    def _compute_product_uom_id(self) -> None:
        for bom in self:
            bom.product_uom_id = bom.product_tmpl_id.uom_id

    @api.depends(
        "product_id",
        "product_tmpl_id.attribute_line_ids.active",
        "product_tmpl_id.attribute_line_ids.product_template_value_ids",
        "product_tmpl_id.attribute_line_ids.attribute_id.create_variant",
    )
    def _compute_possible_product_template_attribute_value_ids(self) -> None:
        for bom in self:
            lines = bom.product_tmpl_id.attribute_line_ids.filtered(
                lambda line: line.active and line.attribute_id.create_variant != "no_variant"
            )
            bom.possible_product_template_attribute_value_ids = (
                False if bom.product_id else lines.product_template_value_ids
            )

    @api.depends("operation_ids")
    def _compute_operation_count(self) -> None:
        for bom in self:
            bom.operation_count = len(bom.operation_ids)

    @api.depends("code", "product_tmpl_id.name")
    def _compute_display_name(self) -> None:
        for bom in self:
            product = bom.product_tmpl_id.display_name or ""
            bom.display_name = f"{bom.code}: {product}" if bom.code else product

    def _name_search_domain(self, name: str, operator: str) -> Any:
        """Found by product or reference, and by how a bill is shown: "reference: product"."""
        domain = super()._name_search_domain(name, operator)
        if operator not in ("=", "=ilike", "ilike"):
            return domain
        code, shown, product = name.partition(": ")
        domain |= api.Domain("code", operator, name)
        if not shown:
            return domain
        return domain | api.Domain([("code", operator, code), ("product_tmpl_id.name", operator, product)])

    @api.onchange("product_tmpl_id")
    def _onchange_product_tmpl_id(self) -> None:
        if self.product_id and self.product_id.product_tmpl_id != self.product_tmpl_id:
            self.product_id = False
        for parts in (self.bom_line_ids, self.byproduct_ids, self.operation_ids):
            for part in parts.filtered(
                lambda part: part.bom_product_template_attribute_value_ids.product_tmpl_id != self.product_tmpl_id
            ):
                part.bom_product_template_attribute_value_ids = False

    @api.constrains("product_id", "product_tmpl_id")
    def _check_variant(self) -> None:
        for bom in self:
            if bom.product_id and bom.product_id.product_tmpl_id != bom.product_tmpl_id:
                raise ValidationError(
                    self.env._(
                        "%(variant)s is not a variant of %(product)s. Choose one of its variants, or none.",
                        variant=bom.product_id.display_name,
                        product=bom.product_tmpl_id.display_name,
                    ),
                    fields=["product_id"],
                    code="manufacturing.variant_of_other_product",
                )

    @api.constrains("product_id", "product_tmpl_id")
    def _check_applies_on_variants(self) -> None:
        for parts in (self.bom_line_ids, self.byproduct_ids, self.operation_ids):
            parts._check_applies_on_variants()

    @api.constrains("product_id", "product_tmpl_id", "bom_line_ids", "active", "type")
    def _check_bom_cycle(self) -> None:
        explosion.refuse_loops(self.filtered("active"))

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> Any:
        """Create bills; draft production plans that wait for one of them propose its product."""
        boms = super().create(vals_list)
        boms._update_plans()
        return boms

    def write(self, vals: dict[str, Any]) -> bool:
        """Change bills; orders on which nothing has been done yet, and draft production plans, follow."""
        result = super().write(vals)
        if not PLANNED_BY.isdisjoint(vals):
            self._note_change()
            self._update_plans()
        return result

    def _update_plans(self) -> None:
        """Bring draft plans up to date where a line lacks a bill for a product of these bills: one search."""
        lines = self.env["mrp.production.plan.line"].sudo()
        products = self.sudo().product_tmpl_id.product_variant_ids
        waiting = [("needs_bom", "=", True), ("product_id", "in", products.ids), ("plan_id.state", "=", "draft")]
        if found := lines.search(waiting).product_id:
            production_plan.refresh_drafts(found)

    def _note_change(self) -> None:
        """Mark the drafts and confirmed orders that were planned by these bills as outdated: one search, one write."""
        planned = [("bom_id", "in", self.ids), ("state", "in", ["draft", "confirmed"]), ("is_outdated_bom", "=", False)]
        orders = self.env["mrp.production"].sudo().search(planned) if self.ids else None
        if orders:
            orders.write({"is_outdated_bom": True})

    @api.model
    def _bom_find_domain(
        self, products: Any, picking_type: Any = None, company_id: int | bool = False, bom_type: str | None = None
    ) -> list[Any]:
        """The domain of the bills that make one of the products in the given place and company."""
        domain: list[Any] = [
            "|",
            ("product_id", "in", products.ids),
            "&",
            ("product_id", "=", False),
            ("product_tmpl_id", "in", products.product_tmpl_id.ids),
        ]
        if company_id:
            domain += [("company_id", "in", [False, company_id])]
        if picking_type:
            domain += [("picking_type_id", "in", [False, picking_type.id])]
        if bom_type:
            domain += [("type", "=", bom_type)]
        return domain

    @api.model
    def _bom_find(
        self, products: Any, picking_type: Any = None, company_id: int | bool = False, bom_type: str | None = None
    ) -> dict[Any, Any]:
        """The bill of materials that applies to each product.

        The sequence decides; of two with the same, the one for the variant goes before the one for the whole product.

        Args:
            products: `product.product` records; services are looked up like any other.
            picking_type: only bills for this operation type or for none in particular.
            company_id: only bills of this company or of none.
            bom_type: "normal" or "phantom"; both when left out.

        Returns:
            product -> bill, an empty recordset where there is none. One statement, whatever the number of products.
        """
        result = dict.fromkeys(products, self.browse())
        if not products:
            return result
        products.fetch(["product_tmpl_id"])
        boms = self.search_fetch(
            self._bom_find_domain(products, picking_type, company_id, bom_type),
            ["product_id", "product_tmpl_id", "product_qty", "product_uom_id", "type", "sequence"],
            order="sequence, id",
        )
        for_variant: dict[int, Any] = {}
        for_template: dict[int, Any] = {}
        for bom in boms:
            variant = bom.product_id.id
            if variant:
                for_variant.setdefault(variant, bom)
            else:
                for_template.setdefault(bom.product_tmpl_id.id, bom)
        for product in products if boms else ():
            own, common = for_variant.get(product.id), for_template.get(product.product_tmpl_id.id)
            if own and common:
                result[product] = own if own.sequence <= common.sequence else common
            else:
                result[product] = own or common or self.browse()
        return result

    @api.private
    def explode(
        self, product: Any, quantity: Decimal, picking_type: Any = False, multi_level: bool = False
    ) -> tuple[list[tuple[Any, dict[str, Any]]], list[tuple[Any, dict[str, Any]]]]:
        """Take this bill apart for a quantity of the product, through all kits below it.

        Args:
            product: the product made, for the reader of the result.
            quantity: how many, in the unit of the bill.
            picking_type: prefer kits of this operation type.
            multi_level: go through sub-assemblies with a normal bill too, not only through kits.

        Returns:
            Two lists: (bill, {"qty", "product", "original_qty", "parent_line"}) for each bill opened, and
            (line, the same keys) for each component, quantities as Decimal in the unit of the bill or line.

        Raises:
            BillOfMaterialsLoop: a product turns up below itself.
        """
        self.ensure_one()
        request = explosion.Request(self, product, quantity)
        result = self._explode([request], picking_type, multi_level)[0]
        shared = {"product": product, "original_qty": quantity}
        boms = [(bom, {**shared, "qty": qty, "parent_line": False}) for bom, qty in result.boms]
        lines = [
            (leaf.line, {**shared, "qty": leaf.quantity, "parent_line": leaf.parent or False}) for leaf in result.leaves
        ]
        return boms, lines

    @api.model
    def _explode(
        self, requests: list[explosion.Request], picking_type: Any = None, multi_level: bool = False
    ) -> list[explosion.Explosion]:
        """Explode many requests at once; see `services.explosion.explode`."""

        def find(products: Any) -> dict[Any, Any]:
            return self._bom_find(products, picking_type, self.env.company.id, None if multi_level else "phantom")

        return explosion.explode(requests, find, ("phantom", "normal") if multi_level else ("phantom",))
