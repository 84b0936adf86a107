"""Products know what vendors are asked for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from addons.purchasing.services import vendors
from core import models


def _ordered_by(document: Any) -> Any:
    """The purchase order of a receipt; any other document itself."""
    return (document.purchase_id or document) if document._name == "stock.picking" else document


class ProductProduct(models.Model):
    """What is on an open request counts as on its way, so that it is not asked for again."""

    _inherit = "product.product"

    def _open_requests(self, tied: bool = False) -> list[tuple[Any, Any, Decimal, Any]]:
        """See the base. Lines of requests to vendors."""
        lines = self.env["purchase.order.line"].sudo()
        wanted = [
            ("product_id", "in", self.ids),
            ("order_id.state", "in", ("draft", "sent")),
            ("move_dest_ids", "!=" if tied else "=", False),
        ]
        requests = super()._open_requests(tied)
        for line in lines.search(wanted):
            kind = line.order_id.picking_type_id
            place = line.orderpoint_id.location_id or kind.warehouse_id.lot_stock_id or kind.default_location_dest_id
            requests.append((line.product_id, place, line.product_uom_qty, line))
        return requests

    def _supply_documents(self) -> dict[int, list[Any]]:
        """See the base. Receipts are known by their purchase orders, and requests count too."""
        result = {
            product: list(dict.fromkeys(_ordered_by(document) for document in documents))
            for product, documents in super()._supply_documents().items()
        }
        lines = self.env["purchase.order.line"].sudo()
        for line in lines.search([("product_id", "in", self.ids), ("order_id.state", "in", ("draft", "sent"))]):
            known = result.setdefault(line.product_id.id, [])
            if line.order_id not in known:
                known.append(line.order_id)
        return result

    def _supply_routes(self) -> dict[int, Any]:
        """See the base. What a vendor sells can be bought."""
        route = self.env.ref("purchasing.route_warehouse0_buy")
        sold = {product.id: route for product in self.sudo() if vendors.first(product, self.env.company)}
        return sold | super()._supply_routes()

    def _find_open_document(self) -> Any:
        return super()._find_open_document() or self.env["purchase.order.line"]._requested(self)
