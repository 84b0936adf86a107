"""What has moved stays as it was, whichever door somebody tries: the ledger is corrected by new movements only."""

from __future__ import annotations

import pytest

from addons.inventory.exceptions import InventoryError, LedgerClosed
from core.exceptions import UserError, ValidationError

ADDONS = ["inventory"]


@pytest.fixture
def done(stock):
    """A receipt of five pieces that has arrived."""
    return stock.receive(stock.product(), 5)


@pytest.mark.parametrize(
    "name",
    ["location_dest_id", "product_id", "picking_id", "date", "picked", "result_package_id", "lot_name", "owner_id"],
)
def test_no_figure_of_a_done_line_can_be_written(stock, done, name, refused):
    values = {
        "location_dest_id": stock.customers.id,
        "product_id": stock.product("Other").id,
        "picking_id": False,
        "date": "2020-01-01 00:00:00",
        "picked": False,
        "result_package_id": stock.env["stock.package"].create({}).id,
        "lot_name": "L1",
        "owner_id": stock.env.user.partner_id.id,
    }
    with refused(LedgerClosed, data={"document": done.name}, name="every field"):
        done.move_line_ids.write({name: values[name]})


@pytest.mark.parametrize("name", ["product_id", "location_dest_id", "picking_id", "product_uom", "date", "picked"])
def test_no_figure_of_a_done_move_can_be_written(stock, done, name, refused):
    values = {
        "product_id": stock.product("Other").id,
        "location_dest_id": stock.customers.id,
        "picking_id": False,
        "product_uom": stock.dozen.id,
        "date": "2020-01-01 00:00:00",
        "picked": False,
    }
    with refused(LedgerClosed, data={"document": done.name}, name="every field"):
        done.move_ids.write({name: values[name]})


def test_a_form_may_send_the_same_values_again(stock, done):
    move, line = done.move_ids, done.move_line_ids
    move.write({"product_id": move.product_id.id, "product_uom_qty": 5, "location_id": move.location_id.id})
    line.write({"quantity": 5, "lot_id": False, "location_dest_id": line.location_dest_id.id})
    done.write({"location_dest_id": done.location_dest_id.id, "note": "Left at the gate"})
    stock.env.flush_all()
    stock.env.invalidate_all()
    assert (move.state, move.product_uom_qty, line.quantity) == ("done", 5, 5)
    assert "Left at the gate" in done.note


def test_a_done_transfer_keeps_its_places_and_takes_nothing_more(stock, done, refused):
    with refused(LedgerClosed, data={"document": done.name}):
        done.location_dest_id = stock.customers
    with refused(LedgerClosed, data={"document": done.name}):
        done.write({"move_ids": [(0, 0, {"product_id": done.product_id.id, "product_uom_qty": 1})]})
    within = done.move_ids.with_context(default_picking_id=done.id)
    with refused(LedgerClosed, data={"document": done.name}):
        within.create({"product_id": done.product_id.id, "product_uom_qty": 1})


def test_a_status_is_not_written(stock, done, refused):
    product = done.product_id
    waiting = stock.delivery((product, 9))
    places = {"location_id": stock.suppliers.id, "location_dest_id": stock.stock.id}
    row = {"product_id": product.id, "state": "done", **places}
    attempts = [
        ("assigned", lambda: done.move_line_ids.write({"state": "assigned"})),
        ("draft", lambda: done.move_ids.write({"state": "draft"})),
        ("done", lambda: waiting.move_ids.write({"state": "done"})),
        ("done", lambda: waiting.move_line_ids.write({"state": "done"})),
        ("done", lambda: stock.env["stock.move"].create({**row, "product_uom_qty": 1})),
        ("done", lambda: stock.env["stock.move.line"].create({**row, "move_id": waiting.move_ids.id, "quantity": 1})),
        ("done", lambda: waiting.with_context(default_state="done").create({"picking_type_id": stock.out.id})),
        (
            "done",
            lambda: waiting.move_line_ids.with_context(default_state="done").create({"move_id": waiting.move_ids.id}),
        ),
    ]
    scrap = stock.env["stock.scrap"]
    attempts.append(("done", lambda: scrap.create({"product_id": product.id, "scrap_qty": 1, "state": "done"})))
    for number, (state, attempt) in enumerate(attempts):
        with refused(UserError, code="settled_field", data={"value": state}, name=str(number)), stock.env.savepoint():
            attempt()


def test_a_line_belongs_to_something(stock, refused):
    product = stock.product(on_hand=5)
    with refused(InventoryError, code="inventory.line_without_move"):
        stock.env["stock.move.line"].create(
            {
                "product_id": product.id,
                "quantity": 5,
                "location_id": stock.stock.id,
                "location_dest_id": stock.customers.id,
            }
        )
    assert product.free_qty == 5


def test_a_planned_move_keeps_its_product(stock, refused):
    picking = stock.delivery((stock.product(on_hand=5), 5))
    data = {"product": "Drawer Case Black", "document": picking.name}
    with refused(InventoryError, code="inventory.move_planned", data=data):
        picking.move_ids.product_id = stock.product("Other")


def test_text_is_no_quantity_and_the_field_is_named(stock, refused):
    product = stock.product(on_hand=5)
    picking = stock.delivery((product, 5))
    row = product.stock_quant_ids
    for record, name in (
        (picking.move_ids, "product_uom_qty"),
        (picking.move_ids, "quantity"),
        (picking.move_line_ids, "quantity"),
        (row, "inventory_quantity"),
    ):
        with refused(ValidationError) as refusal, stock.env.savepoint():
            record.write({name: "many"})
        assert refusal.value.fields == [name]
    with refused(ValidationError) as refusal:
        stock.env["stock.move"].create(
            {
                "picking_id": stock.delivery((product, 1), confirm=False).id,
                "product_id": product.id,
                "product_uom_qty": "x",
            }
        )
    assert refusal.value.fields == ["product_uom_qty"]
