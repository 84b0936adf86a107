"""Laws of backorder entries: what is outstanding is what open moves ask for, the rest is in the history.

outstanding = demand of the open moves            delivered = events "delivered"
cancelled = events "cancelled" and "withdrawn"    short = first event and events "raised"
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from addons.inventory.services import move_laws, move_states, shortfall
from core.doctor import MOST, Check, Problem, describe, slices
from core.rounding import format_number

ZERO = Decimal(0)
EVENTS = {
    "delivered": "quantity_done",
    "cancelled": "quantity_cancelled",
    "withdrawn": "quantity_cancelled",
    "raised": "quantity",
}
LABELS = {
    "quantity_owed": ("owes", "its open moves ask for"),
    "quantity_done": ("says that it delivered", "its history says"),
    "quantity_cancelled": ("says that it cancelled", "its history says"),
    "quantity": ("was over", "its history says"),
}


def checks() -> list[Check]:
    """The checks of backorder entries."""
    return [
        Check("inventory.backorder_entries", "Backorder entries agree with their moves", _entries, _settle),
        Check("inventory.backorder_missing", "What is left over has a backorder entry", _missing, _open),
    ]


def _sums(env: Any, low: int, high: int) -> dict[str, dict[int, Decimal]]:
    """What moves and history say of the entries from one id to another, by field."""
    registry = env.registry
    move, event = registry.table("stock.move"), registry.table("stock.backorder.event")
    product, template = registry.table("product.product"), registry.table("product.template")
    found: dict[str, dict[int, Decimal]] = {name: defaultdict(Decimal) for name in LABELS}
    inside = move.c.shortfall_id.between(low, high)
    demand = sa.select(
        move.c.shortfall_id, move.c.product_uom, template.c.uom_id, sa.func.sum(move.c.product_uom_qty)
    ).select_from(
        move.join(product, product.c.id == move.c.product_id).join(template, template.c.id == product.c.product_tmpl_id)
    )
    same = demand.where(inside, move.c.state.not_in(move_states.CLOSED), move.c.product_uom == template.c.uom_id)
    columns = (move.c.shortfall_id, move.c.product_uom, template.c.uom_id)
    for entry, _unit, _own, quantity in env.execute(same.group_by(*columns)).all():
        found["quantity_owed"][entry] += quantity
    # Each move of another unit is converted, and rounded, by itself.
    other = demand.where(inside, move.c.state.not_in(move_states.CLOSED), move.c.product_uom != template.c.uom_id)
    for entry, unit, own, quantity in env.execute(other.group_by(move.c.id, *columns)).all():
        units = env["uom.uom"]
        found["quantity_owed"][entry] += units.browse(unit)._convert(quantity, units.browse(own))
    history = sa.select(event.c.backorder_id, event.c.kind, sa.func.sum(event.c.quantity), sa.func.min(event.c.id))
    history = history.where(event.c.backorder_id.between(low, high)).group_by(event.c.backorder_id, event.c.kind)
    first: dict[int, int] = {}
    for entry, kind, quantity, number in env.execute(history).all():
        first[entry] = min(number, first.get(entry, number))
        if kind in EVENTS:
            found[EVENTS[kind]][entry] += quantity or ZERO
    ids = list(first.values())
    for at in range(0, len(ids), MOST):
        opening = sa.select(event.c.backorder_id, event.c.quantity).where(event.c.id.in_(ids[at : at + MOST]))
        for entry, quantity in env.execute(opening).all():
            found["quantity"][entry] += quantity or ZERO
    return found


def _entries(env: Any) -> Iterator[Problem]:
    table = env.registry.table("stock.backorder")
    columns = [table.c[name] for name in LABELS]
    for low, high in slices(env, "stock.backorder"):
        sums = _sums(env, low, high)
        rows = sa.select(table.c.id, table.c.state, *columns).where(table.c.id.between(low, high))
        for res_id, state, *figures in env.execute(rows).all():
            values = {name: value or ZERO for name, value in zip(LABELS, figures)}
            right = {name: sums[name].get(res_id, ZERO) for name in LABELS}
            changes = {name: right[name] for name in LABELS if values[name] != right[name]}
            yield from _figures(env, res_id, values, changes)
            settled = "done" if right["quantity_done"] else "cancel"
            expected = "open" if right["quantity_owed"] else settled
            if state != expected:
                yield Problem(
                    "stock.backorder",
                    res_id,
                    f"{describe(env, 'stock.backorder', res_id)} is {state}, and owes "
                    f"{format_number(right['quantity_owed'])}",
                    f"make it {expected}",
                    key="state",
                    value=expected,
                )


def _figures(env: Any, res_id: int, values: dict[str, Decimal], changes: dict[str, Decimal]) -> Iterator[Problem]:
    for name, value in changes.items():
        says, follows = LABELS[name]
        yield Problem(
            "stock.backorder",
            res_id,
            f"{describe(env, 'stock.backorder', res_id)} {says} {format_number(values[name])}, "
            f"{follows} {format_number(value)}",
            f"set it to {format_number(value)}",
            key=name,
            value=value,
        )


def _settle(env: Any, problems: list[Problem]) -> None:
    for problem in problems:
        env["stock.backorder"].browse(problem.res_id).write({problem.key: problem.value})


# ---------------------------------------------------------------------------- entries that are not there
def _missing(env: Any) -> Iterator[Problem]:
    """Moves whose entry was deleted, and open moves of backorders that have none."""
    registry = env.registry
    move, entry, picking = (registry.table(name) for name in ("stock.move", "stock.backorder", "stock.picking"))
    deleted = sa.select(move.c.id, move.c.state).select_from(move.outerjoin(entry, entry.c.id == move.c.shortfall_id))
    deleted = deleted.where(move.c.shortfall_id.is_not(None), entry.c.id.is_(None))
    before = registry.alias("stock.move", "doctor before")
    # The part that went is over the same product, in the transfer that fell short.
    short = sa.exists().where(
        before.c.picking_id == picking.c.backorder_id,
        before.c.product_id == move.c.product_id,
        before.c.state == "done",
    )
    unnoted = sa.select(move.c.id, move.c.state).join(picking, picking.c.id == move.c.picking_id)
    unnoted = unnoted.where(
        picking.c.backorder_id.is_not(None),
        picking.c.backorder_id != picking.c.id,
        move.c.shortfall_id.is_(None),
        move.c.state.not_in(("draft", *move_states.CLOSED)),
        sa.func.coalesce(move.c.additional, sa.false()) == sa.false(),
        short,
    )
    for statement in (deleted, unnoted):
        for res_id, state in env.execute(statement.order_by(move.c.id).limit(MOST)).all():
            owing = state not in move_states.CLOSED
            yield Problem(
                "stock.move",
                res_id,
                f"{move_laws.move_name(env, res_id)} was left over, and its backorder entry does not exist",
                "open an entry over its demand" if owing else "take the link to the entry away",
                key="open" if owing else "forget",
            )


def _open(env: Any, problems: list[Problem]) -> None:
    """New entries for what is still owed; the history of the old ones is lost."""
    table = env.registry.table("stock.move")
    ids = [problem.res_id for problem in problems]
    env.execute(sa.update(table).where(table.c.id.in_(ids)).values(shortfall_id=None))
    env.invalidate_all()
    moves = env["stock.move"].browse([problem.res_id for problem in problems if problem.key == "open"])
    shortfall.opened(moves, {move.id: move.picking_id.backorder_id or move._document() for move in moves})
