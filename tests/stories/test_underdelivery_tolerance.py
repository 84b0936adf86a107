"""The underdelivery tolerance, typed into every form that has it, with and without scripts, and set by OdooRPC."""

from __future__ import annotations

import pytest

from addons.inventory.testing import assert_stock_laws
from core.testing.browser import page_on
from core.testing.client import document, open_session
from tests.stories.person import PHONE

ADDONS = ("sales", "manufacturing", "purchasing")
pytestmark = pytest.mark.dialects("sqlite")


def forms(env):
    """Name -> address of the form and the tab with the field."""
    contact = env["res.partner"].create({"name": "Gemini Furniture"})
    category = env["product.category"].create({"name": "Screws"})
    screw = env["product.product"].create({"name": "Screw", "is_storable": True, "categ_id": category.id})
    bought = (0, 0, {"product_id": screw.id, "product_qty": 5})
    sold = (0, 0, {"product_id": screw.id, "product_uom_qty": 5})
    purchase = env["purchase.order"].create({"partner_id": contact.id, "order_line": [bought]})
    sale = env["sale.order"].create({"partner_id": contact.id, "order_line": [sold]})
    production = env["mrp.production"].create({"product_id": screw.id, "product_qty": 5})
    records = {
        sale: "Other Info",
        purchase: "Other Information",
        production: "Miscellaneous",
        contact: "Sales & Purchase",
        category: None,
        env.ref("inventory.picking_type_out"): None,
    }
    return {record._name: (f"/app/{record._name}/{record.id}", tab) for record, tab in records.items()}


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_every_form_keeps_what_is_typed(chromium, live_server, db, size):
    with db.transaction(login="admin") as env:
        pages = forms(env)
    shape = {"viewport": PHONE, "has_touch": True, "is_mobile": True} if size == "phone" else {}
    kept = {}
    with page_on(chromium, live_server.url, token=open_session(db), **shape) as page:
        for name, (address, tab) in pages.items():
            for visit in ("type", "look"):
                page.goto(address)
                if tab:
                    page.get_by_text(tab, exact=True).first.click()
                percent = page.locator("input[name=underdelivery_tolerance]")
                if visit == "type":
                    page.locator("input[type=checkbox][name=use_underdelivery_tolerance]").check()
                    percent.fill("2.5")
                    with page.expect_navigation():
                        page.get_by_role("button", name="Save", exact=True).first.click()
            kept[name] = percent.input_value()
    assert kept == dict.fromkeys(pages, "2.5")


def test_one_save_sets_the_tolerance_without_scripts(chromium, live_server, db):
    """The percentage can be typed at once: no page has to come back before it is shown."""
    with db.transaction(login="admin") as env:
        pages = forms(env)
    kept = {}
    with page_on(chromium, live_server.url, token=open_session(db), java_script_enabled=False) as page:
        for name, (address, tab) in pages.items():
            page.goto(f"{address}?edit=1")
            if tab:
                page.get_by_text(tab, exact=True).first.click()
            page.locator("input[type=checkbox][name=use_underdelivery_tolerance]").check()
            page.locator("input[name=underdelivery_tolerance]").fill("2.5")
            page.get_by_role("button", name="Save", exact=True).first.click()
            with db.transaction(login="admin") as env:
                model, id_ = address.split("/")[2:]
                kept[name] = float(env[model].browse(int(id_)).underdelivery_tolerance)
    assert kept == dict.fromkeys(pages, 2.5)


def test_settings_keep_what_is_typed(client, db):
    page = client.submit(client.get("/app/res.config.settings/new"), {"underdelivery_tolerance": "1.5"}, button="Save")
    assert page.status_code == 200
    shown = document(client.get("/app/res.config.settings/new")).get_element_by_id("record").fields
    assert shown["underdelivery_tolerance"] == "1.5"


def test_integrator_sets_the_tolerance_of_an_order(odoo, db):
    screw = odoo.product("Screw")
    odoo.stock(screw, 98)
    order = odoo.order(screw, 100)
    assert order.read(["use_underdelivery_tolerance", "underdelivery_tolerance"])[0]["underdelivery_tolerance"] == 0
    order.write({"underdelivery_tolerance": 2})
    assert odoo.again(order).use_underdelivery_tolerance is True
    (delivery,) = order.picking_ids
    assert delivery.button_validate() in (True, None)
    order = odoo.again(order)
    assert (order.delivery_status, order.order_line.qty_to_deliver) == ("full", 0)
    assert delivery.backorder_ids.ids == []
    with db.transaction() as env:
        assert_stock_laws(env)
