"""Lines over products: those of orders and of invoices."""

from __future__ import annotations

from core import api, fields, models


class ProductLineMixin(models.AbstractModel):
    """A product, a unit and a description, which follow from the product unless others are given."""

    _name = "product.line.mixin"
    _description = "Product Line"
    _check_company_auto = True
    _rec_name = "name"

    sequence = fields.Integer(default=10)
    product_id = fields.Many2one("product.product", "Product", ondelete="restrict", index=True, check_company=True)
    name = fields.Text("Description", compute="_compute_name", store=True, readonly=False)
    product_uom_id = fields.Many2one(
        "uom.uom",
        "Unit",
        compute="_compute_product_uom_id",
        store=True,
        readonly=False,
        ondelete="restrict",
        index=False,
    )

    # Each has a method of its own: what is given for one of them is kept when the others are computed.
    @api.depends("product_id")
    def _compute_name(self) -> None:
        for line in self:
            line.name = line._product_description() if line.product_id else line._text()

    def _product_description(self) -> str:
        """The words for the product on the document."""
        product = self.product_id
        return "\n".join(filter(None, (product.display_name, product.description_sale)))

    def _text(self) -> str | bool:
        """The words of a line without a product."""
        return self.name or False

    @api.depends("product_id")
    def _compute_product_uom_id(self) -> None:
        for line in self:
            line.product_uom_id = line.product_id.uom_id
