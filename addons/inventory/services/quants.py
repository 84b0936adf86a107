"""Stock on hand: the only code that changes the quantity of a quant.

While an allocation or a posting asks addons, the methods of `stock.quant` answer from the rows that it has locked and
read: `Offers` and `Posting` hold them for as long.

Rows are locked in id order, one statement for all of them, before free stock is read or changed. That is the global
order that keeps two transactions from waiting for each other, and reading after the lock is what keeps the second
one from seeing stock that the first has taken. SQLite's write transactions exclude each other as they are.

What is reserved is read from the open move lines: there is no second figure that could disagree with them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa

from addons.inventory.exceptions import InventoryError
from addons.inventory.services import action_scope, product_lock
from addons.inventory.services.allocation import Key, Slot, Source
from core.exceptions import ConcurrencyError, ValidationError
from core.rounding import format_number

# Only here is the quantity on hand kept. Everywhere else (vendors, customers, production, loss) the outside world
# begins: nothing could be reserved or counted there, and the done lines tell what went in and out.
STOCKED = ("internal", "transit")
OPEN_LINE = "assigned"
ATTEMPTS = 3
OFFERS, POSTING, ADJUSTED = "inventory.offered_stock", "inventory.posted_stock", "inventory.adjusted_stock"
APPLIED = "inventory.applied_stock"
CHANGED = "inventory.changed_stock"
READ = (
    "id", "product_id", "location_id", "lot_id", "package_id", "owner_id", "quantity", "in_date",
    "inventory_quantity_set",
)  # fmt: skip


def key_of(quant: Any) -> Key:
    """The key of a stock row."""
    return Key(
        quant.product_id.id,
        quant.location_id.id,
        quant.lot_id.id or 0,
        quant.package_id.id or 0,
        quant.owner_id.id or 0,
    )


def source_key(line: Any) -> Key:
    """The stock that a move line takes from."""
    return Key(
        line.product_id.id, line.location_id.id, line.lot_id.id or 0, line.package_id.id or 0, line.owner_id.id or 0
    )


def target_key(line: Any) -> Key:
    """The stock that a move line adds to."""
    return Key(
        line.product_id.id,
        line.location_dest_id.id,
        line.lot_id.id or 0,
        line.result_package_id.id or 0,
        line.owner_id.id or 0,
    )


def reserved(env: Any, product_ids: Iterable[int] | None) -> dict[Key, Decimal]:
    """What open move lines take from each row of stock, in the product's unit; of all products if None."""
    domain: list[Any] = [("state", "=", OPEN_LINE)]
    if product_ids is not None:
        product_ids = list(product_ids)
        if not product_ids:
            return {}
        domain.append(("product_id", "in", product_ids))
    rows = (
        env["stock.move.line"]
        .sudo()
        ._read_group(
            domain, ["product_id", "location_id", "lot_id", "package_id", "owner_id"], ["quantity_product_uom:sum"]
        )
    )
    return {
        Key(product.id, location.id, lot.id or 0, package.id or 0, owner.id or 0): total or Decimal(0)
        for product, location, lot, package, owner, total in rows
    }


class Row(NamedTuple):
    """A row of stock as it is in the database."""

    key: Key
    id: int
    quantity: Decimal
    in_date: Any
    counted: bool


def lock(env: Any, product_ids: Iterable[int], location_ids: Iterable[int] | None = None) -> list[Row]:
    """Lock the stock rows of the products (exactly at the locations, if given) in id order, and read them afresh.

    One statement, past the cache: what was read before the lock must not be believed. The cache holds the locked rows
    afterwards.
    """
    env["stock.quant"].flush_model()
    columns = env.registry.table("stock.quant").c
    statement = sa.select(*(columns[name] for name in READ)).where(columns.product_id.in_(sorted(product_ids)))
    if location_ids is not None:
        statement = statement.where(columns.location_id.in_(sorted(location_ids)))
    statement = statement.order_by(columns.id)
    if env.cr.dialect == "postgresql":
        statement = statement.with_for_update()
    found = env.cr.execute(statement).all()
    records = env["stock.quant"].browse([row[0] for row in found])
    records.invalidate_recordset()
    records._fill_cache(records.ids, [records._fields[name] for name in READ[1:]], found)
    return [
        Row(Key(product, place, lot or 0, package or 0, owner or 0), id_, quantity, in_date, counted)
        for id_, product, place, lot, package, owner, quantity, in_date, counted in found
    ]


