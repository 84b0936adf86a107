"""How far an order is: its state, the readiness of its components, its work orders and their clocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from addons.inventory.services import message_texts, move_states
from addons.manufacturing.exceptions import ManufacturingError
from addons.manufacturing.services import applying, production_states

MINUTES_STEP = Decimal("0.0001")
ACTIVE = ("blocked", "ready", "progress")


def refresh(productions: Any) -> None:
    """Bring the state of open orders in line with what has been made and worked.

    `to_close` when everything demanded is made or all work is done, `progress` when some of it is, otherwise the
    state stays. Drafts, done and cancelled orders are left alone. One write per resulting state.
    """
    open_orders = productions.filtered(lambda production: production.state in production_states.OPEN)
    for state, members in open_orders.grouped(_state).items():
        changed = members.filtered(lambda production, state=state: production.state != state)
        if changed:
            changed._settle({"state": state})


def produce_all(productions: Any) -> None:
    """Enter all that remains as produced where no quantity is entered; one write per distinct quantity."""
    unentered = productions.filtered(lambda production: not production.qty_producing)
    for quantity, members in unentered.grouped(lambda production: production._remaining()).items():
        members.write({"qty_producing": quantity})


def refuse_closed(productions: Any) -> None:
    """Refuse a quantity for orders that are closed. The rows are locked first: another user may be closing them now."""
    productions.lock_for_update()
    closed = productions.filtered(lambda production: production.state in production_states.CLOSED)
    if closed:
        sentences = [production._state_refusal("set_qty_producing") for production in closed]
        done = closed.filtered(lambda production: production.state == "done")
        following = done.production_group_id.production_ids.filtered(
            lambda production: production.state in production_states.OPEN
        )
        if following:
            orders = message_texts.first_records(following)
            sentences.append(productions.env._("What is still to be made is in %(orders)s.", orders=orders))
        raise ManufacturingError(
            "\n".join(sentences),
            code="manufacturing.order_closed",
            data={"orders": closed.mapped("name")},
            records=following or None,
        )


def refuse_closed_work(workorders: Any) -> None:
    """Refuse to change what was done at work orders that are finished or cancelled; their rows are locked first."""
    workorders.lock_for_update()
    closed = workorders.filtered(lambda workorder: workorder.state not in ACTIVE)
    if closed:
        raise ManufacturingError(
            "\n".join(
                closed.env._(
                    "%(sentence)s Its steps stay as they are.", sentence=workorder._state_refusal("button_finish")
                )
                for workorder in closed
            ),
            code="manufacturing.workorder_closed",
            data={"workorders": closed.mapped("display_name")},
        )


def lock(workorders: Any, method: str) -> None:
    """Lock the work orders and their orders, and check again that `method` may be called on them."""
    workorders.production_id.lock_for_update()
    workorders.lock_for_update()
    workorders._check_transition(method)
    drafts = workorders.production_id.filtered(lambda production: production.state == "draft")
    if drafts:
        raise ManufacturingError(
            workorders.env._(
                "%(orders)s is a draft, so its work cannot begin. Confirm it first.",
                orders=drafts.mapped("name"),
            ),
            code="manufacturing.order_draft",
        )


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


def expected_end(production: Any) -> Any:
    """When an order is finished that begins at `date_start`: after the bill's lead time, or else its operations'.

    An order of which neither is known takes an hour.
    """
    start = production.date_start
    if not start:
        return False
    days = production.bom_id.produce_delay
    if days:
        return start + timedelta(days=days)
    minutes = sum(production.workorder_ids.mapped("duration_expected"), Decimal(0))
    return start + timedelta(seconds=int(minutes * 60) or 3600)


def reservation_state(production: Any) -> str | bool:
    """Whether the components are there: "assigned", "confirmed" (some are missing), "waiting" (for other moves)."""
    if production.state in ("draft", "done", "cancel"):
        return False
    raw = move_states.unfinished(production.move_raw_ids)
    if production.bom_id.ready_to_produce == "asap":
        first = applying.on_variant(production.bom_id.operation_ids, production.product_id)[:1]
        raw = raw.filtered(lambda move: not first or not move.operation_id or move.operation_id == first)
    states = set(raw.mapped("state"))
    if states <= {"assigned"}:
        return "assigned"
    return "waiting" if "waiting" in states else "confirmed"


def block(blockers: Mapping[Any, Any]) -> None:
    """Let each work order wait for those given for it: one statement for all of them."""
    pairs = [(workorder, [(6, 0, others.ids)]) for workorder, others in blockers.items() if others]
    if pairs:
        field = pairs[0][0]._fields["blocked_by_workorder_ids"]
        field.write_commands(pairs)
        pairs[0][0].browse([workorder.id for workorder, _commands in pairs])._modified([field])


def ready(workorders: Any) -> None:
    """Make the blocked work orders ready that wait for nothing."""
    free = workorders.filtered(
        lambda workorder: (
            workorder.state == "blocked"
            and all(other.state in production_states.CLOSED for other in workorder.blocked_by_workorder_ids)
        )
    )
    if free:
        free._settle({"state": "ready"})


def link_components(productions: Any) -> None:
    """Tie each component to the work order of the operation that consumes it."""
    made = {
        (workorder.production_id.id, workorder.operation_id.id): workorder for workorder in productions.workorder_ids
    }
    for move in productions.move_raw_ids if made else ():
        workorder = made.get((move.raw_material_production_id.id, move.operation_id.id))
        if move.operation_id and workorder and move.workorder_id != workorder:
            move.workorder_id = workorder


def copy_steps(workorders: Any) -> None:
    """Give each work order that is to be done the steps of its operation, as they are now; one create for all."""
    planned = workorders.filtered(lambda workorder: workorder.operation_id and workorder.state in ACTIVE)
    steps = planned.operation_id.step_ids.grouped("operation_id")
    rows = [
        {
            "name": step.name,
            "note": step.note,
            "sequence": step.sequence,
            "workorder_id": workorder.id,
            "step_id": step.id,
        }
        for workorder in planned
        for step in steps.get(workorder.operation_id, ())
    ]
    if rows:
        workorders.env["mrp.workorder.step"].create(rows)


def start_workorders(workorders: Any) -> None:
    """Begin a time log for the user on each work order, and put the orders in progress, over all that remains.

    Operations that merely follow one another may be begun in another order; those that the bill says depend on others
    may not.
    """
    lock(workorders, "button_start")
    blocked = workorders.filtered(
        lambda workorder: workorder.state == "blocked" and workorder.allow_workorder_dependencies
    )
    if blocked:
        waits = blocked[:1]
        raise ManufacturingError(
            workorders.env._(
                "%(workorder)s cannot start yet: it waits for %(others)s. Finish or cancel those first.",
                workorder=waits.display_name,
                others=", ".join(waits.blocked_by_workorder_ids.mapped("name")) or waits.production_id.name,
            ),
            code="manufacturing.workorder_blocked",
            data={"workorder": waits.display_name, "blocked_by": waits.blocked_by_workorder_ids.mapped("name")},
        )
    idle = workorders.filtered(lambda workorder: not workorder.is_user_working)
    now = workorders[:1]._stamp()
    log_times([(workorder, {"date_start": now}) for workorder in idle])
    workorders.filtered(lambda workorder: not workorder.date_start).write({"date_start": now})
    workorders._settle({"state": "progress"})
    beginning = workorders.filtered(
        lambda workorder: (
            not workorder.production_id.qty_producing
            and (workorder.production_id.product_tracking != "serial" or workorder.qty_remaining == 1)
        )
    )
    for quantity, members in beginning.grouped("qty_remaining").items():
        members.production_id.write({"qty_producing": quantity})
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
    for workorder in workorders:
        workorder.qty_produced += workorder.qty_producing or workorder.qty_remaining
    now = workorders[:1]._stamp()
    workorders.filtered(lambda workorder: not workorder.date_start).write({"date_start": now})
    workorders._settle({"state": "done", "date_finished": now})
    ready(workorders.production_id.workorder_ids)
    refresh(workorders.production_id)


def close_workorders(productions: Any) -> None:
    """What remains open on orders that are done is finished with them; the quantity is that of the order.

    Work that was not timed is taken to have lasted as long as expected.
    """
    open_ones = productions.workorder_ids.filtered(lambda workorder: workorder.state in ACTIVE)
    if not open_ones:
        return
    stop_clocks(open_ones)
    for workorder in open_ones:
        workorder.qty_produced = max(workorder.qty_produced, workorder.production_id.qty_produced)
    open_ones._settle({"state": "done", "date_finished": open_ones[:1]._stamp()})
    book_minutes({workorder: workorder.duration_expected for workorder in open_ones if not workorder.time_ids})


def book_minutes(minutes: Mapping[Any, Decimal]) -> None:
    """Make the time logs of each work order add up to so many minutes: one more log, or the last ones shortened."""
    rows = []
    for workorder, wanted in minutes.items():
        more = wanted - sum(workorder.time_ids.mapped("duration"), Decimal(0))
        if more > 0:
            end = workorder._stamp()
            start = end - timedelta(seconds=int(more * 60))
            rows.append((workorder, {"date_start": start, "date_end": end, "duration": more}))
        for log in reversed(workorder.time_ids) if more < 0 else ():
            less = min(-more, log.duration)
            log.duration -= less
            more += less
    log_times(rows)


def log_times(rows: Sequence[tuple[Any, dict[str, Any]]]) -> None:
    """Create time logs of work orders: pairs of a work order and what is particular to the log."""
    logs = [
        {
            "workorder_id": workorder.id,
            "workcenter_id": workorder.workcenter_id.id,
            "company_id": workorder.company_id.id,
            **values,
        }
        for workorder, values in rows
    ]
    if logs:
        rows[0][0].env["mrp.workcenter.productivity"].create(logs)


def plan_workorders(productions: Any) -> None:
    """Give the open work orders of each order a start and an end: one after the other, or after those they wait for."""
    for production in productions:
        ends: dict[Any, Any] = {}
        at = production.date_start
        for workorder in production.workorder_ids:
            if workorder.state not in ACTIVE:
                continue
            waits = [ends[other] for other in workorder.blocked_by_workorder_ids if other in ends]
            start = max([production.date_start, *waits]) if production.allow_workorder_dependencies else at
            at = start + timedelta(seconds=int(workorder.duration_expected * 60))
            ends[workorder] = at
            workorder.write({"date_start": start, "date_finished": at})
        if ends:
            production.write({"is_planned": True, "date_finished": max(ends.values())})


def unplan_workorders(productions: Any) -> None:
    """Take the work orders that have not begun off the calendar; the orders end when their start lets them expect to.

    Raises:
        ManufacturingError: work has begun.
    """
    begun = productions.workorder_ids.filtered(lambda workorder: workorder.state in ("progress", "done"))
    if begun:
        raise ManufacturingError(
            productions.env._(
                "%(workorder)s has begun, so %(order)s stays on the calendar. Move the work orders that are left.",
                workorder=begun[0].display_name,
                order=begun[0].production_id.name,
            ),
            code="manufacturing.workorder_started",
        )
    productions.workorder_ids.write({"date_start": False, "date_finished": False})
    productions.write({"is_planned": False})
    for production in productions:
        production.date_finished = expected_end(production)
