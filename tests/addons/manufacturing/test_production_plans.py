"""The Production Planning Tool: demand, what covers it, and orders for the rest, once for each demand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addons.inventory.testing import assert_stock_laws, put_stock
from addons.manufacturing.exceptions import ManufacturingError
from addons.manufacturing.services.net_requirements import net
from core.exceptions import UserError, ValidationError
from core.testing.queries import max_queries
from tests.addons.manufacturing.workshop import D, Workshop, bill, product

ADDONS = ["manufacturing", "purchasing"]


def demand(env, item, quantity):
    """A delivery of so many, confirmed."""
    kind = env.ref("inventory.picking_type_out")
    move = {"product_id": item.id, "product_uom_qty": quantity, "product_uom": item.uom_id.id}
    picking = env["stock.picking"].create(
        {
            "picking_type_id": kind.id,
            "location_id": kind.default_location_src_id.id,
            "location_dest_id": env.ref("inventory.stock_location_customers").id,
            "move_ids": [(0, 0, move)],
        }
    )
    picking.action_confirm()
    return picking.move_ids


def need_at_the_customer(env, item, quantity):
    """The same, in as many steps as the warehouse delivers in."""
    warehouse, customers = env.ref("inventory.warehouse0"), env.ref("inventory.stock_location_customers")
    need = env["stock.rule"].Procurement(
        item, D(quantity), item.uom_id, customers, item.name, "S1", env.company, {"warehouse_id": warehouse}
    )
    env["stock.rule"].run([need])


def vendor_of(env, *products):
    """A vendor who sells the products, which are bought."""
    partner = env["res.partner"].create({"name": "Wood Corner"})
    for each in products:
        each.route_ids = [(4, env.ref("purchasing.route_warehouse0_buy").id)]
        env["product.supplierinfo"].create({"partner_id": partner.id, "product_tmpl_id": each.product_tmpl_id.id})
    return partner


def plan_of(env, **values):
    """A plan with its items."""
    plan = env["mrp.production.plan"].create({"demand_source": "open", **values})
    plan.action_get_items()
    return plan


def figures(plan):
    """Product name -> demand, from stock, from open orders, proposed."""
    for line in plan.line_ids:
        assert line.qty_demand == line.qty_stock + line.qty_incoming + line.qty_proposed
        assert min(line.qty_demand, line.qty_stock, line.qty_incoming, line.qty_proposed) >= 0
    return {
        line.product_id.name: (line.qty_demand, line.qty_stock, line.qty_incoming, line.qty_proposed)
        for line in plan.line_ids
    }


QUANTITIES = st.decimals(min_value=-1000, max_value=1000, places=2)


@settings(deadline=None)
@given(QUANTITIES.filter(lambda number: number >= 0), QUANTITIES, QUANTITIES)
def test_a_demand_is_stock_and_open_orders_and_proposal(needed, stock, incoming):
    cover = net(needed, stock, incoming)
    assert sum(cover) == needed
    assert min(cover) >= 0
    assert cover.stock <= max(stock, 0) and cover.incoming <= max(incoming, 0)
    assert not cover.proposed or cover.stock + cover.incoming == max(stock, 0) + max(incoming, 0), "used up first"


def test_a_plan_orders_items_and_materials_once(env):
    shop = Workshop(env, tops=20, legs=80)
    vendor_of(env, shop.top)
    put_stock(shop.table, 5)
    demand(env, shop.table, 30)
    plan = plan_of(env)
    assert figures(plan) == {"Table": (30, 5, 0, 25), "Table Top": (25, 20, 0, 5), "Table Leg": (100, 80, 0, 20)}
    assert {line.product_id.name: (line.kind, line.supply) for line in plan.line_ids} == {
        "Table": ("item", "manufacture"),
        "Table Top": ("material", "buy"),
        "Table Leg": ("material", "none"),
    }
    plan.action_create_orders()
    order = plan.production_ids
    assert (plan.state, order.product_qty, order.state, order.plan_id) == ("done", 25, "confirmed", plan)
    request = env["purchase.order"].search([])
    assert [(line.product_id, line.product_qty) for line in request.order_line] == [(shop.top, 5)]
    links = {line.product_id: line.action_view_document() for line in plan.line_ids}
    assert (links[shop.table], links[shop.top], links[shop.leg]) == (order, request, None)
    told = env.take_notifications()
    assert [note.records for note in told if note.kind == "success"][-2:] == [order, request]
    assert "Table Leg" in str(told[-1].message) and (told[-1].kind, told[-1].records) == (
        "warning",
        shop.leg.product_tmpl_id,
    )

    again = plan_of(env)
    proposed = {name: row[3] for name, row in figures(again).items()}
    assert proposed == {"Table": 0, "Table Top": 0, "Table Leg": 20}, "only what could not be ordered is proposed"
    again.action_create_orders()
    assert (again.state, len(env["mrp.production"].search([]))) == ("draft", 1)
    assert_stock_laws(env)


@pytest.mark.parametrize("exploded", [False, True])
def test_sub_assemblies_are_made_or_exploded(env, exploded):
    wood, top, table = product(env, "Wood"), product(env, "Top"), product(env, "Table")
    bill(env, top, {wood: 3})
    bill(env, table, {top: 1, wood: 4})
    put_stock(top, 2)
    put_stock(wood, 10)
    demand(env, table, 5)
    plan = plan_of(env, explode_subassemblies=exploded)
    if exploded:
        assert figures(plan) == {"Table": (5, 0, 0, 5), "Wood": (35, 10, 0, 25)}
    else:
        assert figures(plan) == {"Table": (5, 0, 0, 5), "Top": (5, 2, 0, 3), "Wood": (29, 10, 0, 19)}
    plan.action_create_orders()
    made = {order.product_id.name: order.product_qty for order in plan.production_ids}
    assert made == ({"Table": 5} if exploded else {"Table": 5, "Top": 3})
    order = plan.production_ids.filtered(lambda order: order.product_id == table)
    assert set(order.move_raw_ids.product_id.mapped("name")) == ({"Wood"} if exploded else {"Top", "Wood"})
    assert figures(plan_of(env))["Wood"][3] == (25 if exploded else 19)
    assert_stock_laws(env)


def test_what_other_demand_needs_is_not_used(env):
    shop = Workshop(env, tops=10, legs=100)
    demand(env, shop.top, 8)
    demand(env, shop.table, 5)
    plan = plan_of(env)
    assert figures(plan)["Table Top"] == (13, 10, 0, 3), "eight are to be delivered, five go into tables"


def test_demand_after_the_last_day_is_left_out(env):
    shop = Workshop(env)
    late = demand(env, shop.table, 5)
    late.date = late.date.replace(year=late.date.year + 1)
    assert not plan_of(env, date_to="2027-01-31" if late.date.year > 2027 else late.date.date().replace(day=1)).line_ids
    assert figures(plan_of(env))["Table"][0] == 5


def test_an_entered_quantity_changes_what_components_are_needed(env):
    shop = Workshop(env, tops=0, legs=0)
    demand(env, shop.table, 5)
    plan = plan_of(env)
    line = plan.line_ids.filtered(lambda line: line.product_id == shop.table)
    plan.write({"line_ids": [(1, line.id, {"qty_to_order": 8})]})
    orders = {line.product_id.name: line.qty_to_order for line in plan.line_ids}
    assert orders == {"Table": 8, "Table Top": 8, "Table Leg": 32}
    demand(env, shop.table, 2)
    plan.action_create_orders()
    assert plan.production_ids.product_qty == 10, "three more than the seven that are demanded"


def test_reordering_rules_and_open_demand_are_not_added_up_twice(env):
    shop = Workshop(env)
    env["stock.warehouse.orderpoint"].create(
        {"product_id": shop.table.id, "product_min_qty": 4, "product_max_qty": 10, "trigger": "manual"}
    )
    demand(env, shop.table, 5)
    plan = plan_of(env)
    assert figures(plan)["Table"] == (15, 0, 0, 15), "five to deliver and ten to keep"
    plan.action_create_orders()
    assert figures(plan_of(env))["Table"][3] == 0


def reordering(env, product, least, most, **values):
    """A reordering rule for the stock of the warehouse."""
    limits = {"product_min_qty": least, "product_max_qty": most, "trigger": "manual"}
    return env["stock.warehouse.orderpoint"].create({"product_id": product.id, **limits, **values})


@pytest.mark.parametrize(
    ("on_hand", "expected"), [(30, (8, 8, 0, 0)), (12, (24, 8, 0, 16)), (5, (28, 5, 0, 23)), (0, (28, 0, 0, 28))]
)
def test_reordering_rules_see_what_the_plan_takes_of_components(env, on_hand, expected):
    """A rule is asked after its product went into the items of the plan: one plan orders all, and nothing twice."""
    shop = Workshop(env, tops=on_hand)
    vendor_of(env, shop.top)
    rule = reordering(env, shop.top, 10, 20)
    demand(env, shop.table, 8)
    plan = plan_of(env)
    assert figures(plan)["Table Top"] == expected
    plan.action_create_orders()
    env.invalidate_all()
    assert rule.qty_to_order == 0, "the rule has no more to ask for"
    assert figures(plan_of(env))["Table Top"][3] == 0


def test_a_rule_for_a_sub_assembly_is_exploded(env):
    wood, top, table = product(env, "Wood"), product(env, "Top"), product(env, "Table")
    bill(env, top, {wood: 3})
    bill(env, table, {top: 1})
    rule = reordering(env, top, 2, 6)
    demand(env, table, 5)
    plan = plan_of(env)
    assert figures(plan) == {"Table": (5, 0, 0, 5), "Top": (11, 0, 0, 11), "Wood": (33, 0, 0, 33)}
    vendor_of(env, wood)
    plan.action_create_orders()
    env.invalidate_all()
    assert rule.qty_to_order == 0
    assert not any(plan_of(env).line_ids.mapped("qty_proposed"))


def test_the_route_of_a_rule_decides_how_the_product_is_supplied(env):
    shop = Workshop(env, tops=0, legs=0)
    vendor_of(env, shop.table)
    reordering(env, shop.table, 2, 2, route_id=env.ref("purchasing.route_warehouse0_buy").id)
    demand(env, shop.table, 5)
    plan = plan_of(env)
    assert figures(plan) == {"Table": (7, 0, 0, 7)}, "what is bought needs no components"
    assert plan.line_ids.supply == "buy"
    plan.action_create_orders()
    assert not plan.production_ids and env["purchase.order.line"].search([]).product_qty == 7


def test_rules_for_other_places_and_rules_put_off_are_left_to_themselves(env):
    shop = Workshop(env, tops=0)
    vendor_of(env, shop.top, shop.leg)
    shelf = env["stock.location"].create({"name": "Shelf", "location_id": env.ref("inventory.stock_location_stock").id})
    elsewhere = reordering(env, shop.top, 5, 5, location_id=shelf.id)
    later = reordering(env, shop.leg, 500, 500, snoozed_until=date.today() + timedelta(days=3))
    assert elsewhere.qty_to_order == 5 and later.qty_to_order
    assert not plan_of(env).line_ids


def test_what_is_requested_for_one_order_is_not_requested_by_a_rule_too(env):
    shop = Workshop(env)
    vendor_of(env, shop.top)
    shop.top.route_ids = [(4, env.ref("inventory.route_warehouse0_mto").id)]
    put_stock(shop.top, 0)
    rule = reordering(env, shop.top, 0, 0)
    need_at_the_customer(env, shop.top, 5)
    (line,) = env["purchase.order.line"].search([])
    assert line.move_dest_ids and line.product_qty == 5
    env.invalidate_all()
    assert rule.qty_to_order == 0
    line.order_id.button_confirm()
    env.invalidate_all()
    assert rule.qty_to_order == 0


def test_a_component_made_to_order_is_left_to_its_item(env):
    shop = Workshop(env, tops=3, legs=0)
    routes = ["inventory.route_warehouse0_mto", "manufacturing.route_warehouse0_manufacture"]
    shop.top.route_ids = [(6, 0, [env.ref(name).id for name in routes])]
    wood = product(env, "Wood")
    bill(env, shop.top, {wood: 2})
    demand(env, shop.table, 5)
    plan = plan_of(env)
    line = plan.line_ids.filtered(lambda line: line.product_id == shop.top)
    assert (line.supply, line.qty_to_order, figures(plan)["Wood"]) == ("parent", 0, (10, 0, 0, 10))
    plan.action_create_orders()
    tops = env["mrp.production"].search([("product_id", "=", shop.top.id)])
    assert tops.product_qty == 5, "once, by the order for the tables"


def made_to_order(env, product):
    """The product, made for each order."""
    names = ("inventory.route_warehouse0_mto", "manufacturing.route_warehouse0_manufacture")
    product.route_ids = [(6, 0, [env.ref(name).id for name in names])]
    return product


def test_what_is_made_to_order_already_is_no_demand(env):
    shop = Workshop(env)
    need_at_the_customer(env, made_to_order(env, shop.table), 5)
    assert env["mrp.production"].search([]).product_qty == 5
    assert set(figures(plan_of(env))) == {"Table Top", "Table Leg"}, "what the order takes, and nothing else"


def test_a_long_plan_takes_as_many_statements_as_a_short_one(env):
    shop = Workshop(env, tops=0, legs=0)
    tables = [shop.table]
    for number in range(30):
        tables.append(product(env, f"Table {number}"))
        bill(env, tables[-1], {shop.top: 1, shop.leg: 4})

    def measured(count, limit):
        for number in range(count):
            demand(env, tables[number % len(tables)], 1)
        env.flush_all()
        env.invalidate_all()
        with max_queries(env, limit) as statements:
            plan = plan_of(env)
            plan.action_create_orders()
        return len(statements)

    few = measured(3, 400)
    measured(100, few + 5)


def test_the_decimal_of_a_plan_is_exact(env):
    kilo = env.ref("inventory.product_uom_kgm")
    paint, pigment = product(env, "Paint"), product(env, "Pigment", uom_id=kilo.id)
    bill(env, paint, {pigment: D("0.25")})
    put_stock(pigment, D("0.1"))
    demand(env, paint, 3)
    assert figures(plan_of(env))["Pigment"] == (D("0.75"), D("0.1"), Decimal(0), D("0.65"))


def test_materials_come_from_another_warehouse_by_a_transfer(env):
    shop = Workshop(env, tops=0, legs=80)
    main = env.ref("inventory.warehouse0")
    other = env["stock.warehouse"].create({"name": "Depot", "code": "DEP"})
    main.resupply_wh_ids = [(4, other.id)]
    shop.top.route_ids = [(6, 0, main.resupply_route_ids.ids)]
    put_stock(shop.top, 20, other.lot_stock_id)
    demand(env, shop.table, 5)
    plan = plan_of(env)
    line = plan.line_ids.filtered(lambda line: line.product_id == shop.top)
    assert (line.supply, line.qty_to_order) == ("pull", 5)
    env.take_notifications()
    plan.action_create_orders()
    moves = env["stock.move"].search(
        [("product_id", "=", shop.top.id), ("location_dest_id", "=", main.lot_stock_id.id)]
    )
    assert moves.mapped("product_uom_qty") == [5]
    assert any("Table Top" in str(note.message) for note in env.take_notifications())
    assert {name: row[3] for name, row in figures(plan_of(env)).items()}["Table Top"] == 0
    assert_stock_laws(env)


@pytest.mark.parametrize("steps", ["ship_only", "pick_ship", "pick_pack_ship"])
def test_a_delivery_in_steps_is_demand_once(env, steps):
    env.ref("inventory.warehouse0").delivery_steps = steps
    shop = Workshop(env, tops=2)
    need_at_the_customer(env, shop.table, 5)
    plan = plan_of(env)
    assert figures(plan) == {"Table": (5, 0, 0, 5), "Table Top": (5, 2, 0, 3), "Table Leg": (20, 20, 0, 0)}
    vendor_of(env, shop.top)
    plan.action_create_orders()
    assert not any(plan_of(env).line_ids.mapped("qty_proposed"))
    assert_stock_laws(env)


@pytest.mark.parametrize("steps", ["mrp_one_step", "pbm", "pbm_sam"])
def test_components_that_are_brought_to_production_are_demand_once(env, steps):
    env.ref("inventory.warehouse0").manufacture_steps = steps
    shop = Workshop(env, tops=0, legs=0)
    first, second = shop.order(3), shop.order(4)
    put_stock(shop.top, 5)
    put_stock(shop.leg, 28)
    assert figures(plan_of(env)) == {"Table Top": (7, 5, 0, 2), "Table Leg": (28, 28, 0, 0)}
    (first | second).action_assign()
    assert figures(plan_of(env)) == {"Table Top": (7, 5, 0, 2), "Table Leg": (28, 28, 0, 0)}
    assert_stock_laws(env)


@pytest.fixture
def done_plan(env):
    """A plan that created its orders."""
    shop = Workshop(env)
    demand(env, shop.table, 5)
    plan = plan_of(env)
    plan.action_create_orders()
    assert plan.state == "done"
    return plan


@pytest.mark.parametrize(
    "change",
    [
        lambda plan: plan.write({"line_ids": [(1, plan.line_ids[0].id, {"qty_to_order": 9})]}),
        lambda plan: plan.line_ids[0].write({"qty_to_order": 9}),
        lambda plan: plan.write({"explode_subassemblies": True}),
        lambda plan: plan.write({"line_ids": [(5,)]}),
        lambda plan: plan.line_ids.unlink(),
        lambda plan: plan.unlink(),
        lambda plan: plan.line_ids.create({"plan_id": plan.id, "product_id": plan.line_ids[0].product_id.id}),
        lambda plan: plan_of(plan.env).line_ids[0].write({"plan_id": plan.id}),
        lambda plan: plan.write({"production_ids": [(5,)]}),
        lambda plan: plan.production_ids.write({"plan_id": False}),
        lambda plan: plan.production_ids.copy().write({"plan_id": plan.id}),
        lambda plan: plan.production_ids.with_user(plan.env.ref("base.user_admin")).copy({"plan_id": plan.id}),
    ],
    ids=["form", "line", "option", "clear", "unlink lines", "unlink", "add", "move in", "orders", "out", "in", "new"],
)
def test_a_done_plan_stays_as_it_is(env, done_plan, change, refused):
    before = [(line.product_id.id, line.qty_to_order, line.document_ref) for line in done_plan.line_ids]
    with refused(ManufacturingError, code="manufacturing.plan_closed", data={"plans": [done_plan.name]}):
        with env.savepoint():
            change(done_plan)
    env.invalidate_all()
    assert [(line.product_id.id, line.qty_to_order, line.document_ref) for line in done_plan.line_ids] == before
    assert done_plan.production_ids


def test_the_state_of_a_plan_is_not_entered(env, done_plan, refused):
    with refused(ManufacturingError, code="manufacturing.plan_closed"):
        done_plan.write({"state": "draft"})
    with refused(UserError, code="settled_field"):
        plan_of(env).write({"state": "done"})
    with refused(UserError, code="settled_field"):
        env["mrp.production.plan"].create({"state": "done"})
    with refused(UserError, code="settled_field"):
        env["mrp.production.plan"].with_context(default_state="done").create({})
    for again in (done_plan.action_create_orders, done_plan.action_get_items):
        with refused(UserError, code="wrong_state"):
            again()
    done_plan.write({"name": done_plan.name, "state": "done"})
    assert done_plan.copy().state == "draft"
    assert len(env["mrp.production"].search([])) == 1


@pytest.mark.parametrize("way", ["form", "line"])
def test_less_than_nothing_is_not_ordered(env, refused, way):
    shop = Workshop(env)
    demand(env, shop.table, 5)
    plan = plan_of(env)
    line = plan.line_ids.filtered(lambda line: line.product_id == shop.table)
    with refused(ValidationError, code="manufacturing.plan_quantity_negative", data={"product": "Table"}):
        with env.savepoint():
            if way == "form":
                plan.write({"line_ids": [(1, line.id, {"qty_to_order": -2})]})
            else:
                line.qty_to_order = -2
                env.flush_all()


def test_zero_to_order_is_nothing_and_not_covered(env):
    shop = Workshop(env)
    demand(env, shop.table, 5)
    plan = plan_of(env)
    line = plan.line_ids.filtered(lambda line: line.product_id == shop.table)
    plan.write({"line_ids": [(1, line.id, {"qty_to_order": 0})]})
    assert (line.supply, line.qty_proposed, line.qty_to_order) == ("nothing", 5, 0)
    assert plan.line_ids == line, "nothing is made, so no component is needed"
    env.take_notifications()
    plan.action_create_orders()
    (said,) = env.take_notifications()
    assert (plan.state, said.kind) == ("draft", "warning") and "To Order" in str(said.message)
    assert not env["mrp.production"].search([])


def test_plans_of_other_companies_are_not_seen(env):
    shop = Workshop(env)
    demand(env, shop.table, 5)
    plan_of(env)
    other = env["res.company"].create({"name": "Other"})
    groups = [(6, 0, env.ref("manufacturing.group_mrp_user").ids)]
    values = {"name": "Planner", "login": "planner", "group_ids": groups}
    here = env["res.users"].create(values)
    elsewhere = env["res.users"].create(
        values | {"login": "elsewhere", "company_id": other.id, "company_ids": [(6, 0, other.ids)]}
    )
    for model in ("mrp.production.plan", "mrp.production.plan.line"):
        assert env[model].with_user(here).search([]) and not env[model].with_user(elsewhere).search([])
