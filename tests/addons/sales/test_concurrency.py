"""Several people at once: an order is confirmed once, and stays confirmed."""

from __future__ import annotations

from typing import Any

import pytest

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
