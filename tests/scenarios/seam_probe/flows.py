"""What people do: flows of as many lines, or of as many documents, as one likes."""

from __future__ import annotations

from typing import Any

from addons.inventory.testing import put_lots, put_stock


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


def request(env: Any, products: Any) -> Any:
    """We ask a vendor for 8 of each product."""
    lines = [(0, 0, {"product_id": product.id, "product_qty": 8}) for product in products]
    vendor = env["res.partner"].create({"name": "Wood Corner"})
    return env["purchase.order"].create({"partner_id": vendor.id, "order_line": lines})


def purchase(env: Any, products: Any) -> Any:
    """We order 8 of each product from a vendor; 5 come today and the rest later."""
    order = request(env, products)
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
    """A count finds 7 of each."""
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


# ---------------------------------------------------------------------------- cancelling


def sold(env: Any, count: int) -> Any:
    """A confirmed order of so many lines."""
    order = quotation(env, goods(env, count))
    order.action_confirm()
    return order


def sold_apart(env: Any, count: int) -> Any:
    """Confirmed orders of one line each."""
    orders = quotations(env, count)
    orders.action_confirm()
    return orders


def bought(env: Any, count: int) -> Any:
    """A confirmed purchase of so many lines."""
    order = request(env, goods(env, count, on_hand=0))
    order.button_confirm()
    return order


def bought_apart(env: Any, count: int) -> Any:
    """Confirmed purchases of one line each."""
    orders = env["purchase.order"].union(*(request(env, product) for product in goods(env, count, on_hand=0)))
    orders.button_confirm()
    return orders


def planned(env: Any, count: int) -> Any:
    """Confirmed orders for shelves."""
    orders = drafts(env, count)
    orders.action_confirm()
    return orders


def transfer(env: Any, kind: str, *products: Any, quantity: int = 8, **values: Any) -> Any:
    """A draft transfer of so many of each product."""
    picking = env["stock.picking"].create({"picking_type_id": env.ref(f"inventory.picking_type_{kind}").id})
    rows = [{"picking_id": picking.id, "product_id": product.id, "product_uom_qty": quantity} for product in products]
    env["stock.move"].create([{**row, **values} for row in rows])
    return picking


def drafts_apart(env: Any, count: int) -> Any:
    """Draft deliveries of one product each."""
    return env["stock.picking"].union(*(transfer(env, "out", product) for product in goods(env, count)))


def ready(env: Any, count: int) -> Any:
    """A reserved delivery of so many products."""
    picking = transfer(env, "out", *goods(env, count))
    picking.action_confirm()
    return picking


def ready_apart(env: Any, count: int) -> Any:
    """Reserved deliveries of one product each."""
    pickings = drafts_apart(env, count)
    pickings.action_confirm()
    return pickings


def cancel(env: Any, documents: Any) -> None:
    """Documents are cancelled together, and all that was planned to move for them with them."""
    press = documents.button_cancel if documents._name == "purchase.order" else documents.action_cancel
    press()
    assert set(documents.mapped("state")) == {"cancel"}
    if documents._name == "mrp.production":
        moves = documents.move_raw_ids
    else:
        moves = (documents if documents._name == "stock.picking" else documents.picking_ids).move_ids
    assert set(moves.mapped("state")) == {"cancel"}


# ---------------------------------------------------------------------------- by hand


def confirm(env: Any, transfers: Any) -> None:
    """Drafts are marked as to do."""
    transfers.action_confirm()
    assert set(transfers.mapped("state")) == {"assigned"}


def unreserve(env: Any, transfers: Any) -> None:
    """Reserved deliveries are unreserved."""
    transfers.do_unreserve()
    assert not transfers.move_line_ids


def unreserved_apart(env: Any, count: int) -> Any:
    """Confirmed deliveries whose reservations were given up."""
    pickings = ready_apart(env, count)
    pickings.do_unreserve()
    return pickings


def check(env: Any, transfers: Any) -> None:
    """The availability of deliveries is checked."""
    transfers.action_assign()
    assert set(transfers.mapped("state")) == {"assigned"}


def enter(env: Any, transfers: Any) -> None:
    """Of each move 5 are entered as done, then 6, then none."""
    for quantity in (5, 6, 0):
        transfers.move_ids.quantity = quantity
    assert not transfers.move_line_ids


def demand(env: Any, transfers: Any) -> None:
    """The demand of each move is changed to 5."""
    transfers.move_ids.product_uom_qty = 5
    assert set(transfers.move_ids.mapped("quantity")) == {5}


def split(env: Any, transfers: Any) -> None:
    """Of each move 5 stay in their transfer, and the rest goes into a backorder."""
    transfers.move_ids.quantity = 5
    transfers.action_split_transfer()
    assert set(transfers.backorder_ids.move_ids.mapped("product_uom_qty")) == {3}


def correct(env: Any, transfers: Any) -> None:
    """The lines of deliveries are changed, deleted, and others are entered instead."""
    lines = transfers.move_line_ids
    lines.quantity = 4
    lines.unlink()
    rows = [{"move_id": move.id, "product_id": move.product_id.id, "quantity": 3} for move in transfers.move_ids]
    env["stock.move.line"].create(rows)
    assert set(transfers.move_ids.mapped("quantity")) == {3}


