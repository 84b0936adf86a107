"""From orders to draft invoices, for any number of orders at once.

create ─> lines and quantities ─> one document per company, address and currency (or per order)
       ─> rounding differences, so that partial invoices make up the line's amount ─> one `create`
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from addons.invoicing.services import amounts
from addons.sales_invoicing.exceptions import NothingToInvoice
from addons.sales_invoicing.services import quantities
from core.rounding import format_number

ZERO = Decimal(0)
#: What was read of these before the lock may have changed since.
READ_AGAIN = ("sale.order.line", "account.move", "account.move.line")


class Part(NamedTuple):
    """What is invoiced of an order line, in its unit (negative to credit), and the released transfers that bring it."""

    quantity: Decimal
    pickings: Any = None


def create(orders: Any, parts: Mapping[Any, Part], *, grouped: bool = False, date: Any = None) -> Any:
    """Create draft invoices over `parts` (order line -> part); they are returned.

    A document whose total is negative becomes a credit note. With `grouped` every order has an invoice of its own.
    Raises NothingToInvoice when there is nothing in `parts`.
    """
    check_rights(orders)
    parts = {line: part for line, part in parts.items() if part.quantity}
    if not parts:
        raise nothing(orders)
    charged = orders.filtered(lambda order: any(line in parts for line in order.order_line))
    documents = charged.grouped(lambda order: order.id if grouped else order._invoice_grouping_key())
    vals_list = [_document(members, parts, date) for members in documents.values()]
    return orders.env["account.move"].sudo().create(vals_list).with_env(orders.env)


def lock(orders: Any) -> None:
    """Lock the rows of orders before reading what is to be invoiced of them, so that nothing is invoiced twice."""
    orders.lock_for_update()
    for name in READ_AGAIN:
        orders.env[name].invalidate_model()


def check_rights(orders: Any) -> None:
    """Refuse those who may neither create invoices nor change the orders. Raises AccessError."""
    if not orders.env["account.move"].has_access("create"):
        orders.check_access("write")


def nothing(orders: Any, reasons: Mapping[Any, str] | None = None) -> NothingToInvoice:
    """The error that says, line by line, why nothing can be invoiced.

    Args:
        reasons: order line -> what is to be said of it instead of how far it is invoiced.
    """
    env, reasons = orders.env, reasons or {}
    lines = [line for line in orders.order_line if not line.display_type]
    texts, data = [], []
    for line in lines:
        values = {
            "product": line.product_id.display_name or line.name or "",
            "invoiced": format_number(line.qty_invoiced),
            "unit": line.product_uom_id.name or "",
        }
        if line.state != "sale":
            reason = "not_confirmed"
            text = env._("%(product)s: the order is not confirmed.", **values)
        elif quantities.by_delivery(line):
            reason = "not_delivered"
            text = env._(
                "%(product)s is invoiced when it is delivered: %(delivered)s %(unit)s delivered, %(invoiced)s of them "
                "invoiced.",
                delivered=format_number(line.qty_delivered),
                **values,
            )
        else:
            reason = "invoiced"
            text = env._(
                "%(product)s: %(ordered)s %(unit)s ordered, %(invoiced)s invoiced.",
                ordered=format_number(line.product_uom_qty),
                **values,
            )
        texts.append(reasons.get(line) or text)
        data.append({"order": line.order_id.name, "product": values["product"], "reason": reason})
    head = env._("%(orders)s: nothing can be invoiced now.", orders=orders._described())
    return NothingToInvoice("\n".join([head, *texts]), data={"lines": data})


def _document(orders: Any, parts: Mapping[Any, Part], date: Any) -> dict[str, Any]:
    """The values of one document over orders that share it."""
    lines = [line for line in orders.order_line if line in parts]
    quantities_of = {line: parts[line].quantity for line in lines}
    total = sum((quantities_of[line] * line.price_unit * (100 - line.discount) for line in lines), ZERO)
    sign = -1 if total < 0 or (not total and max(quantities_of.values()) < 0) else 1
    return orders._prepare_invoice() | {
        "move_type": "out_refund" if sign < 0 else "out_invoice",
        "invoice_date": date or False,
        "invoice_line_ids": [(0, 0, _line(line, parts[line], sign)) for line in lines],
    }


def _line(line: Any, part: Part, sign: int) -> dict[str, Any]:
    """The values of one line of a document; those of a credit note (`sign` -1) count the other way round."""
    values: dict[str, Any] = line._prepare_invoice_line(sign * part.quantity) | _rounding(line, part.quantity, sign)
    return values | {"release_picking_ids": [(6, 0, part.pickings.ids)]} if part.pickings else values


def _rounding(line: Any, quantity: Decimal, sign: int) -> dict[str, Any]:
    """What an invoice line adds so that all invoices over the order line make up the amounts of the whole.

    The whole is what is invoiced already and `quantity`. Where an earlier invoice line was given another price,
    discount, unit or tax, there is no whole to make up.
    """
    before = quantities.active(line)
    if not before or any(_differs(line, charged) for charged in before):
        return {}
    currency = line.currency_id
    signs = {charged: quantities.SIGN[charged.move_type] for charged in before}
    whole = sum((signs[charged] * charged.quantity for charged in before), quantity)
    own = amounts.subtotal(quantity, line.price_unit, line.discount, currency)
    base_of_whole = amounts.subtotal(whole, line.price_unit, line.discount, currency)
    base = base_of_whole - sum((signs[charged] * charged.price_subtotal for charged in before), ZERO)
    taxes = amounts.tax_amounts(base, line.tax_ids, currency)
    differences = {}
    for tax_id, of_whole in amounts.tax_amounts(base_of_whole, line.tax_ids, currency).items():
        charged_before = sum((signs[charged] * _tax_of(charged, tax_id) for charged in before), ZERO)
        differences[str(tax_id)] = str(sign * (of_whole - charged_before - taxes[tax_id]))
    return {"price_rounding": sign * (base - own), "tax_rounding": differences or False}


def _differs(line: Any, charged: Any) -> bool:
    return bool(
        charged.price_unit != line.price_unit
        or charged.discount != line.discount
        or charged.product_uom_id != line.product_uom_id
        or charged.tax_ids != line.tax_ids
    )


def _tax_of(charged: Any, tax_id: int) -> Decimal:
    rows = charged.tax_details or ()
    return sum((Decimal(row["amount"]) for row in rows if row["id"] == str(tax_id)), ZERO)


def cancel_drafts(orders: Any) -> None:
    """Cancel the draft invoices of these cancelled orders, unless they charge other orders that go on."""
    drafts = orders.sudo().invoice_ids.filtered(
        lambda move: (
            move.state == "draft"
            and all(order.state == "cancel" for order in move.invoice_line_ids.sale_line_ids.order_id)
        )
    )
    if drafts:
        drafts.button_cancel()
