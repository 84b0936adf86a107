"""A domain as a SQLAlchemy WHERE clause.

Conditions on relations become sub-selects, never joins, so that no record is found twice. Where the sub-select is
put matters little to PostgreSQL, which plans IN and EXISTS alike; SQLite answers IN by computing the whole sub-select
first, and EXISTS by looking into the other table for each row. `_looked_up` chooses.
"""

from __future__ import annotations

import operator as op
from collections.abc import Callable
from typing import Any, Final

import sqlalchemy as sa

from core.db.json_member import json_member
from core.db.sqltools import in_ids
from core.db.text_match import code_point_order, matches, starts_with
from core.exceptions import ValidationError
from core.orm.domain import values
from core.orm.domain.algebra import COMPARE
from core.orm.domain.expression import NEGATIVE, And, Condition, Domain
from core.orm.domain.optimize import optimize

Clause = sa.ColumnElement[bool]
#: Names of the tables that the sub-select at hand is inside of, further uses numbered; each use has another name.
Scope = frozenset[str]

_COMPARE: Final[dict[str, Callable[[Any, Any], Any]]] = {"<": op.lt, ">": op.gt, "<=": op.le, ">=": op.ge}
_ONE: Final[Any] = sa.literal_column("1")
_INDEXED: Final = "stillage_indexed_columns"


def to_sql(domain: Domain | list[Any], model: Any, table: sa.FromClause) -> Clause:
    """The condition that a row of `table` (the model's table or an alias of it) is in `domain`.

    What it reads must be flushed before the statement runs (`fields_used`). The clause is made to stand in WHERE,
    alone or joined by AND and OR: it may be NULL where it does not hold, so negate the domain and not the clause.
    Raises what `optimize` raises.
    """
    resolved = optimize(domain, model)
    return _clause(resolved, model, table, frozenset((table.name,)))  # type: ignore[attr-defined]


def _clause(domain: Domain, model: Any, table: Any, scope: Scope) -> Clause:
    """The condition for a resolved domain."""
    if domain.__class__ is Condition:
        return _LEAVES[domain.operator](domain, model, table, scope)
    if domain is Domain.TRUE:
        return sa.true()
    if domain is Domain.FALSE:
        return sa.false()
    children = [_clause(child, model, table, scope) for child in domain.children]  # type: ignore[attr-defined]
    return (sa.and_ if domain.__class__ is And else sa.or_)(*children)


# -- columns -----------------------------------------------------------------------------------------------------------


def column_of(model: Any, table: Any, field: Any) -> Any:
    """The column, or the part of it that belongs to the company at work."""
    column = table.c[field.name]
    if not field.company_dependent:
        return column
    company = model.env.company
    return json_member(column, str(company.id if company is not None else None), field.sql_type())


def _nullable(column: Any) -> bool:
    return getattr(column, "nullable", True) is not False


# -- plain values ------------------------------------------------------------------------------------------------------


def _in(leaf: Condition, model: Any, table: Any, scope: Scope) -> Clause:
    field = model._fields[leaf.field_expr]
    column = column_of(model, table, field)
    found = leaf.value
    kind = field.type
    if kind == "boolean":
        return column.is_(sa.true()) if found[0] else column.is_not(sa.true())
    unset = False in found  # an unset number is 0, which is equal to False
    if not unset:
        return _among(column, kind, found)
    if kind in values.NUMBER_TYPES:
        among = _among(column, kind, found)
    else:
        rest = [value for value in found if value is not False]
        among = _among(column, kind, rest) if rest else sa.false()
    return sa.or_(column.is_(None), among) if _nullable(column) else among


def _among(column: Any, kind: str, found: Any) -> Clause:
    """`column` is one of the values `found`, none of which is "unset"."""
    if len(found) == 1:
        return column == found[0]
    if kind == "many2one" or column.key == "id":
        return in_ids(column, found)
    return column.in_(found)


def _not_in(leaf: Condition, model: Any, table: Any, scope: Scope) -> Clause:
    field = model._fields[leaf.field_expr]
    column = column_of(model, table, field)
    found = leaf.value
    kind = field.type
    if kind == "boolean":
        return column.is_not(sa.true()) if found[0] else column.is_(sa.true())
    nullable = _nullable(column)
    if False in found:
        if kind not in values.NUMBER_TYPES:
            found = [value for value in found if value is not False]
            if not found:
                return column.is_not(None) if nullable else sa.true()
        return _not_among(column, kind, found)
    if not nullable:
        return _not_among(column, kind, found)
    if len(found) == 1:
        return column.is_distinct_from(found[0])
    return sa.or_(column.is_(None), _not_among(column, kind, found))


