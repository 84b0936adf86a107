"""A process that orders and ships one unit after the other; started by test_concurrency.py.

    python delivery_worker.py DATABASE_URL PRODUCT_ID COUNT

Prints "ready", begins when it reads a line, prints "delivered" or "waiting" per order, and exits with an error if one
reaches it.
"""

from __future__ import annotations

import sys

from core.boot import Database


def order(env, product_id):
    """Create and confirm a delivery of one unit; it is reserved if there is any left."""
    product = env["product.product"].browse(product_id)
    picking = env["stock.picking"].create({"picking_type_id": env.ref("inventory.picking_type_out").id})
    env["stock.move"].create({"picking_id": picking.id, "product_id": product.id, "product_uom_qty": 1})
    picking.action_confirm()
    return picking.id, picking.state


def main(url, product_id, count):
    database = Database(url)
    assert database.registry
    print("ready", flush=True)
    sys.stdin.readline()
    for _order in range(count):
        picking_id, state = database.run(lambda env: order(env, product_id))
        if state == "assigned":
            database.run(
                lambda env, picking_id=picking_id: env["stock.picking"].browse(picking_id).button_validate() and None
            )
            print("delivered", flush=True)
        else:
            print("waiting", flush=True)
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
