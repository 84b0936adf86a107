"""Laws of orders whose lines ask for moves, for sales and purchasing alike.

The state of an order agrees with the moves of its lines, and its fulfilled quantities are those of the done moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from addons.inventory.services import move_states
from addons.inventory.services.order_lines import OrderKind
from core.doctor import MOST, Check, Problem, computed_again, describe, store_again


def checks(kind: OrderKind) -> list[Check]:
    """The checks of orders of a kind."""

    def quantities(env: Any) -> Iterator[Problem]:
        line = env.registry.table(kind.line)
        yield from computed_again(env, kind.line, [kind.fulfilled], line.c[kind.method] == kind.by_moves)

    return [
        Check(f"{kind.addon}.quantities", "What came through of a line is what its moves say", quantities, store_again),
        Check(
            f"{kind.addon}.states",
            "The status of an order agrees with the moves of its lines",
            lambda env: _states(env, kind),
            lambda env, problems: _confirm(env, kind, problems),
        ),
    ]


def _states(env: Any, kind: OrderKind) -> Iterator[Problem]:
    registry = env.registry
    order, line, move = registry.table(kind.order), registry.table(kind.line), registry.table("stock.move")
    product, template = registry.table("product.product"), registry.table("product.template")
    asked = sa.exists().where(line.c.order_id == order.c.id, move.c[kind.link] == line.c.id)
    open_moves = asked.where(move.c.state.not_in(move_states.CLOSED), move.c.origin_returned_move_id.is_(None))
    early = sa.select(order.c.id, order.c.state).where(order.c.state.in_(kind.drafts), open_moves)
    for res_id, state in env.execute(early.order_by(order.c.id).limit(MOST)).all():
        text = f"{describe(env, kind.order, res_id)} is {state}, and its moves are under way"
        yield Problem(kind.order, res_id, text, f"make it {kind.confirmed}", value=kind.confirmed)
    late = sa.select(order.c.id).where(order.c.state == "cancel", open_moves).order_by(order.c.id).limit(MOST)
    for res_id in env.execute(late).scalars().all():
        yield Problem(
            kind.order,
            res_id,
            f"{describe(env, kind.order, res_id)} is cancelled, and its moves are under way",
            hint="cancel its transfers, or set the order to draft and confirm it again",
        )
    unplanned = (
        sa.select(order.c.id)
        .join(line, line.c.order_id == order.c.id)
        .join(product, product.c.id == line.c.product_id)
        .join(template, template.c.id == product.c.product_tmpl_id)
        .where(order.c.state == kind.confirmed, line.c[kind.demand] > 0, template.c.type == "consu")
        .where(line.c[kind.method] == kind.by_moves, ~sa.exists().where(move.c[kind.link] == line.c.id))
        .distinct()
    )
    for res_id in env.execute(unplanned.order_by(order.c.id).limit(MOST)).scalars().all():
        yield Problem(
            kind.order,
            res_id,
            f"{describe(env, kind.order, res_id)} is {kind.confirmed}, and a line of goods has no moves",
            hint=f"cancel the order, set it to draft and choose {kind.confirm}",
        )


def _confirm(env: Any, kind: OrderKind, problems: list[Problem]) -> None:
    """Write the state alone: the moves that confirming makes are there."""
    orders = env[kind.order].browse([problem.res_id for problem in problems])
    orders._settle({"state": kind.confirmed})
