"""Attribute values know the parts of bills of materials that apply on them."""

from __future__ import annotations

from typing import Any

from addons.manufacturing.services.applying import VALUES
from core import api, models
from core.exceptions import UserError

PARTS = ("mrp.bom.line", "mrp.bom.byproduct", "mrp.routing.workcenter")


class ProductTemplateAttributeValue(models.Model):
    """A value that a part of a bill names stays: without it, the part would apply on all variants."""

    _inherit = "product.template.attribute.value"

    def _in_use(self) -> Any:
        used = super()._in_use()
        for part in self._bom_parts():
            used |= part[VALUES] & self
        return used

    def _bom_parts(self) -> list[Any]:
        """The components, by-products and operations, archived ones too, that name one of these values."""
        models_of_parts = [self.env[name].sudo().with_context(active_test=False) for name in PARTS]
        return [model.search([(VALUES, "in", self.ids)]) for model in models_of_parts]

    @api.ondelete()
    def _refuse_when_bills_name_them(self) -> None:
        for part in (part for parts in self._bom_parts() for part in parts[:1]):
            raise UserError(
                self.env._(
                    "%(value)s cannot be deleted: %(part)s in the bill of materials of %(bom)s applies on it. "
                    "Take the value off there first.",
                    value=(part[VALUES] & self)[0].display_name,
                    part=part.display_name,
                    bom=part.bom_id.display_name,
                ),
                code="manufacturing.value_in_use",
            )
