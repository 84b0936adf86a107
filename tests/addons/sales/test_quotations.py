"""What a quotation may say: prices, quantities and units, who may make it, and what confirming it costs."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from addons.sales.exceptions import NothingToSell
from addons.sales.services import delivery
from core.exceptions import AccessError, ValidationError
from core.testing.queries import max_queries
from tests.addons.sales.desk import Desk, ship
from tests.messages import Messages, Refused

ADDONS = ("sales",)
STATEMENTS = 60


def test_the_price_of_a_dozen_and_the_total_are_exact(desk: Desk) -> None:
    drawer, tray = desk.product("Drawer", list_price="7.35"), desk.product("Tray", list_price="0.1")
    order = desk.quotation(
        (drawer, 3, {"product_uom_id": desk.dozen.id, "discount": 10}),
        (tray, 3),
        (tray, 1, {"price_unit": "19.99", "discount": "33.33"}),
    )
    dozens, trays, special = order.order_line
    assert (dozens.price_unit, dozens.price_subtotal) == (Decimal("88.2"), Decimal("238.14"))
    assert (trays.price_subtotal, special.price_subtotal) == (Decimal("0.3"), Decimal("13.33"))
    assert (order.amount_untaxed, order.amount_total) == (Decimal("251.77"), Decimal("251.77"))
    special.discount = 100
    assert order.amount_total == Decimal("238.44")


def test_what_is_entered_is_kept_beside_what_follows_from_product_and_customer(desk: Desk) -> None:
    elsewhere = desk.env["res.partner"].create({"name": "Ready Mat, back door"})
    line = (desk.product("Drawer", 30), 2, {"product_uom_id": desk.dozen.id})
    order = desk.quotation(line, partner_shipping_id=elsewhere.id)
    desk.env.flush_all()
    desk.env.invalidate_all()
    assert (order.partner_shipping_id, order.partner_invoice_id) == (elsewhere, desk.customer)
    assert (order.order_line.product_uom_id, order.order_line.name) == (desk.dozen, "Drawer")
    order.action_confirm()
    assert order.picking_ids.partner_id == elsewhere


@pytest.mark.parametrize("discount", [-1, 101])
def test_a_discount_is_a_part_of_the_price(desk: Desk, discount: int, refused: Refused) -> None:
    with refused(ValidationError, code="sales.discount", name="every discount"):
        desk.quotation((desk.product(), 1, {"discount": discount}))


def test_everything_that_cannot_be_sold_is_told_at_once(desk: Desk, refused: Refused) -> None:
    drawer, old = desk.product("Drawer", 5), desk.product("Old Tray", 5)
    empty, nothing, archived = desk.quotation(), desk.quotation((drawer, 0)), desk.quotation((old, 1), (drawer, 1))
    fine = desk.quotation((drawer, 1))
    old.active = False
    problems = [
        {"order": empty.name, "reason": "no_lines"},
        {"order": nothing.name, "reason": "no_quantity"},
        {"order": archived.name, "reason": "product_archived", "product": "Old Tray"},
    ]
    with refused(NothingToSell, data={"problems": problems}):
        (empty | nothing | archived | fine).action_confirm()
    assert set((empty | nothing | archived | fine).mapped("state")) == {"draft"}


def test_a_negative_quantity_and_a_unit_of_another_kind_are_refused(desk: Desk, refused: Refused) -> None:
    drawer = desk.product()
    data = {"product": "Drawer", "quantity": "-2"}
    with refused(ValidationError, code="sales.negative_quantity", data=data):
        desk.quotation((drawer, -2))
    with refused(ValidationError, code="inventory.unit_family", data={"product": "Drawer", "unit": "kg"}):
        desk.quotation((drawer, 2, {"product_uom_id": desk.env.ref("inventory.product_uom_kgm").id}))


def test_every_short_line_is_told_while_the_quotation_is_typed(desk: Desk, messages: Messages) -> None:
    drawer, tray = desk.product("Drawer", 15), desk.product("Letter Tray", 10)
    desk.order((drawer, 3))
    order = desk.quotation((drawer, 12), (tray, 10), (drawer, 1, {"product_uom_id": desk.dozen.id}))
    assert not order.shortage_text
    first, second, third = order.order_line
    typed = [(1, first.id, {"product_uom_qty": 13}), (1, second.id, {"product_uom_qty": 11})]
    answer = order.onchange({"order_line": typed}, ["order_line"], {"shortage_text": {}, "order_line": {}})
    messages.check(answer["value"]["shortage_text"])
    third.product_uom_qty = 2
    messages.check(order.shortage_text)
    order.action_confirm()
    assert not order.shortage_text, "from now on the lines say what waits"


def test_of_many_short_lines_the_first_are_named_and_the_others_counted(desk: Desk) -> None:
    drawer = desk.product("Drawer", 0)
    order = desk.quotation(*[(drawer, 1 + i) for i in range(delivery.SHORTAGES_SHOWN + 2)])
    told = order.shortage_text.splitlines()
    assert len(told) == delivery.SHORTAGES_SHOWN + 1 and told[-1] == "2 more lines are short."


def test_a_delivery_date_in_the_past_warns(desk: Desk) -> None:
    order = desk.quotation((desk.product("Drawer", 5), 1))
    now = order.date_order
    for days, warns in ((-1, True), (1, False)):
        values = {"commitment_date": now + timedelta(days=days)}
        assert bool(order.onchange(values, ["commitment_date"], {"commitment_date": {}}).get("warning")) == warns


def test_the_sales_desk_confirms_but_does_not_ship(desk: Desk) -> None:
    product = desk.product("Drawer", 10)
    seller = desk.user("seller", "sales.group_sale_salesman")
    own = Desk(desk.env(uid=seller.id))
    order = own.order((product.with_user(seller), 4))
    assert (order.user_id, order.delivery_status, order.picking_ids.state) == (seller, "pending", "assigned")
    order.order_line.product_uom_qty = 12
    order.order_line.product_uom_qty = 8
    assert order.action_release_backorders() == order.picking_ids
    for forbidden in ("button_validate", "action_cancel", "do_unreserve"):
        with pytest.raises(AccessError):
            getattr(order.picking_ids, forbidden)()
    with pytest.raises(AccessError):
        order.unlink()
    order.action_cancel()
    assert (order.picking_ids.state, product.free_qty) == ("cancel", 10)


def test_the_warehouse_ships_but_does_not_sell(desk: Desk) -> None:
    order = desk.order((desk.product("Drawer", 4), 4))
    worker = desk.user("worker", "inventory.group_stock_user")
    with pytest.raises(AccessError):
        order.with_user(worker).action_cancel()
    with pytest.raises(AccessError):
        order.order_line.with_user(worker).product_uom_qty = 1
    ship(order.picking_ids.with_user(worker))
    assert (order.order_line.qty_delivered, order.with_user(worker).delivery_status) == (4, "full")


def test_companies_do_not_see_each_others_orders(desk: Desk) -> None:
    order = desk.order((desk.product("Drawer", 4), 4))
    other = desk.env["res.company"].create({"name": "Other"})
    stranger = desk.user("stranger", "sales.group_sale_manager", company_ids=[(6, 0, other.ids)], company_id=other.id)
    theirs = desk.env(uid=stranger.id)
    assert not theirs["sale.order"].search([("id", "=", order.id)])
    assert not theirs["sale.order.line"].search([("order_id", "=", order.id)])
    for document in (order, order.order_line):
        with pytest.raises(AccessError):
            document.with_user(stranger).read(["display_name"])
    with pytest.raises(AccessError):
        order.with_user(stranger).action_cancel()
    assert order.state == "sale"


def test_the_price_follows_the_unit_exactly(desk: Desk) -> None:
    product = desk.product("Ship", uom_id=desk.dozen.id, list_price=100_000)
    order = desk.quotation((product, 1, {"product_uom_id": desk.env.ref("inventory.product_uom_unit").id}))
    assert order.order_line.price_unit == Decimal("8333.3333")


@pytest.mark.slow
def test_a_hundred_orders_are_confirmed_with_as_many_statements_as_ten(desk: Desk) -> None:
    products = [desk.product(f"Drawer {number}", 1000) for number in range(3)]

    def confirm(count: int) -> int:
        rows = [(0, 0, {"product_id": product.id, "product_uom_qty": 2}) for product in products]
        orders = desk.env["sale.order"].create([{"partner_id": desk.customer.id, "order_line": rows}] * count)
        desk.env.flush_all()
        desk.env.invalidate_all()
        with max_queries(desk.env, STATEMENTS) as statements:
            orders.action_confirm()
        assert len(orders.picking_ids) == count and set(orders.picking_ids.mapped("state")) == {"assigned"}
        return len(statements)

    few, many = confirm(10), confirm(100)
    assert many - few <= 1  # a sequence may be read once more; what is read once by a process, the first time


def test_late_orders_are_found_by_every_way_of_asking(desk: Desk) -> None:
    product, now = desk.product(), datetime.now()
    late = desk.order((product, 1), commitment_date=now - timedelta(days=3))
    in_time = desk.order((product, 1), commitment_date=now + timedelta(days=3))
    for operator, value, wanted in [
        ("=", True, late),
        ("=", False, in_time),
        ("!=", True, in_time),
        ("in", [True], late),
        ("in", [False], in_time),
        ("not in", [True], in_time),
        ("in", [True, False], late | in_time),
        ("not in", [True, False], late.browse()),
        ("in", [], late.browse()),
        ("not in", [], late | in_time),
    ]:
        assert desk.env["sale.order"].search([("is_late", operator, value)]) == wanted, (operator, value)


def test_quotations_of_the_same_values_get_numbers_of_their_own(env: Any) -> None:
    customer = env["res.partner"].create({"name": "Twice"})
    orders = env["sale.order"].create([{"partner_id": customer.id}] * 2)
    assert len(set(orders.mapped("name"))) == 2


def test_what_can_be_confirmed_of_a_selection_is(desk: Desk, messages: Messages) -> None:
    """One message says what was confirmed, another what was not, each with its reason."""
    product, old = desk.product("Drawer", 30), desk.product("Tray", 5)
    good = desk.quotation((product, 2)) | desk.quotation((product, 3)) | desk.quotation((product, 4))
    empty, archived = desk.quotation(), desk.quotation((old, 1))
    old.active = False
    agreed = desk.order((product, 1))
    desk.env.take_notifications()
    (good[:1] | empty | good[1:] | archived | agreed).action_confirm_selected()
    assert set(good.mapped("state")) == {"sale"} and all(order.picking_ids for order in good)
    assert (empty.state, archived.state, agreed.state) == ("draft", "draft", "sale")
    assert not empty.picking_ids and len(agreed.picking_ids) == 1
    done, refused = desk.env.take_notifications()
    transfers = {picking.name: f"OUT/{position}" for position, picking in enumerate(good.picking_ids, 1)}
    orders = {order.name: f"S{position}" for position, order in enumerate(good, 1)}
    messages.check(done.message, name="confirmed_of_selection", replace=orders | transfers)
    others = {empty.name: "S1", archived.name: "S2", agreed.name: "S3"}
    messages.check(refused.message, name="refused_of_selection", replace=others)
    assert refused.kind == "warning" and refused.records == empty | archived | agreed


def test_a_selection_that_can_be_confirmed_costs_as_much_as_confirming_it(desk: Desk) -> None:
    product = desk.product("Drawer", 300)
    desk.quotation((product, 1)).action_confirm_selected()
    orders = desk.env["sale.order"].union(*(desk.quotation((product, 1)) for _n in range(20)))
    desk.env.invalidate_all()
    with max_queries(desk.env, STATEMENTS):
        orders.action_confirm_selected()


@pytest.mark.parametrize("count", [3, 30])
def test_refusals_that_a_check_sees_cost_the_same_whatever_their_number(desk: Desk, count: int) -> None:
    product, old = desk.product("Drawer", 300), desk.product("Tray", 5)
    good = desk.quotation((product, 1)) | desk.quotation((product, 2))
    archived = desk.env["sale.order"].union(*(desk.quotation((old, 1)) for _n in range(count)))
    old.active = False
    desk.env.invalidate_all()
    with max_queries(desk.env, STATEMENTS):
        (good[:1] | archived | good[1:]).action_confirm_selected()
    assert (set(good.mapped("state")), set(archived.mapped("state"))) == ({"sale"}, {"draft"})


@pytest.mark.parametrize("dialog", [{"type": "ir.actions.act_window"}, None], ids=["asks", "waits"])
def test_an_order_that_confirming_leaves_open_is_not_reported_as_confirmed(
    desk: Desk, messages: Messages, monkeypatch: pytest.MonkeyPatch, dialog: Any
) -> None:
    product, model = desk.product("Drawer", 30), type(desk.env["sale.order"])
    orders = (
        desk.quotation((product, 1))
        | desk.quotation((product, 2), client_order_ref="Hold")
        | desk.quotation((product, 3))
    )
    confirm = model.action_confirm

    def ask_first(some: Any) -> Any:
        held = some.filtered(lambda order: order.client_order_ref == "Hold")
        if held and dialog:
            return dialog
        return confirm(some - held)

    monkeypatch.setattr(model, "action_confirm", ask_first)
    desk.env.take_notifications()
    orders.action_confirm_selected()
    assert orders.mapped("state") == ["sale", "draft", "sale"]
    done, left = desk.env.take_notifications()
    assert orders[0].name in done.message and orders[1].name not in done.message
    messages.check(left.message, replace={orders[1].name: "S1"})
    assert (left.kind, left.records) == ("warning", orders[1])


@pytest.mark.parametrize("action", ["action_confirm", "action_confirm_selected"])
def test_the_older_quotation_gets_the_stock_when_both_are_confirmed(desk: Desk, action: str) -> None:
    """Lists are newest first, and what is selected comes in their order."""
    product = desk.product(on_hand=10)
    older, newer = desk.quotation((product, 4)), desk.quotation((product, 12))
    selected = desk.env["sale.order"].search([("id", "in", (older | newer).ids)])
    assert selected.ids == [newer.id, older.id]
    getattr(selected, action)()
    assert older.picking_ids.move_ids.quantity == 4 and newer.picking_ids.move_ids.quantity == 6
    assert older.picking_ids.name < newer.picking_ids.name


def test_the_older_quotation_gets_the_stock_beside_one_that_is_refused(desk: Desk) -> None:
    product = desk.product(on_hand=10)
    older, empty, newer = desk.quotation((product, 4)), desk.quotation(), desk.quotation((product, 12))
    (newer | empty | older).action_confirm_selected()
    assert empty.state == "draft"
    assert older.picking_ids.move_ids.quantity == 4 and newer.picking_ids.move_ids.quantity == 6
