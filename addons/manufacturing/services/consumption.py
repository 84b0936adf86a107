"""What an order consumes, and whether that is what its bill of materials says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from addons.inventory.services import move_states
from addons.manufacturing.exceptions import StrictConsumption
from addons.manufacturing.services import output, planning
from addons.manufacturing.services.output import Output
from core.rounding import format_number, round_to
from core.rounding import split as share_out

ZERO = Decimal(0)


def should_consume(move: Any) -> Decimal:
    """What an open component of a confirmed order is expected to be consumed of now, in the unit of its move."""
    production = move.raw_material_production_id
    if not production or production.state in ("draft", "done", "cancel") or move.state in move_states.CLOSED:
        return move.product_uom_qty
    return planned(move, output.of(production)[production])


class Issue(NamedTuple):
    """A component of which more or less is consumed than expected; quantities in the product's unit."""

    production: Any
    product: Any
    consumed: Decimal
    expected: Decimal


def planned(move: Any, now: Output) -> Decimal:
    """The part of an open move's demand that belongs to what is made of the remaining units, in the unit of the move.

    The part and the one for the rest add up to the demand. Making more than remains takes more in proportion, making
    nothing takes nothing.
    """
    demand, made, remaining = move.product_uom_qty, now.made, now.remaining
    if made <= 0:
        return ZERO
    if made == remaining or not remaining:
        return demand
    if made < remaining:
        return share_out(demand, [made, remaining - made], move.product_uom.rounding)[0]
    return round_to(demand * made / remaining, move.product_uom.rounding, "UP")


def targets(outputs: Mapping[Any, Output]) -> dict[Any, Decimal]:
    """What each open component is going to be consumed of, in the unit of its move: see `target`.

    Args:
        outputs: order -> what it makes now.
    """
    return {
        move: target(move, now)
        for production, now in outputs.items()
        for move in move_states.unfinished(production.move_raw_ids)
    }


def target(move: Any, now: Output) -> Decimal:
    """What an open component is going to be consumed of, in the unit of its move.

    A quantity that was typed in (the component is picked) holds; all others follow what is made.
    """
    return move.quantity if move.picked else planned(move, now)


def issues(productions: Any) -> list[Issue]:
    """Where consumption deviates from the bill by a rounding step or more, for orders that do not simply allow it.

    Bills are only opened for orders whose components were touched by hand, or must be followed strictly.
    """
    suspects = productions.filtered(lambda production: production.bom_id and _is_suspect(production))
    if not suspects:
        return []
    outputs = output.of(suspects)
    consumed = targets(outputs)
    exploded = planning.explode(suspects)
    result = []
    for production in suspects:
        share = outputs[production].made / production.product_qty
        expected: dict[Any, Decimal] = defaultdict(Decimal)
        for leaf in exploded[production].leaves:
            if leaf.line.product_id.type == "consu":
                expected[leaf.line.product_id] += _in_product_unit(leaf.line.product_uom_id, leaf) * share
        actual: dict[Any, Decimal] = defaultdict(Decimal)
        for move in move_states.unfinished(production.move_raw_ids):
            actual[move.product_id] += move._in_product_unit(consumed[move])
        for product in dict.fromkeys([*expected, *actual]):
            step = product.uom_id.rounding
            if abs(expected[product] - actual[product]) >= step:
                wanted = round_to(expected[product], step)
                result.append(Issue(production, product, actual[product], wanted))
    return result


def _in_product_unit(unit: Any, leaf: Any) -> Decimal:
    return unit._compute_quantity(leaf.quantity, leaf.line.product_id.uom_id, round=False)


def _is_suspect(production: Any) -> bool:
    if production.consumption == "flexible":
        return False
    if production.consumption == "strict":
        return True
    return production.has_removed_components or any(
        move.picked or move.manual_consumption or not move.bom_line_id or move.state == "cancel"
        for move in production.move_raw_ids
        if move.state != "done"
    )


def refuse_strict(found: list[Issue]) -> None:
    """Raise for issues of orders whose bill must be followed; lists every component."""
    strict = [issue for issue in found if issue.production.consumption == "strict"]
    if not strict:
        return
    env = strict[0].production.env
    lines = [
        {
            "order": issue.production.name,
            "product": issue.product.display_name,
            "expected": format_number(issue.expected),
            "unit": issue.product.uom_id.name,
            "consumed": format_number(issue.consumed),
        }
        for issue in strict
    ]
    texts = [
        env._("%(order)s: %(product)s, %(expected)s %(unit)s expected, %(consumed)s consumed", **line) for line in lines
    ]
    raise StrictConsumption(
        env._(
            "The bill of materials must be followed exactly:\n%(lines)s\nCorrect the consumed quantities, or allow "
            "flexible consumption on the bill of materials.",
            lines="\n".join(texts),
        ),
        data={"lines": lines},
    )


def follow_bill(productions: Any) -> None:
    """Take back quantities that were typed in: the components follow what is made again."""
    entered = productions.move_raw_ids.filtered(
        lambda move: move.state not in move_states.CLOSED and (move.picked or move.manual_consumption)
    )
    entered.write({"picked": False, "manual_consumption": False})
