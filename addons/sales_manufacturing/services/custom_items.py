"""Custom items: sold before they have a bill of materials.

Their deliveries are made to order. Where the company requires a bill of materials and there is none yet, the delivery
waits without an order, as a backorder of its line, and the manufacturing order is created when the bill is saved: once
for all that is written of it at a time, so that the order has all components and operations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from addons.inventory.services import document_messages, move_states, procurement, product_lock
from addons.manufacturing.services import production_plan

COLLECTED = "sales_manufacturing.changed_boms"


def postponed(needs: Iterable[Any]) -> set[Any]:
    """Those of the needs that wait for a bill of materials."""
    return {need for need in needs if need.product_id.is_custom}


@contextmanager
def collected(env: Any) -> Iterator[None]:
    """Let `make` wait for the end of the block, where a bill is written together with its lines."""
    if env.cr.memory.get(COLLECTED) is not None:
        yield
        return
    ids: set[int] = set()
    env.cr.memory[COLLECTED] = ids
    try:
        yield
    finally:
        env.cr.memory[COLLECTED] = None
    make(env["mrp.bom"].browse(sorted(ids)).exists())


def make(boms: Any) -> None:
    """Create the manufacturing orders that were postponed for want of these bills; each move is supplied once."""
    env = boms.env
    ids = env.cr.memory.get(COLLECTED)
    if ids is not None:
        ids.update(boms.ids)
        return
    complete = boms.sudo().filtered(lambda bom: bom.active and bom.product_tmpl_id.is_custom and bom.bom_line_ids)
    products = complete.product_tmpl_id.product_variant_ids
    if not products:
        return
    product_lock.lock_products(env, products.ids)
    waiting = (
        env["stock.move"]
        .sudo()
        .search(
            [
                ("product_id", "in", products.ids),
                ("state", "in", move_states.LACKING),
                ("procure_method", "=", "make_to_order"),
            ]
        )
    )
    unsupplied = waiting.filtered(lambda move: not move.created_production_id and not move.move_orig_ids)
    if not unsupplied:
        return
    orders = ", ".join(sorted({move.origin or move._document_name() for move in unsupplied}))
    with document_messages.announced(env, lambda: env._("Production for %(orders)s is planned.", orders=orders)):
        env["stock.rule"].sudo().run([procurement.for_move(move) for move in unsupplied])
    production_plan.refresh_drafts(unsupplied.product_id)
