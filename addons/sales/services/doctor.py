"""The laws of sales orders that `stillage doctor` checks."""

from __future__ import annotations

from addons.inventory.services import order_laws
from core.doctor import Check, company_check

SALES = order_laws.OrderKind(
    addon="sales",
    order="sale.order",
    line="sale.order.line",
    link="sale_line_id",
    demand="product_uom_qty",
    through="qty_delivered",
    method="qty_delivered_method",
    by_moves="stock_move",
    drafts=("draft", "sent"),
    confirmed="sale",
    confirm="Confirm",
)
COMPANIES = (
    ("sale.order", "warehouse_id"),
    ("stock.move", "sale_line_id"),
    ("stock.picking", "sale_id"),
)


def checks() -> list[Check]:
    """The checks of sales orders."""
    return [*order_laws.checks(SALES), company_check("sales.companies", COMPANIES)]
