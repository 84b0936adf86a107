"""Seed 3 in a real browser: newly available items of an order are released and invoiced; the invoice goes its way."""

from __future__ import annotations

import re

import pytest

from core.testing.browser import page_on
from core.testing.client import open_session
from tests.stories.person import Person

try:
    from playwright.sync_api import expect
except ImportError:  # the fixtures skip or fail the tests then
    expect = None

ADDONS = ("sales", "invoicing")
DEMO = True


@pytest.fixture
def person(browser, request):
    """A user signed in as admin."""
    return Person(browser, re.sub(r"\W+", "-", request.node.name).strip("-"))


@pytest.fixture
def person_without_scripts(chromium, live_server, db, request):
    """A user whose browser runs no scripts."""
    with page_on(chromium, live_server.url, token=open_session(db), java_script_enabled=False) as page:
        yield Person(page, re.sub(r"\W+", "-", request.node.name).strip("-"), scripts=False)


def opens_order(person, order):
    """Goes to an order through the menus."""
    person.opens("Sales", "Orders", "Orders")
    person.listed(order).get_by_role("link").first.click()
    person.is_at("Sales Order")


def invoiced_by_release(person):
    """55 ordered and 45 delivered; 10 arrive, are released and invoiced; the invoice is posted, printed, credited."""
    person.orders("Drawer Case Black", "55")
    order = person.title()
    person.sees("To Invoice", "5,376.25 €")
    person.follows("Delivery")
    person.presses("Validate")
    person.answers("Create Backorder")
    person.is_at("Done")
    person.counts("Drawer Case Black", "10")

    opens_order(person, order)
    person.presses("Release Backorders")
    person.sees("Ship or invoice them?", "10 of 10 Units can be shipped", "Black: a draft over 10 Units.")
    person.look("question")
    person.answers("Invoice")
    person.is_at("Draft")
    person.sees("Created:", "Ready to ship:", "977.50 €")
    person.look("draft-invoice")

    person.presses("Post")
    person.is_at("Posted")
    person.is_on(re.compile(r"^INV/\d{4}/00001$"))
    invoice = person.title()
    person.look("posted-invoice")

    person.page.get_by_role("link", name="Print", exact=True).click()
    expect(person.page.get_by_role("heading")).to_have_text(f"Invoice {invoice}")
    person.sees("10 Units", "850.00 €", "VAT 15% on 850.00 €", "127.50 €", "977.50 €", order)
    button = person.page.get_by_role("button", name="Print")
    expect(button).to_have_count(1 if person.scripts else 0)
    person.look("printed-invoice")
    person.page.get_by_role("link", name=f"Back to {invoice}").click()

    person.presses("Credit Note")
    person.types("Reason", "Damaged")
    person.look("credit-dialog")
    person.answers("Create Credit Note")
    person.is_at("Draft")
    person.sees("977.50 €")
    person.presses("Post")
    person.is_at("Posted")
    person.is_on(re.compile(r"^RINV/\d{4}/00001$"))
    person.look("credit-note")

    person.follows("Sale")
    person.is_on(order)
    person.sees("To Invoice")
    expect(person.page.locator(".smart", has_text="Invoices")).to_contain_text("2")
    person.look("order")


@pytest.mark.slow
def test_released_items_are_invoiced(person):
    invoiced_by_release(person)


@pytest.mark.slow
def test_released_items_are_invoiced_without_scripts(person_without_scripts):
    invoiced_by_release(person_without_scripts)


def test_what_is_not_delivered_is_not_invoiced(person, db):
    """The dialog and the refusal say that the product is invoiced when it is delivered."""
    with db.transaction() as env:
        env["product.template"].search([("name", "=", "Drawer Case Black")]).invoice_policy = "delivery"
    person.orders("Drawer Case Black", "55")
    expect(person.page.get_by_role("button", name="Create Invoice")).to_have_count(0)
    backorder = person.page.locator("input[name$='.qty_backorder']")
    person.types(backorder, "20")
    person.presses("Save")
    person.sees("Saved.")
    person.presses("Release Backorders")
    person.sees("nothing until it is delivered")
    person.answers("Invoice")
    person.sees("Drawer Case Black is invoiced when it is delivered: 0 Units delivered, 0 of them invoiced.")
    person.look("refused")
    person.answers("Ship")
    expect(person.page.locator("table tbody tr").filter(has_text="Ready")).to_have_count(2)


def test_an_invoice_by_hand(person):
    """A customer, a product, a tax: typed, saved and posted."""
    person.opens("Invoicing", "Customers", "Invoices")
    person.new()
    person.chooses("Customer", "Azure Interior")
    person.adds("invoice_line_ids", "Drawer Case Black", "2", "quantity")
    person.sees("195.50 €")
    person.adds("invoice_line_ids", "Letter Tray", "1", "quantity")
    person.sees("201.02 €")
    line = person.page.locator("tr[id^='row-invoice_line_ids-new']").nth(1)
    line.locator("input[type=checkbox][name$='.tax_ids']").uncheck()
    person.sees("200.30 €")
    expect(person.page.locator("tr[id^='row-invoice_line_ids-new']").first).to_contain_text("15%")
    person.look("new-invoice")
    person.presses("Save")
    person.presses("Post")
    person.is_at("Posted")
    person.sees("200.30 €", "Posted:")
    person.opens("Invoicing", "Customers", "Invoices")
    person.sees("200.30 €")
    person.look("invoices")
    person.opens("Invoicing", "Configuration", "Taxes")
    person.look("taxes")


def test_an_integrator_releases_and_invoices(odoo):
    """The questions are action dictionaries, answered by the buttons' methods; drafts come from Odoo's own dialog."""
    product = odoo.product("Bench", list_price=40.25)
    odoo.stock(product, 3)
    order = odoo.order(product, 5)
    delivery = odoo.env["stock.picking"].browse(order.picking_ids.ids)
    odoo.answer(delivery.button_validate())
    odoo.stock(product, 2)
    question = odoo["sale.order"].action_release_backorders([order.id])
    answer = odoo.answer(question, "action_invoice")
    assert answer["res_model"] == "account.move"
    first = odoo["account.move"].browse(answer["res_id"])
    assert (first.state, first.amount_untaxed, first.invoice_line_ids.quantity) == ("draft", 80.5, 2)
    first.action_post()
    assert odoo.again(first).name.startswith("INV/")
    wizard = odoo["sale.advance.payment.inv"].create({"sale_order_ids": [(6, 0, [order.id])]})
    odoo["sale.advance.payment.inv"].create_invoices([wizard])
    order = odoo.again(order)
    assert (order.invoice_status, len(order.invoice_ids)) == ("invoiced", 2)
    assert order.order_line.qty_invoiced == 5
