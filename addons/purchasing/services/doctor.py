"""The laws of purchase orders that `stillage doctor` checks."""

from __future__ import annotations

from typing import Any

from addons.inventory.services import order_laws
from core.doctor import Check, company_check

COMPANIES = (
    ("purchase.order", "picking_type_id"),
    ("stock.move", "purchase_line_id"),
    ("stock.picking", "purchase_id"),
)


def checks(env: Any) -> list[Check]:
    """The checks of purchase orders."""
    return [*order_laws.checks(env["purchase.order.line"]._kind), company_check("purchasing.companies", COMPANIES)]
