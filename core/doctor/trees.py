"""Links that may not lead in a circle, and the paths of hierarchies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa

from core.doctor.checks import MOST, Check, Problem, describe
from core.doctor.columns import stored_models
from core.orm import keeping

#: Links whose way is followed at once.
_BATCH: Final = 1000


def find_circles(env: Any, edges: Any) -> list[int]:
    """Ids of records from which links lead back to themselves, at least one for each circle.

    A circle has a link upwards and one downwards, in the order of ids. Links mostly lead one way, so only those that
    lead the other way are followed.

    Args:
        edges: a subquery with the columns `source` and `target`.
    """
    up = sa.select(sa.func.count()).select_from(edges).where(edges.c.source < edges.c.target)
    down = sa.select(sa.func.count()).select_from(edges).where(edges.c.source > edges.c.target)
    rarer = edges.c.source < edges.c.target
    if env.execute(up).scalar_one() > env.execute(down).scalar_one():
        rarer = edges.c.source > edges.c.target
    itself = edges.c.source == edges.c.target
    before, after = edges.alias(), edges.alias()
    inside = sa.exists().where(before.c.target == edges.c.source) & sa.exists().where(after.c.source == edges.c.target)
    found = env.execute(sa.select(edges.c.source).where(itself).limit(MOST)).scalars().all()
    circles = dict.fromkeys(found)
    last: tuple[int, int] | None = None
    while len(circles) < MOST:
        starts = sa.select(edges.c.source, edges.c.target).where(rarer, inside)
        if last is not None:
            beyond = (edges.c.source == last[0]) & (edges.c.target > last[1])
            starts = starts.where((edges.c.source > last[0]) | beyond)
        rows = env.execute(starts.order_by(edges.c.source, edges.c.target).limit(_BATCH)).all()
        if not rows:
            break
        last = (rows[-1][0], rows[-1][1])
        circles |= dict.fromkeys(_return_to_start(env, edges, [(row[0], row[1]) for row in rows]))
    return sorted(circles)


def _return_to_start(env: Any, edges: Any, starts: list[tuple[int, int]]) -> list[int]:
    """The sources of those first links from whose target links lead back to the source."""
    found = []
    seen: set[tuple[int, int]] = set()
    frontier = set(starts)
    while frontier:
        seen |= frontier
        heads: defaultdict[int, list[int]] = defaultdict(list)
        for start, head in frontier:
            if start == head:
                found.append(start)
            else:
                heads[head].append(start)
        frontier = set()
        ids = sorted(heads)
        for at in range(0, len(ids), _BATCH):
            some = sa.select(edges.c.source, edges.c.target).where(edges.c.source.in_(ids[at : at + _BATCH]))
            for head, following in env.execute(some).all():
                frontier.update((start, following) for start in heads[head])
        frontier -= seen
    return found


def circle_check(id: str, model: str, name: str, title: str, hint: str) -> Check:
    """Following the link `name` of a model, many2one or many2many to itself, never comes back to the start.

    Args:
        hint: the way out; `{id}` stands for the record's.
    """

    def find(env: Any) -> Iterator[Problem]:
        field = env.registry.models[model]._fields[name]
        for res_id in find_circles(env, _edges(env, model, field)):
            yield Problem(
                model,
                res_id,
                f"{describe(env, model, res_id)}: {field.string} leads back to itself",
                hint=hint.format(id=res_id),
            )

    return Check(id, title, find)


def _edges(env: Any, model: str, field: Any) -> Any:
    if field.type == "many2many":
        links = env.registry.table(field.relation)
        return sa.select(links.c[field.column1].label("source"), links.c[field.column2].label("target")).subquery()
    table = env.registry.table(model)
    column = table.c[field.name]
    return sa.select(table.c.id.label("source"), column.label("target")).where(column.is_not(None)).subquery()


# ---------------------------------------------------------------------------- hierarchies
def tree_check() -> Check:
    """No record of any model lies below itself, and stored paths are those of the parents."""
    return Check("core.hierarchies", "Nothing lies below itself, and paths follow from parents", _find, _repair)


def _find(env: Any) -> Iterator[Problem]:
    for model in stored_models(env):
        parent = model._fields.get(model._parent_name)
        if parent is None or not parent.column_backed or parent.comodel_name != model._name:
            continue
        circles = set(find_circles(env, _edges(env, model._name, parent)))
        for res_id in sorted(circles):
            yield _circle(env, model, parent, res_id)
        if model._parent_store and not circles:
            yield from _wrong_paths(env, model, parent)


def _circle(env: Any, model: Any, parent: Any, res_id: int) -> Problem:
    """A record below itself; its stored path may still say where it was."""
    text = f"{describe(env, model._name, res_id)} lies below itself"
    if model._parent_store:
        before = _parent_by_path(env, model, res_id)
        if before is not None:
            where = describe(env, model._name, before) if before else "the top"
            return Problem(
                model._name, res_id, text, f"put it below {where} again, as its path says", key="parent", value=before
            )
    return Problem(model._name, res_id, text, hint=f"set {model._name}.{parent.name} of {res_id} in `stillage shell`")


def _parent_by_path(env: Any, model: Any, res_id: int) -> int | None:
    """The parent that a stored path names, 0 for the top; None where the path cannot be right."""
    table = env.registry.table(model._name)
    path = env.execute(sa.select(table.c.parent_path).where(table.c.id == res_id)).scalar_one() or ""
    parts = path.removesuffix("/").split("/")
    if parts[-1] != str(res_id) or len(set(parts)) < len(parts) or not all(part.isdecimal() for part in parts):
        return None
    if len(parts) == 1:
        return 0
    above = sa.select(table.c.parent_path).where(table.c.id == int(parts[-2]))
    return int(parts[-2]) if env.execute(above).scalar() == f"{'/'.join(parts[:-1])}/" else None


def _expected_path(table: Any, above: Any) -> Any:
    own = sa.cast(table.c.id, sa.String).concat("/")
    return sa.func.coalesce(above.c.parent_path, "").concat(own)


def _wrong_paths(env: Any, model: Any, parent: Any) -> Iterator[Problem]:
    table, above = env.registry.table(model._name), env.registry.alias(model._name, "doctor above")
    expected = _expected_path(table, above)
    rows = sa.select(table.c.id, table.c.parent_path, expected)
    rows = rows.select_from(table.outerjoin(above, above.c.id == table.c[parent.name]))
    rows = rows.where(sa.func.coalesce(table.c.parent_path, "") != expected).order_by(table.c.id).limit(MOST)
    for res_id, path, right in env.execute(rows).all():
        yield Problem(
            model._name,
            res_id,
            f"{describe(env, model._name, res_id)} has the path {path or 'of nothing'}, by its parent it is {right}",
            "derive the paths from the parents",
            key="path",
        )


def _repair(env: Any, problems: list[Problem]) -> None:
    for problem in problems:
        if problem.key == "parent":
            table, name = env.registry.table(problem.model), env.registry.models[problem.model]._parent_name
            env.execute(sa.update(table).where(table.c.id == problem.res_id).values({name: problem.value or None}))
    for name in sorted({problem.model for problem in problems}):
        model = env.registry.models[name]
        table, above = env.registry.table(name), env.registry.alias(name, "doctor above")
        # From the top down, one level of the tree a time.
        wrong = sa.select(table.c.id, _expected_path(table, above).label("path"))
        wrong = wrong.select_from(table.outerjoin(above, above.c.id == table.c[model._parent_name]))
        wrong = wrong.where(sa.func.coalesce(table.c.parent_path, "") != _expected_path(table, above))
        while not find_circles(env, _edges(env, name, model._fields[model._parent_name])):
            rows = env.execute(wrong.order_by(table.c.id).limit(MOST)).all()
            if not rows:
                break
            for res_id, path in rows:
                env.execute(sa.update(table).where(table.c.id == res_id).values(parent_path=path))
        keeping.forget(env, name)
    env.invalidate_all()
