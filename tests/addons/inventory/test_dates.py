"""When transfers are due: by their moves, by what was promised, and what is late."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from addons.inventory.exceptions import LedgerClosed
from core.exceptions import ValidationError
from core.testing.client import words
from core.testing.form import FormDriver
from core.testing.queries import max_queries
from tests.addons.inventory.playground import Stock

ADDONS = ["inventory"]
MARCH, APRIL, MAY = datetime(2031, 3, 1), datetime(2031, 4, 1), datetime(2031, 5, 1)


def of_two_dates(stock, **values):
    """A draft delivery of a lamp in March and a desk in April."""
    lamp, desk = stock.product("Lamp", 5), stock.product("Desk", 5)
    lines = [
        {"product_id": product.id, "product_uom_qty": 2, "date": date}
        for product, date in ((lamp, MARCH), (desk, APRIL))
    ]
    return stock.env["stock.picking"].create(
        {"picking_type_id": stock.out.id, "move_ids": [(0, 0, line) for line in lines], **values}
    )


def test_a_transfer_is_due_with_its_first_product_or_with_its_last_if_it_ships_at_once(stock):
    picking = of_two_dates(stock)
    assert picking.scheduled_date == MARCH
    picking.move_type = "one"
    assert picking.scheduled_date == APRIL
    picking.move_ids[0].date = MAY
    assert picking.scheduled_date == MAY
    found = stock.env["stock.picking"].search([("scheduled_date", ">=", MAY), ("id", "=", picking.id)])
    assert found == picking


def test_a_date_given_to_a_transfer_is_that_of_what_is_still_to_be_moved(stock):
    picking = of_two_dates(stock)
    picking.action_confirm()
    picking.move_ids[0]._action_done()
    left = picking.backorder_ids
    assert (picking.state, left.scheduled_date) == ("done", APRIL)
    left.scheduled_date = MAY
    assert left.move_ids.date == MAY
    assert picking.move_ids.date < MAY


def test_the_rest_keeps_its_dates_when_part_of_a_delivery_goes(stock):
    stock.out.create_backorder = "always"
    lamp, desk = stock.product("Lamp", 5), stock.product("Desk")
    picking = stock.delivery((lamp, 2), (desk, 2), scheduled_date=MARCH)
    picking.move_ids[1].date = APRIL
    assert picking.scheduled_date == MARCH
    picking.button_validate()
    assert (picking.state, picking.scheduled_date) == ("done", MARCH)
    assert picking.backorder_ids.scheduled_date == APRIL


def test_cancelled_products_make_no_date(stock):
    picking = of_two_dates(stock)
    picking.action_confirm()
    picking.move_ids[0]._action_cancel()
    assert picking.scheduled_date == APRIL
    picking.action_cancel()
    assert picking.scheduled_date == APRIL


def test_what_is_added_is_due_when_the_transfer_is(stock):
    picking = stock.env["stock.picking"].create({"picking_type_id": stock.out.id, "scheduled_date": MAY})
    assert picking.scheduled_date == MAY
    product = stock.product(on_hand=9)
    whole = {
        "picking_id": picking.id, "product_id": product.id, "product_uom": stock.unit.id, "product_uom_qty": 1,
        "location_id": stock.stock.id, "location_dest_id": stock.customers.id, "company_id": stock.env.company.id,
    }  # fmt: skip
    stock.env["stock.move"].create([whole, {"picking_id": picking.id, "product_id": product.id}])
    assert picking.move_ids.mapped("date") == [MAY, MAY]
    assert picking.scheduled_date == MAY


def test_a_date_of_the_transfer_and_one_of_a_line_are_both_kept(stock):
    picking = of_two_dates(stock)
    lamp, desk = picking.move_ids
    picking.write({"move_ids": [(1, lamp.id, {"date": MARCH})], "scheduled_date": MAY})
    assert (lamp.date, desk.date, picking.scheduled_date) == (MARCH, MAY, MARCH)


def test_the_same_date_again_leaves_the_lines_alone(stock):
    picking = of_two_dates(stock)
    picking.write({"scheduled_date": picking.scheduled_date, "origin": "S1"})
    assert picking.move_ids.mapped("date") == [MARCH, APRIL]


def test_no_date_and_another_date_for_what_is_done_are_refused(stock, refused):
    picking = stock.delivery((stock.product(on_hand=2), 2), scheduled_date=MARCH)
    data = {"documents": [picking.name]}
    with refused(ValidationError, code="inventory.date_missing", data=data):
        picking.scheduled_date = False
    picking.button_validate()
    picking.write({"scheduled_date": MARCH, "note": "as it was"})
    with refused(LedgerClosed, data=data):
        picking.scheduled_date = MAY


def test_the_deadline_is_the_earliest_or_the_last_promise_and_passing_it_is_an_issue(stock):
    picking = of_two_dates(stock)
    assert (picking.date_deadline, picking.has_deadline_issue) == (False, False)
    lamp, desk = picking.move_ids
    lamp.date_deadline, desk.date_deadline = APRIL, MAY
    assert (picking.date_deadline, picking.has_deadline_issue) == (APRIL, False)
    picking.move_type = "one"
    assert picking.date_deadline == MAY
    picking.scheduled_date = MAY + timedelta(days=1)
    assert picking.has_deadline_issue
    pickings = stock.env["stock.picking"]
    assert pickings.search([("has_deadline_issue", "=", True)]) == picking
    assert pickings.search([("date_deadline", "<=", MAY)]) == picking


def some_late(stock):
    """One overdue delivery, one scheduled for after its deadline; then one in time and one done: their names."""
    past, soon = datetime.now() - timedelta(days=2), datetime.now() + timedelta(days=2)
    product = stock.product(on_hand=20)
    overdue = stock.delivery((product, 1), scheduled_date=past)
    promised = stock.delivery((product, 1), scheduled_date=soon)
    promised.move_ids.date_deadline = soon - timedelta(days=1)
    in_time = stock.delivery((product, 1), scheduled_date=soon)
    done = stock.delivery((product, 1), scheduled_date=past)
    done.button_validate()
    return [overdue.name, promised.name], [in_time.name, done.name]


def test_late_transfers_are_counted(stock):
    some_late(stock)
    assert stock.out.count_picking_late == 2


def test_late_transfers_are_found_in_the_list(db, client):
    with db.transaction(login="admin") as env:
        late, others = some_late(Stock(env))
    page = words(client.get("/app/stock.picking?filter=late"))
    assert [name for name in (*late, *others) if name in page] == late


def test_a_date_typed_in_the_form_stays_while_products_are_added(stock):
    lamp = stock.product("Lamp", 5)
    form = FormDriver(stock.env["stock.picking"].with_context(default_picking_type_id=stock.out.id))
    form["scheduled_date"] = MAY
    with form.lines("move_ids").add() as line:
        line["product_id"], line["product_uom_qty"] = lamp, 2
    assert form["scheduled_date"] == MAY
    picking = form.save()
    assert (picking.scheduled_date, picking.move_ids.date) == (MAY, MAY)


def test_scheduling_many_transfers_costs_as_much_as_scheduling_one(stock):
    product = stock.product(on_hand=99)
    pickings = stock.env["stock.picking"].browse()
    for _n in range(30):
        pickings |= stock.delivery((product, 1), (product, 1))
    stock.env.flush_all()
    stock.env.invalidate_all()
    with max_queries(stock.env, 12):
        pickings.write({"scheduled_date": MAY})
        stock.env.flush_all()
    assert set(pickings.move_ids.mapped("date")) == {MAY}


def picked(stock, due):
    """A delivery in two steps that is due then, and picked now: the pick, and the shipping that follows."""
    stock.warehouse.delivery_steps = "pick_ship"
    product, rule = stock.product(on_hand=9), stock.env["stock.rule"]
    values = {"warehouse_id": stock.warehouse, "date_planned": due, "date_deadline": due}
    need = rule.Procurement(
        product, Decimal(4), stock.unit, stock.customers, "Lamp", "S1", stock.env.company, values
    )  # fmt: skip
    rule.run([need])
    pick = stock.env["stock.picking"].search([("origin", "=", "S1")])
    assert (pick.scheduled_date, pick.date_deadline) == (due, due)
    pick.button_validate()
    return pick.move_ids.move_dest_ids.picking_id


def test_what_is_picked_early_is_shipped_when_it_was_promised(stock):
    stock.out.write({"reservation_method": "by_date", "reservation_days_before": 1})
    ship = picked(stock, MAY)
    assert (ship.scheduled_date, ship.date_deadline, ship.has_deadline_issue) == (MAY, MAY, False)
    assert ship.state == "assigned", "what was picked for it is its own, whatever the day"


def test_what_is_picked_late_is_shipped_at_once(stock):
    ship = picked(stock, datetime.now().replace(microsecond=0) - timedelta(days=5))
    assert datetime.now() - ship.scheduled_date < timedelta(minutes=5)
    assert ship.has_deadline_issue
