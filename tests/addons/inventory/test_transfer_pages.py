"""Transfers as people process them, in a browser without scripts."""

from __future__ import annotations

import pytest

from addons.inventory.testing import put_stock
from core.testing.client import document, words

ADDONS = ["inventory"]
pytestmark = pytest.mark.dialects("sqlite")


def open_tab(page):
    """The label of the tab of a form that is in front."""
    html = document(page)
    (chosen,) = html.xpath("//input[@name='_tab'][@checked]/@id")
    return html.xpath("//label[@for=$tab]", tab=chosen)[0].text_content()


def test_a_missing_lot_leads_to_the_tab_where_it_is_entered(client, db):
    with db.transaction(login="admin") as env:
        lamp = env["product.product"].create({"name": "Lamp", "is_storable": True, "tracking": "lot"})
        receipt = env["stock.picking"].create(
            {
                "picking_type_id": env.ref("inventory.picking_type_in").id,
                "move_ids": [(0, 0, {"product_id": lamp.id, "product_uom_qty": 8})],
            }
        )
        receipt.action_confirm()
        address = f"/app/stock.picking/{receipt.id}"
    page = client.get(address)
    assert open_tab(page) == "Operations"
    page = client.submit(page, button="Validate")
    assert (page.status_code, open_tab(page)) == (422, "Detailed Operations")


def test_the_first_button_of_selected_transfers_validates_them(client, db):
    """A phone shows the first one only; the others are behind *Actions*."""
    with db.transaction(login="admin") as env:
        env["stock.picking"].create({"picking_type_id": env.ref("inventory.picking_type_in").id})
    (first,) = document(client.get("/app/stock.picking")).xpath("//button[contains(@class, 'is-first')]/@value")
    assert first == "call:button_validate"


def test_a_scrap_is_made_on_its_own_form(client, db):
    """It knows the places at once, and asks for a lot only where the product has lots."""
    with db.transaction() as env:
        product = env["product.product"].create({"name": "Letter Tray", "is_storable": True})
        put_stock(product, 5)
    page = client.submit(
        client.get("/app/stock.scrap/new"), {"product_id": "Letter Tray", "scrap_qty": "2"}, button="Validate"
    )
    with db.transaction() as env:
        scrap = env["stock.scrap"].search([("product_id.name", "=", "Letter Tray")])
        assert (scrap.state, scrap.location_id.usage, scrap.product_id.qty_available) == ("done", "internal", 3), words(
            page
        )
