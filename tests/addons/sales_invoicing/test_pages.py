"""Orders and invoices on pages without scripts: taxes of new lines, the question of Release Backorders."""

from __future__ import annotations

from typing import Any

import pytest

from addons.inventory.testing import put_stock
from core.testing.client import document, words
from tests.addons.sales.desk import Desk, ship

ADDONS = ("sales", "invoicing")


@pytest.fixture
def product(db: Any) -> int:
    """Id of a product with a tax of 19 percent."""
    with db.transaction() as env:
        tax = env["account.tax"].create({"name": "VAT 19%", "amount": 19})
        return Desk(env).product("Drawer", 6, list_price=10, taxes_id=[(6, 0, tax.ids)]).id


def typed_order(client: Any, **values: str) -> Any:
    """The page after a quotation with one line was typed and saved; `values` are of the line."""
    page = client.submit(client.get("/app/sale.order/new"), button="Add a line")
    names = document(page).xpath("//input/@name")
    line = next(name for name in names if name.endswith(".product_id")).removesuffix(".product_id")
    entered = {f"{line}.{field}": value for field, value in values.items()}
    customer = {"partner_id": "Ready Mat"}
    return client.submit(page, {**customer, **entered}, button="Save")


def saved_line(db: Any) -> tuple[list[str], Any]:
    """Taxes and total of the only order line."""
    with db.transaction() as env:
        line = env["sale.order.line"].search([])
        return line.tax_ids.mapped("name"), line.price_total


def test_a_new_line_has_the_taxes_of_its_product(client: Any, db: Any, product: int) -> None:
    typed_order(client, product_id="Drawer", product_uom_qty="2")
    taxes, total = saved_line(db)
    assert taxes == ["VAT 19%"] and str(total) == "23.8000"


def test_taxes_that_were_all_removed_stay_away(client: Any, db: Any, product: int) -> None:
    page = typed_order(client, product_id="Drawer", product_uom_qty="2")
    tags = document(page).xpath("//input[@type='checkbox' and contains(@name, '.tax_ids')]")
    assert [tag.get("value").partition("|")[2] for tag in tags] == ["VAT 19%"]
    client.submit(page, {tags[0].get("name"): False}, button="Save")
    taxes, total = saved_line(db)
    assert taxes == [] and total == 20


def test_the_question_is_a_dialog_over_the_order(client: Any, db: Any, product: int) -> None:
    with db.transaction() as env:
        order = Desk(env).order((env["product.product"].browse(product), 10))
        ship(order.picking_ids)
        put_stock(order.order_line.product_id, 4)
        number = order.id
    dialog = client.submit(client.get(f"/app/sale.order/{number}"), button="Release Backorders")
    assert "Drawer: 4 of 4 Units can be shipped." in words(dialog)
    page = client.submit(dialog, button="Ship and Invoice")
    assert "Created: Draft Invoice" in words(page) and page.request.path.startswith("/app/stock.picking/")
    with db.transaction() as env:
        invoice = env["sale.order"].browse(number).invoice_ids
        assert (invoice.state, invoice.invoice_line_ids.quantity, str(invoice.amount_total)) == ("draft", 4, "47.6000")
