"""The pages of manufacturing, as a browser without scripts gets them."""

from __future__ import annotations

import pytest

from core.testing.client import words

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
