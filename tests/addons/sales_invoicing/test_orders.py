"""Orders are invoiced: by policy, in parts to the cent, back through returns and cancelled invoices."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest

from addons.inventory.testing import put_stock
from addons.invoicing.exceptions import InvoiceClosed
from addons.sales_invoicing.exceptions import NothingToInvoice
from core.exceptions import AccessError, UserError
from core.testing.queries import max_queries
from tests.addons.sales.desk import Desk, send_back, ship
from tests.messages import Refused

ADDONS = ("sales", "invoicing")
ZERO = Decimal(0)


def make_tax(env: Any, rate: Any) -> Any:
    """A tax on sales."""
    return env["account.tax"].create({"name": f"VAT {rate}%", "amount": rate})


def figures(line: Any) -> tuple[Any, Any, str]:
    """What is invoiced of a line, what is to be, and its status."""
    return line.qty_invoiced, line.qty_to_invoice, line.invoice_status


def amounts(document: Any) -> tuple[Decimal, Decimal, Decimal]:
    """The totals of an order or an invoice."""
    return document.amount_untaxed, document.amount_tax, document.amount_total


def credited(invoice: Any) -> Any:
    """The draft credit note over an invoice."""
    return invoice.env["account.move.reversal"].create({"move_ids": [(6, 0, invoice.ids)]}).reverse_moves()


# ---------------------------------------------------------------------------- taxes on orders


def test_orders_have_taxes(desk: Desk) -> None:
    tax, other = make_tax(desk.env, 19), make_tax(desk.env, "5.5")
    product = desk.product(list_price=10, taxes_id=[(6, 0, tax.ids)])
    order = desk.quotation((product, 3), (product, 1, {"tax_ids": [(6, 0, (tax | other).ids)]}))
    first, second = order.order_line
    assert (first.tax_ids, first.price_tax, first.price_total) == (tax, Decimal("5.70"), Decimal("35.70"))
    assert (second.price_tax, second.price_total) == (Decimal("2.45"), Decimal("12.45"))
    assert amounts(order) == (40, Decimal("8.15"), Decimal("48.15"))
    second.product_id = desk.product("Untaxed", taxes_id=False)
    assert not second.tax_ids and order.amount_tax == Decimal("5.70")
    tax.amount = 20
    assert amounts(order)[1] == 6


def test_taxes_of_a_locked_order_stay(desk: Desk) -> None:
    order = desk.order((desk.product(on_hand=5), 5))
    order.action_lock()
    with pytest.raises(UserError):
        order.order_line.tax_ids = make_tax(desk.env, 19)


# ---------------------------------------------------------------------------- policies


@pytest.mark.both_dialects("scenario")
def test_ordered_quantities_are_invoiced_at_once(desk: Desk) -> None:
    order = desk.quotation((desk.product(on_hand=5, list_price=10, taxes_id=[(6, 0, make_tax(desk.env, 19).ids)]), 8))
    assert (order.invoice_status, figures(order.order_line)) == ("no", (0, 0, "no"))
    order.action_confirm()
    assert (order.invoice_status, figures(order.order_line)) == ("to invoice", (0, 8, "to invoice"))
    invoice = order._create_invoices()
    assert (invoice.state, invoice.partner_id, invoice.invoice_origin) == ("draft", desk.customer, order.name)
    assert amounts(invoice) == amounts(order) == (80, Decimal("15.20"), Decimal("95.20"))
    assert (order.invoice_status, figures(order.order_line)) == ("invoiced", (8, 0, "invoiced"))
    assert (order.invoice_ids, order.invoice_count, order.action_view_invoice()) == (invoice, 1, invoice)
    assert (invoice.sale_order_count, invoice.action_view_source_sale_orders()) == (1, order)
    invoice.action_post()
    assert invoice.name.startswith("INV/")


def test_delivered_quantities_are_invoiced_as_they_go(desk: Desk, refused: Refused) -> None:
    product = desk.product(on_hand=6, invoice_policy="delivery")
    order = desk.order((product, 10))
    line = order.order_line
    assert (order.invoice_status, figures(line)) == ("no", (0, 0, "no"))
    with refused(NothingToInvoice) as refusal:
        order._create_invoices()
    assert [row["reason"] for row in refusal.value.data["lines"]] == ["not_delivered"]
    rest = ship(order.picking_ids)
    assert (order.invoice_status, figures(line)) == ("to invoice", (0, 6, "to invoice"))
    first = order._create_invoices()
    assert first.invoice_line_ids.quantity == 6 and order.invoice_status == "no"
    put_stock(product, 10)
    rest.action_assign()
    ship(rest)
    second = order._create_invoices()
    assert second.invoice_line_ids.quantity == 4
    assert (order.invoice_status, figures(line)) == ("invoiced", (10, 0, "invoiced"))
    with refused(NothingToInvoice):
        order._create_invoices(final=True)


def test_more_delivered_than_ordered_is_an_upselling_opportunity(desk: Desk) -> None:
    service = desk.env["product.product"].create({"name": "Installation", "type": "service"})
    order = desk.order((service, 5))
    order._create_invoices()
    order.order_line.qty_delivered = 7
    assert (order.invoice_status, figures(order.order_line)) == ("upselling", (5, 0, "upselling"))


def test_sections_and_notes_are_not_invoiced(desk: Desk) -> None:
    order = desk.quotation((desk.product(on_hand=5), 5))
    order.order_line = [(0, 0, {"display_type": "line_note", "name": "Leave at the gate"})]
    order.action_confirm()
    assert len(order._create_invoices().invoice_line_ids) == 1
    assert order.invoice_status == "invoiced"


def test_units_of_lines_are_invoiced_as_sold(desk: Desk) -> None:
    product = desk.product(on_hand=24, list_price=2, invoice_policy="delivery")
    order = desk.order((product, 2, {"product_uom_id": desk.dozen.id}))
    ship(order.picking_ids)
    line = order._create_invoices().invoice_line_ids
    assert (line.quantity, line.product_uom_id, line.price_unit, line.price_subtotal) == (2, desk.dozen, 24, 48)
    line.write({"quantity": 12, "product_uom_id": product.uom_id.id})
    assert figures(order.order_line) == (1, 1, "to invoice")


# ---------------------------------------------------------------------------- back again


def test_cancelled_invoices_give_quantities_back(desk: Desk) -> None:
    order = desk.order((desk.product(on_hand=5), 5))
    invoice = order._create_invoices()
    invoice.button_cancel()
    assert figures(order.order_line) == (0, 5, "to invoice")
    invoice.button_draft()
    assert figures(order.order_line) == (5, 0, "invoiced")
    invoice.unlink()
    assert figures(order.order_line) == (0, 5, "to invoice")


def test_credit_notes_reduce_what_is_invoiced(desk: Desk) -> None:
    order = desk.order((desk.product(on_hand=5), 5))
    invoice = order._create_invoices()
    invoice.action_post()
    note = credited(invoice)
    assert figures(order.order_line) == (0, 5, "to invoice")
    note.invoice_line_ids.quantity = 2
    assert figures(order.order_line) == (3, 2, "to invoice")
    assert order.invoice_ids == invoice | note
    with pytest.raises(InvoiceClosed):
        invoice.button_draft()


@pytest.mark.both_dialects("scenario")
def test_returns_after_invoicing_are_credited(desk: Desk) -> None:
    order = desk.order((desk.product(on_hand=10, list_price=3, invoice_policy="delivery"), 10))
    ship(order.picking_ids)
    order._create_invoices().action_post()
    send_back(order.picking_ids, 4)
    assert figures(order.order_line) == (10, -4, "to invoice")
    with pytest.raises(NothingToInvoice):
        order._create_invoices()
    note = order._create_invoices(final=True)
    assert (note.move_type, note.invoice_line_ids.quantity, note.amount_total) == ("out_refund", 4, 12)
    assert figures(order.order_line)[:2] == (6, 0)


def test_what_is_to_be_credited_is_deducted_from_what_is_due(desk: Desk) -> None:
    back, more = (desk.product(name, 10, list_price=5, invoice_policy="delivery") for name in ("Back", "More"))
    order = desk.order((back, 4), (more, 10))
    first = order.picking_ids
    first.move_ids.filtered(lambda move: move.product_id == more).quantity = 0
    rest = ship(first)
    order._create_invoices().action_post()
    send_back(first, 1)
    rest.action_assign()
    ship(rest)
    invoice = order._create_invoices(final=True)
    assert (invoice.move_type, invoice.invoice_line_ids.mapped("quantity")) == ("out_invoice", [-1, 10])
    assert invoice.amount_total == 45


def test_a_cancelled_order_leaves_no_draft(desk: Desk) -> None:
    order, other = (desk.order((desk.product(on_hand=5), 5)) for _each in range(2))
    shared = (order | other)._create_invoices()
    order.action_cancel()
    assert shared.state == "draft" and order.invoice_status == "no"
    other.action_cancel()
    assert shared.state == "cancel"


# ---------------------------------------------------------------------------- grouping


def test_orders_of_one_customer_share_an_invoice(desk: Desk) -> None:
    product = desk.product(on_hand=50)
    orders = [desk.order((product, quantity), client_order_ref=f"PO {quantity}") for quantity in (1, 2)]
    stranger = desk.env["res.partner"].create({"name": "Other"})
    orders.append(desk.order((product, 3), partner_id=stranger.id))
    together = desk.env["sale.order"].union(*orders)
    shared, alone = together._create_invoices()
    assert shared.invoice_line_ids.sale_line_ids.order_id == orders[0] | orders[1]
    assert shared.ref == "PO 1, PO 2" and set(shared.invoice_origin.split(", ")) == {o.name for o in orders[:2]}
    assert alone.partner_id == stranger
    (shared | alone).button_cancel()
    assert len(together._create_invoices(grouped=True)) == 3


# ---------------------------------------------------------------------------- no cent is lost


def test_partial_invoices_make_up_the_order(desk: Desk, chance: random.Random) -> None:
    """Any number of parts, some cancelled, some credited, whatever the prices: the whole is the order's amount."""
    taxes = [make_tax(desk.env, rate) for rate in ("5.5", "7", "19", "20.6")]
    service = desk.env["product.product"].create({"name": "Hours", "type": "service", "invoice_policy": "delivery"})
    for _round in range(8):
        ordered = chance.randrange(3, 40)
        rows = [
            (
                service,
                ordered,
                {
                    "price_unit": Decimal(chance.randrange(1, 10**6)) / 10**4,
                    "discount": chance.choice((0, 0, Decimal("33.33"))),
                    "tax_ids": [(6, 0, [tax.id for tax in chance.sample(taxes, chance.randrange(0, 3))])],
                },
            )
            for _line in range(2)
        ]
        order = desk.order(*rows)
        delivered = 0
        while delivered < ordered:
            delivered = min(ordered, delivered + chance.randrange(1, 6))
            order.order_line.qty_delivered = delivered
            invoice = order._create_invoices()
            fate = chance.random()
            if fate < 0.2:
                invoice.button_cancel()
            elif fate < 0.4:
                invoice.action_post()
                credited(invoice).action_post()
            elif fate < 0.7:
                invoice.action_post()
        if order.invoice_status == "to invoice":
            order._create_invoices()
        assert order.invoice_status == "invoiced"
        counted = order.invoice_ids.filtered(lambda move: move.state != "cancel")
        assert sum(counted.mapped("amount_total_signed"), ZERO) == order.amount_total
        for line in order.order_line:
            charged = line.invoice_lines.filtered(lambda each: each.parent_state != "cancel")
            sign = {"out_invoice": 1, "out_refund": -1}
            assert sum(sign[each.move_type] * each.price_subtotal for each in charged) == line.price_subtotal
            assert sum(sign[each.move_type] * each.price_total for each in charged) == line.price_total


