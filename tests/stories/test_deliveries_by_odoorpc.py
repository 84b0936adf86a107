"""Deliveries of less than was ordered, told by an integrator over the external API."""

import odoorpc
import pytest

ADDONS = ("sales",)


def deliveries(odoo, order):
    """The order's transfers, oldest first."""
    return odoo["stock.picking"].browse(sorted(odoo.again(order).picking_ids.ids))


@pytest.mark.both_dialects("scenario")
def test_ask_then_back_order_the_rest(odoo):
    """55 ordered, 45 there: the question, the backorder, the arrival, the end."""
    drawer = odoo.product("Drawer Case Black")
    odoo.stock(drawer, 45)
    order = odoo.order(drawer, 55)
    (delivery,) = deliveries(odoo, order)
    question = delivery.button_validate()
    assert question["res_model"] == "stock.backorder.confirmation"
    odoo.answer(question)
    first, second = deliveries(odoo, order)
    assert (first.state, second.state) == ("done", "confirmed")
    assert second.backorder_id.id == first.id
    assert odoo.again(order).delivery_status == "partial"
    odoo.stock(drawer, 10)
    second = odoo.again(second)
    assert second.state == "assigned"
    assert second.button_validate() is True
    assert odoo.again(order).delivery_status == "full"
    assert odoo.again(drawer).qty_available == 0


def test_ask_then_forget_the_rest(odoo):
    """No backorder: what was not there is cancelled."""
    drawer = odoo.product("Drawer Case Black")
    odoo.stock(drawer, 45)
    order = odoo.order(drawer, 55)
    (delivery,) = deliveries(odoo, order)
    odoo.answer(delivery.button_validate(), "process_cancel_backorder")
    (delivery,) = deliveries(odoo, order)
    assert delivery.state == "done"


def test_a_client_that_makes_the_wizard_itself(odoo):
    """The way of upstream's own clients: create the wizard with the action's context, then call it."""
    drawer = odoo.product("Drawer Case Black")
    odoo.stock(drawer, 45)
    order = odoo.order(drawer, 55)
    (delivery,) = deliveries(odoo, order)
    action = delivery.button_validate()
    wizard = odoo[action["res_model"]].create({}, context=action["context"])
    odoo[action["res_model"]].browse(wizard).process()
    assert [each.state for each in deliveries(odoo, order)] == ["done", "confirmed"]


def test_a_client_that_skips_the_question(odoo):
    """The context keys of upstream are understood at the boundary."""
    drawer = odoo.product("Drawer Case Black")
    odoo.stock(drawer, 45)
    order = odoo.order(drawer, 55)
    (delivery,) = deliveries(odoo, order)
    assert delivery.with_context(skip_backorder=True).button_validate() is True
    assert [each.state for each in deliveries(odoo, order)] == ["done", "confirmed"]


@pytest.mark.parametrize(("policy", "transfers"), [("always", 2), ("never", 1)])
def test_a_policy_answers_for_everybody(odoo, policy, transfers):
    """Always and Never validate without a question."""
    operation = odoo.env.ref("inventory.picking_type_out")
    operation.create_backorder = policy
    tray = odoo.product("Letter Tray")
    odoo.stock(tray, 10)
    order = odoo.order(tray, 20)
    (delivery,) = deliveries(odoo, order)
    assert delivery.button_validate() is True
    assert len(deliveries(odoo, order)) == transfers


def test_all_at_once_is_refused_until_all_is_there(odoo):
    """The fault names the product and the quantity."""
    drawer = odoo.product("Drawer Case Black")
    odoo.stock(drawer, 45)
    order = odoo.order(drawer, 55)
    (delivery,) = deliveries(odoo, order)
    delivery.move_type = "one"
    with pytest.raises(odoorpc.error.RPCError) as caught:
        odoo.again(delivery).button_validate()
    fault = caught.value.info["data"]
    assert (fault["name"], fault["code"]) == ("odoo.exceptions.UserError", "inventory.not_ready")
    (missing,) = fault["details"]["missing"]
    assert (missing["product"], missing["quantity"], missing["unit"]) == ("Drawer Case Black", "10", "Units")
    odoo.stock(drawer, 55)
    assert odoo.again(delivery).button_validate() is True


@pytest.mark.both_dialects("types")
def test_quantities_are_exact_numbers(odoo):
    """3140 less 3106.4 is 33.6 for the client too."""
    paint = odoo.product("Paint", uom_id=odoo.env.ref("inventory.product_uom_kgm").id)
    odoo.stock(paint, 3140)
    order = odoo.order(paint, 3106.4)
    assert deliveries(odoo, order)[0].button_validate() is True
    assert odoo.again(paint).qty_available == 33.6


def test_bad_input_is_said_in_words(odoo):
    """A transfer without lines, an unknown product, letters for a quantity: never a traceback."""
    for values in ({"product_uom_qty": "many"}, {"product_id": 999999}, {"nonsense": 1}):
        product = odoo.product("Drawer")
        partner = odoo["res.partner"].create({"name": "Ready Mat"})
        line = (0, 0, {"product_id": product.id, "product_uom_qty": 1, **values})
        with pytest.raises(odoorpc.error.RPCError) as caught:
            odoo["sale.order"].create({"partner_id": partner, "order_line": [line]})
        assert caught.value.info["data"]["name"].startswith("odoo.exceptions.")


def test_items_are_put_on_backorder_by_hand(odoo):
    """A number written into the Backorder field of a line is held back until the order's backorders are released."""
    drawer = odoo.product("Drawer Case Black")
    odoo.stock(drawer, 45)
    order = odoo.order(drawer, 20)
    (line,) = order.order_line
    assert (line.qty_backorder, line.qty_to_hold) == (0, 0)
    line.qty_backorder = 5.0
    first, second = deliveries(odoo, order)
    assert (second.backorder_id.id, second.on_hold, first.on_hold) == (first.id, True, False)
    assert (first.state, second.state, odoo.again(line).qty_backorder) == ("assigned", "confirmed", 5)
    assert odoo["stock.picking"].search([("on_hold", "=", True)]) == [second.id]
    assert second.move_ids.hold_user_id.login == "admin"
    with pytest.raises(odoorpc.error.RPCError) as caught:
        odoo["sale.order.line"].write([line.id], {"qty_backorder": 21})
    fault = caught.value.info["data"]
    (problem,) = fault["details"]["problems"]
    assert (fault["code"], problem["reason"], problem["most"]) == ("sales.backorder_refused", "exceeds_open", "20")
    odoo["sale.order"].action_release_backorders([order.id])
    assert [each.state for each in deliveries(odoo, order)] == ["assigned", "assigned"]
