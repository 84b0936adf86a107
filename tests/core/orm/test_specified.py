"""Reading and saving by specification: links and lines as deep as asked for, with the rights of who asks."""

from __future__ import annotations

import pytest

from core.exceptions import AccessError, ValidationError
from core.testing.queries import max_queries


@pytest.fixture
def orders(shop):
    partner = shop["t.partner"].create({"name": "Azure", "tag_ids": [(0, 0, {"name": "gold"})]})
    lines = [{"name": name, "quantity": quantity, "price": 2} for name, quantity in (("b", 1), ("a", 3), ("c", 2))]
    return shop["t.order"].create(
        [
            {"name": "S2", "partner_id": partner.id, "line_ids": [(0, 0, line) for line in lines]},
            {"name": "S1", "partner_id": partner.id},
        ]
    )


def test_links_and_lines_are_read_as_deep_as_asked(orders):
    partner, (b, a, c) = orders.partner_id, orders.line_ids
    assert orders.web_read({"name": {}, "partner_id": {}, "line_ids": {}}) == [
        {"id": orders[0].id, "name": "S2", "partner_id": partner.id, "line_ids": [b.id, a.id, c.id]},
        {"id": orders[1].id, "name": "S1", "partner_id": partner.id, "line_ids": []},
    ]
    first, _second = orders.web_read(
        {
            "partner_id": {
                "fields": {"display_name": {}, "tag_ids": {"fields": {"name": {}}}, "parent_id": {"fields": {}}}
            },
            "line_ids": {"fields": {"name": {}, "order_id": {"fields": {}}}, "order": "quantity desc", "limit": 2},
        }
    )
    assert first == {
        "id": orders[0].id,
        "partner_id": {
            "id": partner.id,
            "display_name": "Azure",
            "tag_ids": [{"id": partner.tag_ids.id, "name": "gold"}],
            "parent_id": False,
        },
        "line_ids": [
            {"id": a.id, "name": "a", "order_id": {"id": orders[0].id}},
            {"id": c.id, "name": "c", "order_id": {"id": orders[0].id}},
            {"id": b.id},
        ],
    }
    assert orders.web_read({}) == [{"id": orders[0].id}, {"id": orders[1].id}]


@pytest.mark.parametrize(
    "specification", [["name"], {"nonsense": {}}, {"name": {"nonsense": 1}}, {"partner_id": {"fields": ["name"]}}]
)
def test_a_specification_of_another_shape_is_refused(orders, specification):
    with pytest.raises(ValidationError):
        orders.web_read(specification)


def test_a_page_says_how_many_there_are(shop, orders):
    search = shop["t.order"].web_search_read
    assert search([], {"name": {}}) == {
        "length": 2,
        "records": [{"id": orders[0].id, "name": "S2"}, {"id": orders[1].id, "name": "S1"}],
    }
    assert search([], {"name": {}}, limit=1, order="name") == {
        "length": 2,
        "records": [{"id": orders[1].id, "name": "S1"}],
    }
    assert search([], {}, offset=1, limit=5)["length"] == 2
    assert search([], {}, offset=9, limit=5) == {"length": 2, "records": []}
    shop["t.order"].create([{"name": f"X{n}", "partner_id": orders.partner_id.id} for n in range(5)])
    assert search([], {}, limit=2, count_limit=4)["length"] == 4


def test_what_is_saved_is_read_back(shop, orders):
    (read,) = orders[0].web_save({"name": "S9"}, {"name": {}, "amount": {}})
    assert read == {"id": orders[0].id, "name": "S9", "amount": 12}
    values = {"name": "New", "partner_id": orders.partner_id.id, "line_ids": [(0, 0, {"name": "x", "price": 1})]}
    (made,) = shop["t.order"].web_save(values, {"line_ids": {"fields": {"name": {}}}})
    assert [line["name"] for line in made["line_ids"]] == ["x"]
    assert orders[0].web_save({"name": "S8"}, {"name": {}}, next_id=orders[1].id) == [
        {"id": orders[1].id, "name": "S1"}
    ]


def test_the_number_of_statements_is_that_of_the_levels(shop):
    for size in (3, 40):
        partners = shop["t.partner"].create([{"name": f"P{n}"} for n in range(size)])
        shop["t.order"].create(
            [{"partner_id": partner.id, "line_ids": [(0, 0, {"name": "l"})] * 3} for partner in partners]
        )
        shop.flush_all()
        shop.invalidate_all()
        with max_queries(shop, 4):
            read = shop["t.order"].web_search_read(
                [],
                {"partner_id": {"fields": {"name": {}}}, "line_ids": {"fields": {"name": {}, "quantity": {}}}},
            )
        assert read["length"] >= size


def test_rights_hold_at_every_level(env, user):
    shown, hidden = env["r.node"].create([{"name": "shown"}, {"name": "hidden"}])
    item = env["r.item"].create({"name": "i", "node_id": hidden.id})
    env["r.item"].create({"name": "j", "node_id": shown.id})
    env.flush_all()
    env.registry.access.rules["r.node", "read"] = [("name", "=", "shown")]
    mine = user["r.item"].browse(item.id)
    assert mine.web_read({"node_id": {"fields": {"display_name": {}}}})[0]["node_id"] == {
        "id": hidden.id,
        "display_name": "hidden",
    }
    with pytest.raises(AccessError):
        mine.web_read({"node_id": {"fields": {"name": {}}}})
    with pytest.raises(AccessError):
        user["r.node"].web_search_read([], {"secret": {}})
    with pytest.raises(AccessError):
        user["r.node"].browse(hidden.id).web_save({"name": "mine"}, {"name": {}})
    env.registry.access.rules["r.item", "read"] = [("name", "=", "i")]
    assert user["r.node"].browse(shown.id).web_read({"item_ids": {"fields": {"name": {}}}}) == [
        {"id": shown.id, "item_ids": []}
    ]
