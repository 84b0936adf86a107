"""Attributes and variants as people enter and see them, in a browser without scripts."""

from __future__ import annotations

import pytest

from core.testing.client import words

ADDONS = ["inventory"]
pytestmark = pytest.mark.dialects("sqlite")

LINE = "attribute_line_ids.new1"
MODELS = ("product.attribute", "product.template", "product.product", "product.template.attribute.value")


@pytest.fixture
def shelf(db):
    """A shelf, and colours to choose from."""
    with db.transaction(login="admin") as env:
        values = [(0, 0, {"name": name}) for name in ("White", "Black")]
        env["product.attribute"].create({"name": "Colour", "value_ids": values})
        env["product.attribute"].create({"name": "Size", "value_ids": [(0, 0, {"name": "Large"})]})
        return env["product.template"].create({"name": "Shelf", "is_storable": True, "list_price": 50}).id


def test_every_list_and_every_new_form_opens(client):
    for model in MODELS:
        for path in (f"/app/{model}", f"/app/{model}/new"):
            page = client.get(path)
            assert page.status_code == 200, f"{path}: {words(page)[:500]}"
    assert "Attributes" in words(client.get("/app/product.attribute"))


def test_values_are_chosen_on_the_product_and_its_variants_are_there(client, db, shelf):
    page = client.submit(client.get(f"/app/product.template/{shelf}"), button="Add a line")
    page = client.submit(page, {f"{LINE}.attribute_id": "Colour", f"{LINE}.value_ids.add": "White"}, button="Save")
    assert page.status_code == 200, words(page)[:500]
    with db.transaction() as env:
        template = env["product.template"].browse(shelf)
        assert template.product_variant_ids.mapped("display_name") == ["Shelf"]
        line = template.attribute_line_ids.id
    page = client.submit(
        client.get(f"/app/product.template/{shelf}"),
        {f"attribute_line_ids.{line}.value_ids.add": "Black"},
        button="Save",
    )
    assert page.status_code == 200, words(page)[:500]
    with db.transaction() as env:
        template = env["product.template"].browse(shelf)
        assert template.product_variant_ids.mapped("display_name") == ["Shelf (White)", "Shelf (Black)"]
        black = template.attribute_line_ids.product_template_value_ids[1].id
    page = client.submit(client.get(f"/app/product.template/{shelf}"), button="call:action_view_variants")
    assert "White" in words(page) and "Black" in words(page)
    client.submit(client.get(f"/app/product.template.attribute.value/{black}"), {"price_extra": "5"}, button="Save")
    page = client.submit(client.get(f"/app/product.template/{shelf}"), button="Extra Prices")
    assert "Black" in words(page) and "5.00" in words(page)


def test_a_value_of_another_attribute_is_refused_and_what_was_typed_stays(client, shelf):
    page = client.submit(client.get(f"/app/product.template/{shelf}"), button="Add a line")
    page = client.submit(page, {f"{LINE}.attribute_id": "Colour", f"{LINE}.value_ids.add": "Large"}, button="Save")
    assert page.status_code == 422
    assert "Colour" in page.get_data(as_text=True) and "Large" in page.get_data(as_text=True)
