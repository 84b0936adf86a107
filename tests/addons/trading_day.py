"""Documents of every kind in many states, as a day of trade leaves them, all named with one mark."""

from __future__ import annotations

from typing import Any

from addons.inventory.testing import put_stock
from tests.addons.manufacturing.workshop import Workshop, product

#: In the name of every partner, product, lot and reference of the day.
MARK = "ZEBRA"
#: A price of each kind, by which it is found wherever it shows.
LIST_PRICE, COST, VENDOR_PRICE = 7173, 3191, 2857


def fill(env: Any, private: bool = False) -> None:
    """Make the documents, as the user of `env`.

    Args:
        private: the partners, products and bills belong to the company, so that others see nothing with the mark.
    """
    partner = env["res.partner"].create({"name": f"{MARK} Ltd", "email": "zebra@example.com"})
    prices = {"list_price": LIST_PRICE, "standard_price": COST}
    goods = product(env, f"{MARK} Lamp", **prices, invoice_policy="order")
    sack = product(env, f"{MARK} Sack", tracking="lot", **prices)
    env["product.supplierinfo"].create(
        {"partner_id": partner.id, "product_tmpl_id": goods.product_tmpl_id.id, "price": VENDOR_PRICE}
    )
    lot = env["stock.lot"].create({"name": f"{MARK}-LOT", "product_id": sack.id})
    put_stock(goods, 20)
    put_stock(sack, 20, lot=lot)
    _sell(env, partner, goods, sack)
    _buy(env, partner, goods)
    _make(env, partner)
    _keep(env, goods, lot)
    if private:
        own = [("name", "ilike", MARK)]
        for model in ("product.template", "res.partner", "mrp.workcenter"):
            env[model].search(own).company_id = env.company
        for model in ("mrp.bom", "stock.lot", "stock.package"):
            env[model].search([]).filtered(lambda record: MARK in record.display_name).company_id = env.company
    env.flush_all()


def _sell(env: Any, partner: Any, *goods: Any) -> None:
    lines = [(0, 0, {"product_id": each.id, "product_uom_qty": 15}) for each in goods]
    orders = env["sale.order"].create(
        [{"partner_id": partner.id, "client_order_ref": f"{MARK} {n}", "order_line": lines} for n in range(4)]
    )
    orders[1:].action_confirm()
    orders[3]._action_cancel() if hasattr(orders[3], "_action_cancel") else orders[3].action_cancel()
    delivery = orders[1].picking_ids
    for move in delivery.move_ids:
        move.quantity = 5
    delivery.button_validate().process()
    invoices = orders[1]._create_invoices() | orders[2]._create_invoices()
    invoices[0].action_post()


def _buy(env: Any, partner: Any, goods: Any) -> None:
    lines = [(0, 0, {"product_id": goods.id, "product_qty": 30})]
    orders = env["purchase.order"].create([{"partner_id": partner.id, "order_line": lines} for _number in range(3)])
    orders[1:].button_confirm()
    receipt = orders[2].picking_ids
    receipt.move_ids.quantity = 10
    receipt.button_validate().process()


def _make(env: Any, partner: Any) -> None:
    shop = Workshop(env, list_price=LIST_PRICE, standard_price=COST)
    (shop.table | shop.leg | shop.top).product_tmpl_id.write({"standard_price": COST})
    for each in shop.table | shop.leg | shop.top:
        each.product_tmpl_id.name = f"{MARK} {each.name}"
    place = env["mrp.workcenter"].create({"name": f"{MARK} Bench", "costs_hour": COST})
    shop.bom.operation_ids = [(0, 0, {"name": f"{MARK} Assembly", "workcenter_id": place.id})]
    shop.bom.byproduct_ids = [(0, 0, {"product_id": product(env, f"{MARK} Dust").id, "product_qty": 1})]
    shop.order(2, confirm=False)
    shop.order(3)
    begun = shop.order(4)
    begun.workorder_ids.button_start()
    done = shop.order(1)
    done.qty_producing = 1
    answer = done.button_mark_done()
    assert done.state == "done", answer
    env["mrp.unbuild"].create({"product_id": shop.table.id, "mo_id": done.id, "product_qty": 1})
    plan = env["mrp.production.plan"].create({"demand_source": "open"})
    env["mrp.production.plan.line"].create({"plan_id": plan.id, "product_id": shop.table.id, "qty_to_order": 1})


def _keep(env: Any, goods: Any, lot: Any) -> None:
    env["stock.package"].create({"name": f"{MARK}-PACK"})
    env["stock.scrap"].create({"product_id": goods.id, "scrap_qty": 1})
    env["stock.warehouse.orderpoint"].create({"product_id": goods.id, "product_min_qty": 50, "product_max_qty": 90})
    counted = env["stock.quant"].search([("lot_id", "=", lot.id), ("location_id.usage", "=", "internal")])
    counted.inventory_quantity = 3
