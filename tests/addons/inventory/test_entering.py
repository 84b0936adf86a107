"""What people and clients enter on transfers: values left out, lines by hand, lots, picks."""

from __future__ import annotations

from addons.inventory.exceptions import InsufficientStock, InventoryError, LedgerClosed
from addons.inventory.testing import put_stock
from core.exceptions import ValidationError

ADDONS = ["inventory"]


def test_a_transfer_as_clients_send_it(stock):
    product = stock.product(on_hand=10)
    picking = stock.env["stock.picking"].create(
        {
            "picking_type_id": stock.out.id,
            "location_id": stock.stock.id,
            "location_dest_id": stock.customers.id,
            "move_ids": [
                (
                    0,
                    0,
                    {
                        "name": product.name,
                        "product_id": product.id,
                        "product_uom_qty": 4,
                        "product_uom": stock.unit.id,
                    },
                )
            ],
        }
    )
    assert (picking.state, picking.move_ids.location_id, picking.move_ids.name) == ("draft", stock.stock, product.name)
    picking.action_confirm()
    picking.write({"move_ids": [(1, picking.move_ids.id, {"quantity": 3, "picked": True})]})
    picking.button_validate(answers={"backorder": {str(picking.id): False}})
    assert (picking.state, stock.on_hand(product)) == ("done", 7)


def test_quantities_without_a_demand_are_the_demand(stock):
    product = stock.product(on_hand=10)
    picking = stock.env["stock.picking"].create(
        {"picking_type_id": stock.out.id, "move_ids": [(0, 0, {"product_id": product.id, "quantity": 4})]}
    )
    assert picking.move_ids.quantity == 4
    picking.action_confirm()
    assert (picking.state, picking.move_ids.state, picking.move_ids.quantity) == ("assigned", "assigned", 4)
    stock.laws()
    assert picking.button_validate() is None
    assert (picking.move_ids.product_uom_qty, stock.on_hand(product)) == (4, 6)


def test_lines_without_a_move_get_one(stock):
    product = stock.product("Lamp", tracking="lot")
    picking = stock.env["stock.picking"].create({"picking_type_id": stock.into.id})
    lines = stock.env["stock.move.line"].create(
        [
            {"picking_id": picking.id, "product_id": product.id, "lot_name": name, "quantity": quantity}
            for name, quantity in (("A", 2), ("B", 3))
        ]
    )
    assert len(picking.move_ids) == 1 and lines.move_id == picking.move_ids
    assert picking.button_validate() is None
    assert (picking.move_ids.quantity, picking.move_ids.product_uom_qty) == (5, 5)
    assert stock.on_hand(product) == 5


def test_a_line_takes_what_is_free_and_what_the_books_do_not_know(stock):
    stock.stock.allow_negative_stock = True
    products = [stock.product(f"Lamp {number}", on_hand=2) for number in range(3)]
    picking = stock.delivery(*((product, 2) for product in products))
    for product in products:
        put_stock(product, 3)
    picking.move_ids.quantity = 9  # 2 reserved, 3 free, 4 unknown to the books
    assert [line.quantity for line in picking.move_line_ids] == [9, 9, 9]
    stock.laws()


def test_less_gives_the_last_lines_back_at_once(stock):
    product = stock.product("Lamp", tracking="lot")
    lots = stock.env["stock.lot"].create([{"name": name, "product_id": product.id} for name in "ABC"])
    for lot in lots:
        put_stock(product, 2, lot=lot)
    picking = stock.delivery((product, 6))
    assert [line.quantity for line in picking.move_line_ids] == [2, 2, 2]
    picking.move_ids.quantity = 3
    assert [(line.lot_id.name, line.quantity) for line in picking.move_line_ids] == [("A", 2), ("B", 1)]
    picking.move_ids.product_uom_qty = 1
    assert [(line.lot_id.name, line.quantity) for line in picking.move_line_ids] == [("A", 1)]
    stock.laws()


