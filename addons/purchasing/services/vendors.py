"""Whom to buy from, and on which terms."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from core.fields import Date

ZERO = Decimal(0)


def choose(product: Any, quantity: Decimal, day: date, company: Any, vendor: Any = None) -> Any:
    """The vendor price that applies to `quantity` (in the purchase unit) of a product; empty when nobody sells it."""
    sellers = product.sudo().seller_ids
    for seller in sellers.sorted():
        if vendor and seller.partner_id != vendor:
            continue
        if seller.product_id and seller.product_id != product:
            continue
        if seller.company_id and seller.company_id != company:
            continue
        if (seller.date_start and seller.date_start > day) or (seller.date_end and seller.date_end < day):
            continue
        if seller.min_qty <= quantity:
            return seller
    return sellers.browse()


def price(line: Any) -> Decimal:
    """The vendor's price for an order line in its unit, else the cost of the product."""
    product, unit = line.product_id, line.product_uom_id
    if not product or not unit:
        return line.price_unit
    own = product.uom_po_id or product.uom_id
    quantity = unit._compute_quantity(line.product_qty, own, round=False)
    seller = choose(product, quantity, _day(line), line.order_id.company_id, line.order_id.partner_id)
    if not seller:
        return _in_unit(product.standard_price, product.uom_id, unit)
    return _in_unit(seller.price, own, unit)


def _in_unit(amount: Decimal, unit: Any, wanted: Any) -> Decimal:
    """A price per `unit` as a price per `wanted`."""
    return amount if unit == wanted else wanted._compute_quantity(Decimal(1), unit, round=False) * amount


def arrival(line: Any) -> Any:
    """When the goods of a line are expected: the order's date and the vendor's lead time."""
    order = line.order_id
    if not order.date_order:
        return False
    seller = choose(line.product_id, line.product_qty, _day(line), order.company_id, order.partner_id)
    return order.date_order + timedelta(days=seller.delay if seller else 0)


def _day(line: Any) -> date:
    order = line.order_id
    return order.date_order.date() if order.date_order else Date.today()


def names(products: Iterable[Any]) -> str:
    """Products in words, each once."""
    return ", ".join(sorted({product.display_name for product in products}))
