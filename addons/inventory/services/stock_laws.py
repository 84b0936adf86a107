"""Laws of stock on hand and of reservations, compared in the database.

on hand      what the done lines brought to a place, less what they took from it, is the quantity of its one row
reserved     open lines hold no more than there is, except where a location allows negative stock
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from addons.inventory.services import move_laws, product_lock, quants, reservation
from addons.inventory.services.quants import STOCKED, Key
from core.doctor import MOST, Check, Problem
from core.fields import Datetime
from core.rounding import format_number

ZERO = Decimal(0)
#: In the text of a statement, so that PostgreSQL sees the same expression where it groups.
ZERO_ID = sa.literal_column("0")
NAMES = ("product_id", "location_id", "lot_id", "package_id", "owner_id")


def checks() -> list[Check]:
    """The checks of stock rows and reservations."""
    return [
        Check("inventory.stock_rows", "There is one row of stock per identity", _doubled_rows, _merge_rows),
        Check("inventory.on_hand", "Stock on hand is the sum of the done movements", _on_hand, _correct_stock),
        Check("inventory.reserved", "No more is reserved than there is", _reserved, _release),
    ]


def name_of(env: Any, key: Key) -> str:
    """Product, place and lot of a row of stock."""
    product = env["product.product"].browse(key.product).exists()
    place = env["stock.location"].browse(key.location).exists()
    lot = env["stock.lot"].browse(key.lot or ()).exists()
    return " / ".join(
        part
        for part in (
            product.display_name or f"product {key.product}",
            place.complete_name or f"location {key.location}",
            lot.name,
        )
        if part
    )


def _identity(table: Any, places: tuple[str, str] = ("location_id", "package_id")) -> list[Any]:
    """Columns that tell stock apart, without NULL."""
    place, package = places
    columns = (table.c.product_id, table.c[place], table.c.lot_id, table.c[package], table.c.owner_id)
    return [sa.func.coalesce(column, ZERO_ID).label(name) for column, name in zip(columns, NAMES)]


# ---------------------------------------------------------------------------- rows
def _doubled_rows(env: Any) -> Iterator[Problem]:
    quant = env.registry.table("stock.quant")
    several = sa.select(sa.func.min(quant.c.id), sa.func.max(quant.c.id), sa.func.count(), *_identity(quant))
    several = several.group_by(*(column.element for column in _identity(quant)))
    for first, last, count, *key in env.execute(several.having(sa.func.count() > 1).limit(MOST)).all():
        yield Problem(
            "stock.quant",
            last,
            f"{name_of(env, Key(*key))}: {count} rows of stock instead of one",
            f"keep row {first}, with what the movements add up to",
            key=Key(*key),
        )
    parts = [sa.cast(sa.func.coalesce(quant.c[name], 0), sa.String) for name in NAMES]
    written = parts[0]
    for part in parts[1:]:
        written = written.concat(":").concat(part)
    wrong = sa.select(quant.c.id, *_identity(quant)).where(sa.func.coalesce(quant.c.identity, "") != written)
    for res_id, *key in env.execute(wrong.order_by(quant.c.id).limit(MOST)).all():
        yield Problem(
            "stock.quant",
            res_id,
            f"{name_of(env, Key(*key))}: the identity of the row is that of other stock",
            "derive the identity from product, place, lot, package and owner",
            key=res_id,
            value=":".join(map(str, key)),
        )


def _merge_rows(env: Any, problems: list[Problem]) -> None:
    quant = env.registry.table("stock.quant")
    for problem in problems:
        if isinstance(problem.key, Key):
            same = [column == value for column, value in zip(_identity(quant), problem.key)]
            ids = env.execute(sa.select(quant.c.id).where(*same).order_by(quant.c.id)).scalars().all()
            env.execute(sa.delete(quant).where(quant.c.id.in_(ids[1:])))
    for problem in problems:
        if not isinstance(problem.key, Key):
            env.execute(sa.update(quant).where(quant.c.id == problem.key).values(identity=problem.value))
    env.invalidate_all()


def _on_hand(env: Any) -> Iterator[Problem]:
    """What the ledger says and what the rows say in one sum: it is zero where they agree."""
    registry = env.registry
    line, quant = registry.table("stock.move.line"), registry.table("stock.quant")
    product, template = registry.table("product.product"), registry.table("product.template")
    location = registry.table("stock.location")
    nothing = sa.literal(ZERO, quant.c.quantity.type)

    def moved(place: str, package: str, sign: int) -> Any:
        quantity = line.c.quantity_product_uom * sign
        statement = sa.select(*_identity(line, (place, package)), quantity.label("booked"), nothing.label("held"))
        return (
            statement.join(location, location.c.id == line.c[place])
            .join(product, product.c.id == line.c.product_id)
            .join(template, template.c.id == product.c.product_tmpl_id)
            .where(line.c.state == "done", location.c.usage.in_(STOCKED), template.c.is_storable)
        ).add_columns(sa.literal(0).label("rows"))

    rows = sa.select(*_identity(quant), nothing.label("booked"), quant.c.quantity.label("held"))
    every = sa.union_all(
        moved("location_dest_id", "result_package_id", 1),
        moved("location_id", "package_id", -1),
        rows.add_columns(sa.literal(1).label("rows")),
    ).subquery()
    booked, held = sa.func.sum(every.c.booked), sa.func.sum(every.c.held)
    keys = [every.c[name] for name in NAMES]
    differing = sa.select(*keys, booked, held).group_by(*keys).order_by(*keys)
    # A row that is there twice is put right first.
    differing = differing.having(booked != held, sa.func.sum(every.c.rows) < 2).limit(MOST)
    found = [(Key(*key), said, there) for *key, said, there in env.execute(differing).all()]
    doubtful = move_laws.doubtful_products(env, {key.product for key, _said, _there in found})
    for key, said, there in found:
        text = f"{name_of(env, key)}: {format_number(there)} on hand, but the movements add up to {format_number(said)}"
        row = sa.select(quant.c.id).where(*(col == part for col, part in zip(_identity(quant), key)))
        yield Problem(
            "stock.quant",
            env.execute(row).scalar() or 0,
            text,
            "" if key.product in doubtful else f"set the quantity on hand to {format_number(said)}",
            "done movements of this product contradict themselves (see inventory.moves and inventory.lines): "
            "restore them from a backup first, or count the stock afterwards",
            key,
            said - there,
        )


def _correct_stock(env: Any, problems: list[Problem]) -> None:
    product_lock.lock_products(env, {problem.key.product for problem in problems})
    changes = {problem.key: problem.value for problem in problems}
    with quants.complete(env, changes):
        env["stock.quant"]._update_available_quantities(dict(changes), Datetime.now())
    reservation.release_excess(env, {problem.key.product for problem in problems})


# ---------------------------------------------------------------------------- reservations
def _reserved(env: Any) -> Iterator[Problem]:
    registry = env.registry
    line, quant = registry.table("stock.move.line"), registry.table("stock.quant")
    product, template = registry.table("product.product"), registry.table("product.template")
    location = registry.table("stock.location")
    held = (
        sa.select(*_identity(line), sa.func.sum(line.c.quantity_product_uom).label("held"))
        .join(location, location.c.id == line.c.location_id)
        .join(product, product.c.id == line.c.product_id)
        .join(template, template.c.id == product.c.product_tmpl_id)
        .where(line.c.state != "done", location.c.usage.in_(STOCKED), template.c.is_storable)
        .where(sa.not_(sa.func.coalesce(location.c.allow_negative_stock, sa.false())))
        .group_by(*(column.element for column in _identity(line)))
    ).subquery()
    rows = sa.select(*_identity(quant), sa.func.sum(quant.c.quantity).label("there"))
    rows = rows.group_by(*(column.element for column in _identity(quant))).subquery()
    same = sa.and_(*(rows.c[name] == held.c[name] for name in NAMES))
    there = sa.func.coalesce(rows.c.there, sa.literal(ZERO, quant.c.quantity.type))
    keys = [held.c[name] for name in NAMES]
    beyond = sa.select(*keys, held.c.held, there).select_from(held.outerjoin(rows, same)).order_by(*keys)
    beyond = beyond.where(held.c.held > 0, held.c.held > there).limit(MOST)
    for *key, quantity, available in env.execute(beyond).all():
        row = sa.select(quant.c.id).where(*(col == part for col, part in zip(_identity(quant), key)))
        yield Problem(
            "stock.quant",
            env.execute(row).scalar() or 0,
            f"{name_of(env, Key(*key))}: {format_number(quantity)} reserved of "
            f"{format_number(max(available, ZERO))} on hand",
            "give the excess back, lowest rank first",
            key=Key(*key),
        )


def _release(env: Any, problems: list[Problem]) -> None:
    reservation.release_excess(env, {problem.key.product for problem in problems})