def test_demand_that_joins_transfers_is_written_once(stock, monkeypatch):
    """With their lines: what was entered on a draft belongs to the transfer that it goes into."""
    products = [stock.product(f"Lamp {number}", on_hand=10) for number in range(2)]
    references = stock.env["stock.reference"].create([{"name": name} for name in ("A", "B", "C")])
    values = {
        "product_uom_qty": 2,
        "picking_type_id": stock.out.id,
        "location_id": stock.stock.id,
        "location_dest_id": stock.customers.id,
    }
    rows = [
        {**values, "product_id": product.id, "reference_ids": [(4, reference.id)]}
        for reference in references
        for product in products
    ]
    stock.env["stock.move"].create(rows[:2])._action_confirm()
    moves = stock.env["stock.move"].create(rows)
    moves.quantity = 2
    written = []
    write = type(moves).write

    def noting(records, vals):
        written.append(set(vals))
        return write(records, vals)

    monkeypatch.setattr(type(moves), "write", noting)
    moves = moves._action_confirm(merge=False)
    assert {"picking_id"} not in written
    assert len(moves.picking_id) == 3
    assert moves[0].picking_id == references[0].move_ids[0].picking_id
    assert all(line.picking_id == line.move_id.picking_id for line in moves.move_line_ids)
    assert len(moves.move_line_ids) == 6
    stock.laws()


def test_a_line_added_to_a_confirmed_delivery_takes_what_is_free(stock):
    product, more = stock.product("One", 5), stock.product("More", 5)
    picking = stock.delivery((product, 2))
    stock.env["stock.move.line"].create({"picking_id": picking.id, "product_id": more.id, "quantity": 3})
    assert sorted(picking.move_ids.mapped("quantity")) == [2, 3]
    assert more.free_qty == 2
    picking.button_validate()
    assert stock.on_hand(more) == 2


def test_choosing_another_lot(stock):
    product = stock.product("Lamp", tracking="lot")
    first, second = stock.env["stock.lot"].create([{"name": name, "product_id": product.id} for name in "AB"])
    put_stock(product, 5, lot=first)
    put_stock(product, 5, lot=second)
    picking = stock.delivery((product, 4))
    assert picking.move_line_ids.lot_id == first
    picking.move_line_ids.lot_id = second
    assert (picking.move_ids.quantity, picking.move_ids.lot_ids) == (4, second)
    picking.button_validate()
    assert (first.product_qty, second.product_qty) == (5, 1)


def test_serials_chosen_on_the_move(stock):
    product = stock.product("Chair", tracking="serial")
    serials = stock.env["stock.lot"].create([{"name": f"S{n}", "product_id": product.id} for n in range(4)])
    for lot in serials:
        put_stock(product, 1, lot=lot)
    picking = stock.delivery((product, 2))
    assert picking.move_ids.lot_ids == serials[:2]
    picking.move_ids.lot_ids = serials[2:]
    assert sorted(picking.move_line_ids.lot_id.mapped("name")) == ["S2", "S3"]
    assert picking.move_ids.quantity == 2
    picking.button_validate()
    assert serials.mapped("product_qty") == [1, 1, 0, 0]


def test_a_serial_number_is_held_by_one_transfer(stock, refused):
    product = stock.product("Chair", tracking="serial")
    lot = stock.env["stock.lot"].create({"name": "S1", "product_id": product.id})
    put_stock(product, 1, lot=lot)
    holder = stock.delivery((product, 1))
    other = stock.delivery((product, 1))
    with refused(InsufficientStock, data={"lot": "S1", "reserved_by": {holder.name: "1"}}), stock.env.savepoint():
        stock.env["stock.move.line"].create({"move_id": other.move_ids.id, "lot_id": lot.id, "quantity": 1})
    assert other.move_ids.quantity == 0


def test_nothing_is_added_to_a_done_transfer(stock, refused):
    product = stock.product(on_hand=5)
    picking = stock.delivery((product, 5))
    picking.button_validate()
    with refused(LedgerClosed, data={"document": picking.name}):
        stock.env["stock.move.line"].create({"picking_id": picking.id, "move_id": picking.move_ids.id, "quantity": 1})


