"""Computed figures are searched: a search finds what reading the figures would, whatever the operator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import pytest

from addons.inventory.testing import assert_stock_laws, put_stock
from core.testing.queries import max_queries
from core.web.domain_editor.field_paths import FieldPaths
from core.web.pages.searching import shown_fields
from core.web.views.catalogue import Views
from tests.addons.sales.desk import Desk, ship

ADDONS = ("sales", "manufacturing", "purchasing", "sales_invoicing")
MODELS = (
    "product.product",
    "product.template",
    "sale.order",
    "sale.order.line",
    "stock.move",
    "stock.picking",
    "stock.quant",
    "stock.lot",
    "stock.backorder",
    "mrp.production",
    "mrp.workorder",
    "purchase.order.line",
)
# What the columns of their lists show of stock and backorders.
FIGURES = {
    "product.product": "qty_available free_qty incoming_qty outgoing_qty virtual_available backordered_qty",
    "product.template": "qty_available free_qty virtual_available standard_price weight",
    "sale.order.line": "qty_short qty_to_deliver qty_backorder qty_available_today free_qty_today shortage_status",
    "stock.move": "qty_short qty_reserved qty_here qty_elsewhere ordered_qty stock_on_hand stock_free stock_forecast "
    "is_late product_qty availability forecast_availability forecast_expected_date waiting_reason reference",
    "stock.quant": "reserved_quantity available_quantity inventory_diff_quantity",
    "stock.picking": "products_availability_state waiting_reason backorder_summary",
    "mrp.production": "qty_produced components_availability_state duration_expected is_delayed delivery_count "
    "mrp_production_child_count mrp_production_source_count",
    "mrp.workorder": "waiting_for",
    "purchase.order.line": "product_uom_qty",
    "sale.order": "delivery_count backorder_count closed_short",
}
NUMBERS = ("quantity", "integer", "monetary", "float")
LINKS = ("many2one", "one2many", "many2many")


@pytest.fixture
def company(env: Any) -> Iterator[Desk]:
    """Orders in every state, in two warehouses, with other units, kits, holds, returns to come and services."""
    desk = Desk(env)
    drawer, lamp = desk.product("Drawer", 12), desk.product("Lamp", 3)
    leg = desk.product("Leg", 40)
    service = env["product.product"].create({"name": "Assembly", "type": "service"})
    desk.product("Never moved")
    other = env["stock.warehouse"].create({"name": "North", "code": "NO"})
    put_stock(lamp, 7, other.lot_stock_id)
    table = env["product.product"].create({"name": "Table", "type": "consu"})
    env["mrp.bom"].create(
        {
            "product_tmpl_id": table.product_tmpl_id.id,
            "type": "phantom",
            "bom_line_ids": [(0, 0, {"product_id": leg.id, "product_qty": 4})],
        }
    )
    frame = desk.product("Frame")
    env["mrp.bom"].create(
        {
            "product_tmpl_id": frame.product_tmpl_id.id,
            "bom_line_ids": [(0, 0, {"product_id": leg.id, "product_qty": 2})],
        }
    )
    desk.quotation((drawer, 5), (service, 2))
    ship(desk.order((drawer, 4), (lamp, 1)).picking_ids)
    desk.order((drawer, 2, {"product_uom_id": desk.dozen.id}), commitment_date=datetime(2020, 1, 6))
    held = desk.order((lamp, 2), (table, 3))
    held.order_line[0].qty_backorder = 2
    desk.order((lamp, 9), warehouse_id=other.id)
    desk.order((drawer, 1)).action_cancel()
    for quantity in (5, 40):
        production = env["mrp.production"].create({"product_id": frame.id, "product_qty": quantity})
        production.action_confirm()
    bench = env["product.product"].create({"name": "Bench", "type": "consu"})
    env["mrp.bom"].create(
        {
            "product_tmpl_id": bench.product_tmpl_id.id,
            "bom_line_ids": [(0, 0, {"product_id": frame.id, "product_qty": 2})],
        }
    )
    above = env["mrp.production"].create({"product_id": bench.id, "product_qty": 1})
    above.move_raw_ids.move_orig_ids = production.move_finished_ids
    units = ({}, {"product_uom_id": desk.dozen.id})
    lines = [(0, 0, {"product_id": drawer.id, "product_qty": 3, **unit}) for unit in units]
    env["purchase.order"].create({"partner_id": desk.customer.id, "order_line": lines})
    quant = env["stock.quant"].search([("product_id", "=", drawer.id), ("location_id.usage", "=", "internal")])
    quant[:1].inventory_quantity = 2
    quant[:1].inventory_quantity_set = True
    yield desk
    assert_stock_laws(env)


def figures_of(records: Any) -> list[Any]:
    """The computed fields of a model that have a search of their own."""
    return [
        field
        for name, field in records._fields.items()
        if not field.store and field.search and not field.related and field.type not in LINKS and name != "display_name"
    ]


def conditions(field: Any, values: Iterable[Any]) -> Iterator[tuple[str, str, Any]]:
    """Conditions of every operator of the field, at its own values, zero, a negative number, and no value."""
    known = [value for value in dict.fromkeys(values) if value]
    if field.type in NUMBERS:
        smallest = sorted(known)
        probes = [*smallest[:1], *smallest[-1:], 0, -1]
        for operator in ("=", "!=", "<", "<=", ">", ">="):
            yield from ((field.name, operator, probe) for probe in probes)
    elif field.type == "boolean":
        probes = [True, False]
    else:
        probes = known[:2]
        if field.type in ("char", "text"):
            yield from ((field.name, operator, text[:5]) for text in probes for operator in ("ilike", "not ilike"))
        if field.type == "datetime":
            yield from ((field.name, operator, day) for day in probes for operator in ("<", ">="))
    for operator in ("=", "!="):
        yield from ((field.name, operator, probe) for probe in [*probes, False])
    for operator in ("in", "not in"):
        yield from ((field.name, operator, chosen) for chosen in (probes, [*probes, False], []))


def test_a_search_finds_what_the_values_say(company: Desk) -> None:
    for model in MODELS:
        compare_searches(company, model)


def compare_searches(company: Desk, model: str) -> None:
    """Assert that each condition on each computed figure of a model finds what reading the figure finds."""
    records = company.env[model].with_context(active_test=False).search([])
    fields = figures_of(records)
    assert not set(FIGURES.get(model, "").split()) - {field.name for field in fields}
    for field in fields:
        for condition in conditions(field, records.mapped(field.name)):
            found = records.search([condition])
            expected = records.filtered_domain([condition])
            assert set(found.ids) == set(expected.ids), (model, condition)


def test_figures_are_those_of_the_warehouse_in_the_context(company: Desk) -> None:
    products = company.env["product.product"]
    lamp = products.search([("name", "=", "Lamp")])
    here = products.with_context(warehouse_id=company.warehouse.id)
    assert lamp in here.search([("qty_available", "=", 2)])
    assert lamp not in here.search([("qty_available", ">", 2)])
    assert lamp in products.search([("qty_available", "=", 9)])
    line = company.env["sale.order.line"].search([("product_id", "=", lamp.id), ("qty_available_today", "=", 7)])
    assert line.warehouse_id.code == "NO"


def test_a_filter_offers_all_figures_and_no_two_fields_of_one_name(company: Desk) -> None:
    env, views = company.env, Views()
    for model in MODELS:
        paths = FieldPaths(
            env,
            model,
            lambda name: views.rules(env, name),
            lambda name: shown_fields([views.get(env, name, kind) for kind in ("list", "form", "search")]),
        )
        shown, more = paths.choices(model)
        labels = [label.lower() for _name, label in (*shown, *more)]
        assert len(labels) == len(set(labels)), model
        listed = views.get(env, model, "list")
        named = {node.name: node.string for node in listed.columns if node.kind == "field"}
        headings = [named[name] or views.rules(env, model)[name].label for name in shown_fields([listed])]
        assert len(headings) == len(set(headings)), f"{model}: two columns of one name, {headings}"
        offered = {name for name, _label in (*shown, *more)}
        assert set(FIGURES.get(model, "").split()) <= offered, model
        assert {"id", "create_uid"} <= {name for name, _label in more}, model


def test_the_number_of_statements_does_not_grow_with_the_records(company: Desk) -> None:
    env = company.env
    product = company.product("Shelf", 5)
    for model, name, most in (("stock.move", "qty_short", 30), ("sale.order.line", "free_qty_today", 44)):
        condition = [(name, ">", 0)]
        env.invalidate_all()
        with max_queries(env, most):
            env[model].search(condition)
        company.order(*[(product, 1)] * 30)
        env.invalidate_all()
        with max_queries(env, most):
            env[model].search(condition)
