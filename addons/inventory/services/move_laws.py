"""Laws of moves, their lines and their transfers.

lines        each belongs to a move over its product, and states one quantity in two units
moves        the quantity is that of the lines, and the state says what the lines are
transfers    the state is that of the moves
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import sqlalchemy as sa

from addons.inventory.services import move_states, product_lock, scheduling
from core.doctor import MOST, Check, Problem, describe, slices, store_again
from core.rounding import compare, format_number

ZERO = Decimal(0)
STEP = Decimal("0.000001")
HISTORY = "done movements are never changed: look at Moves History, and restore the row from a backup"


def checks() -> list[Check]:
    """The checks of move lines, moves and transfers."""
    return [
        Check(
            "inventory.lines",
            "Every move line belongs to a move and states one quantity",
            _lines,
            _repair_lines,
            frozenset({"stock.move.line.quantity_product_uom"}),
        ),
        Check(
            "inventory.moves",
            "Quantity and status of moves are those of their lines",
            _moves,
            _repair_moves,
            frozenset({"stock.move.quantity"}),
        ),
        Check(
            "inventory.transfers",
            "The status of a transfer is that of its moves",
            _transfers,
            _repair_transfers,
            frozenset({"stock.picking.state"}),
        ),
        Check(
            "inventory.deadlines",
            "The deadline of a transfer is that of its moves",
            _deadlines,
            store_again,
            frozenset({"stock.picking.date_deadline", "stock.picking.has_deadline_issue"}),
        ),
    ]


def move_name(env: Any, move_id: int | None) -> str:
    """Document and product of a move."""
    move = env["stock.move"].browse(move_id or ()).exists()
    if not move:
        return f"move {move_id}" if move_id else "no move"
    try:
        return f"{move._document_name()}: {move.product_id.display_name}"
    except Exception:  # the damage may be what the name is made of
        return f"move {move_id}"


def _tables(env: Any) -> tuple[Any, ...]:
    names = ("stock.move", "stock.move.line", "product.product", "product.template")
    return tuple(env.registry.table(name) for name in names)


# ---------------------------------------------------------------------------- lines
def _lines(env: Any) -> Iterator[Problem]:
    move, line, product, template = _tables(env)
    lot = env.registry.table("stock.lot")
    own = template.c.uom_id
    wrong = sa.or_(
        line.c.move_id.is_(None),
        line.c.product_id != move.c.product_id,
        lot.c.product_id != line.c.product_id,
        sa.func.coalesce(line.c.picking_id, 0) != sa.func.coalesce(move.c.picking_id, 0),
        line.c.quantity_product_uom < 0,
        line.c.product_uom_id != own,
        line.c.quantity != line.c.quantity_product_uom,
    )
    tables = (
        line.outerjoin(move, move.c.id == line.c.move_id)
        .outerjoin(product, product.c.id == line.c.product_id)
        .outerjoin(template, template.c.id == product.c.product_tmpl_id)
        .outerjoin(lot, lot.c.id == line.c.lot_id)
    )
    names = ("id", "state", "move_id", "product_id", "product_uom_id", "quantity", "quantity_product_uom", "picking_id")
    statement = sa.select(
        *(line.c[name] for name in names),
        own.label("own"),
        move.c.product_id.label("move_product"),
        move.c.picking_id.label("move_picking"),
        lot.c.product_id.label("lot_product"),
    ).select_from(tables)
    for low, high in slices(env, "stock.move.line"):
        for row in env.execute(statement.where(line.c.id.between(low, high), wrong)).all():
            yield from _line_problems(env, row)


def _line_problems(env: Any, row: Any) -> Iterator[Problem]:
    done = row.state == "done"
    name = move_name(env, row.move_id) if _is_wrong(env, row) else ""

    def problem(text: str, repair: str, kind: str, value: Any = None) -> Problem:
        return Problem("stock.move.line", row.id, text, "" if done else repair, HISTORY, kind, value)

    if row.move_id is None:
        yield problem(f"line {row.id} of product {row.product_id} belongs to no move", "delete the line", "drop")
        return
    if row.move_product is not None and row.move_product != row.product_id:
        other = env["product.product"].browse(row.product_id).exists()
        text = f"{name}: a line is of {other.display_name or f'product {row.product_id}'}"
        yield problem(text, "delete the line", "drop")
        return
    if row.lot_product is not None and row.lot_product != row.product_id:
        yield problem(f"{name}: a line has a lot of another product", "delete the line", "drop")
        return
    if row.quantity_product_uom is not None and row.quantity_product_uom < 0:
        yield problem(f"{name}: a line is below zero", "delete the line", "drop")
        return
    if row.move_product is not None and (row.picking_id or 0) != (row.move_picking or 0):
        yield problem(f"{name}: a line is in another transfer than its move", "put it into that of its move", "picking")
    right = _in_own_unit(env, row)
    if right != row.quantity_product_uom:
        yield problem(
            f"{name}: a line says {format_number(row.quantity or ZERO)} in its unit, which is {format_number(right)}, "
            f"but {format_number(row.quantity_product_uom or ZERO)} in that of the product",
            f"set it to {format_number(right)}",
            "quantity",
            right,
        )


def _is_wrong(env: Any, row: Any) -> bool:
    """Whether a row found is more than one in another unit than its product's."""
    return (
        row.move_id is None
        or row.move_product != row.product_id
        or row.lot_product not in (None, row.product_id)
        or (row.picking_id or 0) != (row.move_picking or 0)
        or _in_own_unit(env, row) != row.quantity_product_uom
        or row.quantity_product_uom < 0
    )


