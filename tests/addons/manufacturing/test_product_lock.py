"""Whatever changes reservations or stock locks the products first, also where nothing was locked before."""

from __future__ import annotations

import inspect
import warnings

import pytest

from addons.inventory.services.product_lock import StockNotLocked
from addons.inventory.testing import assert_stock_laws
from core.testing.databases import rolled_back
from tests.addons.manufacturing.workshop import Workshop, product

ADDONS = ["manufacturing"]
MODELS = ("stock.move", "stock.move.line", "stock.picking", "stock.quant", "mrp.production")


class World:
    """A delivery and a receipt, a counted row of stock and orders; committed, and read again by each transaction."""

    def __init__(self, env, ids):
        self.env = env
        for name, (model, found) in ids.items():
            setattr(self, name, env[model].browse(found))

    @property
    def move(self):
        return self.delivery.move_ids[0]

    @property
    def line(self):
        return self.delivery.move_line_ids[0]


def make(env):
    """Commit the records of a World; their models and ids by name."""
    shop = Workshop(env)
    glue = product(env, "Glue", tracking="lot")
    pickings = env["stock.picking"]
    moves = [(0, 0, {"product_id": part.id, "product_uom_qty": 4}) for part in (shop.top, shop.leg)]
    incoming = [(0, 0, {"product_id": part.id, "product_uom_qty": 4}) for part in (shop.top, glue)]
    out, into = env.ref("inventory.picking_type_out").id, env.ref("inventory.picking_type_in").id
    delivery = pickings.create({"picking_type_id": out, "move_ids": moves})
    receipt = pickings.create({"picking_type_id": into, "move_ids": incoming})
    sent = pickings.create({"picking_type_id": out, "move_ids": moves})
    draft = pickings.create({"picking_type_id": out, "move_ids": moves})
    shop.table.route_ids = [(4, env.ref("manufacturing.route_warehouse0_manufacture").id)]
    wanted = pickings.create(
        {"picking_type_id": out, "move_ids": [(0, 0, {"product_id": shop.table.id, "product_uom_qty": 30})]}
    )
    (delivery | receipt | sent | wanted).action_confirm()
    sent.button_validate()
    row = env["stock.quant"].search([("product_id", "=", shop.leg.id), ("location_id.usage", "=", "internal")])
    row.inventory_quantity = 50
    orders = [shop.order(2), shop.order(3)]
    made = shop.order(2)
    made.button_mark_done()
    planned = shop.order(2, confirm=False)
    numbered = product(env, "Cabinet", tracking="serial")
    numbered_order, free_order = env["mrp.production"].create(
        [
            {"product_id": made_of.id, "product_qty": 1, "move_raw_ids": [(0, 0, {"product_id": shop.top.id})]}
            for made_of in (numbered, product(env, "Bench"))
        ]
    )
    (numbered_order | free_order).move_raw_ids.product_uom_qty = 1
    (numbered_order | free_order).action_confirm()
    shelf = env["stock.location"].create({"name": "Shelf", "location_id": row.location_id.id})
    owner = env["res.partner"].create({"name": "Owner"})
    found = {
        "delivery": delivery, "receipt": receipt, "sent": sent, "draft": draft, "wanted": wanted, "row": row,
        "order": orders[0],
        "orders": orders[0] | orders[1], "made": made, "planned": planned, "shelf": shelf, "owner": owner,
        "part": shop.top, "numbered": numbered_order, "free": free_order, "bom": shop.bom,
    }  # fmt: skip
    return {name: (records._name, records.ids) for name, records in found.items()}


def glue_move(world):
    return world.receipt.move_ids[1]


def returned(world):
    wizard = world.env["stock.return.picking"].create({"picking_id": world.sent.id})
    wizard.product_return_moves.quantity = 1
    wizard.action_create_returns()


def named_count(world):
    world.env["stock.inventory.adjustment.name"].create({"quant_ids": [(6, 0, world.row.ids)]}).action_apply()


def split_off(world):
    world.move.quantity = 1
    world.delivery.action_split_transfer()


def closed(world):
    world.order.qty_producing = 2
    world.order.button_mark_done()


