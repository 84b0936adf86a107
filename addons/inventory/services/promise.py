"""Expected dates: when will each waiting move have what it needs?

Stock that is free and what is planned to come are shared out over the whole queue at once, best rank first, as the
reservations will be. A date is given only where everything is covered. A receipt that is overdue has not arrived: it
keeps its planned date, and what waits for it is late. What is on hold takes nothing from others: it gets what is left
after all others, and no date, as its release is not known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from addons.inventory.services import move_states, on_backorder, reservation
from addons.inventory.services.quants import STOCKED, reserved
from core.api import format_day
from core.fields import Datetime

ZERO = Decimal(0)


class Answer(NamedTuple):
    """How much of a move can be covered (in the product's unit), by when, and whether all of it is there already.

    `on_hold`: it would be covered so far if it were released. `coming`: the part of the quantity that is not in stock.
    """

    quantity: Decimal
    date: datetime | None
    ready: bool = False
    on_hold: bool = False
    coming: Decimal = ZERO


@dataclass(slots=True)
class Supply:
    """What is or comes: at a date, so much. `arrived`: it lies on the shelf; `planned`: it is not in stock yet."""

    date: datetime
    left: Decimal
    arrived: bool = False
    planned: bool = False


@dataclass
class Pool:
    """Stock and planned receipts of one product in one warehouse (or loose location), and who wants it."""

    supplies: list[Supply] = field(default_factory=list)
    demands: list[Any] = field(default_factory=list)


def expected(moves: Any) -> dict[int, Answer]:
    """Move id -> how much of it is coming, and when. A handful of statements, however long the queue.

    A move in a form that is being edited waits in the queue as it is stored; one that is not stored does not wait yet.
    """
    env = moves.env(su=True)
    moves = moves.sudo()
    now = Datetime.now()
    result = {}
    asking = []
    for move in moves:
        if move.state in (*move_states.CLOSED, "assigned") or not _needs_stock(move):
            result[move.id] = Answer(
                move._in_product_unit(move.product_uom_qty), move.date if move.state == "done" else now, True
            )
        else:
            asking.append(move)
    if asking:
        stored = {move.id: move._origin.id for move in asking}
        answers = _from_queue(env, env["stock.move"].browse([id_ for id_ in stored.values() if id_]), now)
        result |= {id_: answers.get(origin) or Answer(ZERO, None) for id_, origin in stored.items()}
    return result


def _needs_stock(move: Any) -> bool:
    return move.location_id.usage in STOCKED and move.product_id.is_storable


def scope_of(location: Any) -> tuple[str, int]:
    """What supplies a place: its warehouse, or the place itself where there is none."""
    return ("w", location.warehouse_id.id) if location.warehouse_id else ("l", location.id)


def end_of(move: Any) -> Any:
    """The location where the goods of a move are to be in the end."""
    return move.location_final_id or move.location_dest_id


def crosses(move: Any) -> bool:
    """Whether a move takes goods into or out of what supplies a place; places of scrap and losses supply nothing."""
    start, end = move.location_id, end_of(move)
    return start.usage not in STOCKED or end.usage not in STOCKED or scope_of(start) != scope_of(end)


def stays(move: Any) -> bool:
    """Whether the move only changes where goods lie in what supplies a place: goods on their way to the shelf."""
    return (
        move.location_id.usage in STOCKED
        and not crosses(move)
        and not any(following.state not in move_states.CLOSED for following in move.move_dest_ids)
    )


def _from_queue(env: Any, asking: Any, now: datetime) -> dict[int, Answer]:
    products = asking.product_id
    related = (
        env["stock.move"]
        .search([("product_id", "in", products.ids), ("state", "in", move_states.UNFINISHED)])
        .filtered(lambda move: move.state != "draft" or move in asking)
    )
    pools: defaultdict[tuple[int, Any], Pool] = defaultdict(Pool)
    _add_free_stock(env, products, pools, now)
    # What a step within the warehouse is asked for, the step after it does not need from stock as well.
    served = {following.id for move in asking if not crosses(move) for following in move.move_dest_ids}
    served -= set(asking.ids)
    for move in related:
        inward, outward, is_crossing = end_of(move), move.location_id, crosses(move)
        if inward.usage in STOCKED and is_crossing:
            pools[move.product_id.id, scope_of(inward)].supplies.append(
                Supply(move.date, move._in_product_unit(move.product_uom_qty), planned=True)
            )
        elif move.move_line_ids and stays(move) and move not in asking:
            put_away = sum((line.quantity_product_uom for line in move.move_line_ids), ZERO)
            pools[move.product_id.id, scope_of(inward)].supplies.append(Supply(move.date, put_away))
        if _needs_stock(move) and (is_crossing or move in asking) and move.id not in served:
            pools[move.product_id.id, scope_of(outward)].demands.append(move)
    related.mapped("move_line_ids.quantity_product_uom")  # read together what the pools ask for one by one
    result: dict[int, Answer] = {}
    wanted = set(asking.ids)
    for pool in pools.values():
        result.update((id_, answer) for id_, answer in _share_out(env, pool, now).items() if id_ in wanted)
    return {**{id_: Answer(ZERO, None) for id_ in wanted}, **result}


def _add_free_stock(env: Any, products: Any, pools: dict[Any, Pool], now: datetime) -> None:
    for key, quantity in free_stock(env, products).items():
        if quantity > 0:
            pools[key].supplies.append(Supply(now, quantity, arrived=True))


def free_stock(env: Any, products: Any) -> dict[tuple[int, Any], Decimal]:
    """(product id, scope) -> what is on hand there and not reserved; below zero where more left than was recorded."""
    held: defaultdict[tuple[int, Any], Decimal] = defaultdict(Decimal)
    rows = env["stock.quant"]._read_group(
        [("product_id", "in", products.ids), ("location_id.usage", "in", STOCKED)],
        ["product_id", "location_id"],
        ["quantity:sum"],
    )
    for product, location, quantity in rows:
        held[product.id, scope_of(location)] += quantity or ZERO
    for key, quantity in reserved(env, products.ids).items():
        place = env["stock.location"].browse(key.location)
        if place.usage in STOCKED:
            held[key.product, scope_of(place)] -= quantity
    return held


def _share_out(env: Any, pool: Pool, now: datetime) -> dict[int, Answer]:
    supplies = sorted(pool.supplies, key=lambda supply: (not supply.arrived, supply.date))
    answers = {}
    queue = reservation.ranked(env["stock.move"].browse([move.id for move in pool.demands]))
    for move in sorted(queue, key=lambda move: bool(move.hold_date)):
        need = move._in_product_unit(move.product_uom_qty)
        have = sum((line.quantity_product_uom for line in move.move_line_ids), ZERO)
        dates, coming = [], ZERO
        while have < need and supplies:
            supply = supplies[0]
            part = min(need - have, supply.left)
            have += part
            coming += part if supply.planned else ZERO
            supply.left -= part
            if not supply.arrived:
                dates.append(supply.date)
            if supply.left <= 0:
                supplies.pop(0)
        if move.hold_date:
            answers[move.id] = Answer(min(have, need), None, on_hold=True, coming=coming)
        else:
            date = max(dates, default=now) if have >= need else None
            ready = have >= need and not dates
            answers[move.id] = Answer(min(have, need), date, ready, coming=coming)
    return answers


def in_words(document: Any, answers: Sequence[Answer], is_open: bool) -> tuple[str | bool, str | bool]:
    """The availability of a whole document: words for a person, and available, expected or late."""
    if not is_open or not answers:
        return False, False
    env = document.env
    if all(answer.ready for answer in answers):
        return env._("Available"), "available"
    if all(answer.on_hold or answer.ready for answer in answers):
        return env._("On Hold"), False
    expected = latest(answer for answer in answers if not answer.ready)
    if expected is None:
        return env._("Not Available"), "late"
    return in_words_of_date(env, expected, document.scheduled_date)


def in_words_of_date(env: Any, expected: datetime, planned: datetime | None) -> tuple[str, str]:
    """When what is missing is expected: words for a person, and expected or late.

    Late is what comes after the document is planned, and what should have come before today.
    """
    words = env._("Expected %(date)s", date=format_day(expected.date(), env.lang))
    if expected < on_backorder.start_of_today(env) or (planned and expected > planned):
        return env._("%(expected)s (late)", expected=words), "late"
    return words, "expected"


def latest(answers: Iterable[Answer]) -> datetime | None:
    """The day on which all is there; None if something is not coming."""
    dates = [answer.date for answer in answers]
    known = [date for date in dates if date]
    return max(known) if known and len(known) == len(dates) else None
