"""Row locks on products: they serialise changes to reservations and stock until the transaction ends.

Stock rows alone are not enough: goods on their way in have none, and a move that waits for a stock row has read its own
lines before. So the products are locked first, in id order, before anything is read that the change builds on; moves,
lines and transfers that were read earlier are read again. A transaction asks once for each product. SQLite has one
writer from the start of its transaction and needs none of this.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

PRODUCTS, MOVES = "inventory.held_products", "inventory.held_moves"
#: What was read of these before the lock must not be believed.
READ_AGAIN = ("stock.move", "stock.move.line", "stock.picking", "stock.supply.link")
_LOCK = "SELECT id FROM product_product WHERE id = ANY (:ids) ORDER BY id FOR NO KEY UPDATE"


def hold(moves: Any, whole: bool = False) -> None:
    """Hold the products of the moves. Moves that this transaction has not written yet concern no other.

    Args:
        whole: hold all products of the transfers that the moves are in, for callers that go through them one by one.
    """
    env = moves.env
    if env.cr.dialect != "postgresql":
        return
    asked: set[int] = env.cr.memory.setdefault(MOVES, set())
    fresh = moves._written().filtered(lambda move: move.id not in asked).sudo()
    if not fresh:
        return
    ids = fresh.ids
    asked.update(ids)
    env.cr.after_rollback(lambda: asked.difference_update(ids))
    hold_products(env, ((fresh.picking_id.move_ids | fresh) if whole else fresh).product_id.ids)


def hold_products(env: Any, product_ids: Iterable[int]) -> None:
    """Hold the products."""
    if env.cr.dialect == "postgresql":
        held = env.cr.memory.get(PRODUCTS, ())
        ids = sorted(id_ for id_ in product_ids if id_ not in held)
        if ids:
            _lock(env, ids)


def _lock(env: Any, ids: list[int]) -> None:
    held: set[int] = env.cr.memory.setdefault(PRODUCTS, set())
    # Lines refer to their product: a key lock of theirs does not have to wait for ours.
    env.cr.execute(_LOCK, {"ids": ids})
    held.update(ids)
    env.cr.after_rollback(lambda: held.difference_update(ids))
    for name in READ_AGAIN:
        env[name].invalidate_model()
