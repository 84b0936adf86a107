"""A sales desk to play with: customers, products with stock, orders, and short words for the steps of a delivery."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from addons.inventory.testing import put_stock

CLOSED = ("done", "cancel")


class Desk:
    """What the sales desk and the warehouse behind it do, in one word each."""

    def __init__(self, env: Any) -> None:
        self.env = env
        self.warehouse = env.ref("inventory.warehouse0")
        self.deliveries = env.ref("inventory.picking_type_out")
        self.dozen = env.ref("inventory.product_uom_dozen")
        self.customer = env["res.partner"].create({"name": "Ready Mat"})

    def product(self, name: str = "Drawer", on_hand: Any = 0, **values: Any) -> Any:
        """A storable product with so many on hand."""
        product = self.env["product.product"].create({"name": name, "is_storable": True, **values})
        if on_hand:
            put_stock(product, on_hand)
        return product

    def quotation(self, *lines: Any, **values: Any) -> Any:
        """A quotation over (product, quantity) or (product, quantity, values of the line)."""
        rows = [
            (0, 0, {"product_id": product.id, "product_uom_qty": Decimal(str(quantity)), **(more[0] if more else {})})
            for product, quantity, *more in lines
        ]
        return self.env["sale.order"].create({"partner_id": self.customer.id, "order_line": rows, **values})

    def order(self, *lines: Any, **values: Any) -> Any:
        """A confirmed order."""
        order = self.quotation(*lines, **values)
        order.action_confirm()
        return order

    def user(self, login: str, *groups: str, **values: Any) -> Any:
        """Somebody who works here."""
        ids = [self.env.ref(group).id for group in groups]
        return self.env["res.users"].create({"name": login, "login": login, "group_ids": [(6, 0, ids)], **values})


def open_transfers(order: Any) -> Any:
    """The transfers of an order that are neither done nor cancelled."""
    return order.picking_ids.filtered(lambda picking: picking.state not in CLOSED)


def open_demand(order: Any) -> Decimal:
    """How much of the order is still to go, over all its lines."""
    moves = order.order_line.move_ids.filtered(lambda move: move.state not in CLOSED)
    return sum(moves.mapped("product_uom_qty"), Decimal(0))


def ship(picking: Any, quantity: Any = None, backorder: bool = True) -> Any:
    """Validate a transfer (with this quantity of each open move) and answer the question; returns the backorder."""
    if quantity is not None:
        picking.move_ids.filtered(lambda move: move.state not in CLOSED).quantity = quantity
    question = picking.button_validate(answers={"backorder": {picking.id: backorder}})
    assert not question
    return picking.backorder_ids


def send_back(picking: Any, quantity: Any, to_refund: bool = True) -> Any:
    """The customer sends goods of a delivery back, and they arrive."""
    wizard = picking.env["stock.return.picking"].create({"picking_id": picking.id})
    wizard.product_return_moves.write({"quantity": quantity, "to_refund": to_refund})
    back = wizard.action_create_returns()
    back.button_validate()
    return back
