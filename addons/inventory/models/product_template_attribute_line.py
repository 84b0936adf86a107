"""The values of one attribute that a product comes in."""

from __future__ import annotations

from addons.inventory.services import variants
from core import api, fields, models
from core.exceptions import UserError, ValidationError


class ProductTemplateAttributeLine(models.Model):
    """An attribute of a product and those of its values that the product is offered in.

    The product's variants follow every change. A line whose values archived variants still have is archived when it
    is deleted, and comes back when the product gets the attribute again.
    """

    _name = "product.template.attribute.line"
    _description = "Product Attribute Line"
    _order = "sequence, attribute_id, id"
    _rec_name = "attribute_id"

    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    product_tmpl_id = fields.Many2one("product.template", "Product", required=True, index=True, ondelete="cascade")
    attribute_id = fields.Many2one("product.attribute", "Attribute", required=True, index=True, ondelete="restrict")
    value_ids = fields.Many2many(
        "product.attribute.value",
        "product_attribute_line_value_rel",
        "line_id",
        "value_id",
        "Values",
        domain="[('attribute_id', '=', attribute_id)]",
    )
    value_count = fields.Integer("# Values", compute="_compute_value_count")
    product_template_value_ids = fields.One2many(
        "product.template.attribute.value",
        "attribute_line_id",
        "Product Attribute Values",
        domain=[("ptav_active", "=", True)],
        copy=False,
    )

    @api.depends("value_ids")
    def _compute_value_count(self):
        for line in self:
            line.value_count = len(line.value_ids)

    @api.onchange("attribute_id")
    def _onchange_attribute_id(self):
        self.value_ids = self.value_ids.filtered(lambda value: value.attribute_id == self.attribute_id)

    @api.constrains("active", "value_ids", "attribute_id")
    def _check_values(self):
        for line in self:
            foreign = line.value_ids.filtered(lambda value, line=line: value.attribute_id != line.attribute_id)
            if foreign:
                raise ValidationError(
                    self.env._(
                        "%(value)s is no value of %(attribute)s. Choose one of its values on %(product)s.",
                        value=foreign[0].name,
                        attribute=line.attribute_id.name,
                        product=line.product_tmpl_id.name,
                    ),
                    fields=["value_ids"],
                    code="inventory.value_of_other_attribute",
                )
            if line.active and not line.value_ids:
                raise ValidationError(
                    self.env._(
                        "%(product)s has no value of %(attribute)s. Choose at least one, or remove the attribute.",
                        attribute=line.attribute_id.name,
                        product=line.product_tmpl_id.name,
                    ),
                    fields=["value_ids"],
                    code="inventory.attribute_without_values",
                )

    @api.model_create_multi
    def create(self, vals_list):
        """The products' variants follow; an archived line of the same attribute is used again."""
        archived = self._archived_lines(vals_list)
        lines = dict(enumerate(archived.get(_place(vals)) for vals in vals_list))
        new = [number for number, line in lines.items() if not line]
        lines.update(zip(new, super().create([vals_list[number] for number in new])))
        result = self.browse([line.id for line in lines.values()])
        with variants.together(result.product_tmpl_id):
            for number, line in lines.items():
                if number not in new:
                    line.write({**vals_list[number], "active": True})
        return result

    def _archived_lines(self, vals_list):
        """(product id, attribute id) -> the archived line that rows to be created can use."""
        places = {_place(vals) for vals in vals_list}
        found = self.search(
            [
                ("active", "=", False),
                ("product_tmpl_id", "in", [product for product, _attribute in places if product]),
                ("attribute_id", "in", [attribute for _product, attribute in places if attribute]),
            ]
        )
        return {(line.product_tmpl_id.id, line.attribute_id.id): line for line in found}

    def write(self, vals):
        """The products' variants follow. Product and attribute stay.

        Raises:
            UserError: another product or attribute is given.
        """
        for line in self:
            if any(name in vals and vals[name] != line[name].id for name in ("product_tmpl_id", "attribute_id")):
                raise UserError(
                    self.env._(
                        "The line of %(attribute)s on %(product)s cannot become another one. "
                        "Remove it and add a new line.",
                        attribute=line.attribute_id.name,
                        product=line.product_tmpl_id.name,
                    ),
                    code="inventory.attribute_fixed",
                )
        result = super().write(vals)
        if {"value_ids", "active"} & vals.keys():
            variants.follow(self.product_tmpl_id)
        return result

    def unlink(self):
        """Take the attributes off the products. Lines whose values are in use are archived instead."""
        if self.env.registry.uninstalling:
            return super().unlink()
        self.check_access("unlink")
        self.filtered("active").write({"active": False})
        return True if variants.are_waiting(self.product_tmpl_id) else self._unlink_unused()

    def _unlink_unused(self):
        """Delete those of the lines whose values are in use nowhere."""
        known = self.env["product.template.attribute.value"].sudo().search([("attribute_line_id", "in", self.ids)])
        return super(ProductTemplateAttributeLine, self - known.attribute_line_id).unlink()


def _place(vals):
    return vals.get("product_tmpl_id"), vals.get("attribute_id")
