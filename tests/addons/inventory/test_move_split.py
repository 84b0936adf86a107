"""The split of moves: parts add up to the whole, and what belongs to it follows by identity."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.inventory.services.move_split import Division, Part, Portion
from addons.inventory.testing import assert_stock_laws, put_lots
from core.exceptions import UserError
from core.orm.seams import tracing
from core.rounding import split as share_out
from core.testing.queries import max_queries
from tests.random_runs import run_settings, seeded

ADDONS = ["inventory"]
D = Decimal
OLD = datetime(2020, 1, 1)

#: (unit of the product, unit of the move, how far it rounds)
UNITS = (
    ("unit", "unit", "1"),
    ("unit", "unit", "0.01"),
    ("unit", "dozen", "0.01"),
    ("dozen", "unit", "0.000001"),
    ("kgm", "gram", "0.25"),
    ("gram", "lb", "0.01"),
)


class _RollBack(Exception):
    """Ends an example and takes it back."""


@st.composite
def cases(draw):
    """Units, tracking, demand (hundredths of the move's unit), lots on hand, weights of the parts, what is picked."""
    serial = draw(st.booleans())
    units = UNITS[0] if serial else draw(st.sampled_from(UNITS))
    demand = D(draw(st.integers(1, 12))) if serial else D(draw(st.integers(1, 2400))) / 100
    weights = draw(st.lists(st.integers(0, 9), min_size=2, max_size=5).filter(lambda found: sum(found) > 0))
    on_hand = [D(1)] * draw(st.integers(0, 14)) if serial else draw(st.lists(st.integers(1, 900), max_size=4))
    return units, serial, demand, weights, on_hand, draw(st.integers(0, 3)), draw(st.booleans())


def example_of(stock, case):
    """A confirmed delivery of one move as the case says, some of its lines picked."""
    (own, unit, rounding), serial, demand, _weights, on_hand, picked, _in_move_unit = case
    env = stock.env
    uom = {name: env.ref(f"inventory.product_uom_{name}") for name in (own, unit)}
    uom[own].rounding = D(rounding)
    product = stock.product(uom_id=uom[own].id, tracking="serial" if serial else "lot")
    lots = env["stock.lot"].create([{"name": f"L{n}", "product_id": product.id} for n in range(len(on_hand))])
    if lots:
        put_lots(product, dict(zip(lots, on_hand, strict=True)))
    move = stock.delivery((product, demand, uom[unit])).move_ids
    move.move_line_ids[:picked].write({"picked": True})
    return move


def quantities_of(move, case):
    """How the case splits the move: numbers in the product's unit, or a division in the unit of the move.

    Only a division takes all of it.
    """
    weights, in_move_unit = case[3], case[-1]
    if in_move_unit:
        _kept, *parts = share_out(move.product_uom_qty, weights, move.product_uom.rounding)
        return Division([Part(part) for part in parts], in_move_unit=True)
    kept, *parts = share_out(move.product_qty, weights, move.product_id.uom_id.rounding)
    return parts if kept else Division([Part(part) for part in parts])


def held_of(moves):
    held = Counter()
    for line in moves.move_line_ids:
        held[line.lot_id] += line.quantity_product_uom
    return held


def test_a_split_conserves(env, stock, chance):
    split_up = Counter()

    @run_settings(60)
    @given(cases())
    def conserve(case):
        with suppress(_RollBack), env.savepoint():
            move = example_of(stock, case)
            demand, whole, unit = move.product_uom_qty, move.product_qty, move.product_uom
            held, picked = held_of(move), move.move_line_ids.filtered("picked")
            links = (move.shortfall_id, move.reference_ids, move.picking_id)
            parts = move._split({move: quantities_of(move, case)})
            family = move | parts
            split_up[len(parts), move.product_uom == unit, bool(held)] += 1

            if move.product_uom == unit:
                assert sum(family.mapped("product_uom_qty")) == demand
                assert set(family.mapped("product_uom")) == {unit}
            else:
                assert sum(family.mapped("product_uom_qty")) == whole
            assert all(each.product_uom_qty >= 0 for each in family)
            assert held_of(family) == held
            assert all(line.quantity_product_uom > 0 for line in family.move_line_ids)
            assert not any(parts.move_line_ids.mapped("picked"))
            kept_lots = [line.quantity_product_uom for line in move.move_line_ids if line in picked]
            room = move._in_product_unit(move.product_uom_qty)
            if picked and room:
                assert sum(kept_lots, D(0)) >= min(room, sum(picked.mapped("quantity_product_uom")))
            for part in parts:
                assert sum(held_of(part).values()) <= part._in_product_unit(part.product_uom_qty)
                assert (part.shortfall_id, part.reference_ids, part.picking_id) == links
            states = family.mapped("state")
            family._recompute_state()
            assert family.mapped("state") == states or not parts
            assert_stock_laws(env)
            raise _RollBack

    seeded(conserve, chance)()
    assert len({count for count, _unit, _held in split_up}) > 2
    assert {(unit, held) for _count, unit, held in split_up} >= {(True, True), (True, False), (False, True)}


def test_parts_take_the_lots_that_are_chosen(env, stock):
    product = stock.product(tracking="lot")
    first, second = env["stock.lot"].create([{"name": name, "product_id": product.id} for name in ("A", "B")])
    put_lots(product, {first: 6, second: 4})
    move = stock.delivery((product, 10)).move_ids
    (part,) = move._split({move: Division([Part(D(3), {}, Portion(D(3), ((first.id, D(2)),)))], kept=Portion(D(5)))})
    assert (held_of(part), held_of(move)) == ({first: 2, second: 1}, {first: 4, second: 3})
    (rest,) = move._split({move: Division([Part(D(4), {}, Portion(D(4), ((second.id, D(3)),)))])})
    assert (held_of(rest), held_of(move), move.state) == ({second: 3, first: 1}, {first: 3}, "assigned")
    with pytest.raises(UserError, match="B of Drawer Case Black is not reserved") as caught:
        move._split({move: Division([Part(D(1), {}, Portion(D(1), ((second.id, D(1)),)))])})
    assert caught.value.code == "inventory.lot_not_reserved"


def test_a_split_that_leaves_nothing_is_refused(stock):
    move = stock.delivery((stock.product(on_hand=10), 10)).move_ids
    for parts in ([4, 7], [11], [-1, 2], [10], [4, 6]):
        with pytest.raises(UserError, match="cannot be split off 10 Unit") as caught:
            move._split({move: parts})
        assert caught.value.code == "inventory.split_quantity"
    assert move.product_uom_qty == 10
    assert not move._split({move: [0, 0]})


@pytest.mark.parametrize("parts", [[D("0.0000001")], [D("0.0000004"), 0], D("0.0000004")])
def test_a_part_that_the_field_does_not_hold_is_no_part(stock, parts):
    move = stock.delivery((stock.product(on_hand=10), 10)).move_ids
    assert not move._split({move: parts})
    assert (move.product_uom_qty, move.quantity, move.picking_id.move_ids) == (10, 10, move)


def test_parts_are_rounded_before_they_are_taken_from_the_whole(stock):
    move = stock.delivery((stock.product(on_hand=10), 10)).move_ids
    part = move._split({move: [D("3.00000049")]})
    assert (part.product_uom_qty, part.quantity, move.product_uom_qty, move.quantity) == (3, 3, 7, 7)
    with pytest.raises(UserError) as caught:
        move._split({move: [D("6.9999999")]})
    assert caught.value.code == "inventory.split_quantity"


def test_a_line_that_is_cut_keeps_the_columns_of_addons(env, stock, monkeypatch):
    """Whatever column a line has that a copy takes over, both pieces have it."""
    monkeypatch.setattr(type(env["stock.move.line"])._fields["date"], "copy", True)
    line = stock.delivery((stock.product(on_hand=10), 10)).move_line_ids
    line._settle({"date": OLD})
    part = line.move_id._split(4)
    assert (part.move_line_ids.quantity, line.quantity) == (4, 6)
    assert (part.move_line_ids.date, line.date) == (OLD, OLD)


def test_what_is_cut_off_a_packed_line_is_not_packed(env, stock):
    line = stock.delivery((stock.product(on_hand=10), 10)).move_line_ids
    line.result_package_id = package = env["stock.package"].create({"name": "PACK1"})
    part = line.move_id._split(4)
    assert (line.result_package_id, bool(part.move_line_ids.result_package_id)) == (package, False)


def test_what_is_split_off_together_stays_chained(env, stock):
    product = stock.product(on_hand=10)
    stock.pulled_in_two_steps(product)
    need = env["stock.rule"].Procurement(
        product, D(10), product.uom_id, stock.customers, "Order", "Order", env.company, {}
    )
    env["stock.rule"].run([need])
    ship = env["stock.move"].search([("product_id", "=", product.id), ("location_dest_id", "=", stock.customers.id)])
    pick = ship.move_orig_ids
    assert ship and pick
    picked, shipped = (pick | ship)._split({pick: 4, ship: 4})
    assert (picked.picking_id, shipped.picking_id) == (pick.picking_id, ship.picking_id)
    assert picked.move_dest_ids == pick.move_dest_ids == ship | shipped
    assert shipped.move_orig_ids == ship.move_orig_ids == pick | picked


def test_a_part_can_be_restricted_to_an_owner(env, stock):
    owner = env["res.partner"].create({"name": "Azure Interior"})
    move = stock.delivery((stock.product(on_hand=10), 10)).move_ids
    part = move._split(4, restrict_partner_id=owner.id)
    assert (part.restrict_partner_id, move.restrict_partner_id.id) == (owner, False)
    assert (part.quantity, move.quantity) == (0, 6), "what is ours is not reserved for goods of another owner"


def test_splitting_more_moves_into_more_parts_takes_no_more_statements(env, stock):
    def split(moves, parts):
        demand = stock.delivery(*[(stock.product(on_hand=10), 10) for _move in range(moves)]).move_ids
        with max_queries(env, 1000) as statements:
            demand._split({move: [1] * parts for move in demand})
        return len(statements)

    split(1, 1)  # what is read once for all
    assert split(2, 1) == split(20, 6)


def test_trace_of_a_split_has_the_seams_that_no_addon_overrides(stock):
    """Values of the parts, and lines of the reservation: without an override, each is prepared without its seam."""
    with tracing(stock.env.registry) as calls:
        picking = stock.delivery((stock.product(on_hand=5), 5))
        picking.move_ids._split([D(2)])
    called = {call.seam for call in calls}
    assert called >= {
        "stock.move._split", "stock.move._prepare_move_split_vals", "stock.move._prepare_move_line_vals",
        "stock.move.line.create", "stock.move.line.write", "stock.quant._gather",
        "stock.quant._get_available_quantity", "stock.quant._update_available_quantity",
    }  # fmt: skip
    assert_stock_laws(stock.env)