def paths_below(env: Any, location_ids: Iterable[int]) -> dict[int, str]:
    """Location id -> path, of the locations and all that lie in them."""
    model = env["stock.location"].sudo().with_context(active_test=False)
    return {place.id: place.parent_path or "" for place in model.search([("id", "child_of", sorted(location_ids))])}


def free_slots(env: Any, product_ids: Iterable[int], paths: Mapping[int, str]) -> list[Slot]:
    """Lock the stock of the products at the locations of `paths`, and say what is free of each row.

    Rows that are empty and not reserved are left out.
    """
    product_ids = list(product_ids)
    rows = lock(env, product_ids, paths)
    if not rows:
        return []
    held = reserved(env, product_ids)
    nothing = Decimal(0)
    slots = []
    for row in rows:
        free = row.quantity - held.get(row.key, nothing)
        if row.quantity or free:
            slots.append(Slot(row.key, row.id, row.quantity, free, row.in_date, paths[row.key.location]))
    return slots


# ---------------------------------------------------------------------------- while an allocation asks addons
@dataclass(slots=True)
class Offers:
    """The stock that an allocation has locked: by product and place, in the order in which it goes out.

    `quant_ids` are all of its rows, to be read together.
    """

    slots: dict[Source, list[Slot]]
    quant_ids: tuple[int, ...]


def offering(env: Any, offers: Offers) -> AbstractContextManager[Offers]:
    """Within the block `stock.quant` answers `_gather` and `_get_available_quantity` from the offers."""
    return action_scope.scoped(env, OFFERS, offers)


def offered(env: Any, product: Any, location: Any) -> Offers | None:
    """The offers of the allocation that is under way, if it takes from there."""
    offers: Offers | None = env.cr.memory.get(OFFERS)
    return offers if offers and (product.id, location.id) in offers.slots else None


def asks_addons(env: Any) -> bool:
    """Whether an addon extends what says which stock is handed out."""
    quant = env["stock.quant"]
    return bool(quant._is_extended("_gather") or quant._is_extended("_get_available_quantity"))


def ask_addons(env: Any, offers: dict[Source, list[Slot]]) -> tuple[dict[Source, list[Slot]], dict[Source, Decimal]]:
    """The offers, and the most that may be taken from each source, as addons say that extend `stock.quant`."""
    limits: dict[Source, Decimal] = {}
    if not asks_addons(env):
        return offers, limits
    quant = env["stock.quant"].sudo()
    ids = tuple(dict.fromkeys(slot.quant_id for slots in offers.values() for slot in slots))
    asked = Offers(dict(offers), ids)
    sources = [source for source, slots in offers.items() if slots]
    product_ids, location_ids = ({source[position] for source in sources} for position in (0, 1))
    products = {product.id: product for product in env["product.product"].sudo().browse(product_ids)}
    places = {place.id: place for place in env["stock.location"].sudo().browse(location_ids)}
    with offering(env, asked):
        for source in sources:
            product, place = products[source[0]], places[source[1]]
            if quant._is_extended("_gather"):
                slots = {slot.quant_id: slot for slot in offers[source]}
                rows = dict.fromkeys(quant._gather(product, place).ids)
                asked.slots[source] = [slots[id_] for id_ in rows if id_ in slots]
            if quant._is_extended("_get_available_quantity"):
                limits[source] = max(quant._get_available_quantity(product, place), Decimal(0))
    return asked.slots, limits


def held_back(env: Any, wanted: Iterable[tuple[Any, Any]], below: bool = True) -> dict[Source, Decimal]:
    """(product id, location id) -> what is free there and kept from reservations by addons that extend `stock.quant`.

    Nothing is read where none does. Otherwise the addons are asked as for a reservation from that place.

    Args:
        wanted: pairs of product and location.
        below: whether what lies in the locations below a location counts there.
    """
    if not asks_addons(env) or env.cr.memory.get(OFFERS):
        return {}  # also for the figures that an addon reads while it is asked
    places = {(product.id, place.id): place.parent_path or "" for product, place in wanted}
    ids = sorted({product for product, _place in places})
    by_product: defaultdict[int, list[Slot]] = defaultdict(list)
    for slot in _read(env, ids, [("quantity", ">", 0)], reserved(env, ids)):
        if slot.free > 0:
            by_product[slot.key.product].append(slot)
    offers = {
        source: [
            slot
            for slot in by_product[source[0]]
            if slot.key.location == source[1] or (below and slot.path.startswith(path))
        ]
        for source, path in places.items()
    }
    offered_slots, limits = ask_addons(env, offers)
    result = {}
    for source, slots in offers.items():
        given = sum((slot.free for slot in offered_slots[source]), Decimal(0))
        result[source] = sum((slot.free for slot in slots), Decimal(0)) - min(given, limits.get(source, given))
    return result