def _in_own_unit(env: Any, row: Any) -> Decimal:
    quantity = row.quantity if row.quantity is not None else ZERO
    if row.product_uom_id == row.own or not row.own:
        return quantity
    return _convert(env, quantity, row.product_uom_id, row.own)


def _convert(env: Any, quantity: Decimal, unit: int, to: int) -> Decimal:
    units = env["uom.uom"]
    converted: Decimal = units.browse(unit)._convert(quantity, units.browse(to))
    return converted.quantize(STEP, ROUND_HALF_UP)


def _repair_lines(env: Any, problems: list[Problem]) -> None:
    line = env.registry.table("stock.move.line")
    dropped = [problem.res_id for problem in problems if problem.key == "drop"]
    if dropped:
        moves = env["stock.move.line"].browse(dropped).move_id.exists()
        product_lock.lock_moves(moves)
        env["stock.move.line"].browse(dropped)._settle_unlink()
        env.flush_all()
        moves._recompute_state()
    for problem in problems:
        if problem.key == "picking":
            record = env["stock.move.line"].browse(problem.res_id)
            change = {"picking_id": record.move_id.picking_id.id or None}
            env.execute(sa.update(line).where(line.c.id == problem.res_id).values(change))
        elif problem.key == "quantity":
            change = {"quantity_product_uom": problem.value}
            env.execute(sa.update(line).where(line.c.id == problem.res_id).values(change))
    env.invalidate_all()


# ---------------------------------------------------------------------------- moves
def _moves(env: Any, condition: Any = None) -> Iterator[Problem]:
    move, line, product, template = _tables(env)
    own, nothing = template.c.uom_id, sa.literal(ZERO, move.c.quantity.type)
    by_state = {
        state: sa.func.sum(sa.case((line.c.state == state, 1), else_=0)).label(state) for state in ("assigned", "done")
    }
    for low, high in slices(env, "stock.move"):
        lines = sa.select(line.c.move_id, sa.func.sum(line.c.quantity_product_uom).label("total"), *by_state.values())
        lines = lines.where(line.c.move_id.between(low, high)).group_by(line.c.move_id).subquery()
        total = sa.func.coalesce(lines.c.total, nothing)
        held, went = (sa.func.coalesce(lines.c[state], 0) for state in ("assigned", "done"))
        state, need = move.c.state, move.c.product_uom_qty
        wrong = sa.or_(
            move.c.product_uom != own,
            sa.func.coalesce(move.c.quantity, nothing) != total,
            need < 0,
            (state == "done") & ((need > total) | (held > 0) | (went == 0)),
            (state != "done") & (went > 0),
            (state == "cancel") & (held > 0),
            state.in_(move_states.OPEN) & (total > 0) & (total >= need) & (state != "assigned"),
            state.in_(move_states.OPEN) & (total > 0) & (total < need) & (state != "partially_available"),
            (total == 0) & (need > 0) & state.in_(("partially_available", "assigned")),
        )
        rows = sa.select(
            move.c.id, state, move.c.product_id, move.c.product_uom, own.label("own"), need.label("need"),
            move.c.quantity, total.label("total"), held.label("held"), went.label("went"),
        )  # fmt: skip
        rows = rows.select_from(
            move.outerjoin(product, product.c.id == move.c.product_id)
            .outerjoin(template, template.c.id == product.c.product_tmpl_id)
            .outerjoin(lines, lines.c.move_id == move.c.id)
        ).where(move.c.id.between(low, high), wrong)
        for row in env.execute(rows if condition is None else rows.where(condition)).all():
            yield from _move_problems(env, row)


