"""On hold: demand that somebody puts on backorder by hand waits until somebody releases it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from addons.inventory.exceptions import CannotHold, NoRule, NothingToMove
from addons.inventory.testing import put_lots, put_stock
from core.api import format_day
from core.testing.queries import max_queries

ADDONS = ["inventory"]


def amounts(picking):
    """Demand and reservation of each move of a transfer."""
    picking.env.invalidate_all()
    return [(move.product_uom_qty, move.quantity) for move in picking.move_ids]


def history(entry):
    """What happened to a backorder entry."""
    return [(event.kind, event.quantity) for event in entry.event_ids]


def test_what_is_put_on_hold_goes_to_a_backorder_and_gives_back_what_it_had(stock):
    product = stock.product(on_hand=10)
    first, second = stock.delivery((product, 10)), stock.delivery((product, 3))
    assert amounts(second) == [(3, 0)]
    held = first.move_ids._put_on_hold({first.move_ids: Decimal(4)})
    assert held.picking_id.backorder_id == first and held.picking_id.on_hold and not first.on_hold
    assert (amounts(first), first.state) == ([(6, 6)], "assigned")
    assert (amounts(held.picking_id), held.picking_id.state) == ([(4, 0)], "confirmed")
    assert amounts(second) == [(3, 3)]  # who waited has it
    entry = held.shortfall_id
    assert (entry.reason, entry.reason_text, entry.quantity_owed, entry.age) == ("on_hold", "On hold", 4, 0)
    assert entry.origin == first.name and history(entry) == [("held", 4)]
    assert held.hold_user_id == stock.env.user


def test_the_button_holds_what_is_not_reserved_and_says_so(stock, messages):
    """Pressed again, when all that is left is reserved, it holds that too."""
    product = stock.product("Drawer", on_hand=45)
    delivery = stock.delivery((product, 55))
    stock.env.take_notifications()
    delivery.move_ids.action_put_on_hold()
    held = delivery.backorder_ids
    assert (amounts(delivery), delivery.state) == ([(45, 45)], "assigned")
    assert amounts(held) == [(10, 0)] and held.on_hold
    (note,) = stock.env.take_notifications()
    names = {delivery.name: "OUT/1", held.name: "OUT/2"}
    messages.check(note.message, name="put_on_hold", replace=names)
    assert note.records == held
    messages.check(delivery.hold_text, name="hold_text_of_transfer", replace={held.name: "OUT/2"})
    assert not held.hold_text and "on hold" in held.waiting_reason
    delivery.move_ids.action_put_on_hold()
    assert delivery.on_hold and amounts(delivery) == [(45, 0)]
    (note,) = stock.env.take_notifications()
    messages.check(note.message, name="put_on_hold_whole", replace={delivery.name: "OUT/1"})


def test_a_transfer_with_more_than_what_is_on_hold_is_not_found_as_on_hold(stock):
    product = stock.product(on_hand=10)
    first = stock.delivery((product, 10))
    backorder = first.move_ids._put_on_hold({first.move_ids: Decimal(4)}).picking_id
    assert backorder.search([("on_hold", "=", True)]) == backorder
    backorder.move_ids.copy({"picking_id": backorder.id})._action_confirm(merge=False)
    assert not backorder.on_hold
    for operator, value in (("=", True), ("in", [True]), ("!=", False)):
        assert not backorder.search([("on_hold", operator, value)])
    assert backorder in backorder.search([("on_hold", "not in", [True])])


@pytest.mark.parametrize("picked", [0, 1])
def test_picked_lines_ship_when_the_rest_goes_on_hold(stock, picked):
    product = stock.product("Drill", tracking="lot")
    lots = stock.env["stock.lot"].create([{"product_id": product.id, "name": name} for name in ("L1", "L2")])
    put_lots(product, dict.fromkeys(lots, 3))
    delivery = stock.delivery((product, 6))
    lines = delivery.move_ids.move_line_ids.sorted("id")
    lines[picked].picked = True
    held = delivery.move_ids._put_on_hold({delivery.move_ids: Decimal(3)})
    assert delivery.move_ids.move_line_ids == lines[picked] and held.quantity == 0
    delivery.button_validate()
    assert (delivery.state, delivery.move_ids.lot_ids) == ("done", lots[picked])
    assert (held.picking_id.state, held.product_uom_qty) == ("confirmed", 3)
    stock.laws()


def test_no_stock_that_comes_is_reserved_for_it(stock):
    product = stock.product(on_hand=5)
    delivery = stock.delivery((product, 5))
    held = delivery.move_ids._put_on_hold()
    assert held.picking_id == delivery and delivery.on_hold  # all of it: the transfer itself is on hold
    stock.receive(product, 20)
    put_stock(product, 40)
    stock.env["stock.rule"].run_scheduler()
    held.product_uom_qty = 7
    held.date = stock.env["stock.move"]._fields["date"].now()
    assert amounts(delivery) == [(7, 0)]
    urgent = stock.delivery((product, 40))
    assert amounts(urgent) == [(40, 40)]  # it blocks nobody


@pytest.mark.parametrize("asked", ["check availability", "stock detail", "backorders"])
def test_whoever_asks_for_it_releases_it(stock, asked):
    product = stock.product(on_hand=10)
    delivery = stock.delivery((product, 10))
    held = delivery.move_ids._put_on_hold({delivery.move_ids: Decimal(4)})
    backorder = held.picking_id
    if asked == "check availability":
        backorder.action_assign()
    elif asked == "stock detail":
        assert held.action_release() == backorder
    else:
        assert held.shortfall_id.action_release() == backorder
    assert (amounts(backorder), backorder.state, backorder.on_hold) == ([(4, 4)], "assigned", False)
    assert history(held.shortfall_id) == [("held", 4), ("released", 4)]
    assert held.shortfall_id.reason == "not_picked"
    backorder.button_validate()
    assert held.shortfall_id.state == "done"
    delivery.button_validate()
    assert product.qty_available == 0


def test_what_is_reserved_automatically_leaves_a_hold_alone(stock):
    delivery = stock.delivery((stock.product(on_hand=10), 10))
    held = delivery.move_ids._put_on_hold()
    held._action_assign()
    assert held.hold_date and not held.move_line_ids and held.state == "confirmed"


def test_taken_back_it_is_as_if_nothing_had_been(stock):
    product = stock.product(on_hand=10)
    delivery = stock.delivery((product, 10))
    held = delivery.move_ids._put_on_hold({delivery.move_ids: Decimal(4)})
    entry, backorder = held.shortfall_id, held.picking_id
    held._take_off_hold({held: Decimal(1)})
    assert (amounts(delivery), amounts(backorder)) == ([(7, 7)], [(3, 0)])
    assert (entry.quantity_owed, entry.state) == (3, "open")
    held._take_off_hold()
    assert amounts(delivery) == [(10, 10)] and not backorder.exists()
    assert (entry.quantity_owed, entry.state) == (0, "cancel")
    assert history(entry) == [("held", 4), ("withdrawn", 1), ("withdrawn", 3)]
    assert not delivery.move_ids.shortfall_id


def test_taken_back_after_the_rest_has_gone_it_is_a_backorder_like_any_other(stock):
    product = stock.product(on_hand=10)
    delivery = stock.delivery((product, 10))
    held = delivery.move_ids._put_on_hold({delivery.move_ids: Decimal(4)})
    backorder = held.picking_id
    delivery.button_validate()
    held._take_off_hold({held: Decimal(1)})
    assert amounts(backorder) == [(1, 1)] and not backorder.on_hold
    assert amounts(backorder.backorder_ids) == [(3, 0)] and backorder.backorder_ids.on_hold
    entry = backorder.move_ids.shortfall_id
    assert entry == backorder.backorder_ids.move_ids.shortfall_id and entry.quantity_owed == 4


def test_more_of_the_same_joins_what_is_on_hold_already(stock):
    product, other = stock.product("Drawer", 10), stock.product("Tray", 10)
    delivery = stock.delivery((product, 10), (other, 10))
    drawers, trays = delivery.move_ids
    held = drawers._put_on_hold({drawers: Decimal(3)})
    again = delivery.move_ids._put_on_hold({drawers: Decimal(2), trays: Decimal(1)})
    assert again.picking_id == held.picking_id
    assert amounts(held.picking_id) == [(5, 0), (1, 0)]
    assert history(held.shortfall_id) == [("held", 3), ("raised", 2)]
    held.action_release()  # one of the two: the other one does not keep it from leaving
    assert amounts(held.picking_id) == [(5, 5)] and held.picking_id.state == "assigned"
    assert amounts(held.picking_id.backorder_ids) == [(1, 0)]


def test_what_was_on_backorder_before_keeps_its_entry(stock):
    product = stock.product(on_hand=4)
    delivery = stock.delivery((product, 10))
    delivery.button_validate(answers={"backorder": {"*": True}})
    backorder = delivery.backorder_ids
    entry = backorder.move_ids.shortfall_id
    held = backorder.move_ids._put_on_hold({backorder.move_ids: Decimal(2)})
    assert held.shortfall_id == entry and entry.reason == "no_stock"  # four of it simply are not there
    backorder.move_ids._put_on_hold()
    assert entry.reason == "on_hold"
    stock.env.invalidate_all()
    entry.move_ids.filtered("hold_date")._take_off_hold()
    assert entry.reason == "no_stock" and entry.quantity_owed == 6
    assert {kind for kind, _quantity in history(entry)} == {"opened", "held", "released"}


def test_what_cannot_be_held_is_said(stock, refused):
    product = stock.product(on_hand=10)
    delivery = stock.delivery((product, 10))
    move = delivery.move_ids
    move.quantity = 4
    move.picked = True
    for quantity in (7, -1):
        entry = {
            "document": delivery.name,
            "product": "Drawer Case Black",
            "quantity": str(quantity),
            "most": "6",
            "unit": "Units",
        }
        with refused(CannotHold, data={"refused": [entry]}):
            move._put_on_hold({move: Decimal(quantity)})
    held = move._put_on_hold()
    assert (amounts(delivery), amounts(held.picking_id)) == ([(4, 4)], [(6, 0)])
    with refused(CannotHold):
        held.action_put_on_hold()
    receipt = stock.receipt((product, 3))
    with refused(CannotHold):
        receipt.move_ids.action_put_on_hold()


def test_a_transfer_on_hold_says_so(stock, refused, messages):
    product = stock.product(on_hand=10)
    move = stock.delivery((product, 10)).move_ids
    held = move._put_on_hold({move: Decimal(4)})
    backorder = held.picking_id
    stock.env.invalidate_all()
    today = format_day(held.hold_date.date())
    messages.check(backorder.waiting_reason, replace={today: "<today>"})
    assert (backorder.products_availability, held.forecast_expected_date) == ("On Hold", False)
    assert (held.stock_status, held.shortage_status, held.qty_short) == ("on_hold", "here", 4)
    assert move.stock_status == move.shortage_status == "ready"
    messages.check(held.shortage_hint)
    with refused(NothingToMove, replace={today: "<today>"}) as refusal:
        backorder.button_validate()
    (missing,) = refusal.value.data["missing"]
    assert (missing["picking"], missing["quantity"], missing["on_hold"]) == (backorder.name, "4", True)
    assert not missing["reserved_by"]  # it would take nothing if the other delivery had nothing reserved
    pickings = stock.env["stock.picking"]
    assert pickings.search([("on_hold", "=", True)]) == backorder
    assert move.picking_id in pickings.search([("on_hold", "=", False)])


def test_it_has_no_place_in_the_queue(stock):
    product = stock.product()
    first, second = stock.delivery((product, 5)), stock.delivery((product, 5))
    stock.receipt((product, 5), scheduled_date=datetime(2031, 3, 1))
    assert first.move_ids.forecast_expected_date and not second.move_ids.forecast_expected_date
    first.move_ids._put_on_hold()
    stock.env.invalidate_all()
    assert first.on_hold and second.move_ids.forecast_expected_date
    assert product.virtual_available == -5  # it is owed all the same


def test_nothing_is_ordered_for_it_that_is_there(stock, refused, messages):
    product = stock.product(on_hand=10)
    move = stock.delivery((product, 10)).move_ids
    held = move._put_on_hold({move: Decimal(4)})
    held.action_order_missing()
    (said,) = stock.env.take_notifications()
    assert said.kind == "warning"
    messages.check(said.message)
    stock.delivery((product, 3))
    stock.env.invalidate_all()
    assert held.forecast_availability == 1, "what is left when all others have theirs"
    with refused(NoRule) as refusal:
        held.action_order_missing()
    (need,) = refusal.value.data["needs"]
    assert (need["product"], need["quantity"], need["unit"]) == ("Drawer Case Black", "3", "Units")


def test_somebody_who_enters_a_quantity_ships_it(stock):
    product = stock.product(on_hand=10)
    move = stock.delivery((product, 10)).move_ids
    held = move._put_on_hold({move: Decimal(4)})
    backorder = held.picking_id
    held.quantity = 1
    assert not backorder.button_validate(answers={"backorder": {"*": True}})
    rest = backorder.backorder_ids
    assert (held.state, amounts(rest), rest.on_hold) == ("done", [(3, 0)], True)
    rest.action_cancel()
    assert held.shortfall_id.state == "done" and not rest.on_hold


@pytest.mark.parametrize("answer", ["action_create_returns_all", "action_create_exchanges"])
def test_return_of_what_was_shipped_on_hold_is_not_on_hold(stock, answer):
    product = stock.product(on_hand=20)
    delivery = stock.delivery((product, 5))
    held = delivery.move_ids._put_on_hold()
    held.quantity = 5
    delivery.button_validate()
    dialog = delivery.action_return()
    dialog.product_return_moves.quantity = 5
    transfers = getattr(dialog, answer)()
    assert not transfers.move_ids.filtered("hold_date") and set(transfers.mapped("state")) == {"assigned"}
    transfers.button_validate()
    assert set(transfers.mapped("state")) == {"done"}


def test_units_and_lots_are_kept_to_the_last_digit(stock):
    product = stock.product(tracking="lot")
    lot = stock.env["stock.lot"].create({"product_id": product.id, "name": "L1"})
    put_stock(product, 30, lot=lot)
    delivery = stock.delivery((product, 2, stock.dozen))
    held = delivery.move_ids._put_on_hold({delivery.move_ids: Decimal(7)})
    assert held.product_qty == 7 and delivery.move_ids.product_qty == 17
    assert delivery.move_line_ids.quantity_product_uom == 17 and delivery.move_line_ids.lot_id == lot
    held._take_off_hold()
    assert delivery.move_ids.product_qty == 24 and sum(delivery.move_line_ids.mapped("quantity_product_uom")) == 24


def test_goods_that_come_for_it_wait_for_its_release(stock):
    product = stock.product()
    receipt, delivery = stock.receipt((product, 10)), stock.delivery((product, 10), confirm=False)
    delivery.move_ids.write({"procure_method": "make_to_order", "move_orig_ids": [(4, receipt.move_ids.id)]})
    delivery.action_confirm()
    held = delivery.move_ids._put_on_hold({delivery.move_ids: Decimal(4)})
    assert held.move_orig_ids == receipt.move_ids and not receipt.move_ids.hold_date
    receipt.button_validate()
    assert (delivery.move_ids.quantity, held.quantity, held.state) == (6, 0, "confirmed")
    held.picking_id.action_assign()
    assert held.quantity == 4


def ten_are_needed_at_the_customer(stock, product):
    rule = stock.env["stock.rule"]
    rule.run(
        [
            rule.Procurement(
                product, Decimal(10), product.uom_id, stock.customers, "", "S1", stock.env.company,
                {"warehouse_id": stock.warehouse},
            )
        ]
    )  # fmt: skip


@pytest.mark.parametrize("ending", ["released", "taken back"])
def test_what_is_on_hold_is_not_picked(stock, ending, messages):
    product = stock.product(on_hand=10)
    stock.pulled_in_two_steps(product)
    ten_are_needed_at_the_customer(stock, product)
    shipping = stock.env["stock.move"].search([("product_id", "=", product.id), ("move_orig_ids", "!=", False)])
    picking = shipping.move_orig_ids
    held = shipping._put_on_hold({shipping: Decimal(4)}) - picking
    shipment = held.filtered(lambda move: move.location_dest_id == stock.customers)
    assert (picking.product_qty, picking.quantity, shipping.product_qty) == (6, 6, 6)
    if ending == "taken back":
        shipment._take_off_hold()
        assert (picking.product_qty, picking.quantity, shipping.product_qty) == (10, 10, 10)
        return
    picking.picking_id.button_validate()
    assert (shipping.quantity, shipment.quantity) == (6, 0)
    assert shipment.picking_id.on_hold
    messages.check(shipment.waiting_reason, replace={format_day(shipment.hold_date.date()): "<today>"})
    shipment.action_release()
    (held - shipment).picking_id.button_validate()
    assert shipment.state == "assigned"


def test_the_first_of_several_steps_is_held_and_the_others_follow_the_goods(stock):
    stock.warehouse.delivery_steps = "pick_pack_ship"
    product = stock.product(on_hand=10)
    ten_are_needed_at_the_customer(stock, product)
    pick = stock.env["stock.move"].search([("product_id", "=", product.id), ("picking_id", "!=", False)])
    held = pick._put_on_hold({pick: Decimal(4)})
    while pick:
        pick.picking_id.button_validate()
        pick = pick.move_dest_ids
    assert stock.on_hand(product) == 4 and product.qty_available == 4
    held.picking_id.action_assign()
    entry = held.shortfall_id
    while held:
        held.picking_id.button_validate()
        held = held.move_dest_ids
    assert product.qty_available == 0 and entry.state == "done"


def test_a_copy_is_not_on_hold(stock):
    move = stock.delivery((stock.product(on_hand=5), 5)).move_ids
    move._put_on_hold()
    assert not move.copy().hold_date


@pytest.mark.slow
def test_a_hundred_moves_cost_what_ten_cost(stock):
    def held(count):
        products = [stock.product(f"P{count}-{n}", on_hand=10) for n in range(count)]
        moves = stock.delivery(*[(product, 10) for product in products]).move_ids
        stock.env.flush_all()
        stock.env.invalidate_all()
        with max_queries(stock.env, 45):
            parts = moves._put_on_hold(dict.fromkeys(moves.ids, Decimal(4)))
            stock.env.flush_all()
        stock.env.invalidate_all()
        with max_queries(stock.env, 60):
            parts._take_off_hold(dict.fromkeys(parts.ids, Decimal(1)))
            stock.env.flush_all()
        assert amounts(moves.picking_id) == [(7, 7)] * count

    held(10)
    held(100)