def limiting_addons(env: Any) -> list[str]:
    """The addons that may keep free stock from being reserved: by `stock.quant`, or by the hook `limit_reservation`."""
    methods = env["stock.quant"]._extended_methods
    names = [addon for name in ("_gather", "_get_available_quantity") for addon in methods.get(name, ())]
    names += [each.addon for each in env.hooks.limit_reservation.for_model("stock.move")]
    return list(dict.fromkeys(names))


def free(env: Any, product: Any, location: Any) -> list[Slot]:
    """The stock of one product at a location and below it, without locking it.

    Reservations of stock that the books do not know of come as slots without a row (`quant_id` 0), and so does what
    lies outside of stock: the done lines say how much of it went there and did not come back.
    """
    if location.usage not in (*STOCKED, "view"):
        return _outside(env, product, location)
    inside = [("location_id", "child_of", location.ids), ("quantity", "!=", 0)]
    held = reserved(env, product.ids)
    return _read(env, product.ids, inside, held) + _unbooked(env, location, held)


def _read(env: Any, product_ids: list[int], domain: list[Any], held: dict[Key, Decimal]) -> list[Slot]:
    """The stock rows of the products, without locking; what is reserved of them is taken out of `held`."""
    rows = env["stock.quant"].sudo().search([("product_id", "in", product_ids), *domain], order="in_date, id")
    slots = []
    for row in rows:
        key = key_of(row)
        free = row.quantity - held.pop(key, Decimal(0))
        slots.append(Slot(key, row.id, row.quantity, free, row.in_date, row.location_id.parent_path or ""))
    return slots


def _unbooked(env: Any, location: Any, held: Mapping[Key, Decimal]) -> list[Slot]:
    """What is reserved at a location and below it although no stock is booked there."""
    places = env["stock.location"].sudo().browse({key.location for key in held})
    inside = {
        place.id: place.parent_path or ""
        for place in places
        if place.usage in STOCKED and (place.parent_path or "").startswith(location.parent_path or "/")
    }
    nothing = Decimal(0)
    return [
        Slot(key, 0, nothing, -part, None, inside[key.location]) for key, part in held.items() if key.location in inside
    ]


def _outside(env: Any, product: Any, location: Any) -> list[Slot]:
    """What went to a place where no stock rows are kept, less what came from there, by the ledger."""
    total: defaultdict[Key, Decimal] = defaultdict(Decimal)
    lines = env["stock.move.line"].sudo()
    for place, package, sign in (("location_dest_id", "result_package_id", 1), ("location_id", "package_id", -1)):
        domain = [("product_id", "=", product.id), ("state", "=", "done"), (place, "child_of", location.ids)]
        groups = lines._read_group(domain, [place, "lot_id", package, "owner_id"], ["quantity_product_uom:sum"])
        for where, lot, pack, owner, quantity in groups:
            total[Key(product.id, where.id, lot.id or 0, pack.id or 0, owner.id or 0)] += sign * quantity
    return [Slot(key, 0, quantity, quantity, None, "") for key, quantity in total.items() if quantity]


def free_by_place(env: Any, products: list[int], places: list[Any]) -> dict[Source, Decimal]:
    """(product id, location id) -> what is on hand just there and not reserved; addons are not asked.

    Args:
        places: a domain of stock rows. Where something is reserved and it finds no row, the quantity is below zero.
    """
    domain = [("product_id", "in", products), *places]
    rows = env["stock.quant"].sudo()._read_group(domain, ["product_id", "location_id"], ["quantity:sum"])
    free = {(product.id, place.id): quantity or Decimal(0) for product, place, quantity in rows}
    for key, quantity in reserved(env, products).items():
        source = key.product, key.location
        free[source] = free.get(source, Decimal(0)) - quantity
    return free


