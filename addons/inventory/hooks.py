"""What inventory answers to hooks: the default policies, the questions on validating, the command, the old contexts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from addons.inventory.services import doctor, quants, removal, removal_laws, reservation, transfers
from core.api import hookimpl


# ---------------------------------------------------------------------------- validating a transfer
@hookimpl(model="stock.picking", specname="on_validate", tryfirst=True)
def refuse_incomplete_shipment(env: Any, documents: Any) -> None:
    """A transfer that ships all at once goes complete or not at all."""
    transfers.refuse_incomplete(documents)


@hookimpl(model="stock.picking", specname="on_validate")
def refuse_empty_transfer(env: Any, documents: Any) -> None:
    """A transfer of which nothing moves is not done."""
    transfers.refuse_empty(documents)


@hookimpl(model="stock.picking", specname="on_validate", trylast=True)
def ask_about_backorder(env: Any, documents: Any, answers: Mapping[str, Any]) -> Any:
    """Ask about transfers with a remaining quantity whose backorder policy is to ask.

    Lots that are missing are refused before: they could not be entered behind the question.
    """
    asked = transfers.to_ask(documents, answers)
    if not asked:
        return None
    transfers.refuse_missing_lots(asked)
    return env["stock.backorder.confirmation"]._ask(documents, answers, about=asked)


@hookimpl(trylast=True)
def choose_backorder_policy(env: Any, documents: Any) -> dict[Any, str]:
    """The operation type's "Create Backorder", for documents that have an operation type."""
    if "picking_type_id" not in documents._fields:
        return {}
    return {document: document.picking_type_id.create_backorder or "ask" for document in documents}


# ---------------------------------------------------------------------------- sharing out stock
@hookimpl(trylast=True)
def rank_demand(env: Any, moves: Any) -> dict[Any, Any]:
    """Urgent first, then by deadline, then by age."""
    return reservation.default_rank(moves)


@hookimpl
def register_removal_strategies(env: Any) -> Iterable[removal.RemovalStrategy]:
    """First in first out, last in first out, first expired, closest, least packages."""
    return removal.BUILT_IN


@hookimpl(trylast=True)
def choose_removal(env: Any, products: Any, location: Any) -> dict[Any, str]:
    """The removal strategy of the category, else of the location, else first in, first out."""
    return removal.default_strategies(products, location)


@hookimpl(trylast=True)
def explain_shortfall(env: Any, moves: Any) -> dict[Any, str]:
    """On hold, nothing free in stock, or something that was left behind although it is there."""
    free = quants.free_at(env, [(move.product_id, move.location_id) for move in moves])
    reasons = {}
    for move in moves:
        there = move.move_line_ids or free[move.product_id.id, move.location_id.id] > 0
        reasons[move] = "on_hold" if move.hold_date else "not_picked" if there else "no_stock"
    return reasons


# ---------------------------------------------------------------------------- boundaries
@hookimpl
def translate_context(env: Any, model: str, method: str, context: Mapping[str, Any]) -> dict[str, Any] | None:
    """`skip_backorder` of older clients is an answer to the question about backorders."""
    if model != "stock.picking" or method != "button_validate" or not context.get("skip_backorder"):
        return None
    refused = context.get("picking_ids_not_to_backorder") or ()
    return {"answers": {"backorder": {"*": True, **dict.fromkeys(refused, False)}}}


@hookimpl
def register_doctor_checks(env: Any) -> Iterable[Any]:
    """The laws of stock, and that the removal strategies in use are there."""
    return [*doctor.checks(), *removal_laws.checks()]