def none_left(env: Any, transfers: Any) -> None:
    """Deliveries go in part, and what remains is cancelled."""
    transfers.move_ids.quantity = 5
    assert transfers.button_validate({"backorder": {"*": False}}) is None
    assert set(transfers.mapped("state")) == {"done"} and not transfers.backorder_ids


# ---------------------------------------------------------------------------- supply


def received(env: Any, order: Any) -> None:
    """What was bought comes to the input, and goes on to the stock."""
    receipt = order.picking_ids
    receipt.button_validate()
    (storing,) = receipt.move_ids.move_dest_ids.picking_id
    storing.button_validate()
    assert storing.state == "done" and storing.location_dest_id == env.ref("inventory.stock_location_stock")


def bought_in_two_steps(env: Any, count: int) -> Any:
    """A confirmed purchase of so many lines, which is received in two steps."""
    env.ref("inventory.warehouse0").reception_steps = "two_steps"
    return bought(env, count)


def shipped(env: Any, order: Any) -> None:
    """An order is confirmed; its goods are picked, and shipped when they are."""
    order.action_confirm()
    picking = order.picking_ids
    picking.button_validate()
    assert picking.move_ids.move_dest_ids.picking_id.button_validate() is None
    assert order.picking_ids.mapped("state") == ["done", "done"]


def quotation_in_two_steps(env: Any, count: int) -> Any:
    """A quotation of so many lines, which is shipped in two steps."""
    env.ref("inventory.warehouse0").delivery_steps = "pick_ship"
    return quotation(env, goods(env, count, on_hand=100))


def to_order(env: Any, route: str, count: int, **values: Any) -> Any:
    """A quotation for so many products of which none is on hand: each is ordered along the route."""
    made_to_order = env.ref("inventory.route_warehouse0_mto")
    made_to_order.active = True
    products = goods(env, count, on_hand=0, route_ids=[(6, 0, [made_to_order.id, env.ref(route).id])], **values)
    return quotation(env, products)


def sold_and_bought(env: Any, count: int) -> Any:
    """A quotation for products that are bought to order, all of one vendor."""
    seller = (0, 0, {"partner_id": env["res.partner"].create({"name": "Wood Corner"}).id, "price": 1})
    return to_order(env, "purchasing.route_warehouse0_buy", count, seller_ids=[seller])


def sold_and_made(env: Any, count: int) -> Any:
    """A quotation for products that are made to order, each of one board."""
    order = to_order(env, "manufacturing.route_warehouse0_manufacture", count)
    lines = [(0, 0, {"product_id": goods(env, 1, on_hand=1000).id, "product_qty": 1})]
    templates = order.order_line.product_id.product_tmpl_id
    env["mrp.bom"].create([{"product_tmpl_id": template.id, "bom_line_ids": lines} for template in templates])
    return order


def buy_to_order(env: Any, order: Any) -> None:
    """An order is confirmed; what it needs is bought, received and delivered."""
    order.action_confirm()
    delivery = order.picking_ids
    purchases = delivery.move_ids.created_purchase_line_ids.order_id
    purchases.button_confirm()
    purchases.picking_ids.button_validate()
    delivery.button_validate()
    assert len(purchases) == 1 and delivery.state == "done"


def make_to_order(env: Any, order: Any) -> None:
    """An order is confirmed; what it needs is made and delivered."""
    order.action_confirm()
    delivery = order.picking_ids
    delivery.move_ids.created_production_id.button_mark_done()
    delivery.button_validate()
    assert delivery.state == "done"


def draft_of_a_kit(env: Any, count: int) -> Any:
    """A draft delivery of a kit of so many products, two of each."""
    kit = env["product.product"].create({"name": "Kit"})
    lines = [(0, 0, {"product_id": product.id, "product_qty": 2}) for product in goods(env, count)]
    env["mrp.bom"].create({"product_tmpl_id": kit.product_tmpl_id.id, "type": "phantom", "bom_line_ids": lines})
    return transfer(env, "out", kit, quantity=3)


def ship_kit(env: Any, transfers: Any) -> None:
    """A kit is delivered, as its components."""
    transfers.action_confirm()
    assert set(transfers.move_ids.mapped("product_uom_qty")) == {6}
    deliver(transfers)
    assert transfers.state == "done"


def points(env: Any, count: int) -> Any:
    """Reordering rules for so many products, all bought of one vendor."""
    seller = (0, 0, {"partner_id": env["res.partner"].create({"name": "Wood Corner"}).id, "price": 1})
    route = env.ref("purchasing.route_warehouse0_buy")
    products = goods(env, count, on_hand=0, route_ids=[(4, route.id)], seller_ids=[seller])
    rows = [{"product_id": product.id, "product_min_qty": 5} for product in products]
    return env["stock.warehouse.orderpoint"].create(rows)


def replenish(env: Any, rules: Any) -> None:
    """Reordering rules order together."""
    rules.action_replenish()
    assert_bought(rules.product_id)


