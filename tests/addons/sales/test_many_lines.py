"""Orders with many lines: pages take as many statements as with few, and an edit leaves the other lines alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from addons.inventory.testing import assert_stock_laws
from addons.inventory.wizards.stock_backorder_confirmation_detail import STATED
from core.testing.client import document, words
from core.web.forms import lines
from tests.addons.sales.desk import Desk

ADDONS = ("sales", "sales_invoicing")


@contextmanager
def statements(db: Any) -> Iterator[list[str]]:
    """The statements that requests to the database take."""
    found: list[str] = []

    def record(_connection: Any, _cursor: Any, statement: str, *_details: Any) -> None:
        found.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", record)
    try:
        yield found
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", record)


def quotation(db: Any, count: int, on_hand: int) -> str:
    """The address of a quotation over so many products, each with so many on hand."""
    with db.transaction(login="admin") as env:
        desk = Desk(env)
        products = [desk.product(f"Drawer {number}", on_hand) for number in range(count)]
        return f"/app/sale.order/{desk.quotation(*[(product, 2) for product in products]).id}"


def delivery(db: Any, order: str) -> str:
    """The address of the open delivery of an order."""
    with db.transaction(login="admin") as env:
        pickings = env["sale.order"].browse(int(order.rpartition("/")[2])).picking_ids
        return f"/app/stock.picking/{pickings.filtered(lambda picking: picking.state != 'done').id}"


def edited(client: Any, address: str, name: str, value: str) -> Any:
    """What the form answers to an edit of one input."""
    data = dict(document(client.get(address)).get_element_by_id("record").form_values())
    data |= {"_do": "onchange", "_edited": name, name: value}
    answer = client.post(address, data=data, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer


def counted(client: Any, db: Any, count: int, on_hand: int) -> list[int]:
    """The numbers of statements of: opening, editing, confirming, opening and validating."""
    order, numbers = quotation(db, count, on_hand), []

    def number(work: Any) -> Any:
        with statements(db) as found:
            result = work()
        numbers.append(len(found))
        return result

    page = number(lambda: client.get(order))
    number(lambda: edited(client, order, "client_order_ref", "A7"))
    number(lambda: client.submit(page, button="Confirm", follow=False))
    number(lambda: client.get(order))
    transfer = delivery(db, order)
    page = number(lambda: client.get(transfer))
    page = number(lambda: client.submit(page, button="Validate"))
    if on_hand < 2:
        number(lambda: client.submit(page, button="Create Backorder", follow=False))
    number(lambda: client.get(transfer))
    with db.transaction(login="admin") as env:
        assert env["stock.picking"].browse(int(transfer.rpartition("/")[2])).state == "done"
    return numbers


@pytest.mark.parametrize("on_hand", [2, 1], ids=["complete", "with_backorder"])
def test_two_hundred_lines_take_as_many_statements_as_ten(client, db, monkeypatch, on_hand):
    monkeypatch.setattr(lines, "PAGE", 5)
    counted(client, db, 6, on_hand)  # what is read once by a process is read
    few, many = counted(client, db, 10, on_hand), counted(client, db, 200, on_hand)
    # PostgreSQL draws more ids at a time, once for each table; 190 more lines would show.
    assert all(abs(more - less) <= 5 for less, more in zip(few, many, strict=True)), (few, many)
    with db.transaction() as env:
        assert_stock_laws(env)


def test_an_edit_of_a_line_leaves_prices_that_were_agreed_for_others(client, db):
    with db.transaction(login="admin") as env:
        desk = Desk(env)
        drawer = desk.product(list_price=10)
        order = desk.quotation((drawer, 1, {"price_unit": 7}), (drawer, 2, {"price_unit": 8}))
        first, second = order.order_line.ids
        spec = {"amount_untaxed": {}, "order_line": {"fields": {"price_unit": {}, "price_subtotal": {}}}}
        answer = order.onchange({"order_line": [(1, first, {"product_uom_qty": 3})]}, ["order_line"], spec)["value"]
        assert answer["amount_untaxed"] == 37
        assert [line["price_unit"] for line in answer["order_line"]] == [7, 8]
        address = f"/app/sale.order/{order.id}"
    answer = edited(client, address, f"order_line.{first}.product_uom_qty", "4")
    assert f'name="order_line.{second}.price_unit"' not in answer.text and "44.00" in words(answer)
    page = client.get(address)
    client.submit(page, {f"order_line.{first}.product_uom_qty": "4"}, button="save")
    with db.transaction() as env:
        assert env["sale.order.line"].browse([first, second]).mapped("price_unit") == [Decimal(7), Decimal(8)]


def test_an_edit_computes_only_the_lines_that_it_concerns(db, monkeypatch):
    with db.transaction(login="admin") as env:
        desk = Desk(env)
        drawer = desk.product(list_price=10)
        order = desk.quotation(*[(drawer, 1)] * 20)
        env.flush_all()
        model, computed = type(env["sale.order.line"]), []
        compute = model._compute_price_subtotal

        def counting(self):
            computed.extend(self)
            return compute(self)

        monkeypatch.setattr(model, "_compute_price_subtotal", counting)
        spec = {"amount_untaxed": {}, "order_line": {"fields": {"price_subtotal": {}}}}
        edit = [(1, order.order_line[3].id, {"product_uom_qty": 5})]
        answer = order.onchange({"order_line": edit}, ["order_line"], spec)["value"]
        assert answer["amount_untaxed"] == 240 and len(computed) <= 2
        assert order.onchange({"client_order_ref": "A7"}, ["client_order_ref"], spec)["value"] == {}
        edit.append((0, "new1", {"product_id": drawer.id, "product_uom_qty": 2, "price_unit": 10}))
        edit.append((2, order.order_line[0].id, 0))
        answer = order.onchange({"order_line": edit}, ["order_line"], spec)["value"]
        assert answer["amount_untaxed"] == 250 and len(answer["order_line"]) == 20


def test_the_question_about_a_backorder_states_the_first_quantities(db):
    with db.transaction(login="admin") as env:
        desk = Desk(env)
        order = desk.order(*[(desk.product(f"Drawer {number}", 1), 2) for number in range(12)])
        question = order.picking_ids.button_validate()
        assert len(question.detail_ids) == 12 and question.create_text.count("Units of") == 2 * STATED
        assert question.create_text.count("and 2 more") == 2 and question.cancel_text.count("and 2 more") == 2
