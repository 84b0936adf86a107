"""The laws of sales orders that `stillage doctor` checks."""

from __future__ import annotations

from typing import Any

from addons.inventory.services import order_laws
from core.doctor import Check, company_check

COMPANIES = (
    ("sale.order", "warehouse_id"),
    ("stock.move", "sale_line_id"),
    ("stock.picking", "sale_id"),
)


def checks(env: Any) -> list[Check]:
    """The checks of sales orders."""
    return [*order_laws.checks(env["sale.order.line"]._kind), company_check("sales.companies", COMPANIES)]