def test_another_price_on_a_draft_is_not_made_up_for(desk: Desk) -> None:
    order = desk.order((desk.product(on_hand=9, list_price=10, invoice_policy="delivery"), 9))
    rest = ship(order.picking_ids, 4)
    order._create_invoices().invoice_line_ids.price_unit = 7
    ship(rest)
    assert order._create_invoices().amount_total == 50


# ---------------------------------------------------------------------------- people


def test_salespeople_create_drafts_and_see_invoices_of_orders(desk: Desk, refused: Refused) -> None:
    seller = desk.user("seller", "sales.group_sale_salesman")
    order = desk.order((desk.product(on_hand=5), 5)).with_user(seller)
    invoice = order.action_create_invoices()
    assert (invoice.env.uid, invoice.state, order.invoice_count) == (seller.id, "draft", 1)
    own = invoice.sudo().create({"partner_id": desk.customer.id})
    assert order.env["account.move"].search([]) == invoice and own not in invoice
    with pytest.raises(AccessError):
        invoice.action_post()
    with pytest.raises(AccessError):
        invoice.partner_id = desk.customer


def test_the_invoicing_group_invoices_orders(desk: Desk) -> None:
    clerk = desk.user("clerk", "invoicing.group_account_invoice")
    order = desk.order((desk.product(on_hand=5), 5)).with_user(clerk)
    invoice = order._create_invoices()
    invoice.action_post()
    assert (order.invoice_status, invoice.state) == ("invoiced", "posted")
    stockman = desk.user("stockman", "inventory.group_stock_user")
    with pytest.raises(AccessError):
        order.with_user(stockman)._create_invoices()


