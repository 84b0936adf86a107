"""Orders as rows of cells, sent and fetched by an integrator over the external API."""

import pytest

ADDONS = ("sales",)
FIELDS = ["id", "partner_id/id", "client_order_ref", "order_line/id", "order_line/product_id",
          "order_line/product_uom_qty", "order_line/price_unit"]  # fmt: skip


@pytest.fixture
def shop(odoo):
    """A customer with an external id, and two products."""
    odoo["res.partner"].load(["id", "name"], [["shop.azure", "Azure Interior"]])
    odoo.product("Lamp", default_code="L-1")
    odoo.product("Desk")
    return odoo


def test_orders_with_their_lines_are_loaded_and_loaded_again(shop):
    rows = [
        ["shop.so1", "shop.azure", "A-1", "shop.so1_1", "[L-1] Lamp", "3140.06", "5.95"],
        ["", "", "", "shop.so1_2", "Desk", 33.6, 0.45],
        ["shop.so2", "shop.azure", "A-2", "", "Desk", "2", "10"],
    ]
    answer = shop["sale.order"].load(FIELDS, rows)
    assert answer["messages"] == []
    first, second = shop["sale.order"].browse(answer["ids"])
    assert [(line.product_uom_qty, line.price_unit) for line in first.order_line] == [(3140.06, 5.95), (33.6, 0.45)]
    assert (first.client_order_ref, second.order_line.product_uom_qty) == ("A-1", 2)
    rows[1][5] = "34"
    assert shop["sale.order"].load(FIELDS, rows[:2])["ids"] == answer["ids"][:1]
    first = shop.again(first)
    assert [line.product_uom_qty for line in first.order_line] == [3140.06, 34]
    first.action_confirm()
    assert shop.again(first).state == "sale"


def test_one_wrong_cell_keeps_everything_out_and_is_named(shop):
    before = shop["sale.order"].search_count([])
    answer = shop["sale.order"].load(
        FIELDS,
        [
            ["shop.so1", "shop.azure", "", "", "Desk", "2", "10"],
            ["", "", "", "", "Chair", "1", "1"],
            ["shop.so2", "shop.azure", "", "", "Desk", "a few", "10"],
        ],
    )
    assert answer["ids"] is False
    assert [(each["type"], each["rows"], each["field"]) for each in answer["messages"]] == [
        ("error", {"from": 1, "to": 1}, "order_line"),
        ("error", {"from": 2, "to": 2}, "order_line"),
    ]
    assert "Chair" in answer["messages"][0]["message"]
    assert "a few" in answer["messages"][1]["message"]
    assert shop["sale.order"].search_count([]) == before


def test_what_is_exported_is_loaded_back(shop):
    rows = [["shop.so1", "shop.azure", "A-1", "shop.so1_1", "Desk", "33.6", "0.1"]]
    (order,) = shop["sale.order"].load(FIELDS, rows)["ids"]
    out = shop["sale.order"].browse(order).export_data(FIELDS)["datas"]
    assert out == [["shop.so1", "shop.azure", "A-1", "shop.so1_1", "Desk", 33.6, 0.1]]
    assert shop["sale.order"].load(FIELDS, out) == {"ids": [order], "messages": [], "nextrow": 0}
