"""The laws of purchase orders that `stillage doctor` checks."""

from __future__ import annotations

from addons.inventory.services import order_laws
from core.doctor import Check, company_check

PURCHASES = order_laws.OrderKind(
    addon="purchasing",
    order="purchase.order",
    line="purchase.order.line",
    link="purchase_line_id",
    demand="product_qty",
    through="qty_received",
    method="qty_received_method",
    by_moves="stock_moves",
    drafts=("draft", "sent"),
    confirmed="purchase",
    confirm="Confirm Order",
)
COMPANIES = (
    ("purchase.order", "picking_type_id"),
    ("stock.move", "purchase_line_id"),
    ("stock.picking", "purchase_id"),
)


def checks() -> list[Check]:
    """The checks of purchase orders."""
    return [*order_laws.checks(PURCHASES), company_check("purchasing.companies", COMPANIES)]
