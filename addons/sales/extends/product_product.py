"""Products know the quotations that offer them, and are made of names typed on orders."""

from __future__ import annotations

from typing import Any

from core import api, models


class ProductProduct(models.Model):
    """A variant that a quotation offers is asked for, though nothing moves yet."""

    _inherit = "product.product"

    def _find_open_document(self) -> Any:
        return super()._find_open_document() or self.env["sale.order.line"]._requested(self)

    # -- custom items: named on an order, and made for it -----------------------------------------------------------

    def _can_name_create(self) -> bool:
        return super()._can_name_create() or self._is_custom_item_allowed()

    def _is_custom_item_allowed(self) -> bool:
        """Whether the context asks for a custom item, and the user may sell one."""
        asked = bool(self.env.context.get("default_is_custom"))
        return asked and bool(self.env["sale.order.line"].check_access_rights("create", False))

    @api.model
    def name_create(self, name: str) -> tuple[int, str]:
        """Create a product from its name; a custom item by any user who may sell it."""
        if not self._is_custom_item_allowed():
            return super().name_create(name)
        plain = {key: value for key, value in self.env.context.items() if not key.startswith("default_")}
        product = self.sudo().with_env(self.env(context=plain, su=True)).create(self._custom_item_values(name))
        return product.id, product.display_name

    @api.model
    def _custom_item_values(self, name: str) -> dict[str, Any]:
        """The values of a product that is named on an order; addons add how it is supplied."""
        return {"name": name, "is_custom": True, "is_storable": True, "purchase_ok": False, "list_price": 0}