def assert_bought(products: Any) -> None:
    """Each of the products is on a line of one request."""
    lines = products.env["purchase.order.line"].search([("product_id", "in", products.ids)])
    assert len(lines) == len(products) and len(lines.order_id) == 1


def short(env: Any, count: int) -> Any:
    """An order for products of which none is on hand, and which are bought of one vendor."""
    seller = (0, 0, {"partner_id": env["res.partner"].create({"name": "Wood Corner"}).id, "price": 1})
    route = env.ref("purchasing.route_warehouse0_buy")
    order = quotation(env, goods(env, count, on_hand=0, seller_ids=[seller], route_ids=[(4, route.id)]))
    order.action_confirm()
    return order


def supply(env: Any, order: Any) -> None:
    """What is missing of an order is ordered from its delivery."""
    order.order_line.action_order_missing()
    assert_bought(order.order_line.product_id)


# ---------------------------------------------------------------------------- production and its questions


def asked(env: Any, orders: Any) -> None:
    """Two of three are made of each, with glue that the bill does not name; every question is asked and answered."""
    orders.qty_producing = 2
    orders.set_qty_producing()
    question = orders.button_mark_done()
    names = []
    while question:
        names.append(question._name)
        question = getattr(question, ANSWERS[question._name])()
    assert sorted(names) == sorted(ANSWERS), names
    assert set(orders.mapped("state")) == {"done"}


#: Question -> the button of its answer.
ANSWERS = {
    "mrp.consumption.warning": "action_confirm",
    "mrp.production.backorder": "action_backorder",
    "mrp.transfer.confirmation": "action_make_transfer",
}


def ask_all(env: Any) -> None:
    """Productions ask about backorders, and their components are brought by a transfer."""
    warehouse = env.ref("inventory.warehouse0")
    warehouse.manufacture_steps = "pbm"
    warehouse.manu_type_id.create_backorder = "ask"


def asking_order(env: Any, count: int) -> Any:
    """An order of so many components, about which all is asked."""
    ask_all(env)
    order = ordered(env, goods(env, count))
    return glued(order)


def asking_orders(env: Any, count: int) -> Any:
    """So many orders, about which all is asked."""
    ask_all(env)
    orders = planned(env, count)
    return glued(orders)


def glued(orders: Any) -> Any:
    """Each order takes glue too, which its bill does not name."""
    glue = goods(orders.env, 1, on_hand=1000)
    orders.consumption = "warning"
    for order in orders:
        order.move_raw_ids = [(0, 0, {"product_id": glue.id, "product_uom_qty": 3})]
    return orders


# ---------------------------------------------------------------------------- lots


def lots(env: Any, count: int) -> Any:
    """A reserved delivery of so many products, each with all there is of one lot."""
    products = goods(env, count, on_hand=0, tracking="lot")
    for product in products:
        put_lots(product, {env["stock.lot"].create({"name": "L1", "product_id": product.id}): 8})
    picking = transfer(env, "out", *products)
    picking.action_confirm()
    return picking


def use_up(env: Any, picking: Any) -> None:
    """All there is of some lots is delivered."""
    products = picking.move_ids.product_id
    picking.button_validate()
    assert picking.state == "done" and not rows_of(products)


#: Table -> flow -> what is done, and what it starts from, made for so many lines or documents before anything is
#: counted. Receipts and shipments of the table "supply" take two steps; "buy" and "make" are to order.
FLOWS = {
    "orders": {
        "sale": (sale, goods),
        "purchase": (purchase, lambda env, count: goods(env, count, on_hand=0)),
        "production": (production, goods),
        "return": (sent_back, delivered),
        "scrap": (scrap, goods),
        "count": (count, lambda env, number: rows_of(goods(env, number))),
        "sales": (sales, quotations),
        "productions": (productions, drafts),
    },
    "cancelled": {
        "sale": (cancel, sold),
        "sales": (cancel, sold_apart),
        "purchase": (cancel, bought),
        "purchases": (cancel, bought_apart),
        "production": (cancel, lambda env, count: ordered(env, goods(env, count))),
        "productions": (cancel, planned),
        "transfer": (cancel, ready),
        "transfers": (cancel, ready_apart),
    },
    "transfers by hand": {
        "confirm": (confirm, drafts_apart),
        "check": (check, unreserved_apart),
        "unreserve": (unreserve, ready_apart),
        "enter": (enter, ready_apart),
        "demand": (demand, ready_apart),
        "split": (split, ready_apart),
        "lines": (correct, ready_apart),
        "no backorder": (none_left, ready_apart),
        "lots": (use_up, lots),
        "kit": (ship_kit, draft_of_a_kit),
    },
    "supply": {
        "receive": (received, bought_in_two_steps),
        "ship": (shipped, quotation_in_two_steps),
        "buy": (buy_to_order, sold_and_bought),
        "make": (make_to_order, sold_and_made),
        "reorder": (replenish, points),
        "missing": (supply, short),
    },
    "questions": {
        "production": (asked, asking_order),
        "productions": (asked, asking_orders),
    },
}
