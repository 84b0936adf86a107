"""Worker function of test_concurrency.py: order and ship one unit after the other."""

from __future__ import annotations

from core.boot import Database


def order(env, product_id):
    """Create and confirm a delivery of one unit; it is reserved if there is any left."""
    product = env["product.product"].browse(product_id)
    picking = env["stock.picking"].create({"picking_type_id": env.ref("inventory.picking_type_out").id})
    env["stock.move"].create({"picking_id": picking.id, "product_id": product.id, "product_uom_qty": 1})
    picking.action_confirm()
    return picking.id, picking.state


def ship(connection, url, product_id, count):
    """Send "ready", wait for "go", then send "delivered" or "waiting" per order."""
    database = Database(url)
    assert database.registry
    connection.send("ready")
    assert connection.recv() == "go"
    for _order in range(count):
        picking_id, state = database.run(lambda env: order(env, product_id))
        if state == "assigned":
            database.run(
                lambda env, picking_id=picking_id: env["stock.picking"].browse(picking_id).button_validate() and None
            )
            connection.send("delivered")
        else:
            connection.send("waiting")
    database.close()