def _move_problems(env: Any, row: Any) -> Iterator[Problem]:
    """What is wrong with a move; at most one problem of its figures and one of its state."""
    need, said = row.need, row.quantity if row.quantity is not None else ZERO
    right = row.total
    if row.own and row.product_uom != row.own:
        units = env["uom.uom"]
        own, unit = units.browse(row.own), units.browse(row.product_uom)
        need = _convert(env, row.need, row.product_uom, row.own)
        right = own._compute_quantity(row.total, unit, round=False).quantize(STEP, ROUND_HALF_UP)
    if row.went and said != right:
        text = f"{move_name(env, row.id)} moved {format_number(said)}, its lines say {format_number(right)}"
        yield Problem("stock.move", row.id, text, hint=HISTORY, key="ledger")
    elif said != right and not (row.state == "done" and not row.held):
        text = f"{move_name(env, row.id)} says {format_number(said)}, its lines say {format_number(right)}"
        yield Problem("stock.move", row.id, text, "take the sum of the lines", key="quantity")
    if row.state == "done" and not row.went and not row.held:
        yield Problem(
            "stock.move", row.id, f"{move_name(env, row.id)} is done, and has no lines", hint=HISTORY, key="ledger"
        )
        return
    if row.need < 0:
        text = f"{move_name(env, row.id)} has a demand below zero"
        yield Problem("stock.move", row.id, text, "ask for nothing, and cancel it if it is open", key="negative")
        return
    yield from _state_problems(env, row, need)


def _state_problems(env: Any, row: Any, need: Decimal) -> Iterator[Problem]:
    state, name = row.state, ""
    if row.went and row.held:
        text = f"{move_name(env, row.id)} is {state}, and has done and open lines"
        yield Problem("stock.move", row.id, text, hint=f"delete its open lines if it is done; {HISTORY}", key="ledger")
    elif row.went and state != "done":
        name = f"{move_name(env, row.id)} is {state}, its lines are done"
        yield Problem("stock.move", row.id, name, "make it done", key="done")
    elif row.held and state == "cancel":
        text = f"{move_name(env, row.id)} is cancelled, and still reserves"
        yield Problem("stock.move", row.id, text, "delete its open lines", key="lines")
    elif row.held and state == "done":
        text = f"{move_name(env, row.id)} is done, its lines are open"
        yield Problem("stock.move", row.id, text, "open it again: nothing has moved", key="open")
    elif state == "done":
        if row.went and need > row.total and compare(need, row.total, _rounding(env, row)) > 0:
            text = f"{move_name(env, row.id)} asked for {format_number(need)}, {format_number(row.total)} moved"
            remedy = f"set the demand to {format_number(row.total)}: what is left over is always a move of its own"
            yield Problem("stock.move", row.id, text, remedy, key="demand")
    elif state in move_states.OPEN:
        expected = _expected_state(env, row, need)
        if expected and expected != state:
            text = f"{move_name(env, row.id)} is {state}, its lines make it {expected}"
            yield Problem("stock.move", row.id, text, f"make it {expected}", key="state")


def _rounding(env: Any, row: Any) -> Decimal:
    unit = env["uom.uom"].browse(row.own or row.product_uom)
    rounding: Decimal = unit.rounding
    return rounding


def _expected_state(env: Any, row: Any, need: Decimal) -> str | None:
    """The state of an open move by its lines; None where they leave it open."""
    if row.total:
        return "assigned" if compare(row.total, need, _rounding(env, row)) >= 0 else "partially_available"
    if need and row.state in move_states.RESERVED:
        return str(move_states.base_state(env["stock.move"].browse(row.id)))
    return None


def doubtful_products(env: Any, products: Iterable[int]) -> set[int]:
    """Those of the products whose done moves and lines contradict one another: their ledger may be damaged."""
    ids = sorted(products)
    if not ids:
        return set()
    move, line, _product, _template = _tables(env)
    found = {problem.res_id for problem in _moves(env, move.c.product_id.in_(ids)) if problem.key in ("ledger", "done")}
    if found:
        found = set(env.execute(sa.select(move.c.product_id).where(move.c.id.in_(found)).distinct()).scalars())
    stray = sa.select(line.c.product_id, move.c.product_id)
    stray = stray.select_from(line.outerjoin(move, move.c.id == line.c.move_id)).where(
        line.c.state == "done", sa.or_(move.c.id.is_(None), move.c.product_id != line.c.product_id)
    )
    for own, others in env.execute(stray.limit(MOST)).all():
        found |= {own, others}
    return found & set(ids)


