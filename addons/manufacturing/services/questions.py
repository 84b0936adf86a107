"""What is asked before orders are closed, in this order: serial numbers, consumption, the backorder, open transfers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from addons.manufacturing.exceptions import ManufacturingError
from addons.manufacturing.services import component_transfers, consumption, tracking
from core.rounding import compare

ASK, ALWAYS, NEVER = "ask", "always", "never"


def ask(env: Any, productions: Any, answers: Mapping[str, Any]) -> Any:
    """The wizard for the first question that has no answer yet, or None when all is known.

    Raises:
        ManufacturingError: a quantity cannot be made, or an answer cannot be given for several orders at once.
        StrictConsumption: consumption deviates where the bill allows none.
    """
    _check_quantities(productions)
    return (
        _ask_serials(env, productions, answers)
        or _ask_consumption(env, productions, answers)
        or _ask_backorder(env, productions, answers)
        or ask_transfer(productions, answers, "button_mark_done")
    )


def answer(answers: Mapping[str, Any], question: str, record: Any, default: Any = None) -> Any:
    """What was answered for one record: by its id (which clients may send as text), or one answer for all others."""
    given = answers.get(question)
    if not isinstance(given, Mapping):
        return default if given is None else given
    return given.get(record.id, given.get(str(record.id), given.get("*", default)))


def leaves_rest(production: Any) -> bool:
    """Whether the order makes less than remains to be made."""
    step = production.product_uom_id.rounding
    return compare(consumption.amount(production), production._remaining(), step) < 0


def _check_quantities(productions: Any) -> None:
    for production in productions:
        if consumption.amount(production) <= 0 and not production.qty_produced:
            raise ManufacturingError(
                production.env._(
                    "%(order)s has nothing to produce. Enter how many %(product)s were made, or cancel the order.",
                    order=production.name,
                    product=production.product_id.display_name,
                ),
                code="manufacturing.nothing_to_produce",
                data={
                    "order": production.name,
                    "product": production.product_id.display_name,
                },
            )


def _ask_serials(env: Any, productions: Any, answers: Mapping[str, Any]) -> Any:
    unnumbered = productions.filtered(
        lambda production: tracking.needs_numbers(production) and not answer(answers, "serials", production)
    )
    if not unnumbered:
        return None
    if len(productions) > 1:
        raise ManufacturingError(
            env._(
                "%(orders)s make several serial-numbered units each. Produce these orders one at a time, or give "
                "them their serial numbers first.",
                orders=", ".join(unnumbered.mapped("name")),
            ),
            code="manufacturing.serial_numbers_needed",
            data={"orders": unnumbered.mapped("name")},
        )
    return env["mrp.batch.produce"].create(tracking.batch_values(unnumbered))


def _ask_consumption(env: Any, productions: Any, answers: Mapping[str, Any]) -> Any:
    found = consumption.issues(productions)
    consumption.refuse_strict(found)
    found = [issue for issue in found if not answer(answers, "consumption", issue.production)]
    if not found:
        return None
    return productions._action_generate_consumption_wizard(found, dict(answers))


def consumption_wizard(productions: Any, found: Iterable[consumption.Issue], answers: Mapping[str, Any]) -> Any:
    """The dialog that lists where the orders consume more or less than their bills say."""
    return productions.env["mrp.consumption.warning"].create(
        {
            "mrp_production_ids": [(6, 0, productions.ids)],
            "answers": dict(answers),
            "mrp_consumption_warning_line_ids": [
                (
                    0,
                    0,
                    {
                        "mrp_production_id": issue.production.id,
                        "product_id": issue.product.id,
                        "product_expected_qty_uom": issue.expected,
                        "product_consumed_qty_uom": issue.consumed,
                    },
                )
                for issue in found
            ],
        }
    )


def _ask_backorder(env: Any, productions: Any, answers: Mapping[str, Any]) -> Any:
    short = productions.filtered(leaves_rest)
    if not short:
        return None
    policy = policies(env, short)
    unknown = [
        production
        for production in short
        if policy[production] == ASK and answer(answers, "backorder", production) is None
    ]
    if not unknown:
        return None
    return productions._action_generate_backorder_wizard(
        productions.browse([production.id for production in unknown]), dict(answers)
    )


def backorder_wizard(productions: Any, short: Any, answers: Mapping[str, Any]) -> Any:
    """The dialog that asks what becomes of the rest of the `short` ones among the orders that are being closed."""
    return productions.env["mrp.production.backorder"].create(
        {
            "mrp_production_ids": [(6, 0, productions.ids)],
            "answers": dict(answers),
            "mrp_production_backorder_line_ids": [
                (0, 0, {"mrp_production_id": production.id, "to_backorder": True}) for production in short
            ],
        }
    )


def ask_transfer(productions: Any, answers: Mapping[str, Any], method: str) -> Any:
    """The question about components that open transfers have not brought yet, or None where it is answered.

    Args:
        method: of the orders, called with the answers when the question is answered.
    """
    unknown = productions.filtered(
        lambda production: (
            answer(answers, "transfer", production) not in (component_transfers.MAKE, component_transfers.ANYWAY)
        )
    )
    made = {production: consumption.amount(production) for production in unknown}
    lacks = component_transfers.lacking(consumption.targets(unknown, made))
    if not lacks:
        return None
    return productions._action_generate_transfer_wizard(lacks, dict(answers), method)


def transfer_wizard(
    productions: Any, lacks: Iterable[component_transfers.Lack], answers: Mapping[str, Any], method: str
) -> Any:
    """The dialog that lists what open transfers are still to bring of what the orders consume now."""
    return productions.env["mrp.transfer.confirmation"].create(
        {
            "mrp_production_ids": [(6, 0, productions.ids)],
            "answers": dict(answers),
            "method": method,
            "line_ids": [
                (
                    0,
                    0,
                    {
                        "mrp_production_id": lack.component.raw_material_production_id.id,
                        "move_id": lack.origin.id,
                        "product_id": lack.component.product_id.id,
                        "quantity": lack.quantity,
                    },
                )
                for lack in lacks
            ],
        }
    )


def policies(env: Any, productions: Any) -> dict[Any, str]:
    """What becomes of the rest: order -> "ask", "always" or "never", as the hook choose_backorder_policy says."""
    result = dict.fromkeys(productions, ASK)
    decided: dict[Any, str] = {}
    for opinion in _opinions(env.hooks.choose_backorder_policy(env=env, documents=productions)):
        for production, choice in opinion.items():
            decided.setdefault(production, choice)
    return result | decided


def _opinions(results: Any) -> Iterable[Mapping[Any, str]]:
    return [results] if isinstance(results, Mapping) else [opinion for opinion in results or () if opinion]


def to_backorder(env: Any, productions: Any, answers: Mapping[str, Any]) -> list[Any]:
    """The orders whose rest is made later: as answered, or as the policy says where nothing was asked."""
    short = productions.filtered(leaves_rest)
    if not short:
        return []
    policy = policies(env, short)
    return [
        production for production in short if answer(answers, "backorder", production, policy[production] == ALWAYS)
    ]


def explanation(productions: Any, backorder: bool) -> str:
    """In words, what answering the backorder question this way will do; nothing for orders that are closed."""
    sentences = []
    for production in productions.filtered(lambda order: order.state not in ("done", "cancel")):
        made = consumption.amount(production)
        values = {
            "order": production.name,
            "made": made.normalize() if made else Decimal(0),
            "rest": format(max(production._remaining() - made, Decimal(0)).normalize(), "f"),
            "unit": production.product_uom_id.name,
        }
        values["made"] = format(values["made"], "f")
        sentences.append(
            production.env._(
                "%(order)s: %(made)s %(unit)s will be added to stock now. A backorder keeps the components for the "
                "remaining %(rest)s.",
                **values,
            )
            if backorder
            else production.env._(
                "%(order)s: %(made)s %(unit)s will be added to stock now. The remaining %(rest)s will be cancelled and "
                "their components released.",
                **values,
            )
        )
    return "\n".join(sentences)
