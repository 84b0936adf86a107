"""How far an order is: its state, the readiness of its components, its work orders and their clocks."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

from addons.manufacturing.exceptions import ManufacturingError

OPEN = ("confirmed", "progress", "to_close")
ACTIVE = ("blocked", "ready", "progress")


def refresh(productions: Any) -> None:
    """Bring the state of open orders in line with what has been made and worked.

    `to_close` when everything demanded is made or all work is done, `progress` when some of it is, otherwise the
    state stays. Drafts, done and cancelled orders are left alone. One write per resulting state.
    """
    targets = defaultdict(list)
    for production in productions:
        if production.state in OPEN:
            state = _state(production)
            if state != production.state:
                targets[state].append(production.id)
    for state, ids in targets.items():
        productions.browse(ids).write({"state": state})


def refuse_closed(productions: Any) -> None:
    """Refuse a quantity for orders that are closed. The rows are locked first: somebody may be closing them now."""
    productions.lock_for_update()
    closed = productions.filtered(lambda production: production.state in ("done", "cancel"))
    if closed:
        labels = dict(productions.STATES)
        raise ManufacturingError(
            productions.env._(
                "%(orders)s: no quantity can be produced any more. What is still to be made is in another order.",
                orders=", ".join(f"{production.name} ({labels[production.state]})" for production in closed),
            )
        )


def lock(workorders: Any, method: str) -> None:
    """Lock the work orders and their orders, and check again that `method` may be called on them."""
    workorders.production_id.lock_for_update()
    workorders.lock_for_update()
    workorders._check_transition(method)


def _state(production: Any) -> str:
    workorders = [workorder.state for workorder in production.workorder_ids if workorder.state != "cancel"]
    if workorders and all(state == "done" for state in workorders):
        return "to_close"
    if not workorders and production.qty_producing and production.qty_producing >= production._remaining():
        return "to_close"
    started = any(state in ("progress", "done") for state in workorders)
    if started or production.qty_producing or production.qty_produced:
        return "progress"
    return "confirmed" if production.state == "to_close" else production.state


def reservation_state(production: Any) -> str | bool:
    """Whether the components are there: "assigned", "confirmed" (some are missing), "waiting" (for other moves)."""
    if production.state in ("draft", "done", "cancel"):
        return False
    raw = [move for move in production.move_raw_ids if move.state not in ("done", "cancel")]
    if production.bom_id.ready_to_produce == "asap":
        operations = production.bom_id.operation_ids
        first = operations[:1]
        raw = [move for move in raw if not first or not move.operation_id or move.operation_id == first]
    states = {move.state for move in raw}
    if states <= {"assigned"}:
        return "assigned"
    return "waiting" if "waiting" in states else "confirmed"


def ready(workorders: Any) -> None:
    """Make the blocked work orders ready that wait for nothing (any more)."""
    free = workorders.filtered(
        lambda workorder: (
            workorder.state == "blocked"
            and all(other.state in ("done", "cancel") for other in workorder.blocked_by_workorder_ids)
        )
    )
    if free:
        free.write({"state": "ready"})


def start_workorders(workorders: Any) -> None:
    """Begin a time log for the user on each work order, and put the orders in progress."""
    lock(workorders, "button_start")
    blocked = workorders.filtered(lambda workorder: workorder.state == "blocked")
    if blocked:
        waits = blocked[:1]
        raise ManufacturingError(
            workorders.env._(
                "%(workorder)s cannot start yet: it waits for %(others)s. Finish or cancel those first.",
                workorder=waits.display_name,
                others=", ".join(waits.blocked_by_workorder_ids.mapped("name")) or waits.production_id.name,
            )
        )
    idle = workorders.filtered(lambda workorder: not workorder.is_user_working)
    now = workorders[:1]._stamp()
    workorders.env["mrp.workcenter.productivity"].create(
        [
            {
                "workorder_id": workorder.id,
                "workcenter_id": workorder.workcenter_id.id,
                "company_id": workorder.company_id.id,
                "date_start": now,
            }
            for workorder in idle
        ]
    )
    workorders.filtered(lambda workorder: not workorder.date_start).write({"date_start": now})
    workorders.write({"state": "progress"})
    refresh(workorders.production_id)


def stop_clocks(workorders: Any) -> None:
    """End the time logs that are running on these work orders."""
    running = workorders.time_ids.filtered(lambda log: not log.date_end)
    if running:
        running.write({"date_end": workorders[:1]._stamp()})


def finish_workorders(workorders: Any) -> None:
    """Finish with the typed quantity, or all that remains; free what waited, and tell the order what was made."""
    lock(workorders, "button_finish")
    stop_clocks(workorders)
    typed = defaultdict(Decimal)
    for workorder in workorders:
        made = workorder.qty_producing or workorder.qty_remaining
        if not typed[workorder.production_id] or workorder.qty_producing:
            typed[workorder.production_id] = made
        workorder.qty_produced += made
    workorders.write({"state": "done", "qty_producing": Decimal(0), "date_finished": workorders[:1]._stamp()})
    ready(workorders.production_id.workorder_ids)
    for production, made in typed.items():
        if not production.qty_producing and made < production._remaining():
            production.qty_producing = made
    refresh(workorders.production_id)


def close_workorders(productions: Any) -> None:
    """What remains open on orders that are done is finished with them; the quantity is that of the order."""
    open_ones = productions.workorder_ids.filtered(lambda workorder: workorder.state in ACTIVE)
    if not open_ones:
        return
    stop_clocks(open_ones)
    for workorder in open_ones:
        workorder.qty_produced = max(workorder.qty_produced, workorder.production_id.qty_produced)
    open_ones.write({"state": "done", "date_finished": open_ones[:1]._stamp()})


def plan_workorders(productions: Any) -> None:
    """Give the open work orders of each order a start and an end: one after the other, or after those they wait for."""
    for production in productions:
        ends: dict[Any, Any] = {}
        at = production.date_start
        for workorder in production.workorder_ids:
            if workorder.state not in ACTIVE:
                continue
            waits = [ends[other] for other in workorder.blocked_by_workorder_ids if other in ends]
            start = max([production.date_start, *waits]) if production.bom_id.allow_operation_dependencies else at
            at = start + timedelta(minutes=float(workorder.duration_expected))
            ends[workorder] = at
            workorder.write({"date_start": start, "date_finished": at})
    productions.write({"is_planned": True})