def free_at(env: Any, wanted: Iterable[tuple[Any, Any]]) -> dict[tuple[int, int], Decimal]:
    """(product id, location id) -> what can be reserved there and below, for (product, location) pairs.

    Nothing is locked. What addons keep back by extending `stock.quant` is not among it; what they keep from some moves
    only, by the hook `limit_reservation`, is.
    """
    wanted = list(wanted)
    pairs = {(product.id, place.id): place.parent_path or "" for product, place in wanted}
    products = sorted({product for product, _place in pairs})
    free = free_by_place(env, products, [("location_id.usage", "in", STOCKED)])
    paths = {
        place.id: place.parent_path or "" for place in env["stock.location"].sudo().browse({key[1] for key in free})
    }
    result = dict.fromkeys(pairs, Decimal(0))
    for (product, location), quantity in free.items():
        for (asked, around), path in pairs.items():
            if asked == product and paths[location].startswith(path):
                result[asked, around] += quantity
    for source, quantity in held_back(env, wanted).items():
        result[source] -= quantity
    return result


# ---------------------------------------------------------------------------- change
@dataclass(slots=True)
class Posting:
    """A change of stock that is under way: the locked rows, what is still to be passed on, and what has been.

    `passed` holds the very objects that were handed over as quantities. By them a second call of ``super()`` is known
    from an adjustment of the same stock, which comes with a quantity of its own.
    """

    rows: dict[Key, Row]
    pending: dict[Key, Decimal]
    when: Any
    reserved: dict[Key, Decimal]
    passed: dict[Key, Decimal] = field(default_factory=dict)
    dates: dict[Key, Any] = field(default_factory=dict)
    stale: bool = False