def _repair_moves(env: Any, problems: list[Problem]) -> None:
    table = env.registry.table("stock.move")

    def chosen(*kinds: str) -> Any:
        return env["stock.move"].browse([problem.res_id for problem in problems if problem.key in kinds])

    product_lock.lock_moves(env["stock.move"].browse({problem.res_id for problem in problems}))
    stale, reopened = chosen("quantity"), chosen("open")
    if stale:
        env.add_to_compute(stale._fields["quantity"], stale)
    surplus = chosen("lines").move_line_ids.filtered(lambda line: line.state != "done")
    if surplus:
        surplus._settle_unlink()
    for state, moves in (("done", chosen("done")), ("confirmed", reopened)):
        if moves:
            env.flush_all()
            env.execute(sa.update(table).where(table.c.id.in_(moves.ids)).values(state=state))
            env.invalidate_all()
    chosen("state", "quantity", "open", "lines")._recompute_state()
    raised = chosen("demand")
    if raised:
        raised._settle_multi([{"product_uom_qty": _total(move)} for move in raised])
    negative = chosen("negative")
    if negative:
        negative._settle({"product_uom_qty": ZERO})
        negative.filtered(lambda move: move.state not in move_states.CLOSED)._action_cancel()


def _total(move: Any) -> Decimal:
    """What the lines of a move say, in its unit."""
    total = sum((line.quantity_product_uom for line in move.move_line_ids), ZERO)
    converted: Decimal = move.product_id.uom_id._compute_quantity(total, move.product_uom, round=False)
    return converted


# ---------------------------------------------------------------------------- transfers
def _transfers(env: Any) -> Iterator[Problem]:
    picking, move = env.registry.table("stock.picking"), env.registry.table("stock.move")
    for low, high in slices(env, "stock.picking"):
        states: defaultdict[int, list[str]] = defaultdict(list)
        of_moves = sa.select(move.c.picking_id, move.c.state).where(move.c.picking_id.between(low, high)).distinct()
        for picking_id, state in env.execute(of_moves).all():
            states[picking_id].append(state)
        rows = sa.select(picking.c.id, picking.c.state, picking.c.move_type).where(picking.c.id.between(low, high))
        for res_id, state, move_type in env.execute(rows).all():
            expected = move_states.of_transfer(states.get(res_id, []), move_type)
            if state != expected:
                yield Problem(
                    "stock.picking",
                    res_id,
                    f"{describe(env, 'stock.picking', res_id)} is {state}, its moves make it {expected}",
                    f"make it {expected}",
                )


def _repair_transfers(env: Any, problems: list[Problem]) -> None:
    pickings = env["stock.picking"].browse([problem.res_id for problem in problems])
    env.add_to_compute(pickings._fields["state"], pickings)


def _deadlines(env: Any) -> Iterator[Problem]:
    picking, move = env.registry.table("stock.picking"), env.registry.table("stock.move")
    names = ("id", "move_type", "date_deadline", "scheduled_date", "has_deadline_issue")
    for low, high in slices(env, "stock.picking"):
        dates: defaultdict[int, tuple[Any, ...]] = defaultdict(tuple)
        of_moves = sa.select(
            move.c.picking_id, sa.func.min(move.c.date_deadline), sa.func.max(move.c.date_deadline)
        ).where(move.c.picking_id.between(low, high), move.c.date_deadline.is_not(None))
        for picking_id, first, last in env.execute(of_moves.group_by(move.c.picking_id)).all():
            dates[picking_id] = (first, last)
        rows = sa.select(*(picking.c[name] for name in names)).where(picking.c.id.between(low, high))
        for res_id, move_type, deadline, scheduled, late in env.execute(rows).all():
            right = scheduling.due(dates.get(res_id, ()), move_type) or None
            if deadline != right:
                name = describe(env, "stock.picking", res_id)
                text = f"{name} is promised for {deadline or 'no day'}, its moves for {right or 'no day'}"
                repair = f"set the deadline to {right or 'no day'}"
                yield Problem("stock.picking", res_id, text, repair, key="date_deadline")
            elif bool(late) != bool(deadline and scheduled and deadline < scheduled):
                text = f"{describe(env, 'stock.picking', res_id)}: “Is Late” does not follow from its dates"
                yield Problem("stock.picking", res_id, text, "derive it from the dates", key="has_deadline_issue")
