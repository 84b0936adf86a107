"""The Shop Floor as plain values: tabs and cards, read for all cards at once.

    Board                one page: all orders, or the work of one work center
      Tab                a work center with the number of its open work orders; the first one is *All*
      Card               an order, or one of its work orders
        Step             of a work order
        Work             a work order on the card of its order

A board is compared by value: two that are equal look alike, which `Board.version` makes a short text of.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from addons.manufacturing.services import production_states, progress, shopfloor
from core.api import Domain
from core.rounding import round_to

LIMIT = 80
_NOW = ("progress", "ready")
_SHOWN = Decimal("0.1")


@dataclass(frozen=True)
class Tab:
    """A page of the Shop Floor; `name` is empty for the one with all orders."""

    name: str
    url: str
    count: int
    is_current: bool


@dataclass(frozen=True)
class Step:
    """An instruction; `is_current` marks the first one that is not done."""

    id: int
    name: str
    note: str
    is_done: bool
    is_current: bool


@dataclass(frozen=True)
class Work:
    """A work order on the card of its order."""

    name: str
    workcenter: str
    url: str
    state: str
    label: str


@dataclass(frozen=True)
class Card:
    """An order, or one of its work orders when `workorder_id` is set.

    `registered` of `quantity` are what the fraction shows; `minutes` were booked until now, and `running_since` is set
    while the user's clock runs on.
    """

    production_id: int
    reference: str
    product: str
    template_id: int
    state: str
    label: str
    is_late: bool
    quantity: Decimal
    registered: Decimal
    is_registered: bool
    unit: str
    minutes: Decimal
    minutes_expected: Decimal
    can_close: bool
    workorder_id: int = 0
    operation: str = ""
    workcenter: str = ""
    running_since: Any = None
    steps: tuple[Step, ...] = ()
    works: tuple[Work, ...] = ()

    @property
    def key(self) -> str:
        """A name for the card on its page."""
        return f"workorder-{self.workorder_id}" if self.workorder_id else f"production-{self.production_id}"

    @property
    def can_work(self) -> bool:
        """Whether the operation can be carried out now."""
        return bool(self.workorder_id) and self.state in _NOW

    @property
    def is_stepped(self) -> bool:
        """Whether all steps are done, so that Register Production is next."""
        return all(step.is_done for step in self.steps)


@dataclass(frozen=True)
class Board:
    """What a page of the Shop Floor shows."""

    tabs: tuple[Tab, ...]
    cards: tuple[Card, ...]
    closing: tuple[Card, ...]
    more: int
    isolated: str

    @property
    def version(self) -> str:
        """A mark that changes with whatever is shown."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


def read(env: Any, workcenter: Any, workorder: Any) -> Board:
    """The board of a work center (or of all orders where it is empty), with the card of `workorder` alone if given."""
    works = env["mrp.workorder"]
    if not workcenter:
        shown, more = _open_orders(env)
        return Board(_tabs(env, workcenter), tuple(map(_order_card, shown)), (), more, "")
    if workorder:
        cards = (_work_card(workorder),) if workorder.production_state in production_states.OPEN else ()
        return Board(_tabs(env, workcenter), cards, (), 0, workorder.production_id.name)
    now, more = _open_work(works, workcenter)
    to_close = works.search(
        [("workcenter_id", "=", workcenter.id), ("state", "=", "done"), ("production_id.state", "=", "to_close")],
        limit=LIMIT,
    )
    to_close = to_close.filtered(lambda work: work == _last(work.production_id))
    drawn = {work: _work_card(work) for work in now | to_close}
    cards, closing = tuple(drawn[work] for work in now), tuple(drawn[work] for work in to_close)
    return Board(_tabs(env, workcenter), cards, closing, more, "")


def _open_work(works: Any, workcenter: Any) -> tuple[Any, int]:
    """The work of a work center: what runs, what can begin, what waits; and how much is left out."""
    domain = Domain(_of_open_orders() + [("workcenter_id", "=", workcenter.id)])
    found = works.search(domain & Domain("state", "in", _NOW), order="production_id, sequence, id", limit=LIMIT)
    found = found.sorted(lambda work: _NOW.index(work.state))
    if len(found) < LIMIT:
        waiting = domain & Domain("state", "=", "blocked")
        found |= works.search(waiting, order="production_id, sequence, id", limit=LIMIT - len(found))
    return found, works.search_count(domain & Domain("state", "in", progress.ACTIVE)) - len(found)


