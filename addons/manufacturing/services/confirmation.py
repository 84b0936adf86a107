"""Confirming orders, and cancelling them.

confirm   states checked ─> components demanded (_action_confirm) ─> product announced ─> work ready ─> on_confirm
cancel    moves cancelled, with transfers that were only for them ─> work cancelled ─> on_cancel, on_done
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from addons.inventory.services import document_messages, move_states
from addons.manufacturing.exceptions import NoBillOfMaterials
from addons.manufacturing.services import component_transfers, progress


def confirm(productions: Any) -> None:
    """Confirm drafts: demand the components, announce the product, make the first work orders ready."""
    productions.lock_for_update()
    productions._check_transition("action_confirm")
    _check_components(productions)
    with document_messages.announced(productions.env, lambda: document_messages.confirmed(productions)):
        productions._settle({"state": "confirmed"})
        launch(productions)
        productions._notify("on_confirm")


def launch(productions: Any) -> None:
    """Demand the components of confirmed orders, announce what they make, and make their first work orders ready."""
    drafts = productions.move_raw_ids.filtered(lambda move: move.state == "draft")
    drafts._set_procure_methods()
    announced = productions.move_finished_ids.filtered(lambda move: move.state == "draft")
    announced._settle({"state": "confirmed"})  # nothing is reserved, procured or put into a transfer for them
    drafts._action_confirm(merge=False)
    progress.link_components(productions)
    progress.ready(productions.workorder_ids)


def _check_components(productions: Any) -> None:
    for production in productions:
        if production.move_raw_ids or not (production.bom_id or production.company_id.require_bom):
            continue
        raise NoBillOfMaterials(
            production.env._(
                "%(order)s cannot be confirmed: %(product)s has no bill of materials and the order lists no "
                "components. Create one under Manufacturing > Products > Bills of Materials, or add components here.",
                order=production.name,
                product=production.product_id.display_name,
            )
            if not production.bom_id
            else production.env._(
                "%(order)s cannot be confirmed: the bill of materials %(bom)s lists no components for %(product)s. "
                "Add components to the bill, or to the order.",
                order=production.name,
                bom=production.bom_id.display_name,
                product=production.product_id.display_name,
            ),
            data={
                "order": production.name,
                "product": production.product_id.display_name,
                "bom": production.bom_id.display_name or "",
            },
        )


def cancel(productions: Any) -> None:
    """Cancel what is not done; an order of which a part is made is closed short instead, as that part is history."""
    productions.lock_for_update()
    productions._check_transition("action_cancel")
    moves = move_states.unfinished(productions.move_raw_ids | productions.move_finished_ids)
    (moves | component_transfers.fetched(moves))._action_cancel()
    productions.workorder_ids.filtered(lambda workorder: workorder.state in progress.ACTIVE).action_cancel()
    started = productions.filtered(lambda production: production.qty_produced > 0)
    if started:
        started._settle({"state": "done", "date_finished": started.env["mrp.workorder"]._stamp()})
    unstarted = productions - started
    if unstarted:
        unstarted._settle({"state": "cancel", "qty_producing": Decimal(0)})
    if started:
        started._notify("on_done")
    if unstarted:
        unstarted._notify("on_cancel")