# ---------------------------------------------------------------------------- many at once


@pytest.mark.slow
@pytest.mark.both_dialects("statements")
def test_a_thousand_orders_cost_what_a_few_do(desk: Desk) -> None:
    product = desk.product(on_hand=5000, taxes_id=[(6, 0, make_tax(desk.env, 19).ids)])

    def orders(count: int) -> Any:
        found = desk.env["sale.order"].create(
            [
                {
                    "partner_id": desk.customer.id,
                    "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": 1}) for _line in range(2)],
                }
                for _order in range(count)
            ]
        )
        found.action_confirm()
        found.env.flush_all()
        found.env.invalidate_all()
        return found

    few, many = orders(3), orders(1000)
    desk.env.invalidate_all()
    with max_queries(desk.env, 100) as of_few:
        few._create_invoices(grouped=True).action_post()
    desk.env.invalidate_all()
    with max_queries(desk.env, len(of_few)):
        invoices = many._create_invoices(grouped=True)
        invoices.action_post()
    assert len(invoices) == 1000


# ---------------------------------------------------------------------------- coming and going


@pytest.mark.slow
@pytest.mark.addons("sales")
def test_invoicing_comes_to_orders_that_are_there_and_goes_again(db: Any) -> None:
    with db.transaction() as env:
        order = Desk(env).order((Desk(env).product(on_hand=6, list_price=10), 10))
        ship(order.picking_ids)
        number = order.id
    db.install(["invoicing"])
    assert "sales_invoicing" in db.addons
    with db.transaction() as env:
        order = env["sale.order"].browse(number)
        assert (order.invoice_status, figures(order.order_line)) == ("to invoice", (0, 10, "to invoice"))
        assert amounts(order) == (100, 0, 100)
        order._create_invoices().action_post()
    db.uninstall(["invoicing"])
    assert db.addons == ["base", "inventory", "sales"]
    with db.transaction() as env:
        order = env["sale.order"].browse(number)
        put_stock(order.order_line.product_id, 10)
        assert order.action_release_backorders().state == "assigned" and order.amount_total == 100