CALLS = {
    "stock.move.action_clear_quantity": lambda world: world.delivery.move_ids.action_clear_quantity(),
    "stock.move.action_generate_lot_names": lambda world: glue_move(world).action_generate_lot_names("G1", 2),
    "stock.move.action_put_on_hold": lambda world: world.delivery.move_ids.action_put_on_hold(),
    "stock.move.action_release": lambda world: world.wanted.move_ids.action_release(),
    "stock.move.action_order_missing": lambda world: world.wanted.move_ids.action_order_missing(),
    "stock.move.action_make_missing": lambda world: world.wanted.move_ids.action_make_missing(),
    "stock.picking.action_confirm": lambda world: world.draft.action_confirm(),
    "stock.picking.action_assign": lambda world: world.delivery.action_assign(),
    "stock.picking.do_unreserve": lambda world: world.delivery.do_unreserve(),
    "stock.picking.button_validate": lambda world: world.delivery.button_validate(),
    "stock.picking.action_cancel": lambda world: world.delivery.action_cancel(),
    "stock.picking.action_split_transfer": split_off,
    "stock.picking.action_put_in_pack": lambda world: world.delivery.action_put_in_pack(),
    "stock.picking.action_set_quantities_to_demand": lambda world: world.delivery.action_set_quantities_to_demand(),
    "stock.picking.action_print": lambda world: world.delivery.action_print(),
    "stock.quant.action_apply_inventory": lambda world: world.row.action_apply_inventory(),
    "stock.quant.action_set_inventory_quantity": lambda world: world.row.action_set_inventory_quantity(),
    "stock.quant.action_set_inventory_quantity_zero": lambda world: world.row.action_set_inventory_quantity_zero(),
    "stock.quant.action_clear_inventory_quantity": lambda world: world.row.action_clear_inventory_quantity(),
    "mrp.production.action_generate_serial": lambda world: world.numbered.action_generate_serial(),
    "mrp.production.action_clear_lot_producing_ids": lambda world: world.order.action_clear_lot_producing_ids(),
    "mrp.production.action_confirm": lambda world: world.planned.action_confirm(),
    "mrp.production.action_assign": lambda world: world.order.action_assign(),
    "mrp.production.do_unreserve": lambda world: world.order.do_unreserve(),
    "mrp.production.action_start": lambda world: world.order.action_start(),
    "mrp.production.set_qty_producing": lambda world: world.order.set_qty_producing(),
    "mrp.production.button_mark_done": closed,
    "mrp.production.button_produce_all": lambda world: world.order.button_produce_all(),
    "mrp.production.action_cancel": lambda world: world.order.action_cancel(),
    "mrp.production.action_merge": lambda world: world.orders.action_merge(),
    "mrp.production.action_update_bom": lambda world: world.order.action_update_bom(),
    "mrp.production.action_generate_bom": lambda world: world.free.action_generate_bom(),
    "mrp.production.action_back_flush": lambda world: world.order.action_back_flush(),
    "mrp.production.button_plan": lambda world: world.planned.button_plan(),
    "mrp.production.button_unplan": lambda world: world.order.button_unplan(),
}
WRITES = {
    "components fetched": lambda world: world.order.action_make_transfer(),
    "moves picked": lambda world: world.delivery.move_ids.write({"picked": True}),
    "move demand": lambda world: world.move.write({"product_uom_qty": 2}),
    "move more demand": lambda world: world.move.write({"product_uom_qty": 6}),
    "move quantity": lambda world: world.move.write({"quantity": 2}),
    "move quantity and pick": lambda world: world.move.write({"quantity": 3, "picked": True}),
    "move source": lambda world: world.move.write({"location_id": world.shelf.id}),
    "move destination": lambda world: world.receipt.move_ids.write({"location_dest_id": world.shelf.id}),
    "move owner": lambda world: world.move.write({"restrict_partner_id": world.owner.id}),
    "move lots": lambda world: glue_move(world).write({"lot_ids": [(5,)]}),
    "move date": lambda world: world.move.write({"date": "2031-05-01 08:00:00"}),
    "line picked": lambda world: world.line.write({"picked": True}),
    "line quantity": lambda world: world.line.write({"quantity": 1}),
    "line destination": lambda world: world.receipt.move_line_ids.write({"location_dest_id": world.shelf.id}),
    "line create": lambda world: world.env["stock.move.line"].create({"move_id": world.move.id, "quantity": 1}),
    "line unlink": lambda world: world.line.unlink(),
    "picking source": lambda world: world.delivery.write({"location_id": world.shelf.id}),
    "picking destination": lambda world: world.receipt.write({"location_dest_id": world.shelf.id}),
    "picking owner": lambda world: world.delivery.write({"owner_id": world.owner.id}),
    "receipt owner": lambda world: world.receipt.write({"owner_id": world.owner.id}),
    "picking date": lambda world: world.delivery.write({"scheduled_date": "2031-05-01 08:00:00"}),
    "picking moves": lambda world: world.delivery.write({"move_ids": [(1, world.move.id, {"product_uom_qty": 1})]}),
    "picking more moves": lambda world: world.delivery.write(
        {"move_ids": [(0, 0, {"product_id": world.part.id, "product_uom_qty": 1})]}
    ),
    "count": lambda world: world.row.write({"inventory_quantity": 3}),
    "count at once": lambda world: world.row.write({"inventory_quantity_auto_apply": 3}),
    "count with a reason": named_count,
    "return": returned,
    "order quantity": lambda world: world.order.write({"product_qty": 4}),
    "order less": lambda world: world.order.write({"product_qty": 1}),
    "order bill": lambda world: world.order.write({"bom_id": world.bom.copy().id}),
    "order produces": lambda world: world.order.write({"qty_producing": 1}),
    "order source": lambda world: world.order.write({"location_src_id": world.shelf.id}),
    "order destination": lambda world: world.order.write({"location_dest_id": world.shelf.id}),
    "draft quantity": lambda world: world.planned.write({"product_qty": 4}),
    "components picked": lambda world: world.order.move_raw_ids.write({"picked": True}),
    "component quantity": lambda world: world.order.move_raw_ids.write({"quantity": 1}),
    "component demand": lambda world: world.order.move_raw_ids.write({"product_uom_qty": 9}),
    "component gone": lambda world: world.order.move_raw_ids[0].unlink(),
    "component more": lambda world: world.env["stock.move"].create(
        {"raw_material_production_id": world.order.id, "product_id": world.part.id, "product_uom_qty": 1}
    ),
    "unbuild": lambda world: world.made.action_unbuild().action_validate(),
    "scrap": lambda world: world.env["stock.scrap"].create({"product_id": world.part.id}).action_validate(),
}  # fmt: skip


