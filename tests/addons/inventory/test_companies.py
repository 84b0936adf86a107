"""What belongs to one company is not used in another one."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from core.exceptions import AccessError, ValidationError
from core.testing.queries import max_queries
from core.web.field_rules import Choice, rules_of
from core.web.forms.binding import Binding

pytestmark = pytest.mark.addons("inventory")


@pytest.fixture
def second(env):
    """Another company, with its warehouse."""
    company = env["res.company"].create({"name": "Second"})
    return env["stock.warehouse"].search([("company_id", "=", company.id)], limit=1) or env["stock.warehouse"].create(
        {"name": "Second", "code": "SEC", "company_id": company.id}
    )


@pytest.fixture
def warehouse(env):
    return env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)


@pytest.fixture
def bob(env, second):
    """A warehouse manager who works in the second company only."""
    user = env["res.users"].create(
        {
            "name": "Bob",
            "login": "bob",
            "company_id": second.company_id.id,
            "company_ids": [(6, 0, second.company_id.ids)],
            "group_ids": [(4, env.ref("inventory.group_stock_manager").id)],
        }
    )
    return env(uid=user.id, su=False)


def transfer(env, kind, **values):
    return env["stock.picking"].create({"picking_type_id": kind.id, **values})


def test_a_place_of_another_company_is_refused_by_name(env, second, warehouse, refused):
    data = {"field": "location_dest_id", "linked_company": "Second", "company": env.company.name}
    with refused(ValidationError, code="company_mismatch", data=data):
        transfer(env, warehouse.int_type_id, location_dest_id=second.lot_stock_id.id)
    picking = transfer(env, warehouse.int_type_id)
    with pytest.raises(ValidationError) as refusal:
        picking.write({"location_dest_id": second.lot_stock_id.id})
    assert refusal.value.fields == ["location_dest_id"]


def test_a_new_company_is_checked_against_every_link(env, second, warehouse):
    picking = transfer(env, warehouse.int_type_id)
    with pytest.raises(ValidationError) as refusal:
        picking.write({"company_id": second.company_id.id})
    assert {"picking_type_id", "location_id"} <= set(refusal.value.fields)


def test_a_return_and_a_final_place_stay_within_the_company(env, second, warehouse, refused):
    other = transfer(env, second.int_type_id)
    picking = transfer(env, warehouse.int_type_id)
    with refused(ValidationError, code="company_mismatch", data={"field": "return_id"}):
        picking.return_id = other
    product = env["product.product"].create({"name": "Chair", "type": "consu", "is_storable": True})
    move = env["stock.move"].create({"product_id": product.id, "picking_id": picking.id, "product_uom_qty": 1})
    with refused(ValidationError, code="company_mismatch", data={"field": "location_final_id"}):
        move.location_final_id = second.lot_stock_id


def test_a_count_is_of_goods_of_the_company_of_its_place(env, second, warehouse, refused):
    values = {"name": "Chair", "type": "consu", "is_storable": True, "tracking": "lot", "company_id": env.company.id}
    product = env["product.product"].create(values)
    lot = env["stock.lot"].create({"name": "L1", "product_id": product.id, "company_id": env.company.id})
    stock = {"product_id": product.id, "lot_id": lot.id, "inventory_quantity": 3}
    with refused(ValidationError, code="company_mismatch", data={"company": "Second"}):
        env["stock.quant"].create({**stock, "location_id": second.lot_stock_id.id})
    assert env["stock.quant"].create({**stock, "location_id": warehouse.lot_stock_id.id}).inventory_quantity == 3


@pytest.mark.parametrize("field", ["supplied_wh_id", "supplier_wh_id", "warehouse_ids"])
def test_a_route_of_a_company_leads_to_its_warehouses_only(env, second, warehouse, field, refused):
    """A route without a company is for all of them."""
    value = second.id if field != "warehouse_ids" else [(6, 0, second.ids)]
    route = env["stock.route"].create({"name": "Shared", field: value})
    with refused(ValidationError, code="company_mismatch", data={"field": field}):
        route.company_id = env.company
    route.company_id = second.company_id


def test_a_warehouse_does_not_move_away_from_where_it_is_resupplied(env, warehouse, second, refused):
    own = env["stock.warehouse"].create({"name": "Shop", "code": "SHP", "resupply_wh_ids": [(4, warehouse.id)]})
    with pytest.raises(ValidationError):
        own.company_id = second.company_id


def test_shared_records_are_for_every_company(env, second, warehouse):
    partner = env["res.partner"].create({"name": "Shared"})
    assert transfer(env, second.int_type_id, partner_id=partner.id).partner_id == partner
    partner.company_id = env.company
    with pytest.raises(ValidationError):
        transfer(env, second.int_type_id, partner_id=partner.id)


def test_records_of_other_companies_are_neither_linked_nor_named(env, bob, warehouse, second):
    product = env["product.product"].create({"name": "Chair"})
    values = {
        "stock.scrap": {"location_id": warehouse.lot_stock_id.id, "product_id": product.id},
        "stock.package": {"company_id": warehouse.company_id.id},
        "stock.picking": {
            "picking_type_id": second.int_type_id.id,
            "location_dest_id": warehouse.lot_stock_id.id,
        },
        "stock.rule": {
            "name": "Pull",
            "route_id": second.delivery_route_id.id,
            "location_src_id": warehouse.lot_stock_id.id,
            "location_dest_id": warehouse.view_location_id.id,
            "picking_type_id": warehouse.int_type_id.id,
        },
    }
    for model, vals in values.items():
        with pytest.raises(AccessError) as refusal:
            bob[model].create(vals)
        assert warehouse.company_id.name not in refusal.value.message
    shared = env["res.partner"].create({"name": "Shared"})
    with pytest.raises(AccessError):
        bob["res.partner"].browse(shared.id).write({"company_id": warehouse.company_id.id})


def test_checking_a_thousand_links_costs_what_one_costs(env, warehouse):
    product = env["product.product"].create({"name": "Chair", "is_storable": True})
    row = {
        "product_id": product.id,
        "product_uom_qty": 1,
        "location_id": warehouse.lot_stock_id.id,
        "location_dest_id": warehouse.view_location_id.id,
    }
    moves = env["stock.move"].create([row] * 1000)
    env.invalidate_all()
    with max_queries(env, 8):
        moves._check_company()


@pytest.mark.parametrize("field, names", [("location_dest_id", ["company_id", "in"]), ("user_id", None)])
def test_a_form_offers_records_of_the_company_only(env, warehouse, field, names):
    model, company = env["stock.picking"], env.company
    rules = {name: rules_of(model, name) for name in ("company_id", field)}
    values = {"company_id": Choice(company.id, company.name)}
    node = SimpleNamespace(name=field, domain=None)
    domain = Binding({field: node}, rules, values, formats=None).domain(node)
    assert domain == (None if names is None else [(*names, [company.id, False])])
