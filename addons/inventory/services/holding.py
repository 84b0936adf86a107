"""One at a time: whoever changes what is reserved or done of a product holds the product until the transaction ends.

Stock rows alone are not enough: goods on their way in have none, and a move that waits for a stock row has read its own
lines before. So the products are locked first, in id order, before anything is read that the change builds on; moves,
lines and transfers that were read earlier are read again. A transaction asks once for each product. SQLite has one
writer from the start of its transaction and needs none of this.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

PRODUCTS, MOVES = "inventory.held_products", "inventory.held_moves"
#: What was read of these before the lock must not be believed.
READ_AGAIN = ("stock.move", "stock.move.line", "stock.picking")


def hold(moves: Any, whole: bool = False) -> None:
    """Hold the products of the moves. Moves that this transaction has not written yet are nobody else's concern.

    Args:
        whole: hold all products of the transfers that the moves are in, for callers that go through them one by one.
    """
    env = moves.env
    if env.cr.dialect != "postgresql":
        return
    asked: set[int] = env.cr.memory.setdefault(MOVES, set())
    ids = [id_ for id_ in moves.ids if id_ not in asked]
    if not ids:
        return
    asked.update(ids)
    env.cr.after_rollback(lambda: asked.difference_update(ids))
    own = env.registry.table("stock.move")
    wanted: Any = sa.select(own.c.product_id).where(own.c.id.in_(ids))
    if whole:
        other = own.alias()
        beside = sa.select(other.c.product_id).join_from(own, other, own.c.picking_id == other.c.picking_id)
        wanted = wanted.union(beside.where(own.c.id.in_(ids)))
    _lock(env, wanted)


def hold_products(env: Any, product_ids: Iterable[int]) -> None:
    """Hold the products."""
    if env.cr.dialect == "postgresql":
        held = env.cr.memory.get(PRODUCTS, ())
        ids = sorted(id_ for id_ in product_ids if id_ not in held)
        if ids:
            _lock(env, ids)


def _lock(env: Any, wanted: Any) -> None:
    held: set[int] = env.cr.memory.setdefault(PRODUCTS, set())
    product = env.registry.table("product.product").c
    statement = sa.select(product.id).where(product.id.in_(wanted)).order_by(product.id)
    # Lines refer to their product: a key lock of theirs does not have to wait for ours.
    found = env.cr.execute(statement.with_for_update(key_share=True))
    fresh = {id_ for (id_,) in found} - held
    if fresh:
        held |= fresh
        env.cr.after_rollback(lambda: held.difference_update(fresh))
        for name in READ_AGAIN:
            env[name].invalidate_model()