def test_moving_a_transfer_to_another_place(stock):
    shelf = stock.env["stock.location"].create({"name": "Shelf", "location_id": stock.warehouse.view_location_id.id})
    product = stock.product(on_hand=5)
    picking = stock.delivery((product, 5))
    picking.location_id = shelf
    assert (picking.move_ids.location_id, picking.move_ids.quantity) == (shelf, 0)
    put_stock(product, 5, shelf)
    assert picking.move_ids.quantity == 5


def test_packages_move_as_they_are(stock):
    product = stock.product(on_hand=6)
    shelf = stock.env["stock.location"].create({"name": "Shelf", "location_id": stock.stock.id})
    first = stock.transfer(stock.internal, (product, 6), location_dest_id=shelf.id)
    package = first.action_put_in_pack()
    first.button_validate()
    assert (package.location_id, package.quant_ids.quantity) == (shelf, 6)
    delivery = stock.delivery((product, 6))
    assert delivery.move_line_ids.package_id == delivery.move_line_ids.result_package_id == package
    delivery.button_validate()
    assert not package.quant_ids.filtered("quantity")


# ---------------------------------------------------------------------------- picks
def test_a_move_is_picked_as_long_as_one_of_its_lines_is(stock):
    picking = stock.delivery((stock.product(on_hand=5), 5))
    move, line = picking.move_ids, picking.move_line_ids
    line.picked = True
    assert move.picked
    line.picked = False
    assert not move.picked


def test_stock_that_arrives_is_not_picked_by_itself(stock):
    product = stock.product(on_hand=3)
    picking = stock.delivery((product, 5))
    picking.move_ids.picked = True
    stock.receive(product, 5)
    assert [(line.quantity, line.picked) for line in picking.move_line_ids] == [(3, True), (2, False)]
    picking.button_validate(answers={"backorder": {picking.id: True}})
    assert (picking.move_ids.quantity, picking.backorder_ids.move_ids.quantity) == (3, 2)


# ---------------------------------------------------------------------------- transfers that are under way
def test_a_product_added_to_a_ready_transfer_is_reserved_at_once(stock):
    product, more = stock.product("One", 5), stock.product("More", 5)
    picking = stock.delivery((product, 2))
    picking.write({"move_ids": [(0, 0, {"product_id": more.id, "product_uom_qty": 3})]})
    assert (picking.state, more.free_qty) == ("assigned", 2)
    picking.write({"move_ids": [(0, 0, {"product_id": product.id, "product_uom_qty": 1})]})
    assert sorted(picking.move_ids.mapped("quantity")) == [3, 3]


def test_a_draft_stays_a_draft_when_products_are_added(stock):
    product = stock.product(on_hand=5)
    picking = stock.delivery((product, 2), confirm=False)
    picking.write({"move_ids": [(0, 0, {"product_id": stock.product("More", 5).id, "product_uom_qty": 3})]})
    assert picking.state == "draft" and product.free_qty == 5


def test_a_new_destination_holds_for_what_is_reserved(stock):
    product = stock.product(on_hand=5)
    shelf, bin_ = stock.env["stock.location"].create(
        [{"name": name, "usage": "internal", "location_id": stock.stock.id} for name in ("Shelf", "Other shelf")]
    )
    picking = stock.transfer(stock.internal, (product, 5), location_dest_id=shelf.id)
    picking.location_dest_id = bin_
    assert picking.move_line_ids.location_dest_id == bin_
    picking.button_validate()
    assert stock.on_hand(product, bin_) == 5


def test_availability_in_words_follows_what_happens(stock):
    product = stock.product()
    picking = stock.delivery((product, 5))
    assert picking.products_availability_state == "late"
    stock.receive(product, 5)
    assert (picking.state, picking.products_availability_state) == ("assigned", "available")


