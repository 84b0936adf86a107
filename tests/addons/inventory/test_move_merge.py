"""The merge of moves: one takes over demand, reserved lines and links of the others."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.inventory.testing import assert_stock_laws
from core.testing.queries import max_queries
from tests.random_runs import run_settings, seeded

ADDONS = ["inventory"]


class _RollBack(Exception):
    """Ends an example and takes it back."""


def test_merged_moves_keep_all_they_had(env, stock):
    product = stock.product()
    first_step, other_step = (stock.delivery((product, demand)).move_ids for demand in (5, 4))
    picking = stock.receipt((product, 5))
    (kept,) = picking.move_ids
    late = env["stock.move"].create({"picking_id": picking.id, "product_id": product.id, "product_uom_qty": 4})
    late.move_dest_ids = other_step
    kept.move_dest_ids = first_step
    late.date = kept.date - timedelta(days=1)
    earliest = late.date
    assert late._action_confirm() == kept
    assert not late.exists()
    assert (kept.product_uom_qty, kept.quantity, kept.state, kept.date) == (9, 9, "assigned", earliest)
    assert kept.move_dest_ids == first_step | other_step
    assert kept._merge_moves() == kept, "nothing is doubled any longer"
    assert_stock_laws(env)


@pytest.mark.slow
def test_any_moves_merge_into_one_for_each_kind(env, stock, chance):
    products = [stock.product(f"P{number}", on_hand=20) for number in range(3)]
    units = (stock.unit, stock.dozen)
    moves_of = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(1, 9)), min_size=2, max_size=8)
    merged = Counter()

    @run_settings(25)
    @given(moves_of)
    def merge(rows):
        try:
            with env.savepoint():
                picking = stock.delivery(*[(products[product], demand, units[unit]) for product, unit, demand in rows])
                demanded = Counter()
                for product, unit, demand in rows:
                    demanded[products[product], units[unit]] += demand
                left = picking.move_ids
                assert {(move.product_id, move.product_uom): move.product_uom_qty for move in left} == demanded
                assert len(left) == len(demanded)
                merged[len(rows) - len(left)] += 1
                assert_stock_laws(env)
                raise _RollBack
        except _RollBack:
            pass

    seeded(merge, chance)()
    assert len(merged) > 3


def test_merging_more_groups_takes_no_more_statements(env, stock):
    def confirm(count):
        products = [stock.product(f"P{count}-{number}", on_hand=9) for number in range(count)]
        picking = stock.delivery(*[(product, 5) for product in products * 2], confirm=False)
        env.flush_all()
        env.invalidate_all()
        with max_queries(env, 1000) as statements:
            picking.action_confirm()
        assert picking.move_ids.mapped("product_uom_qty") == [10] * count
        return len(statements)

    confirm(1)  # what is read once for all
    assert confirm(3) == confirm(30)
