"""Release Backorders: newly available items are reserved, and shipped, invoiced, or both."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from addons.inventory.services import product_lock
from addons.sales.exceptions import NothingToRelease
from addons.sales.services import backorders
from addons.sales_invoicing.services import invoicing, quantities
from addons.sales_invoicing.services.invoicing import Part

ZERO = Decimal(0)


class Outlook(NamedTuple):
    """What a release would bring for an order line, in its unit: on backorder, of it available, to be invoiced.

    `first`: of what is on backorder, what is missing on transfers that left nothing over yet. Create Invoice, not a
    release, charges it.
    """

    waiting: Decimal
    available: Decimal
    charged: Decimal
    first: Decimal = ZERO


class Released(NamedTuple):
    """What a release brought: the transfers that can be shipped, and the draft invoices."""

    pickings: Any
    invoices: Any


def invoice(orders: Any, answers: Mapping[str, Any], ship_anyway: bool = False) -> Released:
    """Reserve what is available and create draft invoices over it.

    A line that is invoiced as ordered is charged for what its backorders have reserved now and were not charged for
    before; one that is invoiced as delivered, for what is delivered and not invoiced yet.

    Args:
        answers: to what Release Backorders asks; what is available is reserved with them.
        ship_anyway: release also where nothing is to be invoiced.
    Raises NothingToRelease where nothing could be released and nothing is to be invoiced, and NothingToInvoice, in
    which case nothing is released.
    """
    env = orders.env
    product_lock.lock_moves(
        orders.order_line.move_ids
    )  # products before orders, the order in which shipping locks them
    invoicing.lock(orders)
    pickings = backorders.backorders_of(orders)
    refusal = None
    try:
        with env.savepoint():
            ready = orders.action_release_backorders(answers=answers)
    except NothingToRelease as error:
        ready, refusal = orders.picking_ids.browse(), error
    parts = charged(orders, pickings)
    if not parts and refusal:
        raise refusal
    if not parts and ship_anyway:
        return Released(ready, orders.env["account.move"].browse())
    if not parts:
        ordered = {line: text for line, text in reasons(orders).items() if not quantities.by_delivery(line)}
        raise invoicing.nothing(orders, ordered)
    return Released(ready, invoicing.create(orders, parts))


def charged(orders: Any, pickings: Any) -> dict[Any, Part]:
    """Order line -> what is invoiced of it now that these backorders are released."""
    lines = orders.order_line.filtered(lambda line: line.qty_to_invoice > 0)
    delivered = lines.filtered(quantities.by_delivery)
    ordered = (lines - delivered).filtered("move_ids")
    reserved = backorders.reserved(ordered, pickings)
    parts = {line: Part(line.qty_to_invoice) for line in delivered}
    for line in ordered:
        own = line.sudo()._demand_moves().picking_id & pickings
        quantity = min(reserved[line.id] - quantities.invoiced(line, own), line.qty_to_invoice)
        if quantity > 0:
            parts[line] = Part(quantity, own)
    return parts


def outlook(orders: Any) -> dict[Any, Outlook]:
    """Order line -> what a release of all of them would bring now: lines over the same product share its stock.

    Lines are left out of which nothing is on backorder and nothing is to be invoiced as delivered.
    """
    pickings = backorders.backorders_of(orders)
    lines = orders.order_line.filtered(lambda line: line.move_ids or line.qty_to_invoice)
    given = backorders.share_free_stock(lines)
    figures, all_figures = backorders.figures(lines, pickings), backorders.figures(lines)
    after, all_after = backorders.figures(lines, pickings, given), backorders.figures(lines, given=given)
    found = {}
    for line in lines:
        waiting, short = figures[line.id].open, figures[line.id].short
        missing = all_figures[line.id].short - short
        ready = waiting - after[line.id].short
        more = missing - (all_after[line.id].short - after[line.id].short)
        on_backorder, available, first, first_available = (
            line._from_product_unit(each) for each in (waiting, ready, missing, more)
        )
        if quantities.by_delivery(line):
            charge = max(line.qty_to_invoice, ZERO)
        else:
            own = line.sudo()._demand_moves().picking_id & pickings
            charge = max(min(available - quantities.invoiced(line, own), line.qty_to_invoice), ZERO)
        if waiting or missing or (charge and quantities.by_delivery(line)):
            found[line] = Outlook(on_backorder + first, available + first_available, charge, first)
    return found


def reasons(orders: Any) -> dict[Any, str]:
    """Order line -> why a release charges nothing of it."""
    return {line: reason(line, found) for line, found in outlook(orders).items()}


def reason(line: Any, outlook: Outlook) -> str:
    """Why a release charges nothing of a line, in words."""
    env, product = line.env, line.product_id.display_name
    if quantities.by_delivery(line):
        return str(env._("%(product)s: nothing until it is delivered.", product=product))
    if line.qty_to_invoice <= 0:
        return str(env._("%(product)s: nothing, it is invoiced already.", product=product))
    if outlook.first:
        return str(env._("%(product)s: nothing before its first delivery; use Create Invoice.", product=product))
    if outlook.available:
        return str(env._("%(product)s: nothing, what is available is invoiced already.", product=product))
    return str(env._("%(product)s: nothing, as nothing is available.", product=product))
