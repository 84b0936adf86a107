"""Transfers as people process them, in a browser without scripts."""

from __future__ import annotations

import pytest

from core.testing.client import document

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
