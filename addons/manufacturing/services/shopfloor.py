"""Work at a work centre: what was produced is registered on the work order, and what was not becomes a backorder there.

WH/MO/00001  Cut 10     6 registered, Mark as Done
    +-> WH/MO/00001-001  Cut 6 done    the next operation goes on with 6
    +-> WH/MO/00001-002  Cut 4 ready   to be taken up next
"""

from __future__ import annotations

from typing import Any

from addons.manufacturing.services import progress, questions
from core.rounding import format_number

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
    short = productions.filtered(questions.leaves_rest)
    policy = questions.policies(short.env, short) if short else {}
    divided = short.filtered(lambda production: policy[production] != questions.NEVER)
    parts = divided._split_productions() - divided if divided else productions.browse()
    _notify_done(workorders, parts)
    return _next(workorders)


def _notify_done(workorders: Any, backorders: Any) -> None:
    """Tell the user what was finished, and the backorders with it."""
    env = workorders.env
    if len(workorders) == 1:
        env.notify(
            env._(
                "%(operation)s of %(order)s is done: %(quantity)s %(unit)s.",
                operation=workorders.name,
                order=workorders.production_id.name,
                quantity=format_number(workorders.qty_produced),
                unit=workorders.product_uom_id.name,
            )
        )
    else:
        env.notify(env._("%(count)s work orders are done.", count=len(workorders)))
    if len(backorders) == 1:
        env.notify(
            env._(
                "A backorder keeps the remaining %(quantity)s %(unit)s:",
                quantity=format_number(backorders.product_qty),
                unit=backorders.product_uom_id.name,
            ),
            "info",
            backorders,
        )
    elif backorders:
        env.notify(env._("%(count)s backorders keep what remains:", count=len(backorders)), "info", backorders)


def _next(workorders: Any) -> Any:
    """Work that can be taken up: the same operation of the rest first, then what follows."""
    families = workorders.production_id.production_group_id.production_ids
    waiting = families.workorder_ids.filtered(lambda workorder: workorder.state in ("ready", "progress"))
    same = waiting.filtered(lambda workorder: workorder.operation_id in workorders.operation_id)
    return (same | waiting)[:1] or None


def close_production(productions: Any) -> Any:
    """Close the orders, and tell the user so; returns what closing them asks first, if anything."""
    question = productions.button_mark_done()
    closed = productions.filtered(lambda production: production.state == "done")
    for production in closed:
        production.env.notify(
            production.env._(
                "%(order)s is closed: %(quantity)s %(unit)s of %(product)s produced.",
                order=production.name,
                quantity=format_number(production.qty_produced),
                unit=production.product_uom_id.name,
                product=production.product_id.display_name,
            ),
            records=production,
        )
    return question
