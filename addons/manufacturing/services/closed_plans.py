"""A done plan is a record of what was demanded and ordered: it stays. Its state follows from Create Orders only.

These checks stand in `write` and `unlink`; the service that creates the orders writes the state by `_settle`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from addons.manufacturing.exceptions import ManufacturingError
from core.exceptions import ValidationError
from core.rounding import format_number

LOCKED = "manufacturing.locked_plans"


def check_values(plans: Any, vals: Mapping[str, Any]) -> None:
    """Refuse other values for done plans. Raises ManufacturingError."""
    check_open(plans.filtered(lambda plan: any(_changes(plan, name, vals[name]) for name in vals)))


def check_open(plans: Any) -> None:
    """Lock plans, and refuse what changes or deletes done ones. Raises ManufacturingError."""
    lock(plans)
    done = plans.filtered(lambda plan: plan.state == "done")
    if done:
        raise ManufacturingError(
            plans.env._(
                "%(plans)s created its orders and stays as it is. Change the orders, or make a new plan.",
                plans=done._described(),
            ),
            code="manufacturing.plan_closed",
            data={"plans": done.mapped("name")},
        )


def check_orders(productions: Any, plan_id: Any) -> None:
    """Refuse to take orders away from done plans, or to give them others. Raises ManufacturingError."""
    moved = productions.filtered(lambda production: _changes(production, "plan_id", plan_id))
    if moved:
        given = productions._fields["plan_id"].convert_to_cache(plan_id, productions)
        check_open(moved.plan_id | moved.plan_id.browse(given or ()))


def check_entered(productions: Any) -> None:
    """Refuse new orders for which a user gives a done plan. Raises ManufacturingError.

    Procurement, which runs as the superuser, adds orders for what the documents of a plan need later.
    """
    if not productions.env.su:
        check_open(productions.plan_id)


def lock(plans: Any) -> None:
    """Lock the rows of plans until the transaction ends, each once. SQLite has one writer and needs no lock."""
    env = plans.env
    if env.cr.dialect != "postgresql":
        return
    locked: set[int] = env.cr.memory.setdefault(LOCKED, set())
    fresh = plans._written().filtered(lambda plan: plan.id not in locked)
    if fresh:
        ids = fresh.ids
        fresh.lock_for_update()
        locked.update(ids)
        env.cr.after_rollback(lambda: locked.difference_update(ids))


def check_quantities(lines: Any) -> None:
    """Refuse to order less than nothing. Raises ValidationError."""
    for line in lines:
        if line.qty_to_order < 0:
            raise ValidationError(
                lines.env._(
                    "%(product)s: %(quantity)s cannot be ordered. Enter 0 to order nothing.",
                    product=line.product_id.display_name,
                    quantity=format_number(line.qty_to_order),
                ),
                fields=["qty_to_order"],
                code="manufacturing.plan_quantity_negative",
            )


def _changes(plan: Any, name: str, value: Any) -> bool:
    field = plan._fields.get(name)
    if field is None or field.type in ("one2many", "many2many"):
        return True
    return bool(field.convert_to_cache(value, plan) != field.convert_to_cache(plan[name], plan))