def _not_among(column: Any, kind: str, found: Any) -> Clause:
    """`column` is set and none of the values `found`."""
    if len(found) == 1:
        return column != found[0]
    if kind == "many2one" or column.key == "id":
        return sa.not_(in_ids(column, found))
    return column.not_in(found)


def _compare(leaf: Condition, model: Any, table: Any, scope: Scope) -> Clause:
    field = model._fields[leaf.field_expr]
    column = column_of(model, table, field)
    operator, value = leaf.operator, leaf.value
    if field.type in values.TEXT_TYPES:
        return _COMPARE[operator](code_point_order(column), value)
    clause = _COMPARE[operator](column, value)
    if field.type in values.NUMBER_TYPES and _nullable(column) and COMPARE[operator](0, value):
        return sa.or_(column.is_(None), clause)
    return clause


def _matches(leaf: Condition, model: Any, table: Any, scope: Scope) -> Clause:
    column = _text(leaf, model, table)
    return matches(column, leaf.value)


def _not_matches(leaf: Condition, model: Any, table: Any, scope: Scope) -> Clause:
    column = _text(leaf, model, table)
    clause = sa.not_(matches(column, leaf.value))
    return sa.or_(column.is_(None), clause) if _nullable(column) else clause


def _text(leaf: Condition, model: Any, table: Any) -> Any:
    """The column of a text, or the text of a column of whole numbers."""
    field = model._fields[leaf.field_expr]
    column = column_of(model, table, field)
    if field.type in values.TEXT_TYPES:
        return column
    text = sa.cast(column, sa.Text())
    return text if column.key == "id" else sa.func.coalesce(text, "0")


# -- relations ---------------------------------------------------------------------------------------------------------


def _any(leaf: Condition, model: Any, table: Any, scope: Scope) -> Clause:
    """Some (or, negated, no) linked record is in the sub-domain."""
    field = model._fields[leaf.field_expr]
    return _ANY[field.type](field, leaf, model, table, scope)


def _many2one(field: Any, leaf: Condition, model: Any, table: Any, scope: Scope) -> Clause:
    comodel = model.env[field.comodel_name]
    other, inner_scope = _other_table(model, comodel._name, scope)
    condition = _clause(leaf.value, comodel, other, inner_scope)
    column = column_of(model, table, field)
    negative = leaf.operator in NEGATIVE
    if negative or not _looked_up(leaf.value, other):
        return _exists(other, (other.c.id == column, condition), table, negative)
    return column.in_(sa.select(other.c.id).where(condition).correlate(None))


def _one2many(field: Any, leaf: Condition, model: Any, table: Any, scope: Scope) -> Clause:
    comodel = model.env[field.comodel_name]
    other, inner_scope = _other_table(model, comodel._name, scope)
    if field.inverse_name not in other.c:
        raise ValidationError(
            f"{model._name}: {field.name!r} cannot be searched, as {comodel._name}.{field.inverse_name} is not stored",
            fields=[field.name],
        )
    inverse = other.c[field.inverse_name]
    negative = leaf.operator in NEGATIVE
    conditions = [] if leaf.value is Domain.TRUE else [_clause(leaf.value, comodel, other, inner_scope)]
    indexed = field.inverse_name in _indexed(other)
    if indexed and (negative or not _looked_up(leaf.value, other)):
        return _exists(other, (inverse == table.c.id, *conditions), table, negative)
    owners = sa.select(inverse).where(inverse.is_not(None), *conditions).correlate(None)
    return table.c.id.not_in(owners) if negative else table.c.id.in_(owners)


def _many2many(field: Any, leaf: Condition, model: Any, table: Any, scope: Scope) -> Clause:
    comodel = model.env[field.comodel_name]
    links, link_scope = _other_table(model, field.relation, scope, is_relation=True)
    mine, theirs = links.c[field.column1], links.c[field.column2]
    negative = leaf.operator in NEGATIVE
    inner = leaf.value
    source, conditions, looked_up = links, [], False
    if inner.__class__ is Condition and inner.field_expr == "id" and inner.operator == "in":
        conditions, looked_up = [_among(theirs, "many2one", inner.value)], True
    elif inner is not Domain.TRUE:
        other, inner_scope = _other_table(model, comodel._name, link_scope)
        source = links.join(other, other.c.id == theirs)
        conditions, looked_up = [_clause(inner, comodel, other, inner_scope)], _looked_up(inner, other)
    if negative or not looked_up:
        return _exists(source, (mine == table.c.id, *conditions), table, negative)
    return table.c.id.in_(sa.select(mine).select_from(source).where(*conditions).correlate(None))


