"""The algebra of domains that `optimize` has resolved for a model, whose operators say all that is to be known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from core.orm.domain.expression import (
    COLLECTION,
    INVERSE,
    INVERSE_COMPARISON,
    NEGATIVE,
    SUBDOMAIN,
    And,
    Condition,
    Domain,
    Or,
)
from core.orm.domain.values import NUMBER_TYPES

COMPARISON: Final = frozenset(INVERSE_COMPARISON)
#: The values of a condition "is unset".
UNSET: Final = (False,)

COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}


def negate(domain: Domain, model: Any) -> Domain:
    """The complement of a resolved domain, resolved."""
    kind = domain.__class__
    if kind is And or kind is Or:
        children = [negate(child, model) for child in domain.children]  # type: ignore[attr-defined]
        return merged(Or if kind is And else And, children, model)
    if not isinstance(domain, Condition):
        return ~domain
    name, operator, mark = domain.field_expr, domain.operator, domain.resolved_for
    inverse = INVERSE.get(operator)
    if inverse is None and operator in INVERSE_COMPARISON:
        opposite = Condition(name, INVERSE_COMPARISON[operator], domain.value, mark)
        if model._fields[name].type in NUMBER_TYPES:
            return opposite
        return Or.of((Condition(name, "in", UNSET, mark), opposite), mark)
    if inverse is None:
        inverse = operator[4:] if operator.startswith("not ") else f"not {operator}"
    return Condition(name, inverse, domain.value, mark)


def holds_unset(domain: Domain, model: Any) -> bool:
    """Whether a resolved domain holds for a record of `model` of which no field is set."""
    kind = domain.__class__
    if kind is And:
        return all(holds_unset(child, model) for child in domain.children)  # type: ignore[attr-defined]
    if kind is Or:
        return any(holds_unset(child, model) for child in domain.children)  # type: ignore[attr-defined]
    if not isinstance(domain, Condition):
        return domain.is_true()
    name, operator, value = domain.field_expr, domain.operator, domain.value
    if operator in COLLECTION:
        # an unset number is 0, which is equal to False
        return (False in value) == (operator == "in")
    if operator in COMPARISON:
        is_number = name != "id" and model._fields[name].type in NUMBER_TYPES
        return is_number and COMPARE[operator](0, value)
    return operator.startswith("not ")


def merged(kind: type[And] | type[Or], children: list[Domain], model: Any) -> Domain:
    """`children`, resolved for `model`, joined; conditions that speak of the same relation become one."""
    if len(children) > 1:
        children = _merge_relations(kind, children, model)
    mark = model._name
    for child in children:
        if child.resolved_for is None and child.__class__ in (Condition, And, Or):
            mark = None
            break
    return kind.of(children, mark)


def _merge_relations(kind: type[And] | type[Or], children: list[Domain], model: Any) -> list[Domain]:
    """One sub-select instead of several where that means the same.

    "Some line is A or some line is B" is "some line is A or B". For "and" this holds only where there is at most
    one record, in a many2one. Negatives the other way round.
    """
    groups: dict[tuple[str, str], list[Condition]] = {}
    for child in children:
        if child.__class__ is Condition and child.operator in SUBDOMAIN:
            groups.setdefault((child.field_expr, child.operator), []).append(child)
    for (name, operator), leaves in groups.items():
        negative = operator in NEGATIVE
        field = model._fields[name]
        if len(leaves) < 2 or (field.type != "many2one" and (kind is And) != negative):
            continue
        comodel = model.env[field.comodel_name]
        inner = merged(kind.dual if negative else kind, [leaf.value for leaf in leaves], comodel)  # type: ignore[arg-type]
        place = children.index(leaves[0])
        children = [child for child in children if child not in leaves or child is leaves[0]]
        children[place] = link(field, negative, inner, leaves[0].resolved_for)
    return children


def link(field: Any, negative: bool, inner: Domain, mark: str | None) -> Domain:
    """A linked record is (or, `negative`, none is) in `inner`; put more simply where that is possible."""
    if inner is Domain.FALSE:
        return Domain(negative)
    if field.type == "many2one":
        if inner is Domain.TRUE:
            return Condition(field.name, "in" if negative else "not in", UNSET, mark)
        if inner.__class__ is Condition and inner.field_expr == "id" and inner.operator == "in":
            return Condition(field.name, "not in" if negative else "in", inner.value, mark)
    return Condition(field.name, "not any!" if negative else "any!", inner, mark)