def test_every_public_method_that_writes_is_called_here(env):
    found = set()
    for model in MODELS:
        for cls in type(env[model]).__mro__:
            if not (cls.__module__ or "").startswith("addons."):
                continue
            for name, function in vars(cls).items():
                declared = getattr(function, "_public", None)
                if inspect.isfunction(function) and declared and declared.access == "write":
                    found.add(f"{model}.{name}")
    assert found == CALLS.keys()


def test_products_are_locked_in_transactions_of_their_own(db):
    """Records that the transaction has made itself need no lock, so they are made and committed by another.

    Each change is rolled back, so that the next one finds the records as they were made.
    """
    ids, unlocked = db.run(make), {}
    for name, change in (CALLS | WRITES).items():
        with warnings.catch_warnings(record=True) as caught, rolled_back(db) as env:
            warnings.simplefilter("always", StockNotLocked)
            change(World(env, ids))
            env.flush_all()
            assert_stock_laws(env)
        found = [str(warning.message) for warning in caught if issubclass(warning.category, StockNotLocked)]
        if found:
            unlocked[name] = found
    assert unlocked == {}


@pytest.mark.parametrize("same", [True, False], ids=["settle", "settle each"])
def test_settled_lines_without_the_lock_are_warned_of(db, same):
    ids = db.run(make)

    def settle(env):
        lines = World(env, ids).delivery.move_line_ids.sudo()
        if same:
            lines._settle({"quantity": 1})
        else:
            lines._settle_multi([{"quantity": position} for position, _line in enumerate(lines, 1)])

    with pytest.warns(StockNotLocked):
        db.run(settle)