def _exists(source: Any, conditions: tuple[Any, ...], table: Any, negative: bool) -> Clause:
    found = sa.exists(sa.select(_ONE).select_from(source).where(*conditions).correlate(table))
    return sa.not_(found) if negative else found


def _other_table(model: Any, name: str, scope: Scope, is_relation: bool = False) -> tuple[Any, Scope]:
    """The table of a model (or a relation), under a name of its own if it is in use around the sub-select."""
    registry = model.env.registry
    table = registry.table(name)
    key, number = table.name, 0
    while key in scope:
        number += 1
        key = f"{table.name} {number}"
    return registry.alias(name, number) if number else table, scope | {key}


def _looked_up(domain: Domain, table: Any) -> bool:
    """Whether an index leads to the records of a resolved domain, so that they are few and found at once."""
    if domain.__class__ is And:
        return any(_looked_up(child, table) for child in domain.children)
    if domain.__class__ is not Condition:
        return False
    if domain.operator == "in":
        return domain.field_expr in _indexed(table) and False not in domain.value
    return domain.operator in ("child_of", "parent_of")


def _indexed(table: Any) -> frozenset[str]:
    """The columns that some index of the table starts with."""
    element = getattr(table, "element", table)
    try:
        return element.info[_INDEXED]
    except KeyError:
        pass
    names = {"id"}
    for group in (*element.indexes, *element.constraints):
        columns = [column.name for column in getattr(group, "columns", ())]
        if columns and isinstance(group, sa.Index | sa.UniqueConstraint | sa.PrimaryKeyConstraint):
            names.add(columns[0])
    element.info[_INDEXED] = result = frozenset(names)
    return result


# -- hierarchies -------------------------------------------------------------------------------------------------------


def _hierarchy(leaf: Condition, model: Any, table: Any, scope: Scope) -> Clause:
    """The record, or the one that a many2one links to, is below (``child_of``) or above (``parent_of``) a root."""
    field = model._fields[leaf.field_expr]
    column = column_of(model, table, field)
    comodel = model if field.name == "id" else model.env[field.comodel_name]
    negative = leaf.operator.startswith("not ")
    if leaf.operator.endswith("child_of"):
        ids = _descendants(comodel, leaf.value)
    else:
        ids = _ancestors(comodel, leaf.value)
    if not negative:
        return column.in_(ids)
    clause = column.not_in(ids)
    return sa.or_(column.is_(None), clause) if _nullable(column) else clause


def _descendants(model: Any, roots: Domain) -> Any:
    """SELECT of the ids of `roots` and of all records below them."""
    registry = model.env.registry
    if not model._parent_store:
        return _closure(model, roots, lambda row, found: row.c[model._parent_name] == found.c.id)
    row, root = registry.alias(model._name, "row"), registry.alias(model._name, "root")
    below = starts_with(row.c.parent_path, root.c.parent_path)
    chosen = _clause(roots, model, root, frozenset((model._table,)))
    return sa.select(row.c.id).select_from(row.join(root, below)).where(chosen).correlate(None)


def _ancestors(model: Any, roots: Domain) -> Any:
    """SELECT of the ids of `roots` and of all records above them."""
    return _closure(model, roots, lambda row, found: row.c.id == found.c.parent)


def _closure(model: Any, roots: Domain, follows: Callable[[Any, Any], Any]) -> Any:
    """SELECT of the ids of `roots` and of all rows that, step by step, follow from them."""
    registry = model.env.registry
    row, root = registry.alias(model._name, "row"), registry.alias(model._name, "root")
    chosen = _clause(roots, model, root, frozenset((model._table,)))
    start = sa.select(root.c.id, root.c[model._parent_name].label("parent")).where(chosen)
    found = start.correlate(None).cte(recursive=True, nesting=True)
    step = sa.select(row.c.id, row.c[model._parent_name]).select_from(row.join(found, follows(row, found)))
    found = found.union(step)
    return sa.select(found.c.id).correlate(None)


_ANY: Final[dict[str, Callable[..., Clause]]] = {
    "many2one": _many2one,
    "one2many": _one2many,
    "many2many": _many2many,
}

_LEAVES: Final[dict[str, Callable[[Condition, Any, Any, Scope], Clause]]] = {
    "in": _in,
    "not in": _not_in,
    **dict.fromkeys(_COMPARE, _compare),
    **dict.fromkeys(("like", "ilike", "=like", "=ilike"), _matches),
    **dict.fromkeys(("not like", "not ilike", "not =like", "not =ilike"), _not_matches),
    **dict.fromkeys(("any!", "not any!"), _any),
    **dict.fromkeys(("child_of", "parent_of", "not child_of", "not parent_of"), _hierarchy),
}
