"""What is requested for one demand covers no other, and nothing is requested twice for the same demand."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from addons.inventory.services import supply_links
from addons.inventory.testing import assert_stock_laws, put_stock
from core.fields import Datetime
from tests.addons.manufacturing.workshop import bill, product
from tests.overlap import together

ADDONS = ("purchasing", "sales", "manufacturing")


class Desk:
    """Orders for one product, requested by hand."""

    def __init__(self, env: Any, way: str) -> None:
        self.env, self.way = env, way
        vendor = env["res.partner"].create({"name": "Wood Corner"})
        self.customer = env["res.partner"].create({"name": "Mat"})
        self.item = product(env, "Drawer", seller_ids=[(0, 0, {"partner_id": vendor.id, "price": 1})])
        if way == "make":
            bill(env, self.item, {product(env, "Board"): 1})

    def order(self, quantity: int, **values: Any) -> Any:
        """A confirmed order."""
        line = {"product_id": self.item.id, "product_uom_qty": quantity}
        order = self.env["sale.order"].create({"partner_id": self.customer.id, "order_line": [(0, 0, line)], **values})
        order.action_confirm()
        return order

    def press(self, *orders: Any) -> int:
        """Order what the orders lack; returns how much was ordered."""
        before = self.requested()
        for order in orders:
            self.env.invalidate_all()
            moves = order.order_line.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))
            getattr(moves, f"action_{self.way}_missing")()
        return self.requested() - before

    def requested(self) -> int:
        """All that was ever requested and not cancelled."""
        if self.way == "make":
            orders = self.env["mrp.production"].search([("product_id", "=", self.item.id), ("state", "!=", "cancel")])
            return int(sum(orders.mapped("product_qty")))
        lines = self.env["purchase.order.line"].search([("order_id.state", "!=", "cancel")])
        return int(sum(lines.mapped("product_qty")))


@pytest.fixture(params=["buy", "make"])
def desk(env: Any, request: Any) -> Desk:
    return Desk(env, request.param)


@pytest.mark.parametrize("first", [0, 1])
def test_each_order_has_its_own_request(desk: Desk, first: int) -> None:
    orders = [desk.order(5), desk.order(5)]
    assert desk.press(orders[first]) == 5
    assert desk.press(orders[1 - first]) == 5
    assert desk.press(*orders) == 0, "pressing again orders nothing"
    raised = orders[first].order_line
    raised.product_uom_qty = 8
    assert desk.press(orders[1 - first]) == 0
    assert desk.press(orders[first]) == 3, "the difference"
    assert desk.press(*orders) == 0
    assert_stock_laws(desk.env)


def test_a_row_says_in_which_request_its_goods_are(env: Any) -> None:
    desk = Desk(env, "buy")
    asked, other = desk.order(5), desk.order(5)
    desk.press(asked)
    request = env["purchase.order"].search([])
    env.invalidate_all()
    assert f"Requested in {request.name}" in asked.order_line.move_ids.waiting_reason
    assert request.name not in other.order_line.move_ids.waiting_reason
    assert request.name in asked.order_line.move_ids.shortage_hint
    assert request.name in asked.order_line.shortage_hint
    assert request.name not in other.order_line.shortage_hint


def test_the_question_about_a_backorder_names_the_request_for_the_rest(env: Any) -> None:
    desk = Desk(env, "buy")
    put_stock(desk.item, 2)
    asked = desk.order(5)
    desk.press(asked)
    request = env["purchase.order"].search([])
    question = asked.picking_ids.button_validate()
    assert f"3 Units of Drawer (requested in {request.name}, not confirmed yet)" in question.create_text


def test_orders_requested_together_are_told_apart(desk: Desk) -> None:
    """One request serves several orders; each has its share of it."""
    orders = [desk.order(5), desk.order(5)]
    moves = orders[0].order_line.move_ids | orders[1].order_line.move_ids
    getattr(moves, f"action_{desk.way}_missing")()
    assert desk.requested() == 10
    late = desk.order(4)
    assert desk.press(late) == 4
    orders[1].order_line.product_uom_qty = 7
    assert desk.press(orders[0], late) == 0
    assert desk.press(orders[1]) == 2


def test_what_a_cancelled_order_leaves_over_covers_others(desk: Desk) -> None:
    first, second = desk.order(5), desk.order(3)
    desk.press(first)
    first.action_cancel()
    assert desk.press(second) == 0
    assert desk.press(desk.order(4)) == 2, "two of the five are left"


def test_what_comes_anyway_covers_one_order_only(desk: Desk) -> None:
    """A request that covers one order does not cover the next order as well."""
    first = desk.order(5)
    line = {"product_id": desk.item.id, "product_qty": 5}
    request = desk.env["purchase.order"].create(
        {"partner_id": desk.item.seller_ids.partner_id.id, "order_line": [(0, 0, line)]}
    )
    assert desk.press(first) == 0
    urgent = desk.order(5)
    urgent.picking_ids.move_ids.priority = "1"
    assert desk.press(urgent) == 5
    request.button_cancel()
    assert desk.press(first) == 5, "cancelled requests cover nothing"


def test_what_a_dozen_leaves_over_covers_the_next_order(env: Any) -> None:
    """The vendor sells dozens: each order takes its part of them."""
    desk = Desk(env, "buy")
    dozen = env.ref("inventory.product_uom_dozen")
    dozen.rounding = 1
    desk.item.seller_ids.product_uom_id = dozen.id
    orders = [desk.order(5), desk.order(5), desk.order(5)]
    assert [desk.press(order) for order in orders] == [1, 0, 1], "12, 12 and 24 for 5, 10 and 15"
    assert desk.press(*orders, desk.order(9)) == 0
    assert desk.press(desk.order(1)) == 1


def test_a_plan_for_one_order_covers_no_other(env: Any) -> None:
    """What comes anyway is counted for the order that was planned first, however urgent the next one is."""
    desk = Desk(env, "make")
    env["mrp.production"].create({"product_id": desk.item.id, "product_qty": 5}).action_confirm()
    first = desk.order(5)
    first.action_plan_production().action_create_orders()
    assert desk.requested() == 5, "covered by the order for stock"
    urgent = desk.order(5)
    urgent.picking_ids.move_ids.priority = "1"
    env.invalidate_all()
    urgent.action_plan_production().action_create_orders()
    assert desk.requested() == 10
    for order in (first, urgent):
        order.action_plan_production().action_create_orders()
    assert desk.requested() == 10


def test_requests_of_another_warehouse_are_told_apart(env: Any) -> None:
    """Two transfers that are merged serve two orders."""
    desk, main = Desk(env, "buy"), env.ref("inventory.warehouse0")
    depot = env["stock.warehouse"].create({"name": "Depot", "code": "DEP"})
    main.resupply_wh_ids = [(4, depot.id)]
    desk.item.route_ids = [(6, 0, main.resupply_route_ids.ids)]
    put_stock(desk.item, 50, depot.lot_stock_id)
    orders = [desk.order(5), desk.order(5)]

    def asked() -> Any:
        coming = [("location_dest_id", "=", main.lot_stock_id.id), ("product_id", "=", desk.item.id)]
        return sum(env["stock.move"].search(coming).mapped("product_uom_qty"))

    for order, total in ((orders[1], 5), (orders[0], 10), (orders[1], 10), (orders[0], 10)):
        env.invalidate_all()
        order.order_line.move_ids.action_order_missing()
        assert asked() == total
    orders[1].order_line.product_uom_qty = 6
    orders[0].order_line.move_ids.action_order_missing()
    assert asked() == 10
    orders[1].order_line.move_ids.action_order_missing()
    assert asked() == 11


def test_merged_orders_still_serve_their_demand(env: Any) -> None:
    desk = Desk(env, "make")
    orders = [desk.order(5), desk.order(5)]
    desk.press(*orders)
    env["mrp.production"].search([("product_id", "=", desk.item.id)]).action_merge()
    assert desk.press(*orders) == 0
    orders[0].order_line.product_uom_qty = 8
    assert desk.press(orders[1]) == 0
    assert desk.press(orders[0]) == 3


@pytest.mark.both_dialects("locking")
def test_links_survive_when_the_move_that_they_refer_to_is_joined_into_a_part_of_it(env: Any) -> None:
    desk = Desk(env, "buy")
    order = desk.order(10)
    assert desk.press(order) == 10
    whole = order.order_line.move_ids
    part = whole._split({whole: 4})
    assert part.split_root_id == whole, "its links are those of the whole"
    links = whole.supply_link_ids
    supply_links.follow_merge([(part, whole)])
    part.product_uom_qty = 10
    whole._action_cancel()
    whole.unlink()
    env.invalidate_all()
    assert (part.split_root_id, links.demand_move_id, links.quantity) == (part, part, 10)
    other = desk.order(5)
    assert (desk.press(order), desk.press(other)) == (0, 5), "the request is still for the first order"


def test_links_survive_when_the_delivery_that_was_split_is_deleted(env: Any) -> None:
    desk = Desk(env, "buy")
    order = desk.order(10)
    assert desk.press(order) == 10
    whole = order.picking_ids
    part = whole.move_ids._split({whole.move_ids: 4})
    part.picking_id = whole.copy({"move_ids": []})
    whole.action_cancel()
    whole.unlink()
    env.invalidate_all()
    assert part.split_root_id == part.supply_link_ids.demand_move_id == part
    other = desk.order(8)
    assert (desk.press(other), desk.press(order)) == (2, 0), "4 of the request are still for the first order"


def test_users_at_once_request_each_order_once(db: Any) -> None:
    with db.transaction() as env:
        desk = Desk(env, "buy")
        ids = [desk.order(5).order_line.move_ids.id for _order in range(2)]

    def press(id_: int) -> Any:
        return lambda env: env["stock.move"].browse(id_).action_buy_missing() or "pressed"

    def read(env: Any) -> Any:
        return env["stock.move"].browse(ids).mapped("supply_link_ids.quantity")

    assert together(db, *map(press, [*ids, *ids]), before=read) == ["pressed"] * 4
    with db.transaction() as env:
        assert sum(env["purchase.order.line"].search([]).mapped("product_qty")) == 10
        assert env["stock.supply.link"].search([]).mapped("quantity") == [5, 5]
        assert_stock_laws(env)


def done(picking: Any, quantity: int) -> None:
    """Transfer so many of what is open; the rest stays open."""
    move = picking.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))[:1]
    if move:
        move.quantity = min(quantity, int(move.product_uom_qty))
        move.picked = True
        picking.button_validate(answers={"backorder": {"*": True}})


class Day:
    """What happens to orders, requests and stock, at random."""

    def __init__(self, desk: Desk, rnd: random.Random) -> None:
        self.desk, self.env, self.rnd = desk, desk.env, rnd
        self.orders: list[Any] = []

    def open_orders(self) -> list[Any]:
        """Orders with something to deliver."""
        states = ("done", "cancel")
        return [order for order in self.orders if any(m.state not in states for m in order.order_line.move_ids)]

    def sell(self) -> None:
        """A new order, due at any day."""
        day = Datetime.now() + timedelta(days=self.rnd.randint(1, 30))
        self.orders.append(self.desk.order(self.rnd.randint(1, 9), commitment_date=day))

    def change(self) -> None:
        """An order gets another quantity, not below what was delivered."""
        order = self.rnd.choice(self.open_orders())
        line = order.order_line
        line.product_uom_qty = max(int(line.qty_delivered), 1) + self.rnd.randint(0, 8)

    def cancel(self) -> None:
        """An order that nothing was delivered of is cancelled."""
        order = self.rnd.choice(self.open_orders())
        if not order.order_line.qty_delivered:
            order.action_cancel()

    def ask(self) -> None:
        """What one order lacks is ordered, by its row or by a plan; a second time, nothing is."""
        order = self.rnd.choice(self.open_orders())
        self.order_missing(order)
        assert self.order_missing(order) == 0, "nothing is requested twice for an order"

    def order_missing(self, order: Any) -> int:
        """Order what an order lacks; returns how much was ordered."""
        if self.desk.way == "buy" or self.rnd.random() < 0.5:
            return self.desk.press(order)
        before = self.desk.requested()
        self.env.invalidate_all()
        order.action_plan_production().action_create_orders()
        return self.desk.requested() - before

    def request_by_hand(self) -> None:
        """Something is ordered for nothing in particular."""
        if self.desk.way == "make":
            values = {"product_id": self.desk.item.id, "product_qty": self.rnd.randint(1, 9)}
            self.env["mrp.production"].create(values).action_confirm()
        else:
            line = {"product_id": self.desk.item.id, "product_qty": self.rnd.randint(1, 9)}
            vendor = self.desk.item.seller_ids.partner_id
            self.env["purchase.order"].create({"partner_id": vendor.id, "order_line": [(0, 0, line)]})

    def bring(self) -> None:
        """A request is confirmed, or something of what is coming arrives."""
        if self.desk.way == "make":
            productions = self.env["mrp.production"].search([("state", "in", ("confirmed", "progress", "to_close"))])
            if productions:
                production = self.rnd.choice(list(productions))
                production.qty_producing = self.rnd.randint(1, int(production.product_qty))
                production.button_mark_done(answers={"backorder": {"*": True}, "consumption": True})
            return
        requests = self.env["purchase.order"].search([("state", "=", "draft")])
        if requests and self.rnd.random() < 0.5:
            return requests.button_confirm()
        self._transfer("incoming")

    def deliver(self) -> None:
        """Something is shipped."""
        self._transfer("outgoing")

    def _transfer(self, code: str) -> None:
        wanted = [("picking_type_id.code", "in", (code, "internal")), ("state", "in", ("assigned", "confirmed"))]
        pickings = self.env["stock.picking"].search(wanted).filtered(lambda picking: picking.state == "assigned")
        if pickings:
            done(self.rnd.choice(list(pickings)), self.rnd.randint(1, 6))

    def find(self) -> None:
        """Some more turn up on the shelf."""
        put_stock(self.desk.item, self.rnd.randint(1, 4))


@pytest.mark.parametrize("seed", range(12))
def test_all_demand_is_requested_once_whatever_happens(env: Any, seed: int) -> None:
    """Pressed once for each order, the buttons request exactly what stock and all requests together lack."""
    rnd = random.Random(seed)
    warehouse = env.ref("inventory.warehouse0")
    warehouse.delivery_steps = rnd.choice(["ship_only", "ship_only", "pick_ship"])
    warehouse.reception_steps = rnd.choice(["one_step", "one_step", "two_steps"])
    warehouse.manufacture_steps = rnd.choice(["mrp_one_step", "mrp_one_step", "pbm_sam"])
    day = Day(Desk(env, ("buy", "make")[seed % 2]), rnd)
    events = [day.sell, day.ask, day.ask, day.change, day.cancel, day.request_by_hand, day.bring, day.deliver, day.find]
    for _hour in range(25):
        event = rnd.choice(events) if day.open_orders() else day.sell
        event()
        env.invalidate_all()
    if not day.open_orders():
        day.sell()
    item = day.desk.item
    orders = day.open_orders()
    open_moves = env["stock.move"].search([("product_id", "=", item.id), ("is_customer_demand", "=", True)])
    needed = sum(move.product_uom_qty - move.quantity for move in open_moves)
    requested = sum(item._get_quantity_in_progress().values())
    lacking = needed - min(needed, max(0, item.virtual_available + requested + needed))
    rnd.shuffle(orders)
    assert sum(map(day.order_missing, orders)) == lacking
    rnd.shuffle(orders)
    assert sum(map(day.order_missing, orders)) == 0
    assert_stock_laws(env)
