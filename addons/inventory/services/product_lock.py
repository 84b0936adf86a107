"""The lock of a product: it serialises changes to its reservations and its stock until the transaction ends.

Locks on stock rows are not enough: goods on their way in have no row, and a move that waits for a row has read its own
lines before. So products are locked first, in id order, before anything is read that the change builds on; moves, lines
and transfers that were read earlier are read again. A transaction asks once for each product. SQLite has one writer
from the start of its transaction and needs no statement for it.

The methods that change reservations or stock take the lock by the decorator `locks_products`, for the moves that
`_moves_to_lock` of their model names; a service that begins elsewhere calls `lock_moves` or `lock_products` first. A
change without it is locked late and warned of (`StockNotLocked`, an error in the tests).
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

PRODUCTS, MOVES = "inventory.locked_products", "inventory.locked_moves"
#: What was read of these before the lock must not be believed.
READ_AGAIN = ("stock.move", "stock.move.line", "stock.picking", "stock.quant", "stock.supply.link")
_LOCK = "SELECT id FROM product_product WHERE id = ANY (:ids) ORDER BY id FOR NO KEY UPDATE"


class StockNotLocked(UserWarning):
    """Reservations or stock are changed without the lock of the product: two transactions may do it at once."""


def locks_products(method: Callable[P, R]) -> Callable[P, R]:
    """Have a method lock the products of its records' moves (`_moves_to_lock`) before its body runs."""

    @functools.wraps(method)
    def locked(*args: P.args, **kwargs: P.kwargs) -> R:
        records: Any = args[0]
        lock_moves(records._moves_to_lock())
        return method(*args, **kwargs)

    return locked


def lock_moves(moves: Any, whole: bool = False) -> None:
    """Lock the products of the moves. Moves that this transaction has not written yet concern no other.

    Args:
        whole: lock all products of the transfers that the moves are in, for callers that go through them one by one.
    """
    env = moves.env
    asked: set[int] = env.cr.memory.setdefault(MOVES, set())
    ids = set(moves.ids) - asked
    if not ids:
        return
    asked.update(ids)
    env.cr.after_rollback(lambda: asked.difference_update(ids))
    fresh = moves.browse(ids)._written().sudo()
    if fresh:
        lock_products(env, ((fresh.picking_id.move_ids | fresh) if whole else fresh).product_id.ids)


def lock_products(env: Any, product_ids: Iterable[int]) -> None:
    """Lock the products (ids)."""
    locked: set[int] = env.cr.memory.setdefault(PRODUCTS, set())
    ids = sorted(set(product_ids) - locked)
    if not ids:
        return
    if env.cr.dialect == "postgresql":
        # Lines refer to their product: a key lock of theirs does not have to wait for ours.
        env.cr.execute(_LOCK, {"ids": ids})
    locked.update(ids)
    env.cr.after_rollback(lambda: locked.difference_update(ids))
    if env.cr.dialect == "postgresql":
        for name in READ_AGAIN:
            env[name].invalidate_model()


def require_moves(moves: Any) -> None:
    """See that the products of the moves are locked before their reservations change; warns StockNotLocked if not."""
    if moves:
        asked = moves.env.cr.memory.get(MOVES, ())
        rest = moves._written().filtered(lambda move: move.id not in asked).sudo()
        require_products(moves.env, rest.product_id.ids)


def require_products(env: Any, product_ids: Iterable[int]) -> None:
    """See that the products are locked before their stock changes; warns StockNotLocked and locks them if not."""
    missing = sorted(set(product_ids) - env.cr.memory.get(PRODUCTS, set()))
    if missing:
        names = ", ".join(env["product.product"].sudo().browse(missing).mapped("display_name"))
        text = f"Stock of {names} is changed without its lock: call product_lock.lock_products before reading it."
        warnings.warn(text, StockNotLocked, stacklevel=3)
        lock_products(env, missing)
