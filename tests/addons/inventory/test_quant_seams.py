"""What addons change by extending `stock.quant` holds when stock is reserved and posted, at a constant cost."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from addons.inventory.exceptions import InventoryError
from addons.inventory.services import product_lock, why
from addons.inventory.testing import put_lots, put_stock
from core.exceptions import UserError
from core.testing.queries import max_queries

ADDONS = ["inventory"]
OLD = datetime(2020, 1, 1)


@pytest.fixture
def extend(env, monkeypatch):
    """`extend(_gather=function)`: an addon extends the method by `function(self, super, *arguments)`."""
    model = type(env["stock.quant"])

    def extended(**functions):
        for name, function in functions.items():
            below = getattr(model, name)

            def method(self, *args, _function=function, _below=below, **kwargs):
                return _function(self, _below.__get__(self), *args, **kwargs)

            monkeypatch.setattr(model, name, method)
            monkeypatch.setattr(model, "_extended_methods", {**model._extended_methods, name: ("guest",)})

    return extended


def lots_of(product, *names):
    """Lots of a product, in the order of their names."""
    return product.env["stock.lot"].create([{"name": name, "product_id": product.id} for name in names])


# ---------------------------------------------------------------------------- reserving
def test_stock_is_reserved_of_the_rows_that_gather_returns(stock, extend):
    product = stock.product(tracking="lot")
    blocked, free = lots_of(product, "BLOCKED-1", "FREE-1")
    put_lots(product, {blocked: 5, free: 5})

    def _gather(self, above, product_id, location_id, *args, **kwargs):
        rows = above(product_id, location_id, *args, **kwargs)
        return rows.filtered(lambda row: not row.lot_id.name.startswith("BLOCKED"))

    extend(_gather=_gather)
    assert stock.env["stock.quant"]._get_available_quantity(product, stock.stock) == 5
    picking = stock.delivery((product, 8))
    assert picking.move_line_ids.lot_id == free and picking.move_ids.quantity == 5


def test_stock_is_reserved_in_the_order_of_gather(stock, extend):
    product = stock.product(tracking="lot")
    lots = lots_of(product, "A", "B", "C")
    put_lots(product, dict.fromkeys(lots, 2))
    extend(_gather=lambda self, above, *args: above(*args).sorted(lambda row: row.lot_id.name)[::-1])
    assert stock.delivery((product, 3)).move_line_ids.lot_id == lots[2] | lots[1]


def test_rows_that_gather_makes_up_are_not_reserved(stock, extend):
    product, other = stock.product(on_hand=2), stock.product("Another", on_hand=9)
    more = stock.env["stock.quant"].search([("product_id", "=", other.id)])
    extend(_gather=lambda self, above, *args, **kwargs: more | above(*args, **kwargs))
    picking = stock.delivery((product, 5))
    assert picking.move_ids.quantity == 2 and picking.move_line_ids.product_id == product


def test_no_more_is_reserved_than_is_available(stock, extend):
    product = stock.product(on_hand=10)

    def _get_available_quantity(self, above, *args, **kwargs):
        return above(*args, **kwargs) - 3

    extend(_get_available_quantity=_get_available_quantity)
    pickings = stock.delivery((product, 4), confirm=False) | stock.delivery((product, 5), confirm=False)
    pickings.action_confirm()
    assert [picking.move_ids.quantity for picking in pickings] == [4, 3]


def test_overrides_that_change_nothing_change_nothing(stock, extend):
    product = stock.product(on_hand=10)
    shelf = stock.env["stock.location"].create({"name": "Shelf", "location_id": stock.stock.id})
    put_stock(product, 5, shelf)
    stock.env["stock.quant"]._update_available_quantity(product, stock.stock, -12)
    for name in ("_gather", "_get_available_quantity"):
        extend(**{name: lambda self, above, *args, **kwargs: above(*args, **kwargs)})
    assert stock.delivery((product, 8)).move_ids.quantity == 5, "what is missing elsewhere does not come off the shelf"


def test_what_a_person_enters_comes_from_the_rows_of_gather(stock, extend):
    product = stock.product(tracking="lot")
    first, second = lots_of(product, "A", "B")
    put_lots(product, {first: 5, second: 5})
    extend(_gather=lambda self, above, *args, **kwargs: above(*args, **kwargs).filtered(lambda r: r.lot_id == second))
    picking = stock.delivery((product, 1))
    picking.move_ids.quantity = 4
    assert picking.move_line_ids.lot_id == second


# ---------------------------------------------------------------------------- figures of free stock
def leave_out_blocked(self, above, *args, **kwargs):
    """`_gather` without the lots that are blocked."""
    return above(*args, **kwargs).filtered(lambda row: not (row.lot_id.name or "").startswith("BLOCKED"))


def test_free_stock_is_shown_without_what_gather_leaves_out(stock, extend):
    product = stock.product(tracking="lot")
    blocked, free = lots_of(product, "BLOCKED-1", "FREE-1")
    put_lots(product, {blocked: 5, free: 3})
    move = stock.delivery((product, 10)).move_ids
    assert (move.quantity, product.free_qty) == (8, 0)
    move._do_unreserve()
    extend(_gather=leave_out_blocked)
    stock.env.invalidate_all()
    assert (move.availability, move.stock_free, product.free_qty, product.qty_available) == (3, 3, 3, 8)
    assert move.shortage_status == "here"
    move._action_assign()
    stock.env.invalidate_all()
    assert (move.quantity, move.availability, product.free_qty, move.shortage_status) == (3, 0, 0, "none")


def test_free_stock_is_shown_as_available_quantity_says(stock, extend):
    product = stock.product(on_hand=10)
    shelf = stock.env["stock.location"].create({"name": "Shelf", "location_id": stock.stock.id})
    put_stock(product, 4, shelf)

    def _get_available_quantity(self, above, product_id, location_id, *args, **kwargs):
        return Decimal(0) if location_id == shelf else above(product_id, location_id, *args, **kwargs)

    extend(_get_available_quantity=_get_available_quantity)
    assert product.free_qty == 10
    move = stock.delivery((product, 20), confirm=False).move_ids
    assert move.availability == 14, "from here all of it can be taken"


def test_figures_of_free_stock_cost_a_constant_number_of_statements(stock, extend):
    extend(_gather=leave_out_blocked, _get_available_quantity=lambda self, above, *args, **kwargs: above(*args))
    counts = []
    for number in (20, 20, 40):
        products = [stock.product(f"P{each}", on_hand=2) for each in range(number)]
        moves = stock.delivery(*((product, 9) for product in products)).move_ids
        stock.env.flush_all()
        stock.env.invalidate_all()
        with max_queries(stock.env, 1000) as statements:
            assert set(moves.mapped("availability")) == {0}
            assert set(moves.mapped("stock_free")) == {0}
            assert set(moves.mapped("shortage_status")) == {"none"}
        counts.append(len(statements))
    assert counts[1] == counts[2]


def test_waiting_reason_names_the_addon_that_keeps_free_stock(stock, extend):
    product = stock.product(tracking="lot")
    (blocked,) = lots_of(product, "BLOCKED-1")
    put_lots(product, {blocked: 5})
    extend(_gather=leave_out_blocked)
    move = stock.delivery((product, 4)).move_ids
    missing, free = why.causes(move, why.Facts(move))
    assert (missing.kind, free.kind) == ("missing", "free"), "nothing is to be bought"
    assert "guest" in free.text


def test_asking_addons_costs_a_constant_number_of_statements(stock, extend):
    def _gather(self, above, *args, **kwargs):
        return above(*args, **kwargs).filtered(lambda row: (row.lot_id.name or "") != "BLOCKED")

    def _get_available_quantity(self, above, product_id, *args, **kwargs):
        return above(product_id, *args, **kwargs) if product_id.name != "Blocked" else Decimal(0)

    extend(_gather=_gather, _get_available_quantity=_get_available_quantity)
    counts = []
    for number in (20, 20, 40):
        products = [stock.product(f"P{each}", on_hand=2) for each in range(number)]
        picking = stock.delivery(*((product, 1) for product in products), confirm=False)
        stock.env.flush_all()
        stock.env.invalidate_all()
        with max_queries(stock.env, 1000) as statements:
            picking.action_confirm()
            stock.env.flush_all()
        assert picking.state == "assigned"
        counts.append(len(statements))
    assert counts[1] == counts[2]


def test_nothing_is_answered_from_an_allocation_that_is_over(stock, extend):
    product = stock.product(on_hand=5)

    def _gather(self, above, *args, **kwargs):
        raise UserError("not today")

    extend(_gather=_gather)
    with pytest.raises(UserError, match="not today"), stock.env.savepoint():
        stock.delivery((product, 1))
    extend(_gather=lambda self, above, *args, **kwargs: self.search([("product_id", "=", product.id)]))
    put_stock(product, 7)
    assert stock.env["stock.quant"]._get_available_quantity(product, stock.stock) == 7


# ---------------------------------------------------------------------------- posting
def test_a_posting_changes_its_stock_in_one_call(stock, extend):
    calls = []

    def _update_available_quantities(self, above, changes, in_date, move_lines=None):
        calls.append((dict(changes), move_lines))
        return above(changes, in_date, move_lines)

    products = [stock.product(f"P{each}") for each in range(3)]
    receipt = stock.receipt(*((product, 4) for product in products))
    extend(_update_available_quantities=_update_available_quantities)
    receipt.button_validate()
    ((changes, lines),) = calls
    assert {key.product: change for key, change in changes.items()} == {product.id: 4 for product in products}
    assert lines == receipt.move_line_ids


def test_each_change_of_a_posting_is_passed_on(stock, extend):
    passed_on = []

    def _update_available_quantity(self, above, product_id, location_id, quantity, *args, **kwargs):
        available, in_date = above(product_id, location_id, quantity, *args, **kwargs)
        passed_on.append((product_id, location_id, quantity, available))
        return available, in_date

    product = stock.product(on_hand=10)
    shelf = stock.env["stock.location"].create({"name": "Shelf", "location_id": stock.stock.id})
    other = stock.delivery((product, 2))
    transfer = stock.transfer(stock.internal, (product, 3), location_dest_id=shelf.id)
    extend(_update_available_quantity=_update_available_quantity)
    transfer.button_validate()
    assert sorted(passed_on, key=lambda call: call[2]) == [
        (product, stock.stock, -3, 5),  # 10 less 3, of which 2 are reserved for the other delivery
        (product, shelf, 3, 3),
    ]
    assert (stock.on_hand(product, shelf), other.state) == (3, "assigned")


def test_an_addon_says_since_when_goods_are_there(stock, extend):
    def _update_available_quantity(self, above, *args, in_date=None, **kwargs):
        return above(*args, in_date=OLD, **kwargs)

    extend(_update_available_quantity=_update_available_quantity)
    product = stock.product()
    stock.receive(product, 5)
    row = stock.env["stock.quant"].search([("product_id", "=", product.id), ("location_id", "=", stock.stock.id)])
    assert row.in_date == OLD and row.quantity == 5


def test_an_adjustment_of_an_addon_is_passed_on_once(stock, extend):
    passed_on = []

    def _update_available_quantity(self, above, product_id, location_id, quantity, *args, **kwargs):
        passed_on.append(quantity)
        return above(product_id, location_id, quantity, *args, **kwargs)

    product = stock.product(on_hand=1)
    extend(_update_available_quantity=_update_available_quantity)
    available, _since = stock.env["stock.quant"]._update_available_quantity(product, stock.stock, 4)
    assert (passed_on, available, stock.on_hand(product)) == ([4], 5, 5)


def test_an_addon_changes_the_same_stock_while_it_is_posted(stock, extend):
    """One is kept as a sample of whatever comes in: the adjustment and the posting both count."""
    busy = []

    def _update_available_quantity(self, above, product_id, location_id, quantity, *args, **kwargs):
        result = above(product_id, location_id, quantity, *args, **kwargs)
        if location_id == stock.stock and not busy:
            busy.append(True)
            self._update_available_quantity(product_id, location_id, -1)
        return result

    product = stock.product(on_hand=10)
    extend(_update_available_quantity=_update_available_quantity)
    stock.receive(product, 5)
    assert stock.on_hand(product) == 14


@pytest.mark.parametrize("passed", ["another quantity", "nothing"])
def test_a_change_that_is_not_passed_on_is_refused(stock, extend, messages, passed):
    def _update_available_quantity(self, above, product_id, location_id, quantity, *args, **kwargs):
        if passed == "nothing":
            return quantity, None
        return above(product_id, location_id, quantity - 1, *args, **kwargs)

    product = stock.product()
    receipt = stock.receipt((product, 5))
    extend(_update_available_quantity=_update_available_quantity)
    with pytest.raises(InventoryError) as refused, stock.env.savepoint():
        receipt.button_validate()
    assert refused.value.code == "inventory.stock_change_lost"
    messages.check(refused.value)
    assert stock.on_hand(product) == 0


def test_a_change_that_is_passed_on_twice_is_refused(stock, extend, messages):
    def _update_available_quantity(self, above, *args, **kwargs):
        above(*args, **kwargs)
        return above(*args, **kwargs)

    product = stock.product()
    receipt = stock.receipt((product, 5))
    extend(_update_available_quantity=_update_available_quantity)
    with pytest.raises(InventoryError) as refused, stock.env.savepoint():
        receipt.button_validate()
    assert refused.value.code == "inventory.stock_change_lost"
    assert (refused.value.data["expected"], refused.value.data["passed"]) == ("5", "10")
    messages.check(refused.value)
    assert (stock.on_hand(product), receipt.state) == (0, "assigned")


@pytest.mark.parametrize("quantity", [1, 5])
def test_an_addon_adds_to_the_stock_that_is_posted(stock, extend, quantity):
    """A sample of one comes with whatever is received: a second call, but not of ``super()``."""
    busy = []

    def _update_available_quantity(self, above, product_id, location_id, quantity, *args, **kwargs):
        result = above(product_id, location_id, quantity, *args, **kwargs)
        if not busy:
            busy.append(True)
            self._update_available_quantity(product_id, location_id, 1)
        return result

    product = stock.product()
    extend(_update_available_quantity=_update_available_quantity)
    stock.receive(product, quantity)
    assert stock.on_hand(product) == quantity + 1


@pytest.mark.parametrize("changed", ["left out", "halved", "added"])
def test_a_posting_that_is_not_passed_on_as_it_is_is_refused(stock, extend, messages, changed):
    product, other = stock.product(), stock.product("Another")

    def _update_available_quantities(self, above, changes, in_date, move_lines=None):
        if changed == "left out":
            changes.clear()
            passed = {}
        elif changed == "halved":
            passed = {key: change / 2 for key, change in changes.items()}
        else:
            product_lock.lock_products(self.env, other.ids)
            passed = {**changes, **{key._replace(product=other.id): Decimal(3) for key in changes}}
        return above(passed, in_date, move_lines)

    receipt = stock.receipt((product, 4))
    extend(_update_available_quantities=_update_available_quantities)
    with pytest.raises(InventoryError) as refused, stock.env.savepoint():
        receipt.button_validate()
    assert refused.value.code == "inventory.stock_change_lost"
    assert refused.value.data["addons"] == "guest"
    messages.check(refused.value)
    assert (stock.on_hand(product), stock.on_hand(other), receipt.state) == (0, 0, "assigned")


def test_what_an_addon_returns_decides_nothing(stock, extend):
    """The quantities on hand are those that were written, not those that an override says."""

    def _update_available_quantities(self, above, changes, in_date, move_lines=None):
        above(changes, in_date, move_lines)

    product = stock.product(on_hand=3)
    extend(_update_available_quantities=_update_available_quantities)
    delivery = stock.delivery((product, 3))
    delivery.button_validate()
    assert (stock.on_hand(product), delivery.state) == (0, "done")


def test_passing_changes_to_addons_costs_a_constant_number_of_statements(stock, extend):
    extend(_update_available_quantity=lambda self, above, *args, **kwargs: above(*args, **kwargs))
    counts = []
    for number in (20, 20, 40):
        receipt = stock.receipt(*((stock.product(f"P{each}"), 1) for each in range(number)))
        stock.env.flush_all()
        stock.env.invalidate_all()
        with max_queries(stock.env, 1000) as statements:
            receipt.button_validate()
            stock.env.flush_all()
        counts.append(len(statements))
    assert counts[1] == counts[2]
