"""Whom to buy from, and on which terms."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from core.fields import Date

ZERO = Decimal(0)


def choose(product: Any, quantity: Decimal, unit: Any, day: date, company: Any, vendor: Any = None) -> Any:
    """The vendor price that applies to `quantity` (in `unit`) of a product on a day; empty when there is none.

    The first line that fits says from whom; of that vendor's lines that fit, the cheapest is what is paid.
    """
    fitting = [
        seller
        for seller in _sellers(product, company, vendor)
        if _holds(seller, day) and seller.min_qty <= unit._compute_quantity(quantity, seller._unit(), round=False)
    ]
    same = [seller for seller in fitting if seller.partner_id == fitting[0].partner_id]
    if not same:
        return product.env["product.supplierinfo"].sudo().browse()
    return min(same, key=lambda seller: seller._unit()._compute_price(seller.price_discounted, product.uom_id))


def first(product: Any, company: Any, vendor: Any = None) -> Any:
    """Who sells a product at all, whatever the quantity and the day; empty when there is none."""
    return next(iter(_sellers(product, company, vendor)), product.env["product.supplierinfo"].sudo().browse())


def present(product: Any, company: Any) -> Any:
    """Who is asked first for a product today, whatever the quantity; empty when there is none."""
    today = Date.today()
    holding = (seller for seller in _sellers(product, company, None) if _holds(seller, today))
    return next(holding, None) or first(product, company)


def _holds(seller: Any, day: date) -> bool:
    """Whether the terms hold on that day."""
    return not (seller.date_start and seller.date_start > day) and not (seller.date_end and seller.date_end < day)


def _sellers(product: Any, company: Any, vendor: Any) -> list[Any]:
    return [
        seller
        for seller in product.sudo().seller_ids.sorted()
        if (not vendor or seller.partner_id == vendor)
        and (not seller.product_id or seller.product_id == product)
        and (not seller.company_id or seller.company_id == company)
    ]


def of_line(line: Any) -> Any:
    """The vendor price that applies to an order line; empty when there is none or the unit is of another family."""
    order = line.order_id
    if not line.product_uom_id._has_common_reference(line.product_id.uom_id):
        return line.env["product.supplierinfo"].sudo().browse()
    return choose(
        line.product_id, line.product_qty, line.product_uom_id, _day(line), order.company_id, order.partner_id
    )


def terms(line: Any) -> tuple[Decimal, Decimal]:
    """Price per unit of an order line and discount in percent: the vendor's, else the cost of the product."""
    product, unit = line.product_id, line.product_uom_id
    if not product or not unit or not unit._has_common_reference(product.uom_id):
        return line.price_unit, line.discount  # what is wrong with the unit is said when the line is checked
    seller = of_line(line)
    if not seller:
        return product.uom_id._compute_price(product.standard_price, unit), ZERO
    return seller._unit()._compute_price(seller.price, unit), seller.discount


def unit_for(line: Any) -> Any:
    """The unit in which the vendor of an order line is asked."""
    seller = first(line.product_id, line.order_id.company_id, line.order_id.partner_id)
    return seller._unit() if seller else line.product_id.uom_po_id or line.product_id.uom_id


def description(line: Any) -> str:
    """What a line says to the vendor: the product by the name and code that the vendor knows it by, and the text."""
    product = line.product_id
    seller = first(product, line.order_id.company_id, line.order_id.partner_id)
    name = product.display_name
    if seller.product_code or seller.product_name:
        name = " ".join(
            filter(None, (seller.product_code and f"[{seller.product_code}]", seller.product_name or product.name))
        )
    return "\n".join(filter(None, (name, product.description_purchase)))


def arrival(line: Any) -> Any:
    """When the goods of a line are expected: the order's date and the vendor's lead time."""
    order = line.order_id
    if not order.date_order or not line.product_id:
        return order.date_order or False
    seller = of_line(line) or first(line.product_id, order.company_id, order.partner_id)
    return order.date_order + timedelta(days=seller.delay if seller else 0)


def _day(line: Any) -> date:
    order = line.order_id
    return order.date_order.date() if order.date_order else Date.today()
