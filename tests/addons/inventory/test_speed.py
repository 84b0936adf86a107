"""The number of statements does not grow with the number of documents, and long transfers stay quick."""

from __future__ import annotations

import pytest

from core.testing.queries import max_queries
from tests.addons.inventory.playground import Stock

ADDONS = ["inventory"]
pytestmark = pytest.mark.both_dialects("statements")


def orders(stock, products, count):
    rule = stock.env["stock.rule"]
    references = stock.env["stock.reference"].create([{"name": f"S{n}"} for n in range(count)])
    return [
        rule.Procurement(
            product, 4, product.uom_id, stock.customers, "", reference.name, stock.env.company,
            {"warehouse_id": stock.warehouse, "reference_ids": reference},
        )
        for reference in references
        for product in products
    ]  # fmt: skip


def statements(stock, products, count):
    """How many statements it takes to order and to ship `count` orders."""
    needs = orders(stock, products, count)
    stock.env.invalidate_all()
    with max_queries(stock.env, 10_000) as ordered:
        stock.env["stock.rule"].run(needs)
    pickings = stock.env["stock.picking"].search([("state", "=", "assigned")])
    assert len(pickings) == count
    stock.env.invalidate_all()
    with max_queries(stock.env, 10_000) as shipped:
        pickings.button_validate()
    stock.env["stock.picking"].search([("state", "not in", ("done", "cancel"))]).action_cancel()
    stock.env.invalidate_all()
    return len(ordered), len(shipped)


def test_statements_are_constant(stock):
    stock.out.create_backorder = "always"
    products = [stock.product(f"P{n}", 1000) for n in range(4)] + [stock.product(f"Q{n}", 3) for n in range(2)]
    statements(stock, products[:4], 2)  # what is read once by a process is read
    few = statements(stock, products[:4], 40)
    many = statements(stock, products[:4], 120)
    # A sequence may be read once more or less; nothing grows.
    assert all(abs(more - less) <= 1 for more, less in zip(many, few)), (few, many)
    assert few[0] <= 40 and few[1] <= 50


@pytest.mark.slow
def test_scraps_of_many_products_take_no_more_statements(stock):
    counts = []
    for number in (3, 3, 30):
        products = [stock.product(f"P{each}", on_hand=2) for each in range(number)]
        scraps = stock.env["stock.scrap"].create([{"product_id": product.id, "scrap_qty": 1} for product in products])
        stock.env.flush_all()
        stock.env.invalidate_all()
        with max_queries(stock.env, 1000) as statements:
            scraps.action_validate()
            stock.env.flush_all()
        assert set(scraps.mapped("state")) == {"done"}
        counts.append(len(statements))
    assert counts[1] == counts[2]


def test_a_transfer_of_five_thousand_lines_takes_no_more_statements(db):
    def build(env):
        stock = Stock(env)
        rows = [{"name": f"P{n}", "is_storable": True} for n in range(5000)]
        products = env["product.product"].create(rows)
        picking = stock.receipt(*((product, 3) for product in products))
        with max_queries(env, 60):
            picking.button_validate()
        delivery = stock.delivery(*((product, 2) for product in products))
        with max_queries(env, 60):
            delivery.button_validate()
        assert delivery.state == "done"

    db.run(build)