def _of_open_orders() -> list[Any]:
    return [("production_id.state", "in", production_states.OPEN)]


def _open_orders(env: Any) -> tuple[Any, int]:
    """The open orders, those to be closed first; and how many are left out."""
    orders = env["mrp.production"]
    domain = [("state", "in", production_states.OPEN)]
    found = orders.search([("state", "=", "to_close")], limit=LIMIT)
    if len(found) < LIMIT:
        found |= orders.search([("state", "in", ("confirmed", "progress"))], limit=LIMIT - len(found))
    return found, orders.search_count(domain) - len(found)


def _tabs(env: Any, workcenter: Any) -> tuple[Tab, ...]:
    groups = env["mrp.workorder"]._read_group(
        [*_of_open_orders(), ("state", "in", progress.ACTIVE)], ["workcenter_id"], ["__count"]
    )
    counts = {place.id: count for place, count in groups}
    places = env["mrp.workcenter"].search([])
    orders = env["mrp.production"].search_count([("state", "in", production_states.OPEN)])
    tabs = [Tab("", shopfloor.address(), orders, not workcenter)]
    for place in places:
        tabs.append(Tab(place.name, shopfloor.address(place), counts.get(place.id, 0), place == workcenter))
    return tuple(tabs)


def _last(production: Any) -> Any:
    return production.workorder_ids.filtered(lambda work: work.state != "cancel")[-1:]


def _work_card(work: Any) -> Card:
    running = work.time_ids.filtered(lambda log: not log.date_end and log.user_id == work.env.user)[:1]
    done = work.state not in progress.ACTIVE
    # The order may be about to produce less than remains, which Mark as Done would take over.
    partial = work.state in _NOW and work.qty_producing not in (0, work.qty_remaining)
    first_open = next((step.id for step in work.step_ids if step.state == "none"), 0)
    return Card(
        **_order_values(work.production_id),
        workorder_id=work.id,
        operation=work.name,
        workcenter=work.workcenter_id.name,
        state=work.state,
        label=work.waiting_for or dict(work.STATES)[work.state],
        quantity=work.qty_production if done else work.qty_remaining,
        registered=work.qty_produced if done else work.qty_producing,
        is_registered=done or partial or bool(work.qty_registered),
        minutes=round_to(work.duration, _SHOWN),
        minutes_expected=round_to(work.duration_expected, _SHOWN),
        running_since=running.date_start or None,
        can_close=work.production_id.state == "to_close" and work == _last(work.production_id),
        steps=tuple(
            Step(step.id, step.name, step.note or "", step.state == "pass", step.id == first_open)
            for step in (() if done else work.step_ids)
        ),
    )


def _order_card(production: Any) -> Card:
    works = production.workorder_ids.filtered(lambda work: work.state != "cancel")
    registered = production.qty_producing or production.qty_produced
    # Starting an operation enters all that remains, which is not produced yet.
    started = registered == production.product_qty and not any(work.qty_registered for work in works)
    return Card(
        **_order_values(production),
        state=production.state,
        label=dict(production.STATES)[production.state],
        quantity=production.product_qty,
        registered=registered,
        is_registered=bool(registered) and not started,
        minutes=round_to(production.duration, _SHOWN),
        minutes_expected=round_to(production.duration_expected, _SHOWN),
        can_close=production.state == "to_close",
        works=tuple(
            Work(
                work.name,
                work.workcenter_id.name,
                shopfloor.address(work.workcenter_id, work),
                work.state,
                work.waiting_for or dict(work.STATES)[work.state],
            )
            for work in works
        ),
    )


def _order_values(production: Any) -> dict[str, Any]:
    return {
        "production_id": production.id,
        "reference": production.name,
        "product": production.product_id.display_name,
        "template_id": production.product_id.product_tmpl_id.id,
        "is_late": bool(production.date_deadline) and production.is_delayed,
        "unit": production.product_uom_id.name,
    }
