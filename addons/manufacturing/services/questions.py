"""What is asked before orders are closed, in this order: serial numbers, consumption, the backorder, open transfers.

The answers are read by `document.mixin._answers_to`, the dialogs are `question.mixin`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from addons.inventory.services import backorder_policy, message_texts, move_states
from addons.manufacturing.exceptions import ManufacturingError
from addons.manufacturing.services import component_transfers, consumption, output, production_states, tracking
from core.rounding import format_number


def ask(productions: Any, answers: Mapping[str, Any]) -> Any:
    """The wizard for the first question that has no answer yet, or None when all is known.

    Raises:
        ManufacturingError: an answer cannot be given for several orders at once.
        StrictConsumption: consumption deviates where the bill allows none.
    """
    return (
        _ask_serials(productions, answers)
        or _ask_consumption(productions, answers)
        or _ask_backorder(productions, answers)
        or ask_transfer(productions, answers, "button_mark_done")
    )


def _ask_serials(productions: Any, answers: Mapping[str, Any]) -> Any:
    unnumbered = productions._unanswered("serials", answers).filtered(tracking.needs_numbers)
    if not unnumbered:
        return None
    if len(productions) > 1:
        raise ManufacturingError(
            productions.env._(
                "%(orders)s make several serial-numbered units each. Produce these orders one at a time, or give "
                "them their serial numbers first.",
                orders=unnumbered.mapped("name"),
            ),
            code="manufacturing.serial_numbers_needed",
        )
    return productions.env["mrp.batch.produce"]._ask(unnumbered, answers, **tracking.batch_values(unnumbered))


def _ask_consumption(productions: Any, answers: Mapping[str, Any]) -> Any:
    given = productions._answers_to("consumption", answers)
    # No answer allows a deviation from a bill that must be followed exactly.
    compared = productions.filtered(lambda order: order.consumption == "strict" or not given.get(order))
    found = compared._get_consumption_issues() if compared else []
    consumption.refuse_strict(found)
    return productions._action_generate_consumption_wizard(found, dict(answers)) if found else None


def consumption_wizard(productions: Any, found: Iterable[consumption.Issue], answers: Mapping[str, Any]) -> Any:
    """The dialog that lists where the orders consume more or less than their bills say."""
    lines = [
        {
            "mrp_production_id": issue.production.id,
            "product_id": issue.product.id,
            "product_expected_qty_uom": issue.expected,
            "product_consumed_qty_uom": issue.consumed,
        }
        for issue in found
    ]
    return productions.env["mrp.consumption.warning"]._ask(
        productions, answers, mrp_consumption_warning_line_ids=[(0, 0, line) for line in lines]
    )


def _ask_backorder(productions: Any, answers: Mapping[str, Any]) -> Any:
    asked = output.short(backorder_policy.undecided(productions, answers))
    return productions._action_generate_backorder_wizard(asked, dict(answers)) if asked else None


def backorder_wizard(productions: Any, short: Any, answers: Mapping[str, Any]) -> Any:
    """The backorder confirmation of the `short` ones among the orders that are being closed."""
    lines = [(0, 0, {"mrp_production_id": production.id, "to_backorder": True}) for production in short]
    return productions.env["mrp.production.backorder"]._ask(
        productions, answers, mrp_production_backorder_line_ids=lines
    )


def ask_transfer(productions: Any, answers: Mapping[str, Any], method: str) -> Any:
    """The question about components that open transfers have not brought yet, or None where it is answered.

    Args:
        method: of the orders, called with the answers when the question is answered.
    """
    given = productions._answers_to("transfer", answers)
    choices = (component_transfers.MAKE, component_transfers.ANYWAY)
    unknown = productions.filtered(lambda production: given.get(production) not in choices)
    lacks = component_transfers.lacking(_of_open_transfers(output.of(unknown)))
    if not lacks:
        return None
    return productions._action_generate_transfer_wizard(lacks, dict(answers), method)


def _of_open_transfers(outputs: Mapping[Any, output.Output]) -> dict[Any, Decimal]:
    """What is consumed of those components that transfers may not have brought yet."""
    return {
        move: consumption.target(move, now)
        for production, now in outputs.items()
        for move in move_states.unfinished(production.move_raw_ids)
        if component_transfers.may_lack(move) or now.made > now.remaining
    }


def transfer_wizard(
    productions: Any, lacks: Iterable[component_transfers.Lack], answers: Mapping[str, Any], method: str
) -> Any:
    """The dialog that lists what open transfers are still to bring of what the orders consume now."""
    lines = [
        {
            "mrp_production_id": lack.component.raw_material_production_id.id,
            "move_id": lack.origin.id,
            "product_id": lack.component.product_id.id,
            "quantity": lack.quantity,
        }
        for lack in lacks
    ]
    return productions.env["mrp.transfer.confirmation"]._ask(
        productions, answers, method=method, line_ids=[(0, 0, line) for line in lines]
    )


def explanation(productions: Any, with_backorder: Any) -> str:
    """In words, what answering the backorder question this way will do; nothing for orders that are closed.

    Args:
        with_backorder: those of the orders whose rest is made later.
    """
    open_orders = productions.filtered(lambda order: order.state not in production_states.CLOSED)
    return "\n".join(
        _sentence(production, now, production in with_backorder) for production, now in output.of(open_orders).items()
    )


def rest_explanation(production: Any, entries: Sequence[tracking.Entry], answers: Mapping[str, Any] | None) -> str:
    """In words, what producing the numbers listed leaves of an order: a backorder, or cancelled; "" if nothing."""
    rest = tracking.amount_without_number(production, entries)
    if not rest:
        return ""
    values = {
        "rest": format_number(rest),
        "demand": message_texts.quantity_of(production.product_id, production._remaining(), production.product_uom_id),
    }
    if backorder_policy.with_backorder(production, answers or {}):
        return production.env._("%(rest)s of %(demand)s remain, in a backorder.", **values)
    return production.env._("%(rest)s of %(demand)s remain, and will not be produced.", **values)


def _sentence(production: Any, now: output.Output, backorder: bool) -> str:
    values = {
        "order": production.name,
        "made": format_number(now.made),
        "rest": format_number(max(now.remaining - now.made, Decimal(0))),
        "unit": production.product_uom_id.name,
    }
    if backorder:
        return production.env._(
            "%(order)s: %(made)s %(unit)s will be added to stock now. A backorder keeps the components for the "
            "remaining %(rest)s %(unit)s.",
            **values,
        )
    return production.env._(
        "%(order)s: %(made)s %(unit)s will be added to stock now. The remaining %(rest)s %(unit)s will be cancelled "
        "and their components released.",
        **values,
    )
