"""Allocation by itself: whatever is demanded and whatever there is, the laws of sharing out hold."""

from __future__ import annotations

from collections import Counter, defaultdict
from copy import deepcopy
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from addons.inventory.services.allocation import Demand, Key, Slot, allocate

ZERO = Decimal(0)
#: Location id -> path. 2 and 3 lie in 1.
PATHS = {1: "1/", 2: "1/2/", 3: "1/3/", 4: "4/"}

quantities = st.decimals(min_value=0, max_value=30, places=2)
keys = st.builds(
    Key,
    product=st.integers(1, 2),
    location=st.sampled_from(sorted(PATHS)),
    lot=st.integers(0, 2),
    package=st.integers(0, 1),
    owner=st.integers(0, 2),
)


@st.composite
def slots(draw):
    """Rows of stock, each key once."""
    found = draw(st.lists(keys, max_size=12, unique=True))
    return [
        Slot(key, number, draw(quantities), draw(quantities), None, PATHS[key.location])
        for number, key in enumerate(found, 1)
    ]


@st.composite
def situations(draw):
    """Demands, the offers to them, and what limits there are."""
    there = draw(slots())
    pools = [
        {slot.key: draw(st.decimals(min_value=-5, max_value=30, places=2)) for slot in there if draw(st.booleans())}
        for _number in range(2)
    ]
    demands = [
        Demand(
            id=number,
            product=draw(st.integers(1, 2)),
            location=draw(st.sampled_from(sorted(PATHS))),
            missing=draw(quantities),
            owner=draw(st.sampled_from([0, 0, 1, 2])),
            whole=draw(st.booleans()),
            brought=draw(st.sampled_from([None, None, *pools])),
            limit=draw(st.none() | quantities),
        )
        for number in range(draw(st.integers(0, 8)))
    ]
    offers = {
        demand.source: [
            slot
            for slot in draw(st.permutations(there))
            if slot.key.product == demand.product and slot.path.startswith(PATHS[demand.location])
        ]
        for demand in demands
    }
    limits = {source: draw(quantities) for source in offers if draw(st.booleans())}
    return demands, offers, limits


def taken(takes, key):
    """What is taken, summed up by `key(take)`."""
    totals = defaultdict(Decimal)
    for take in takes:
        totals[key(take)] += take.quantity
    return totals


@given(situations())
def test_no_slot_gives_more_than_is_free(situation):
    demands, offers, limits = situation
    takes = allocate(demands, offers, limits)
    free = {slot.key: slot.free for slots in offers.values() for slot in slots}
    assert all(take.quantity > 0 for take in takes)
    assert all(total <= free[key] for key, total in taken(takes, lambda take: take.slot.key).items())


@given(situations())
def test_no_demand_gets_more_than_it_lacks_or_its_limit(situation):
    demands, offers, limits = situation
    got = taken(allocate(demands, offers, limits), lambda take: take.demand.id)
    for demand in demands:
        assert got[demand.id] <= demand.missing
        assert demand.limit is None or got[demand.id] <= demand.limit


@given(situations())
def test_demands_get_stock_that_is_offered_to_them_and_their_owners(situation):
    demands, offers, limits = situation
    for take in allocate(demands, offers, limits):
        assert take.slot in offers[take.demand.source]
        assert take.demand.owner in (0, take.slot.key.owner)


@given(situations())
def test_serial_numbers_go_out_as_whole_units(situation):
    demands, offers, limits = situation
    for take in allocate(demands, offers, limits):
        assert not take.demand.whole or take.quantity == take.quantity.to_integral_value()


@given(situations())
def test_siblings_share_what_was_brought_for_them(situation):
    demands, offers, limits = situation
    takes = [take for take in allocate(demands, offers, limits) if take.demand.brought is not None]
    for (_pool, key), total in taken(takes, lambda take: (id(take.demand.brought), take.slot.key)).items():
        pool = next(take.demand.brought for take in takes if id(take.demand.brought) == _pool)
        assert total <= pool[key]


@given(situations())
def test_a_limit_at_a_place_holds_for_all_its_demands_together(situation):
    demands, offers, limits = situation
    got = taken(allocate(demands, offers, limits), lambda take: take.demand.source)
    assert all(got[source] <= most for source, most in limits.items())


@given(situations())
def test_the_arguments_stay_as_they_are(situation):
    before = deepcopy(situation)
    allocate(*situation)
    assert situation == before


@given(situations())
def test_a_demand_does_not_depend_on_those_that_rank_below_it(situation):
    demands, offers, limits = situation
    takes = allocate(demands, offers, limits)
    for count in range(len(demands)):
        first = allocate(demands[:count], offers, limits)
        ids = {demand.id for demand in demands[:count]}
        assert [take for take in takes if take.demand.id in ids] == first


@given(situations())
def test_nothing_is_left_that_a_plain_demand_could_have(situation):
    """Conserved: what is taken and what is left are the stock; where some is left, no demand goes without it."""
    demands, offers, _limits = situation
    takes = allocate(demands, offers)
    got, gone = taken(takes, lambda take: take.demand.id), taken(takes, lambda take: take.slot.key)
    for demand in demands:
        if demand.brought is not None or demand.whole:
            continue
        want = demand.missing if demand.limit is None else min(demand.missing, demand.limit)
        left = [slot.free - gone[slot.key] for slot in offers[demand.source] if demand.owner in (0, slot.key.owner)]
        assert got[demand.id] == want or not any(left)


@given(slots(), quantities)
def test_slots_go_out_in_the_order_of_the_offer(there, missing):
    offer = [slot for slot in there if slot.key.product == 1]
    takes = allocate([Demand(1, 1, 1, missing)], {(1, 1): offer})
    order = [offer.index(take.slot) for take in takes]
    assert order == sorted(order)
    for take in takes[:-1]:
        assert take.quantity == take.slot.free, "the one before is used up first"


def test_overlapping_places_do_not_give_the_same_unit_twice():
    shelf = Slot(Key(1, 2), 7, Decimal(5), Decimal(5), None, "1/2/")
    demands = [Demand(1, 1, 1, Decimal(3)), Demand(2, 1, 2, Decimal(3))]
    takes = allocate(demands, {(1, 1): [shelf], (1, 2): [shelf]})
    assert Counter({take.demand.id: take.quantity for take in takes}) == {1: 3, 2: 2}


def test_what_is_taken_below_counts_for_the_limit_around_it():
    shelf = Slot(Key(1, 2), 7, Decimal(10), Decimal(10), None, "1/2/")
    demands = [Demand(1, 1, 2, Decimal(3)), Demand(2, 1, 1, Decimal(9))]
    takes = allocate(demands, {(1, 1): [shelf], (1, 2): [shelf]}, {(1, 1): Decimal(4)})
    assert [take.quantity for take in takes] == [3, 1]
