"""Several people at once: an order is confirmed once, and stays confirmed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from addons.inventory.services import order_lines
from addons.inventory.testing import assert_stock_laws
from core.exceptions import UserError
from tests.addons.sales.desk import Desk
from tests.overlap import overtake, together

ADDONS = ("sales", "purchasing")
pytestmark = pytest.mark.both_dialects("locking")


@pytest.mark.parametrize(
    ("model", "quantity", "confirm"),
    [("sale.order", "product_uom_qty", "action_confirm"), ("purchase.order", "product_qty", "button_confirm")],
)
def test_an_order_is_confirmed_once(db: Any, model: str, quantity: str, confirm: str) -> None:
    with db.transaction() as env:
        desk = Desk(env)
        line = {"product_id": desk.product().id, quantity: 3}
        order_id = env[model].create({"partner_id": desk.customer.id, "order_line": [(0, 0, line)]}).id

    def press(env: Any) -> str:
        getattr(env[model].browse(order_id), confirm)()
        return "confirmed"

    results = together(db, *[press] * 3, before=lambda env: env[model].browse(order_id).state)
    assert results.count("confirmed") == 1
    assert [each.code for each in results if isinstance(each, UserError)] == ["wrong_state"] * 2
    with db.transaction() as env:
        assert env["stock.move"].search([]).mapped("product_uom_qty") == [3]
        assert_stock_laws(env)


@pytest.mark.parametrize(
    ("model", "quantity", "confirm", "send"),
    [
        ("sale.order", "product_uom_qty", "action_confirm", "action_quotation_sent"),
        ("purchase.order", "product_qty", "button_confirm", "action_rfq_send"),
    ],
)
def test_an_order_that_was_confirmed_meanwhile_is_not_marked_as_sent(
    db: Any, model: str, quantity: str, confirm: str, send: str
) -> None:
    with db.transaction() as env:
        desk = Desk(env)
        line = {"product_id": desk.product().id, quantity: 3}
        order_id = env[model].create({"partner_id": desk.customer.id, "order_line": [(0, 0, line)]}).id

    def press(method: str) -> Any:
        return lambda env: getattr(env[model].browse(order_id), method)()

    refused = overtake(db, lambda env: env[model].browse(order_id).state, press(send), press(confirm))
    assert isinstance(refused, UserError) and refused.code == "wrong_state"
    with db.transaction() as env:
        assert env[model].browse(order_id).state in ("sale", "purchase")


def validating(picking_id: int, quantity: int) -> Any:
    """Validate a transfer with so much of its move; what is left goes into a backorder."""

    def validate(env: Any) -> None:
        picking = env["stock.picking"].browse(picking_id)
        picking.move_ids.quantity = quantity
        picking.button_validate(answers={"backorder": {"*": True}})

    return validate


def reading(order_id: int, model: str) -> Any:
    """Read an order, its lines and their moves, as a form does."""

    def read(env: Any) -> Any:
        line = env[model].browse(order_id).order_line
        done = line.qty_delivered if model == "sale.order" else line.qty_received
        return line.state, done, line.move_ids.mapped("product_qty"), line.move_ids.picking_id.mapped("state")

    return read


ORDERS = pytest.mark.parametrize(
    ("model", "quantity", "confirm"),
    [("sale.order", "product_uom_qty", "action_confirm"), ("purchase.order", "product_qty", "button_confirm")],
    ids=["sales", "purchasing"],
)


def confirmed(db: Any, model: str, quantity: str, confirm: str) -> tuple[int, int]:
    """An order of 10 pieces that are in stock; the ids of the order and its transfer."""
    with db.transaction() as env:
        desk = Desk(env)
        line = {"product_id": desk.product("Drawer", 20).id, quantity: 10}
        order = env[model].create({"partner_id": desk.customer.id, "order_line": [(0, 0, line)]})
        getattr(order, confirm)()
        return order.id, order.picking_ids.id


def entering(model: str, order_id: int, quantity: str, value: int) -> Any:
    """Order so much on the one line."""

    def enter(env: Any) -> None:
        env[model].browse(order_id).write(
            {"order_line": [(1, env[model].browse(order_id).order_line.id, {quantity: value})]}
        )

    return enter


@ORDERS
def test_a_quantity_is_lowered_by_what_is_open_although_goods_move_meanwhile(
    db: Any, model: str, quantity: str, confirm: str
) -> None:
    order_id, picking_id = confirmed(db, model, quantity, confirm)
    lower = entering(model, order_id, quantity, 8)
    assert overtake(db, reading(order_id, model), lower, validating(picking_id, 6)) is None
    with db.transaction() as env:
        line = env[model].browse(order_id).order_line
        done, open_move = line.move_ids.filtered(lambda move: move.state != "cancel").sorted("id")
        assert (done.state, done.product_uom_qty, done.quantity) == ("done", 6, 6)
        assert (open_move.product_uom_qty, line[quantity]) == (2, 8)
        assert_stock_laws(env)


@ORDERS
def test_no_less_is_ordered_than_what_moved_meanwhile(db: Any, model: str, quantity: str, confirm: str) -> None:
    order_id, picking_id = confirmed(db, model, quantity, confirm)
    lower = entering(model, order_id, quantity, 8)
    refused = overtake(db, reading(order_id, model), lower, validating(picking_id, 10))
    assert isinstance(refused, UserError) and refused.data["lines"][0]["ordered"] == "8"
    with db.transaction() as env:
        assert env[model].browse(order_id).order_line.move_ids.mapped("product_uom_qty") == [10]
        assert_stock_laws(env)


@ORDERS
def test_what_two_users_order_more_is_asked_for_once(db: Any, model: str, quantity: str, confirm: str) -> None:
    order_id, _picking = confirmed(db, model, quantity, confirm)
    early, late = (entering(model, order_id, quantity, value) for value in (12, 15))
    assert overtake(db, reading(order_id, model), late, early) is None
    with db.transaction() as env:
        line = env[model].browse(order_id).order_line
        assert (sum(line.move_ids.mapped("product_uom_qty")), line[quantity]) == (15, 15)
        assert_stock_laws(env)


@ORDERS
def test_nothing_more_is_asked_for_on_an_order_cancelled_meanwhile(
    db: Any, model: str, quantity: str, confirm: str
) -> None:
    order_id, _picking = confirmed(db, model, quantity, confirm)
    cancel = "action_cancel" if model == "sale.order" else "button_cancel"
    raised = entering(model, order_id, quantity, 15)
    overtake(db, reading(order_id, model), raised, lambda env: getattr(env[model].browse(order_id), cancel)() and None)
    with db.transaction() as env:
        assert set(env[model].browse(order_id).order_line.move_ids.mapped("state")) == {"cancel"}
        assert_stock_laws(env)


@ORDERS
def test_a_quotation_that_is_changed_while_it_is_confirmed_is_carried_out_in_full(
    db: Any, model: str, quantity: str, confirm: str
) -> None:
    with db.transaction() as env:
        desk = Desk(env)
        line = {"product_id": desk.product("Drawer", 20).id, quantity: 10}
        order_id = env[model].create({"partner_id": desk.customer.id, "order_line": [(0, 0, line)]}).id
    late = entering(model, order_id, quantity, 15)
    assert (
        overtake(db, reading(order_id, model), late, lambda env: getattr(env[model].browse(order_id), confirm)())
        is None
    )
    with db.transaction() as env:
        line = env[model].browse(order_id).order_line
        assert (sum(line.move_ids.mapped("product_uom_qty")), line[quantity]) == (15, 15)
        assert_stock_laws(env)


@pytest.mark.parametrize("first", ["cancelled", "raised"])
def test_a_delivered_order_that_is_cancelled_and_raised_at_once_ships_no_more(db: Any, first: str) -> None:
    order_id, picking_id = confirmed(db, "sale.order", "product_uom_qty", "action_confirm")
    db.run(validating(picking_id, 10))
    steps = [
        lambda env: env["sale.order"].browse(order_id).action_cancel(),
        entering("sale.order", order_id, "product_uom_qty", 15),
    ]
    early, late = steps if first == "cancelled" else reversed(steps)
    overtake(db, reading(order_id, "sale.order"), late, early)
    with db.transaction() as env:
        order = env["sale.order"].browse(order_id)
        assert order.state == "cancel" and set(order.order_line.move_ids.mapped("state")) <= {"done", "cancel"}
        assert_stock_laws(env)


def test_nothing_is_taken_back_from_moves_that_are_done_meanwhile(db: Any) -> None:
    order_id, picking_id = confirmed(db, "sale.order", "product_uom_qty", "action_confirm")

    def take_back(env: Any) -> None:
        order_lines.take_back([(env["stock.picking"].browse(picking_id).move_ids, Decimal(2))])

    assert overtake(db, reading(order_id, "sale.order"), take_back, validating(picking_id, 10)) is None
    with db.transaction() as env:
        move = env["stock.picking"].browse(picking_id).move_ids
        assert (move.state, move.product_uom_qty, move.quantity) == ("done", 10, 10)
        assert_stock_laws(env)


def test_what_two_deliveries_of_an_order_close_within_the_tolerance_is_noted(db: Any) -> None:
    with db.transaction() as env:
        desk = Desk(env)
        lines = [(desk.product(name, 49), 50) for name in ("Screw", "Nut")]
        order = desk.order(*lines, underdelivery_tolerance=2)
        order.picking_ids._create_backorder(order.order_line[1:].move_ids)
        order_id, picking_ids = order.id, order.order_line.move_ids.picking_id.ids
    assert len(picking_ids) == 2

    def read(env: Any) -> Any:
        return env["sale.order"].browse(order_id).closed_within_tolerance

    first, second = (
        lambda env, id_=id_: env["stock.picking"].browse(id_).button_validate() and None for id_ in picking_ids
    )
    assert overtake(db, read, second, first) is None
    with db.transaction() as env:
        noted = read(env)
        assert "Screw" in noted and "Nut" in noted
        assert_stock_laws(env)