@dataclass(slots=True)
class Applied:
    """What was changed while a posting was under way, and what is on hand since then."""

    changes: defaultdict[Key, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    on_hand: dict[Key, Decimal] = field(default_factory=dict)


@contextmanager
def complete(env: Any, deltas: Mapping[Key, Decimal]) -> Iterator[dict[Key, Decimal]]:
    """Within the block exactly `deltas` have to be applied, whatever an addon does that extends the seam.

    Yields what is on hand of each stock that was changed. Raises InventoryError for stock that changed by more or less.
    """
    with action_scope.scoped(env, APPLIED, Applied()) as applied:
        yield applied.on_hand
    for key in {**deltas, **applied.changes}:
        expected, changed = deltas.get(key, Decimal(0)), applied.changes.get(key, Decimal(0))
        if expected != changed:
            raise _lost(env, key, expected, changed, "_update_available_quantities")


def apply(env: Any, deltas: Mapping[Key, Decimal], when: Any, lines: Any = None) -> dict[Key, Decimal]:
    """Change the quantities on hand by `deltas`; returns what there is now of each.

    What arrives has come in at `when`, or earlier where it only changed its place. A row keeps the earliest date as
    long as something is on hand, and starts anew after that.
    Rows that do not exist yet are opened. Rows that come to nothing stay, as they keep their place in the order of
    locks, except those of lots and packages, of which there would be ever more.

    Args:
        lines: the open move lines that are being posted; None for a repair.
    """
    deltas = {key: change for key, change in deltas.items() if change}
    if not deltas:
        return {}
    product_lock.require_products(env, {key.product for key in deltas})
    rows = _open_and_lock(env, deltas, when)
    origins = origins_of(lines) if lines else {}
    dates = {
        key: min([when, *(rows[each].in_date for each in origins.get(key, ()) if _is_dated(rows.get(each)))])
        for key, change in deltas.items()
        if change > 0
    }
    if env["stock.quant"]._is_extended("_update_available_quantity"):
        rows = _pass_on(env, rows, deltas, dates, when, lines)
    elif env.cr.memory.get(POSTING):
        env.cr.memory[POSTING].stale = True
    quant = env["stock.quant"].sudo()
    after: dict[Key, Decimal] = {}
    settled: dict[int, Decimal] = {}
    dated: dict[int, Any] = {}
    emptied = []
    changing = quant.browse([rows[key].id for key in deltas])
    for key, change in deltas.items():
        row = rows[key]
        after[key] = quantity = row.quantity + change
        settled[row.id] = quantity
        if change > 0:
            came = _came_in(row, dates[key])
            if came != row.in_date:
                dated[row.id] = came
        if not quantity and (key.lot or key.package) and not row.counted:
            emptied.append(row.id)
    changing._settle_multi([{"quantity": settled[row.id]} for row in changing])
    if dated:
        quant.browse(dated)._settle_multi([{"in_date": came} for came in dated.values()])
    if emptied:
        quant.browse(emptied)._settle_unlink()
    applied: Applied | None = env.cr.memory.get(APPLIED)
    if applied:
        applied.on_hand.update(after)
        for key, change in deltas.items():
            applied.changes[key] += change
    changed = changed_here(env)
    changed.update(after)
    env.cr.after_rollback(changed.clear)
    return after


def changed_here(env: Any) -> dict[Key, Decimal]:
    """What there is of the stock that this transaction has changed: its rows are locked until the end."""
    changed: dict[Key, Decimal] = env.cr.memory.setdefault(CHANGED, {})
    return changed


def _is_dated(row: Row | None) -> bool:
    return bool(row and row.in_date and row.quantity > 0)


def _came_in(row: Row, since: Any) -> Any:
    """The incoming date of a row to which stock is added that has been in stock since `since`: the earlier one."""
    return min(since, row.in_date) if _is_dated(row) else since


# ---------------------------------------------------------------------------- while a posting asks addons
def _pass_on(
    env: Any, rows: dict[Key, Row], deltas: Mapping[Key, Decimal], dates: dict[Key, Any], when: Any, lines: Any
) -> dict[Key, Row]:
    """Pass each change to `_update_available_quantity`, which an addon extends; the dates it returns go into `dates`.

    A change that an addon makes itself is not passed on twice. Returns the locked rows, read again where an addon has
    changed other stock meanwhile.
    """
    adjusted = env.cr.memory.get(ADJUSTED, set())
    pending = {key: change for key, change in deltas.items() if key not in adjusted}
    held = reserved(env, {key.product for key in pending})
    for line in lines or ():
        held[source_key(line)] = held.get(source_key(line), Decimal(0)) - line.quantity_product_uom
    outer = env.cr.memory.get(POSTING)
    with action_scope.scoped(env, POSTING, Posting(rows, dict(pending), when, held)) as posting:
        for key, links in _records(env, list(pending)).items():
            links["quantity"] = pending[key]
            env["stock.quant"].sudo()._update_available_quantity(**links, in_date=dates.get(key))
    if posting.pending:
        raise _lost(env, *next(iter(posting.pending.items())), Decimal(0))
    dates.update((key, came) for key, came in posting.dates.items() if key in dates)
    if outer:
        outer.stale = True
    return _open_and_lock(env, deltas, when) if posting.stale else rows


def _records(env: Any, keys: list[Key]) -> dict[Key, dict[str, Any]]:
    """The records of each key by the names of the arguments of `_update_available_quantity`, read together."""
    models = ("product.product", "stock.location", "stock.lot", "stock.package", "res.partner")
    names = ("product_id", "location_id", "lot_id", "package_id", "owner_id")
    columns = []
    for model, ids in zip(models, zip(*keys, strict=True)):
        found = env[model].sudo().browse(list(dict.fromkeys(id_ for id_ in ids if id_)))
        by_id = dict(zip(found.ids, found, strict=True))
        columns.append([by_id.get(id_) for id_ in ids])
    return {key: dict(zip(names, records, strict=True)) for key, records in zip(keys, zip(*columns), strict=True)}


def is_posting(env: Any, key: Key, quantity: Any) -> bool:
    """Whether a change of this stock is under way and being passed to addons.

    Args:
        quantity: as the addon passed it on. That of a change which was passed on already comes from it, too.
    """
    posting: Posting | None = env.cr.memory.get(POSTING)
    return bool(posting and (key in posting.pending or posting.passed.get(key) is quantity))


def post_change(env: Any, key: Key, change: Decimal, in_date: Any = None) -> tuple[Decimal, Any]:
    """Take on one change of the posting that is under way.

    Args:
        in_date: since when what is added has been in stock; the time of the posting if None.
    Returns:
        What is free of this stock afterwards (below zero if more is reserved than there is), and since when the row
        holds stock.
    Raises InventoryError where it is another quantity than that of the posting, or was passed on before.
    """
    posting: Posting = env.cr.memory[POSTING]
    if key in posting.passed:
        raise _lost(env, key, posting.passed[key], posting.passed[key] + change)
    posting.passed[key] = expected = posting.pending.pop(key)
    if change != expected:
        raise _lost(env, key, expected, change)
    row = posting.rows[key]
    posting.dates[key] = since = in_date or posting.when
    free = row.quantity + change - posting.reserved.get(key, Decimal(0))
    return free, _came_in(row, since) if change > 0 else row.in_date


def _lost(
    env: Any, key: Key, expected: Decimal, passed: Decimal, method: str = "_update_available_quantity"
) -> InventoryError:
    """The error for a change that an override of `method` has not passed on as it is."""
    addons = ", ".join(env["stock.quant"]._extended_methods.get(method, ()))
    product = env["product.product"].sudo().browse(key.product)
    place = env["stock.location"].sudo().browse(key.location)
    return InventoryError(
        env._(
            "%(product)s in %(location)s changes by %(expected)s, and %(passed)s was passed on. An override of "
            "stock.quant.%(method)s has to call super() once, with the quantities that it was given. Addons that "
            "override it: %(addons)s.",
            product=product.display_name,
            location=place.complete_name,
            expected=format_number(expected),
            passed=format_number(passed),
            method=method,
            addons=addons,
        ),
        code="inventory.stock_change_lost",
    )


@contextmanager
def adjusting(env: Any, key: Key) -> Iterator[None]:
    """Within the block a change of this stock is not passed to `_update_available_quantity`: it comes from there."""
    adjusted: set[Key] = env.cr.memory.setdefault(ADJUSTED, set())
    new = key not in adjusted
    adjusted.add(key)
    try:
        yield
    finally:
        if new:
            adjusted.discard(key)


def _open_and_lock(env: Any, deltas: Mapping[Key, Decimal], when: Any) -> dict[Key, Row]:
    """The locked row of each key, created where it is missing.

    Two transactions may open the same row at once: the second one waits for the first, fails on the unique index
    inside its savepoint, and then finds the row.
    """
    products = {key.product for key in deltas}
    places = {key.location for key in deltas}
    for _attempt in range(ATTEMPTS):
        found = {row.key: row for row in lock(env, products, places)}
        missing = sorted(key for key in deltas if key not in found)
        if not missing:
            return found
        try:
            with env.savepoint():
                opened = _open(env, missing, when)
        except ValidationError as error:
            if error.code != "not_unique":
                raise  # a constraint refuses the row
            continue
        return found | opened
    raise ConcurrencyError("Several transactions open the same stock at once.")


def _open(env: Any, keys: list[Key], when: Any) -> dict[Key, Row]:
    quants = (
        env["stock.quant"]
        .sudo()
        ._settle_create(
            [
                {
                    "product_id": key.product,
                    "location_id": key.location,
                    "lot_id": key.lot or False,
                    "package_id": key.package or False,
                    "owner_id": key.owner or False,
                    "in_date": when,
                }
                for key in keys
            ]
        )
    )
    return {key: Row(key, id_, Decimal(0), when, False) for key, id_ in zip(keys, quants.ids)}


def deltas_of(lines: Any) -> dict[Key, Decimal]:
    """What done lines do to the stock: less at the source, more at the destination, where stock is kept at all."""
    kept = {location.id: location.usage in STOCKED for location in lines.location_id | lines.location_dest_id}
    storable = {product.id: product.is_storable for product in lines.product_id}
    change: defaultdict[Key, Decimal] = defaultdict(Decimal)
    for line in lines:
        quantity = line.quantity_product_uom
        if not storable[line.product_id.id] or not quantity:
            continue
        if kept[line.location_id.id]:
            change[source_key(line)] -= quantity
        if kept[line.location_dest_id.id]:
            change[target_key(line)] += quantity
    return change


def origins_of(lines: Any) -> dict[Key, set[Key]]:
    """Destination -> the stock that it is made of, for lines within stock: it does not get younger by moving."""
    origins: defaultdict[Key, set[Key]] = defaultdict(set)
    for line in lines:
        if line.location_id.usage in STOCKED and line.location_dest_id.usage in STOCKED:
            origins[target_key(line)].add(source_key(line))
    return origins
