"""What people do: six flows of as many lines as one likes, and two of as many documents."""

from __future__ import annotations

from typing import Any

from addons.inventory.testing import put_stock


def goods(env: Any, count: int, on_hand: int = 10, **values: Any) -> Any:
    """So many storable products, with ten of the first on hand, eleven of the second, and so on."""
    rows = [{"name": f"Board {number}", "is_storable": True, **values} for number in range(count)]
    products = env["product.product"].create(rows)
    for number, product in enumerate(products if on_hand else ()):
        put_stock(product, on_hand + number)
    return products


def quotation(env: Any, products: Any) -> Any:
    """A customer asks for 8 of each product."""
    return env["sale.order"].create(
        {
            "partner_id": env["res.partner"].create({"name": "Deco Addict"}).id,
            "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": 8}) for product in products],
        }
    )


def sale(env: Any, products: Any) -> Any:
    """A customer orders 8 of each product; 5 go today, with a backorder, and the rest goes later."""
    order = quotation(env, products)
    order.action_confirm()
    delivery = order.picking_ids
    deliver(delivery, 5)
    deliver(delivery.backorder_ids)
    return order


def deliver(transfer: Any, quantity: Any = None) -> None:
    """Validate a transfer, with this quantity of each move, and answer that the rest follows."""
    if quantity:
        transfer.move_ids.quantity = quantity
    assert transfer.button_validate({"backorder": {"*": True}}) is None


def purchase(env: Any, products: Any) -> Any:
    """We order 8 of each product from a vendor; 5 come today and the rest later."""
    order = env["purchase.order"].create(
        {
            "partner_id": env["res.partner"].create({"name": "Wood Corner"}).id,
            "order_line": [(0, 0, {"product_id": product.id, "product_qty": 8}) for product in products],
        }
    )
    order.button_confirm()
    receipt = order.picking_ids
    deliver(receipt, 5)
    deliver(receipt.backorder_ids)
    return order


def ordered(env: Any, components: Any, **values: Any) -> Any:
    """Three chairs are ordered, each of one of every component."""
    chair = env["product.product"].create({"name": "Chair", "is_storable": True, **values})
    lines = [(0, 0, {"product_id": component.id, "product_qty": 1}) for component in components]
    env["mrp.bom"].create({"product_tmpl_id": chair.product_tmpl_id.id, "bom_line_ids": lines})
    order = env["mrp.production"].create({"product_id": chair.id, "product_qty": 3})
    order.action_confirm()
    return order


def production(env: Any, components: Any) -> Any:
    """Three chairs are ordered; two are made, each with its serial number, and the third later."""
    order = ordered(env, components, tracking="serial")
    dialog = order.button_mark_done()
    dialog.production_text = "CHAIR-1\nCHAIR-2"
    assert not dialog.action_done()
    family = order.production_group_id.production_ids
    assert family.mapped("state") == ["done", "done", "confirmed"]
    family[2].button_mark_done()
    assert family[2].state == "done" and family[2].lot_producing_id
    return family


def sent_back(env: Any, delivery: Any) -> Any:
    """The customer sends back all of a delivery, and it arrives."""
    back = delivery.action_return().action_create_returns_all()
    back.button_validate()
    assert back.state == "done"
    return back


def scrap(env: Any, products: Any) -> Any:
    """Two of each product are broken."""
    scraps = env["stock.scrap"].create([{"product_id": product.id, "scrap_qty": 2} for product in products])
    scraps.action_validate()
    assert set(scraps.mapped("state")) == {"done"}
    return scraps


def count(env: Any, rows: Any) -> Any:
    """Somebody counts: there are 7 of each."""
    rows.inventory_quantity = 7
    rows.action_apply_inventory()
    assert set(rows.mapped("quantity")) == {7}
    return rows


def rows_of(products: Any) -> Any:
    """The stock rows of products in the warehouse."""
    stock = products.env.ref("inventory.stock_location_stock")
    return products.env["stock.quant"].search([("product_id", "in", products.ids), ("location_id", "=", stock.id)])


def delivered(env: Any, count: int) -> Any:
    """A delivery of so many products, done."""
    order = quotation(env, goods(env, count))
    order.action_confirm()
    deliver(order.picking_ids)
    return order.picking_ids


def sales(env: Any, orders: Any) -> Any:
    """Orders of one line each are confirmed together, and delivered together in two parts."""
    orders.action_confirm()
    deliveries = orders.picking_ids
    deliver(deliveries, 5)
    deliver(deliveries.backorder_ids)
    assert set(orders.picking_ids.mapped("state")) == {"done"}
    return orders


def quotations(env: Any, count: int) -> Any:
    """Quotations for 8 of one product each."""
    return env["sale.order"].union(*(quotation(env, product) for product in goods(env, count)))


def productions(env: Any, orders: Any) -> Any:
    """Orders are confirmed together; of each a third is made, and then the rest."""
    orders.action_confirm()
    orders.qty_producing = 1
    assert orders.button_mark_done({"backorder": {"*": True}}) is None
    rest = orders.production_group_id.production_ids - orders
    assert rest.button_mark_done() is None
    assert set((orders | rest).mapped("state")) == {"done"} and len(rest) == len(orders)
    return orders | rest


def drafts(env: Any, count: int) -> Any:
    """Drafts of orders for three shelves each, of one board each."""
    shelf = env["product.product"].create({"name": "Shelf", "is_storable": True})
    lines = [(0, 0, {"product_id": goods(env, 1, on_hand=100).id, "product_qty": 1})]
    env["mrp.bom"].create({"product_tmpl_id": shelf.product_tmpl_id.id, "bom_line_ids": lines})
    return env["mrp.production"].create([{"product_id": shelf.id, "product_qty": 3}] * count)


#: The flow, and what it starts from, made for so many lines before anything is counted.
FLOWS = {
    "sale": (sale, goods),
    "purchase": (purchase, lambda env, count: goods(env, count, on_hand=0)),
    "production": (production, goods),
    "return": (sent_back, delivered),
    "scrap": (scrap, goods),
    "count": (count, lambda env, number: rows_of(goods(env, number))),
    "sales": (sales, quotations),
    "productions": (productions, drafts),
}
