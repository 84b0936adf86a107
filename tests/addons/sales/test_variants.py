"""Variants on quotations: chosen as any product, at their own price, and not taken away while they are offered."""

from __future__ import annotations

import pytest

from addons.inventory.exceptions import VariantInUse

ADDONS = ["sales"]


@pytest.fixture
def shelf(desk):
    """A shelf in white and, for 5 more, in black."""
    values = [(0, 0, {"name": name, "default_extra_price": extra}) for name, extra in (("White", 0), ("Black", 5))]
    colour = desk.env["product.attribute"].create({"name": "Colour", "value_ids": values})
    line = (0, 0, {"attribute_id": colour.id, "value_ids": [(6, 0, colour.value_ids.ids)]})
    return desk.env["product.template"].create(
        {"name": "Shelf", "is_storable": True, "list_price": 50, "attribute_line_ids": [line]}
    )


def test_a_variant_is_quoted_by_its_name_at_its_price(desk, shelf):
    white, black = shelf.product_variant_ids
    order = desk.quotation((white, 1), (black, 1), (black, 1, {"product_uom_id": desk.dozen.id}))
    assert order.order_line.mapped("price_unit") == [50, 55, 660]
    assert order.order_line.mapped("name") == ["Shelf (White)", "Shelf (Black)", "Shelf (Black)"]


def test_a_variant_that_a_quotation_offers_cannot_go(desk, shelf, refused):
    _white, black = shelf.product_variant_ids
    order = desk.quotation((black, 1))
    line = shelf.attribute_line_ids
    data = {"variant": "Shelf (Black)", "document": order.name}
    with refused(VariantInUse, data=data), desk.env.savepoint():
        line.value_ids = [(3, line.value_ids[1].id)]
    order.action_cancel()
    line.value_ids = [(3, line.value_ids[1].id)]
    assert not black.active and order.order_line.product_id == black
