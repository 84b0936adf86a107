"""Several people at once: nothing is invoiced twice, and a number is given once."""

from __future__ import annotations

from typing import Any

import pytest

from addons.inventory.testing import assert_stock_laws, put_stock
from addons.invoicing.exceptions import InvoiceClosed
from addons.invoicing.services import consistency
from core.exceptions import UserError
from tests.addons.sales.desk import Desk, ship
from tests.overlap import together

ADDONS = ("sales", "invoicing")
pytestmark = pytest.mark.both_dialects("locking")


def read_order(order_id: int) -> Any:
    """Reads of an order what the others are about to change."""
    return lambda env: env["sale.order"].browse(order_id).order_line.mapped("qty_to_invoice")


def read_invoice(invoice_id: int) -> Any:
    """Reads of an invoice what the others are about to change."""
    return lambda env: env["account.move"].browse(invoice_id).mapped("reversal_move_ids.state")


def posted_invoice(db: Any) -> int:
    """The id of a posted invoice over an order."""
    with db.transaction() as env:
        desk = Desk(env)
        invoice = desk.order((desk.product(), 3)).action_create_invoices()
        invoice.action_post()
        return int(invoice.id)


def test_an_order_is_invoiced_once(db: Any) -> None:
    with db.transaction() as env:
        desk = Desk(env)
        order_id = desk.order((desk.product(), 3)).id

    def invoice(env: Any) -> int:
        return len(env["sale.order"].browse(order_id).action_create_invoices())

    results = together(db, *[invoice] * 3, before=read_order(order_id))
    assert results.count(1) == 1
    assert {getattr(each, "code", None) for each in results if each != 1} == {"sales_invoicing.nothing_to_invoice"}
    with db.transaction() as env:
        assert env["account.move.line"].search([]).mapped("quantity") == [3]
        assert env["sale.order"].browse(order_id).order_line.qty_invoiced == 3


def test_a_release_and_create_invoices_charge_once(db: Any) -> None:
    with db.transaction() as env:
        desk = Desk(env)
        product = desk.product(on_hand=2)
        order = desk.order((product, 5))
        ship(order.picking_ids)
        put_stock(product, 3)
        order_id = order.id

    def release(env: Any) -> str:
        env["sale.order"].browse(order_id).action_release_backorders().action_invoice()
        return "invoiced"

    def invoice(env: Any) -> str:
        env["sale.order"].browse(order_id).action_create_invoices()
        return "invoiced"

    together(db, release, invoice, release, before=read_order(order_id))
    with db.transaction() as env:
        line = env["sale.order"].browse(order_id).order_line
        assert 3 <= line.qty_invoiced <= line.product_uom_qty
        assert_stock_laws(env)


def test_an_invoice_gets_one_number(db: Any) -> None:
    with db.transaction() as env:
        desk = Desk(env)
        invoice_id = desk.order((desk.product(), 3)).action_create_invoices().id

    def post(env: Any) -> str:
        env["account.move"].browse(invoice_id).action_post()
        return "posted"

    results = together(db, *[post] * 3, before=read_invoice(invoice_id))
    assert results.count("posted") == 1
    assert [each.code for each in results if isinstance(each, UserError)] == ["wrong_state"] * 2
    with db.transaction() as env:
        sequence = env["ir.sequence"].search([("code", "=", "account.move.out_invoice")])
        assert sequence.date_range_ids.mapped("number_next_actual") == [2]


def test_an_invoice_is_reset_or_credited(db: Any) -> None:
    invoice_id = posted_invoice(db)

    def reset(env: Any) -> str:
        env["account.move"].browse(invoice_id).button_draft()
        return "reset"

    def credit(env: Any) -> str:
        env["account.move.reversal"].create({"move_ids": [(6, 0, [invoice_id])]}).reverse_moves().action_post()
        return "credited"

    results = together(db, reset, credit, before=read_invoice(invoice_id))
    refusal = next(each for each in results if isinstance(each, UserError))
    with db.transaction() as env:
        invoice = env["account.move"].browse(invoice_id)
        if invoice.state == "draft":
            assert refusal.code == "invoicing.nothing_to_credit" and not invoice.reversal_move_ids
        else:
            assert isinstance(refusal, InvoiceClosed) and invoice.reversal_move_ids.state == "posted"


def test_a_line_joins_an_invoice_before_it_is_posted_or_not_at_all(db: Any) -> None:
    with db.transaction() as env:
        desk = Desk(env)
        invoice = desk.order((desk.product(list_price=1), 3)).action_create_invoices()
        invoice_id, line_id = invoice.id, invoice.invoice_line_ids.id

    def post(env: Any) -> str:
        env["account.move"].browse(invoice_id).action_post()
        return "posted"

    def write(command: Any) -> Any:
        def work(env: Any) -> str:
            env["account.move"].browse(invoice_id).write({"invoice_line_ids": [command]})
            return "written"

        return work

    change, add = (1, line_id, {"price_unit": 77}), (0, 0, {"name": "Postage", "price_unit": 5})
    results = together(db, post, write(change), write(add), before=read_invoice(invoice_id))
    assert results[0] == "posted"
    assert all(each == "written" or isinstance(each, InvoiceClosed) for each in results[1:])
    with db.transaction() as env:
        invoice = env["account.move"].browse(invoice_id)
        assert invoice.amount_total == sum(line.quantity * line.price_unit for line in invoice.invoice_line_ids)
        assert not list(consistency.problems(env))
