"""The laws of manufacturing orders that `stillage doctor` checks: states against moves, work orders and parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from addons.inventory.services import move_states
from addons.manufacturing.services import production_states
from core.doctor import MOST, Check, Problem, circle_check, company_check, describe

COMPANIES = (
    ("mrp.production", "bom_id"),
    ("mrp.production", "picking_type_id"),
    ("mrp.production", "location_src_id"),
    ("mrp.production", "location_dest_id"),
    ("mrp.production", "plan_id"),
    ("mrp.workorder", "workcenter_id"),
    ("mrp.bom", "product_tmpl_id"),
    ("stock.move", "raw_material_production_id"),
    ("stock.move", "production_id"),
)


def checks() -> list[Check]:
    """The checks of manufacturing orders."""
    return [
        Check("manufacturing.states", "The status of an order agrees with its moves", _states, _close),
        Check("manufacturing.workorders", "Closed orders have no open work orders", _workorders),
        Check("manufacturing.parts", "Every part of an order has a place of its own", _parts),
        circle_check(
            "manufacturing.workorder_chain",
            "mrp.workorder",
            "blocked_by_workorder_ids",
            "No work order waits for itself",
            "take the link out of blocked_by_workorder_ids of work order {id} in `stillage shell`",
        ),
        company_check("manufacturing.companies", COMPANIES),
    ]


def _states(env: Any) -> Iterator[Problem]:
    """What an order's own moves, those of its product and its components, say about its state."""
    production, move = env.registry.table("mrp.production"), env.registry.table("stock.move")
    own = sa.exists().where(move.c.production_id == production.c.id, move.c.product_id == production.c.product_id)
    raw = sa.exists().where(move.c.raw_material_production_id == production.c.id)
    state, under_way = production.c.state, move.c.state.not_in(move_states.CLOSED)
    made = own.where(move.c.state == "done")
    rests = own.where(under_way) | raw.where(under_way, move.c.scrap_id.is_(None))
    laws = (
        ((state == "done") & ~made, "is done, and nothing was taken in", "", HISTORY),
        ((state == "done") & made & rests, "is done, and moves of it are open", "", UNDER_WAY),
        (state.in_(production_states.OPEN) & made & ~rests, "is open, and all its moves are done", "make it done", ""),
        (state.in_(production_states.OPEN) & ~own, "is under way, and has no move of its product", "", UNDER_WAY),
        ((state == "cancel") & rests, "is cancelled, and moves of it are open", "", UNDER_WAY),
        ((state == "draft") & made, "is a draft, and something was made", "", UNDER_WAY),
    )
    for condition, text, repair, hint in laws:
        rows = sa.select(production.c.id).where(condition).order_by(production.c.id).limit(MOST)
        for res_id in env.execute(rows).scalars().all():
            yield Problem("mrp.production", res_id, f"{describe(env, 'mrp.production', res_id)} {text}", repair, hint)


HISTORY = (
    "if it was produced, restore its moves from a backup; if not, set its state to cancel in `stillage shell` and "
    "plan the quantity again"
)
UNDER_WAY = "set the state to what its moves say in `stillage shell`, or cancel the moves that are open"


def _close(env: Any, problems: list[Problem]) -> None:
    """Write the state alone: everything has moved."""
    orders = env["mrp.production"].browse([problem.res_id for problem in problems])
    orders._settle({"state": "done"})


def _workorders(env: Any) -> Iterator[Problem]:
    production, workorder = env.registry.table("mrp.production"), env.registry.table("mrp.workorder")
    rows = sa.select(workorder.c.id).join(production, production.c.id == workorder.c.production_id)
    rows = rows.where(
        production.c.state.in_(production_states.CLOSED), workorder.c.state.not_in(production_states.CLOSED)
    )
    for res_id in env.execute(rows.order_by(workorder.c.id).limit(MOST)).scalars().all():
        yield Problem(
            "mrp.workorder",
            res_id,
            f"{describe(env, 'mrp.workorder', res_id)} is open, and its order is closed",
            hint="finish the work order, or cancel it",
        )


def _parts(env: Any) -> Iterator[Problem]:
    production = env.registry.table("mrp.production")
    group, number = production.c.production_group_id, production.c.backorder_sequence
    several = sa.select(sa.func.max(production.c.id), number).where(group.is_not(None), number > 0)
    several = several.group_by(group, number).having(sa.func.count() > 1).limit(MOST)
    for res_id, place in env.execute(several).all():
        yield Problem(
            "mrp.production",
            res_id,
            f"{describe(env, 'mrp.production', res_id)} is part {place} of its order, as another one is",
            hint="set backorder_sequence to a number of its own in `stillage shell`",
        )
