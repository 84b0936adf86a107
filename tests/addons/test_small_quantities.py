"""A quantity that its unit rounds to nothing is refused, not stored as 0."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.exceptions import ValidationError

ADDONS = ["sales", "purchasing"]


@pytest.fixture
def admin(env):
    return env(uid=env.ref("base.user_admin").id, su=False)


@pytest.mark.parametrize("model, field", [("sale.order", "product_uom_qty"), ("purchase.order", "product_qty")])
@pytest.mark.parametrize("quantity", [1e-9, "0.0000001", Decimal("0.001")])
def test_an_order_line_has_a_quantity_or_none(admin, refused, model, field, quantity):
    product = admin["product.product"].create({"name": "Chair", "type": "consu"})
    partner = admin["res.partner"].create({"name": "Azure"})
    order = {"partner_id": partner.id, "order_line": [(0, 0, {"product_id": product.id, field: quantity})]}
    data = {"field": field, "unit": product.uom_id.name, "smallest": "0.01"}
    with refused(ValidationError, code="quantity_too_small", data=data):
        admin[model].create(order)
    order["order_line"][0][2][field] = 2
    line = admin[model].create(order).order_line
    with pytest.raises(ValidationError):
        line.write({field: quantity})
    line.write({field: 0})
    line.sudo().write({field: quantity})  # what is computed is rounded as ever
