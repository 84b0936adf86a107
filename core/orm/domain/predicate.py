"""A domain as a Python test on records; says of each record what `sql` says of its row.

Unlike a search it sees values that are not saved yet, and computed fields as they are on the record.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from core.db.text_match import Pattern
from core.orm.domain import values
from core.orm.domain.algebra import COMPARE
from core.orm.domain.expression import NEGATIVE, And, Condition, Domain
from core.orm.domain.optimize import resolve_for_records
from core.orm.types import real_ids

Predicate = Callable[[Any], bool]


def to_predicate(domain: Domain | list[Any], model: Any, as_user: bool = False) -> Predicate:
    """The test whether a record of `model` (a recordset of one) is in `domain`.

    The access rules that the domain meets on its way through relations are those of the user of `model`; the records
    tested and the values read are not checked. Raises what `optimize` raises, at once.

    Args:
        as_user: read the values as the user of the record tested: for computed values that differ by user.
    """
    test = _predicate(resolve_for_records(domain, model), model)
    if model.env.su or as_user:
        return test
    return lambda record: test(record.sudo())


def _predicate(domain: Domain, model: Any) -> Predicate:
    """The test for a resolved domain, on records in superuser mode."""
    if domain.__class__ is Condition:
        return _LEAVES[domain.operator](domain, model)
    if domain is Domain.TRUE:
        return lambda record: True
    if domain is Domain.FALSE:
        return lambda record: False
    tests = [_predicate(child, model) for child in domain.children]  # type: ignore[attr-defined]
    if domain.__class__ is And:
        return lambda record: all(test(record) for test in tests)
    return lambda record: any(test(record) for test in tests)


def _complement(test: Predicate) -> Predicate:
    return lambda record: not test(record)


# -- plain values ------------------------------------------------------------------------------------------------------


def _reader(field: Any) -> Callable[[Any], Any]:
    """What gives the value of `field` as its column holds it, False when unset."""
    name, kind = field.name, field.type
    if name == "id":
        return _record_id
    if kind == "reference":
        return lambda record: (linked := record[name]) and f"{linked._name},{linked.id}"
    if kind == "many2one":
        return lambda record: _record_id(record[name])
    if kind in values.TEXT_TYPES:
        return lambda record: record[name] or False
    if kind in values.OPAQUE_TYPES:
        return lambda record: record[name] is not False and record[name] is not None
    return lambda record: record[name]


def _record_id(record: Any) -> Any:
    """The id; that of the stored record that an unsaved one stands for; None for a new one; False for no record."""
    if not record._ids:
        return False
    ids = real_ids(record._ids)
    return ids[0] if ids else None


def _in(leaf: Condition, model: Any) -> Predicate:
    field = model._fields[leaf.field_expr]
    read, found = _reader(field), frozenset(leaf.value)
    if field.type in values.OPAQUE_TYPES:
        return _complement(read)
    return lambda record: read(record) in found


def _compare(leaf: Condition, model: Any) -> Predicate:
    field = model._fields[leaf.field_expr]
    read, compare, bound = _reader(field), COMPARE[leaf.operator], leaf.value
    if field.name != "id" and field.type in values.NUMBER_TYPES:
        return lambda record: compare(read(record) or 0, bound)

    def test(record: Any) -> bool:
        value = read(record)
        return value is not False and value is not None and compare(value, bound)

    return test


def _matches(leaf: Condition, model: Any) -> Predicate:
    field = model._fields[leaf.field_expr]
    read, pattern = _reader(field), leaf.value
    assert isinstance(pattern, Pattern)
    matches = pattern.matches
    if field.type not in values.TEXT_TYPES:
        return lambda record: matches(str(read(record) or 0))

    def test(record: Any) -> bool:
        value = read(record)
        return value is not False and matches(value)

    return test


# -- relations ---------------------------------------------------------------------------------------------------------


def _any(leaf: Condition, model: Any) -> Predicate:
    field = model._fields[leaf.field_expr]
    name, comodel = field.name, model.env[field.comodel_name]
    test = _predicate(leaf.value, comodel)
    if field.type == "many2one" or not (field.store and comodel._active_name):
        return lambda record: any(test(linked) for linked in record[name])
    # the domain says itself whether archived lines count
    return lambda record: any(test(linked) for linked in record.with_context(active_test=False)[name])


def _child_of(leaf: Condition, model: Any) -> Predicate:
    field = model._fields[leaf.field_expr]
    comodel = model if field.name == "id" else model.env[field.comodel_name]
    parent = comodel._parent_name
    is_root = _predicate(leaf.value, comodel)

    def test(record: Any) -> bool:
        node = record if field.name == "id" else record[field.name]
        seen: set[Any] = set()
        while node and node._ids[0] not in seen:
            if is_root(node):
                return True
            seen.add(node._ids[0])
            node = node[parent]
        return False

    return test


def _parent_of(leaf: Condition, model: Any) -> Predicate:
    field = model._fields[leaf.field_expr]
    comodel = model if field.name == "id" else model.env[field.comodel_name]
    read = _reader(field)
    above: set[int] | None = None

    def test(record: Any) -> bool:
        nonlocal above
        if above is None:
            above = _ids_above(comodel, leaf.value)
        return read(record) in above

    return test


def _ids_above(model: Any, roots: Domain) -> set[int]:
    """The ids of `roots` and of all records above them."""
    model = model.sudo().with_context(active_test=False)
    if isinstance(roots, Condition) and roots.field_expr == "id" and roots.operator == "in":
        nodes = model.browse(roots.value).exists()
    else:
        nodes = model.search(roots)
    found: set[int] = set()
    while nodes := nodes.browse([id_ for id_ in real_ids(nodes._ids) if id_ not in found]):
        found.update(nodes.ids)
        nodes = nodes.mapped(model._parent_name)
    return found


_POSITIVE: Final[dict[str, Callable[[Condition, Any], Predicate]]] = {
    "in": _in,
    "any!": _any,
    "child_of": _child_of,
    "parent_of": _parent_of,
    **dict.fromkeys(("like", "ilike", "=like", "=ilike"), _matches),
}


def _negative(make: Callable[[Condition, Any], Predicate]) -> Callable[[Condition, Any], Predicate]:
    return lambda leaf, model: _complement(make(leaf, model))


_LEAVES: Final[dict[str, Callable[[Condition, Any], Predicate]]] = {
    **_POSITIVE,
    **{f"not {name}": _negative(make) for name, make in _POSITIVE.items()},
    **dict.fromkeys(COMPARE, _compare),
}
assert NEGATIVE.isdisjoint(_POSITIVE)
