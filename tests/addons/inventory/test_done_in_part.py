"""Moves that are done without the others of their transfer, and drafts among them."""

from __future__ import annotations

ADDONS = ["inventory"]


def draft_in(stock, picking, product, quantity):
    """A move that was added to a confirmed transfer and is still a draft."""
    return stock.env["stock.move"].create(
        {"picking_id": picking.id, "product_id": product.id, "product_uom_qty": quantity}
    )


def test_a_transfer_with_a_draft_among_its_moves_is_done(stock):
    product, added = stock.product(on_hand=10), stock.product("Added later", on_hand=2)
    delivery = stock.delivery((product, 10))
    move = draft_in(stock, delivery, added, 3)
    assert move.state == "draft"
    backorder = delivery._action_done()
    assert (delivery.state, bool(delivery.date_done)) == ("done", True)
    assert delivery.move_ids.mapped("state") == ["done", "done"]
    assert (backorder.move_ids.product_id, backorder.move_ids.product_uom_qty) == (added, 1)
    assert (backorder.state, stock.on_hand(added)) == ("confirmed", 0)


def test_a_draft_stays_the_move_that_it_is(stock):
    """It is not merged into the equal move beside it: a caller holds it."""
    product = stock.product(on_hand=10)
    delivery = stock.delivery((product, 4))
    move = draft_in(stock, delivery, product, 3)
    delivery._action_done()
    assert (move.exists().state, move.quantity, delivery.state) == ("done", 3, "done")


def test_the_draft_beside_a_move_that_is_done_goes_into_the_backorder(stock):
    product, added = stock.product(on_hand=10), stock.product("Added later")
    delivery = stock.delivery((product, 10))
    move = draft_in(stock, delivery, added, 3)
    (delivery.move_ids - move)._action_done()
    assert (delivery.state, move.picking_id.backorder_id) == ("done", delivery)
    assert (move.state, move.picking_id.state) == ("confirmed", "confirmed")


def test_the_rest_of_a_transfer_is_cancelled_with_the_rest_of_a_move(stock):
    product, other, added = stock.product(on_hand=10), stock.product("Other", on_hand=10), stock.product("Added later")
    delivery = stock.delivery((product, 5), (other, 3))
    draft = draft_in(stock, delivery, added, 3)
    first, second = delivery.move_ids - draft
    first.quantity = 4
    first._action_done(cancel_backorder=True)
    assert (first.state, second.state, draft.state) == ("done", "cancel", "cancel")
    assert (delivery.state, delivery.backorder_ids) == ("done", delivery.browse())
    assert (other.free_qty, stock.on_hand(product)) == (10, 6)


def test_only_what_is_picked_goes_whichever_moves_are_done(stock):
    """The other move of the transfer is picked: nothing of this one goes."""
    product, other = stock.product(on_hand=10), stock.product("Other", on_hand=10)
    delivery = stock.delivery((product, 5), (other, 3))
    first, second = delivery.move_ids
    second.picked = True
    assert not first._action_done()
    assert (first.state, delivery.state) == ("assigned", "assigned")
    second._action_done()
    assert (second.state, delivery.state) == ("done", "done")
    assert (first.state, first.picking_id.backorder_id) == ("assigned", delivery)
