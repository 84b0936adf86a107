"""The pages of manufacturing, as a browser without scripts gets them."""

from __future__ import annotations

import pytest

from core.testing.client import document, words

ADDONS = ["manufacturing"]
DEMO = True

MODELS = (
    "mrp.production", "mrp.workorder", "mrp.bom", "mrp.workcenter", "mrp.routing.workcenter", "mrp.unbuild",
    "mrp.workcenter.productivity", "mrp.production.group", "mrp.bom.line",
)  # fmt: skip


def test_every_list_and_every_new_form_opens(client):
    for model in MODELS:
        for path in (f"/app/{model}", f"/app/{model}/new"):
            page = client.get(path)
            assert page.status_code == 200, f"{path}: {words(page)[:500]}"


def test_an_order_shows_its_buttons_as_the_state_allows(db, client):
    with db.transaction() as env:
        order = env["mrp.production"].create(
            {"product_id": env.ref("manufacturing.product_product_table").id, "product_qty": 10}
        )
        order_id, name = order.id, order.name
    text = words(client.get(f"/app/mrp.production/{order_id}"))
    assert "Confirm" in text and "Produce All" not in text and name in text
    with db.transaction() as env:
        env["mrp.production"].browse(order_id).action_confirm()
    text = words(client.get(f"/app/mrp.production/{order_id}"))
    for label in ("Validate", "Produce All", "Make Transfer", "Back Flush", "Components", "Work Orders"):
        assert label in text


@pytest.mark.parametrize("made", [6, 10])
def test_validating_on_the_page(db, client, made):
    with db.transaction() as env:
        order = env["mrp.production"].create(
            {"product_id": env.ref("manufacturing.product_product_table").id, "product_qty": 10}
        )
        order.action_confirm()
        order.qty_producing = made
        order_id = order.id
    page = client.submit(client.get(f"/app/mrp.production/{order_id}"), button="Validate")
    text = words(page)
    if made == 10:
        assert "You produced less than initial demand" not in text
    else:
        assert "You produced less than initial demand" in text
        client.submit(page, button="Create Backorder")
    with db.transaction() as env:
        order = env["mrp.production"].browse(order_id)
        assert order.state == "done"
        assert len(order.production_group_id.production_ids) == (1 if made == 10 else 2)


@pytest.fixture
def untransferred(db):
    """An order for four tables whose components are still to be brought to the place of work; gives its id."""
    with db.transaction(login="admin") as env:
        table = env.ref("manufacturing.product_product_table")
        order = env["mrp.production"].create({"product_id": table.id, "product_qty": 4})
        order.action_confirm()
        order.action_make_transfer()
        return order.id


@pytest.mark.parametrize("answer", ["Make Transfer and Back Flush", "Back Flush Anyway"])
def test_back_flush_asks_about_an_open_transfer(db, client, untransferred, answer):
    path = f"/app/mrp.production/{untransferred}"
    page = client.submit(client.get(path), button="Back Flush")
    assert "Components are still to be transferred" in words(page)
    with db.transaction() as env:
        assert env["mrp.production"].browse(untransferred).state == "confirmed"
    page = client.submit(page, button=answer)
    assert "is done: 4 Units of" in words(page)
    with db.transaction() as env:
        order = env["mrp.production"].browse(untransferred)
        assert (order.state, set(order.picking_ids.mapped("state")) <= {"done"}) == ("done", True)


def test_closing_on_the_shop_floor_asks_about_an_open_transfer(db, client):
    with db.transaction(login="admin") as env:
        varnish = env.ref("manufacturing.product_product_varnish")
        order = env["mrp.production"].create({"product_id": varnish.id, "product_qty": 4})
        order.action_confirm()
        order.action_make_transfer()
        order.workorder_ids.do_finish()
        order_id = order.id
    page = client.submit(client.get("/app/shop-floor"), button="Close Production")
    assert "Components are still to be transferred" in words(page)
    page = client.submit(page, button="Back Flush Anyway")
    assert "is done: 4 Units" in words(page)
    with db.transaction() as env:
        assert env["mrp.production"].browse(order_id).state == "done"


@pytest.mark.parametrize("button", ["Validate", "Back Flush"])
def test_more_than_demanded_is_asked_about_on_the_form(db, client, button):
    with db.transaction(login="admin") as env:
        table = env.ref("manufacturing.product_product_table")
        order = env["mrp.production"].create({"product_id": table.id, "product_qty": 4})
        order.action_confirm()
        order_id = order.id
    asked = client.submit(client.get(f"/app/mrp.production/{order_id}"), {"qty_producing": "6"}, button=button)
    assert "More is produced than the order demands." in words(asked)
    assert "More is produced" not in words(client.submit(asked, {"qty_producing": "4"}, button="stay"))
    done = client.submit(asked, button="Produce more")
    assert "2 Units more than demanded were produced." in words(done)
    with db.transaction() as env:
        order = env["mrp.production"].browse(order_id)
        assert (order.state, order.qty_produced) == ("done", 6)


def test_more_than_demanded_is_asked_about_on_the_form_of_a_work_order(db, client):
    with db.transaction(login="admin") as env:
        varnish = env.ref("manufacturing.product_product_varnish")
        order = env["mrp.production"].create({"product_id": varnish.id, "product_qty": 4})
        order.action_confirm()
        mix = order.workorder_ids[0].id
    asked = client.submit(client.get(f"/app/mrp.workorder/{mix}"), {"qty_producing": "6"}, button="Mark as Done")
    assert "More is produced than the order demands." in words(asked)
    assert "is done: 6 Units" in words(client.submit(asked, button="Produce more"))


def test_a_new_production_order_leads_back_to_the_list_of_production_orders(db, client):
    with db.transaction() as env:
        new = env.ref("manufacturing.production_order_action_new").id
        orders = env.ref("manufacturing.production_order_action").id
        table = env.ref("manufacturing.product_product_table").display_name
    empty = client.get(f"/app/action/{new}", follow_redirects=True)
    saved = client.submit(empty, {"product_id": table, "product_qty": "4"}, button="save")
    for page in (empty, saved):
        crumb = document(page).xpath("//nav[@class='crumbs']//a")[0]
        assert (crumb.text_content(), crumb.get("href")) == ("Production Orders", f"/app/action/{orders}")
    assert saved.request.path.rpartition("/")[2].isdecimal()
    assert "Item To Manufacture" in words(saved), "the form is the same"