def test_moves_done_on_their_own_close_their_transfer(stock):
    product, other = stock.product("One", 10), stock.product("Other", 5)
    picking = stock.delivery((product, 10), (other, 5))
    move = picking.move_ids.filtered(lambda move: move.product_id == product)
    move.write({"quantity": 4, "picked": True})
    assert move._action_done() == move
    rest = picking.backorder_ids
    assert (picking.state, move.product_uom_qty, bool(picking.date_done)) == ("done", 4, True)
    assert rest.move_ids.sorted("id").mapped("product_uom_qty") == [5, 6]
    assert (rest.state, rest.move_ids.shortfall_id.mapped("origin")) == ("assigned", [picking.name, picking.name])


def test_moves_done_on_their_own_may_drop_their_rest(stock):
    product = stock.product(on_hand=10)
    picking = stock.delivery((product, 10))
    picking.move_ids.write({"quantity": 4, "picked": True})
    picking.move_ids._action_done(cancel_backorder=True)
    assert (picking.state, picking.backorder_ids.ids, product.free_qty) == ("done", [], 6)


def test_a_new_operation_type_renumbers_a_draft_and_moves_it(stock, refused):
    product = stock.product(on_hand=5)
    picking = stock.delivery((product, 2), confirm=False)
    picking.picking_type_id = stock.internal
    assert picking.name.startswith("WH/INT/")
    assert (picking.location_dest_id, picking.move_ids.location_dest_id) == (stock.stock, stock.stock)
    assert picking.move_ids.picking_type_id == stock.internal
    picking.action_confirm()
    data = {"documents": [picking.name]}
    with refused(InventoryError, code="inventory.transfer_under_way", data=data):
        picking.picking_type_id = stock.out


# ---------------------------------------------------------------------------- packages, owners
def test_what_is_packed_stays_what_it_is(stock):
    product = stock.product(on_hand=10)
    picking = stock.delivery((product, 10))
    picking.move_line_ids.write({"quantity": 4, "picked": True})
    package = picking.action_put_in_pack()
    picking.move_ids.quantity = 10
    assert [(line.quantity, line.result_package_id) for line in picking.move_line_ids] == [
        (4, package),
        (6, stock.env["stock.package"]),
    ]


def test_the_owner_of_a_transfer_owns_what_it_brings_and_takes(stock):
    product = stock.product(on_hand=5)
    owner = stock.env["res.partner"].create({"name": "Deco Addict"})
    quant = stock.env["stock.quant"]
    stock.receipt((product, 4), owner_id=owner.id).button_validate()
    late = stock.receipt((product, 2))
    late.owner_id = owner
    late.button_validate()
    assert quant._get_available_quantity(product, stock.stock, owner_id=owner) == 6
    delivery = stock.delivery((product, 7))
    delivery.owner_id = owner
    assert (delivery.move_line_ids.owner_id, delivery.move_ids.quantity) == (owner, 6)
    delivery.button_validate(answers={"backorder": {delivery.id: False}})
    assert stock.on_hand(product) == 5
    wizard = delivery.action_return()
    wizard.product_return_moves.quantity = 2
    wizard.action_create_returns().button_validate()
    assert quant._get_available_quantity(product, stock.stock, owner_id=owner) == 2


def test_goods_of_an_owner_come_back_as_theirs(stock):
    product = stock.product()
    owner = stock.env["res.partner"].create({"name": "Deco Addict"})
    quant = stock.env["stock.quant"]
    quant._update_available_quantity(product, stock.stock, 3, owner_id=owner)
    delivery = stock.delivery((product, 3))
    delivery.button_validate()
    wizard = delivery.action_return()
    wizard.product_return_moves.quantity = 2
    wizard.action_create_returns().button_validate()
    assert quant._get_available_quantity(product, stock.stock, owner_id=owner) == 2


def test_a_transfer_without_an_operation_type_lacks_that_one_thing(stock, refused):
    with refused(ValidationError, code="inventory.operation_type_missing") as refusal:
        stock.env["stock.picking"].create({"origin": "by hand"})
    assert refusal.value.fields == ["picking_type_id"]
    chosen = stock.env["stock.picking"].with_context(default_picking_type_id=stock.out.id).create({})
    assert (chosen.picking_type_id, chosen.location_dest_id) == (stock.out, stock.customers)
