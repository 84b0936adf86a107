"""How far orders are delivered: quantities from done moves, status from transfers, and the release of backorders."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from addons.inventory.services import message_texts, move_states, on_hold, order_lines, shortage
from addons.sales.exceptions import NothingToRelease
from core import api
from core.api import ngettext
from core.rounding import format_number

ZERO = Decimal(0)
#: So many lines that are short are named in the warning of a quotation.
SHORTAGES_SHOWN = 10


def reaches_customer(picking: Any) -> bool:
    """Whether a transfer hands goods over to the customer (and is not an earlier step)."""
    return picking.location_dest_id.usage == "customer"


def lines_of_parts(env: Any) -> list[int]:
    """The ids of the order lines that have moves over another product than their own: the components of a kit."""
    rows = env.execute(
        "SELECT DISTINCT line.id FROM stock_move move JOIN sale_order_line line ON line.id = move.sale_line_id"
        " WHERE move.product_id <> line.product_id"
    )
    return [int(id_) for id_ in rows.scalars()]


def status(order: Any) -> str | bool:
    """The delivery status of an order, from the states of its transfers.

    *Fully Delivered* means that nothing is open, also when the rest was cancelled (seed 2, option Never).
    """
    found = order_lines.progress(order.picking_ids)
    return "started" if found == "partial" and not any(order.order_line.mapped("qty_delivered")) else found


def towards_customer(move: Any) -> int:
    """+1 for a move that hands goods over to the customer, -1 for one that takes them back, 0 for a step before."""
    return (move.location_dest_id.usage == "customer") - (move.location_id.usage == "customer")


def shipped(line: Any, net: bool) -> Decimal:
    """What the customer got of a line, in its unit; `net` of what came back."""
    quantity: Decimal = line._from_product_unit(order_lines.fulfilled(line.move_ids, towards_customer, net))
    return quantity


def closed_short(order: Any) -> str | bool:
    """What was ordered and will not come, in words; False where nothing was delivered or nothing is given up."""
    if order.delivery_status not in ("partial", "full"):
        return False
    missing = []
    goods = order.order_line.filtered(lambda line: line.qty_delivered_method == "stock_move")
    sent = goods._shipped(net=False)
    for line in goods:
        short = line.product_uom_qty - sent[line.id] - line.qty_to_deliver
        if short > 0:
            missing.append(
                order.env._(
                    "%(quantity)s cancelled",
                    quantity=message_texts.quantity_of(line.product_id, short, line.product_uom_id),
                )
            )
    return "; ".join(missing) or False


def shortage_text(lines: Any) -> str | bool:
    """What cannot be delivered from stock of the lines of a quotation.

    Returns:
        one sentence for each of the first SHORTAGES_SHOWN lines that are short, and how many more there are; False
        where none is.
    """
    short = [(line, free) for line in lines if (free := _free_of_short(line)) is not None]
    texts = [_shortage_of(line, free) for line, free in short[:SHORTAGES_SHOWN]]
    if more := len(short) - len(texts):
        texts.append(
            str(lines.env._(ngettext("%(number)s more line is short.", "%(number)s more lines are short.", more)))
        )
    return "\n".join(texts) or False


def _free_of_short(line: Any) -> Any:
    """What is free for a line that orders more, in its unit; None of any other line."""
    product, unit = line.product_id, line.product_uom_id
    if not product.is_storable or not unit:
        return None
    free = product.uom_id._compute_quantity(line.free_qty_today, unit, round=False)
    return free if line.product_uom_qty > free else None


def _shortage_of(line: Any, free: Any) -> str:
    product, unit = line.product_id, line.product_uom_id
    return str(
        line.env._(
            "%(product)s: %(qty)s %(unit)s are ordered and %(free)s are free. The rest will wait on a backorder.",
            product=product.display_name,
            qty=format_number(line.product_uom_qty),
            unit=unit.name,
            free=format_number(max(free, ZERO)),
        )
    )


def lacks_free_stock(order: Any) -> bool:
    """Whether stock is free for what is not reserved of a line of the order."""
    demand = api.Domain("sale_line_id.order_id", "in", order._origin.ids)
    products = shortage.free_products(order.env, demand)
    if not products:
        return False
    moves = order.env["stock.move"].sudo().search(demand & api.Domain("product_id", "in", products.ids))
    return "here" in order.order_line.browse(moves.sale_line_id.ids).mapped("shortage_status")


def release(orders: Any) -> Any:
    """Reserve for the open transfers of orders, and end what is on hold of them.

    Returns those that can be shipped now; where nothing can be, those that were on hold and wait for stock from now on.
    Raises NothingToRelease, with what is missing, if there are none of these either.
    """
    waiting = orders.picking_ids.filtered(
        lambda picking: picking.state not in (*move_states.CLOSED, "draft") and not picking.return_id
    )
    if not waiting:
        raise NothingToRelease(
            orders.env._("%(orders)s: nothing is on backorder.", orders=orders._described()),
            data={"orders": orders.mapped("name")},
        )
    held = waiting.filtered("on_hold")
    on_hold.release(waiting.move_ids)
    waiting.move_ids._action_assign()
    ready = waiting.filtered(lambda picking: picking.state == "assigned")
    if ready:
        orders.env.notify(orders.env._("Ready to ship:"), "info", ready)
        return ready
    if held:
        text = orders.env._("No longer on hold; they are reserved when stock is available:")
        orders.env.notify(text, "info", held)
        return held
    raise _still_missing(
        waiting.move_ids.filtered(
            lambda move: move.state not in move_states.CLOSED and move.quantity < move.product_uom_qty
        )
    )


def _still_missing(moves: Any) -> NothingToRelease:
    env = moves.env
    texts, data = [], []
    for move in moves:
        document, quantity = move.picking_id.name, move.product_uom_qty - move.quantity
        named = message_texts.quantity_of(move.product_id, quantity, move.product_uom)
        texts.append(env._("%(document)s: %(quantity)s", document=document, quantity=named))
        data.append(
            {
                "document": document,
                "quantity": format_number(quantity),
                "unit": move.product_uom.name,
                "product": move.product_id.display_name,
            }
        )
    text = env._(
        "Nothing is available yet. Still missing:\n%(missing)s\n"
        "Order it in Stock Detail of Inventory, or wait for what is on its way.",
        missing="\n".join(texts),
    )
    return NothingToRelease(text, data={"missing": data})
