"""Notifications after Validate: what is done, the backorders created and the quantities cancelled."""

from __future__ import annotations

ADDONS = ["inventory"]


def told(env, messages):
    """The notifications since the last look, their texts checked: kind and records of each."""
    taken = env.take_notifications()
    for note in taken:
        messages.check(note.message)
    return [(note.kind, note.records) for note in taken]


def test_a_delivery_that_is_done_says_so(stock, messages):
    delivery = stock.delivery((stock.product("Drawer Case Black", 45), 45))
    delivery.button_validate()
    assert told(stock.env, messages) == [("success", None)]


def test_a_question_says_nothing_and_its_answer_names_the_backorder(stock, messages):
    delivery = stock.delivery((stock.product("Drawer Case Black", 45), 55))
    question = delivery.button_validate()
    assert told(stock.env, messages) == []
    question.process()
    assert told(stock.env, messages) == [("success", None), ("success", delivery.backorder_ids)]


def test_quantities_that_are_cancelled_are_named(stock, messages):
    stock.out.create_backorder = "never"
    delivery = stock.delivery((stock.product("Magnetic Board", 10), 15), (stock.product("Letter Tray", 2.5), 4))
    delivery.button_validate()
    assert told(stock.env, messages) == [("success", None), ("warning", None)]


def test_many_cancelled_products_are_counted(stock, messages):
    stock.out.create_backorder = "never"
    stock.delivery(*((stock.product(f"Screw {number}", 1), 2) for number in range(7))).button_validate()
    assert told(stock.env, messages) == [("success", None), ("warning", None)]


def test_several_transfers_are_told_of_together(stock, messages):
    stock.out.create_backorder = "always"
    deliveries = stock.delivery((stock.product("Drawer Case Black", 1), 2)) | stock.delivery(
        (stock.product("Tray", 1), 2)
    )
    deliveries.button_validate()
    assert told(stock.env, messages) == [("success", None), ("success", deliveries.backorder_ids)]
