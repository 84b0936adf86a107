"""How much of an order line is invoiced, and how much is due, in the unit of the line."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

ZERO = Decimal(0)
#: Values of `invoice_status`, of orders and of their lines.
STATUS = [
    ("upselling", "Upselling Opportunity"),
    ("invoiced", "Fully Invoiced"),
    ("to invoice", "To Invoice"),
    ("no", "Nothing to Invoice"),
]
#: A credit note gives back what an invoice charged.
SIGN = {"out_invoice": 1, "out_refund": -1}


def active(line: Any) -> Any:
    """The invoice lines over an order line that count: those of drafts and of posted documents."""
    return line.invoice_lines.filtered(lambda charged: charged.parent_state != "cancel")


def invoiced(line: Any, released: Any = None) -> Decimal:
    """What is invoiced, less what is credited; with `released`, only for the release of these transfers."""
    total = ZERO
    for charged in active(line):
        if released is not None and not charged.release_picking_ids & released:
            continue
        quantity, unit = charged.quantity, charged.product_uom_id
        if unit and line.product_uom_id and unit != line.product_uom_id:
            quantity = unit._compute_quantity(quantity, line.product_uom_id, round=False)
        total += SIGN[charged.move_type] * quantity
    return total


def by_delivery(line: Any) -> bool:
    """Whether a line is invoiced for what is delivered; what is no product is invoiced for what is ordered."""
    return bool(line.product_id.invoice_policy == "delivery")


def due(line: Any) -> Decimal:
    """What the customer is to be charged by now, invoiced or not."""
    if line.display_type:
        return ZERO
    quantity: Decimal = line.qty_delivered if by_delivery(line) else line.product_uom_qty
    return quantity


def status(line: Any) -> str:
    """The invoice status of a line, by Odoo's meaning: upselling is more delivered than was ordered and invoiced."""
    if line.state != "sale" or line.display_type:
        return "no"
    if line.qty_to_invoice:
        return "to invoice"
    if not by_delivery(line) and line.qty_delivered > line.product_uom_qty:
        return "upselling"
    return "invoiced" if line.qty_invoiced >= line.product_uom_qty else "no"


def status_of_order(order: Any) -> str:
    """The invoice status of an order from those of its lines."""
    states = {line.invoice_status for line in order.order_line if not line.display_type}
    if order.state != "sale" or not states:
        return "no"
    if "to invoice" in states:
        return "to invoice"
    if states == {"invoiced"}:
        return "invoiced"
    return "upselling" if states <= {"invoiced", "upselling"} else "no"
