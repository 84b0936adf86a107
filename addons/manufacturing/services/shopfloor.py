"""Work at a work centre: what was produced is registered on the work order, and what was not becomes a backorder there.

WH/MO/00001  Cut 10     6 registered, Mark as Done
    +-> WH/MO/00001-001  Cut 6 done    the next operation goes on with 6
    +-> WH/MO/00001-002  Cut 4 ready   to be taken up next
"""

from __future__ import annotations

from typing import Any

from addons.inventory.services import backorder_policy
from addons.manufacturing.services import completion_messages, output, progress

#: The address of the Shop Floor; below it, the page of a work center by its id.
PATH = "/app/shop-floor"


def address(workcenter: Any = None, workorder: Any = None) -> str:
    """The Shop Floor, of one work center or all, with all cards or the one of `workorder`."""
    path = f"{PATH}/{workcenter.id}" if workcenter else PATH
    return f"{path}?workorder={workorder.id}" if workorder else path


def url_action(workcenter: Any = None, workorder: Any = None) -> dict[str, Any]:
    """The URL action that opens `address`."""
    return {"type": "ir.actions.act_url", "url": address(workcenter, workorder), "target": "self"}


def mark_as_done(workorders: Any) -> Any:
    """See `mrp.workorder.do_finish`.

    Orders whose rest is never made later, as their operation type or an addon says, stay whole.
    """
    progress.finish_workorders(workorders)
    productions = workorders.production_id
    short = output.short(productions)
    policy = backorder_policy.policies(short) if short else {}
    divided = short.filtered(lambda production: policy[production] != backorder_policy.NEVER)
    parts = divided._split_productions() - divided if divided else productions.browse()
    completion_messages.notify_finished(workorders, parts)
    return _next(workorders)


def _next(workorders: Any) -> Any:
    """Work that can be taken up: the same operation of the rest first, then what follows."""
    families = workorders.production_id.production_group_id.production_ids
    waiting = families.workorder_ids.filtered(lambda workorder: workorder.state in ("ready", "progress"))
    same = waiting.filtered(lambda workorder: workorder.operation_id in workorders.operation_id)
    return (same | waiting)[:1] or None
