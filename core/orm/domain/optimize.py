"""A domain in terms of one model's own columns and relations.

`optimize` settles everything that an operator can mean, once, so that the two readers (`sql`, `predicate`) have
nothing left to decide. What it leaves are groups (`And`, `Or`) of conditions on fields without dots:

    in, not in               values as the column holds them; False among them is "unset"
    <  >  <=  >=             one such value; unset is never less or greater (an unset number is 0)
    [not] [=][i]like         a pattern, on text
    any!, not any!           a domain of the comodel, itself optimized; access rules, the filter of archived lines
                             and the field's own domain are in it
    [not] child_of, parent_of   on `id` or a many2one: a domain of the roots, optimized

There is no `Not`: negations have moved into the operators.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from typing import Any, Final

from core.db.text_match import Pattern
from core.exceptions import AccessError, ValidationError
from core.orm.domain import values
from core.orm.domain.algebra import COMPARE, COMPARISON, UNSET, holds_unset, link, merged, negate
from core.orm.domain.expression import (
    COLLECTION,
    HIERARCHY,
    INVERSE,
    NEGATIVE,
    PATTERN,
    SUBDOMAIN,
    And,
    Condition,
    Domain,
    Not,
    Or,
)
from core.orm.domain.values import CONVERTERS, NOWHERE


def optimize(domain: Domain | list[Any], model: Any) -> Domain:
    """`domain` in the form that this module's documentation describes, for the database.

    Needs nothing to be flushed. The result holds for this transaction and user only: it has the access rules, the
    answers of search methods and the present time in it. Optimizing it again for the same model changes nothing.
    Raises ValidationError naming the condition with an unknown field, operator or value, or a field that cannot be
    searched; AccessError when the user may not read a field or model that the domain looks into.
    """
    return Resolver(computed=False).resolve(Domain(domain), model)


def resolve_for_records(domain: Domain | list[Any], model: Any) -> Domain:
    """As `optimize`, for a test on records in memory, where computed fields have values like any other."""
    return Resolver(computed=True).resolve(Domain(domain), model)


class Resolver:
    """The walk through one domain. `computed`: whether the reader can read computed fields that are not stored."""

    __slots__ = ("computed",)

    def __init__(self, *, computed: bool) -> None:
        self.computed = computed

    # -- structure -------------------------------------------------------------------------------------------------

    def resolve(self, domain: Domain, model: Any) -> Domain:
        """The resolved form of `domain` on `model`."""
        kind = domain.__class__
        if kind is Condition:
            if domain.resolved_for == model._name:
                return domain
            return self.condition(domain, model)  # type: ignore[arg-type]
        if kind is And or kind is Or:
            if domain.resolved_for == model._name:
                return domain
            children = [self.resolve(child, model) for child in domain.children]  # type: ignore[attr-defined]
            return merged(kind, children, model)
        if kind is Not:
            return negate(self.resolve(domain.child, model), model)  # type: ignore[attr-defined]
        return domain

    def mark(self, model: Any) -> str | None:
        """What marks a resolved condition on `model`: only those that the database can answer are marked."""
        return None if self.computed else model._name

    def leaf(self, model: Any, name: str, operator: str, value: Any) -> Domain:
        """A condition in resolved form."""
        return Condition(name, operator, value, None if self.computed else model._name)

    def condition(self, leaf: Condition, model: Any) -> Domain:
        """The resolved form of one condition: along a path, of a computed field, or of a field that is there."""
        name, operator, value = leaf.field_expr, leaf.operator, leaf.value
        if operator == "=?":
            if value is False:
                return Domain.TRUE
            operator = "="
        head, dot, rest = name.partition(".")
        field = known_field(model, head, leaf)
        if field.groups and not model.env.su:
            check_field(model, field)
        if dot:
            if field.type not in values.RELATION_TYPES:
                raise ValidationError(
                    f"{model._name}: {name!r} goes through {head!r}, which is no relation, in {next(iter(leaf))!r}",
                    fields=[head],
                )
            operator, value = "any", Condition(rest, operator, value)
        if not self.readable(field):
            return self.computed_field(field, model, operator, value)
        if operator in SUBDOMAIN and field.type not in values.RELATION_TYPES:
            raise ValidationError(
                f"{model._name}: {operator!r} needs a relation, and {head!r} is of type {field.type}", fields=[head]
            )
        return BY_TYPE[field.type](self, field, model, operator, value)

    def readable(self, field: Any) -> bool:
        """Whether the reader finds the field's value without asking its search method."""
        if self.computed:
            # a name is searched in several fields, which may not all show in it
            return bool(field.store or (field.compute and field.name != "display_name") or not field.search)
        if field.type == "one2many":
            return bool(field.store and field.inverse_name)
        return bool(field.store and (field.type != "many2many" or field.relation))

    # -- fields that are not stored --------------------------------------------------------------------------------

    def computed_field(self, field: Any, model: Any, operator: str, value: Any) -> Domain:
        """A condition on a field without a column: through its path, its search method, or the record's name."""
        if field.related and getattr(field.search, "__self__", field) is field:
            return self.related_field(field, model, operator, value)
        if field.name == "display_name" and not field.search:
            return self.resolve(name_domain(model, operator, value), model)
        if operator in SUBDOMAIN:
            # what the field links to is known to its search method alone, which takes ids
            comodel = model.env[field.comodel_name]
            linked = (comodel.sudo() if operator.endswith("!") else comodel).search(value)
            operator, value = "not in" if operator in NEGATIVE else "in", tuple(linked.ids)
        if field.type == "boolean" and operator in ("=", "!=", *COLLECTION):
            # there are two values: the search method is asked for one of them, or the answer is known
            positive, given = as_collection(field, operator, value)
            wanted = {values.to_boolean(field, item, model) for item in given}
            if len(wanted) != 1:
                return Domain(bool(wanted) == positive)
            operator, value = "=", wanted.pop() == positive
        found = searched(field, model, operator, value)
        if found is NotImplemented:
            raise ValidationError(
                f"{model._name}: the field {field.name!r} cannot be searched with the operator {operator!r}",
                fields=[field.name],
            )
        return self.resolve(Domain(found), model)

    def related_field(self, field: Any, model: Any, operator: str, value: Any) -> Domain:
        """A condition on the field at the end of a path; where the path breaks off, the value is unset."""
        *path, name = field.related
        trusted = field.related_sudo or model.env.su
        at_end = model.sudo() if trusted else model
        for step in path:
            at_end = at_end.env[at_end._fields[step].comodel_name]
        result = self.resolve(Condition(name, operator, value), at_end)
        # "some record at the end is ..." has no answer where there is no record: a condition that unset values
        # fulfil is asked the other way round.
        inverted = holds_unset(result, at_end)
        if inverted:
            result = negate(result, at_end)
        any_ = "any!" if trusted else "any"
        result = self.along(path, model, any_, result)
        return negate(result, model) if inverted else result

    def along(self, path: list[str], model: Any, any_: str, end: Domain) -> Domain:
        """The domain of the records that reach, along `path`, a record of `end`."""
        head, *rest = path
        if rest:
            comodel = model.env[model._fields[head].comodel_name]
            end = self.along(rest, comodel, any_, end)
        return self.condition(Condition(head, any_, end), model)

    # -- plain values ----------------------------------------------------------------------------------------------

    def text(self, field: Any, model: Any, operator: str, value: Any) -> Domain:
        """char, text, html, selection and reference fields."""
        if operator in PATTERN:
            return self.pattern(field, model, operator, value)
        if operator in COMPARISON:
            value = values.to_text(field, value, model)
            return Domain.FALSE if value is False else self.leaf(model, field.name, operator, value)
        return self.equality(field, model, operator, value)

    def pattern(self, field: Any, model: Any, operator: str, value: Any) -> Domain:
        """``like`` and its kind. Everything contains the empty text; only what is unset equals it."""
        value = "" if value is False else values.to_text(field, value, model) or ""
        if not value:
            if "=" not in operator or field.type not in values.TEXT_TYPES:
                return Domain((operator in NEGATIVE) == ("=" in operator))
            return self.leaf(model, field.name, "not in" if operator in NEGATIVE else "in", UNSET)
        pattern = Pattern(value, contains="=" not in operator, fold="ilike" in operator)
        return self.leaf(model, field.name, operator, pattern)

    def number(self, field: Any, model: Any, operator: str, value: Any) -> Domain:
        """integer, float, quantity and monetary fields, and `id`; unset is zero."""
        if field.name == "id":
            return self.identity(field, model, operator, value)
        if operator in PATTERN:
            if field.type == "integer":
                return self.pattern(field, model, operator, value)
            raise no_operator(field, operator)
        convert = CONVERTERS[field.type]
        digits, limit = number_range(field, model)
        if operator in COMPARISON:
            value = convert(field, value, model)
            if field.type == "float":
                return self.leaf(model, field.name, operator, value)
            operator, value, constant = values.exact_comparison(operator, value, digits, limit)
            return self.leaf(model, field.name, operator, value) if constant is None else Domain(constant)
        positive, given = as_collection(field, operator, value)
        items = [convert(field, item, model) for item in given]
        if field.type != "float":
            items = [item for item in items if values.fits(item, digits, limit)]
        return self.membership(field, model, positive, items)

    def boolean(self, field: Any, model: Any, operator: str, value: Any) -> Domain:
        """Truth values; unset is False."""
        if operator in COMPARISON:
            bound = values.to_boolean(field, value, model)
            items = [item for item in (False, True) if COMPARE[operator](item, bound)]
            positive = True
        else:
            positive, given = as_collection(field, operator, value)
            items = [values.to_boolean(field, item, model) for item in given]
        return self.membership(field, model, positive, items, all_values=2)

    def moment(self, field: Any, model: Any, operator: str, value: Any) -> Domain:
        """date and datetime fields."""
        if operator not in COMPARISON:
            return self.equality(field, model, operator, value)
        value = values.to_moment(field, value, model)
        if value is False:
            return Domain.FALSE
        compare = values.day_comparison if field.type == "date" else values.moment_comparison
        operator, value, _ = compare(operator, value)
        return self.leaf(model, field.name, operator, value)

    def opaque(self, field: Any, model: Any, operator: str, value: Any) -> Domain:
        """json and binary fields: only whether there is a value can be asked."""
        positive, items = as_collection(field, operator, value)
        if any(item is not False for item in items):
            raise values.bad_value(field, value, "it can only be compared with False (is there a value?)")
        return self.membership(field, model, positive, items)

    def identity(self, field: Any, model: Any, operator: str, value: Any) -> Domain:
        """The field `id`."""
        if operator in HIERARCHY:
            return self.hierarchy(field, model, operator, value)
        if operator in PATTERN:
            return self.pattern(field, model, operator, value)
        if operator in COMPARISON:
            return self.id_comparison(field, model, operator, value)
        positive, items = as_collection(field, operator, value)
        ids = to_ids(field, items, model)
        return self.membership(field, model, positive, [id_ for id_ in ids if id_ is not False])

    def id_comparison(self, field: Any, model: Any, operator: str, value: Any) -> Domain:
        """``<`` and its kind between ids."""
        if value is False:
            return Domain.FALSE
        value = values.to_exact(field, value, model)
        operator, value, constant = values.exact_comparison(operator, value, 0, values.MAX_ID)
        if constant and field.type == "many2one":
            return self.leaf(model, field.name, "not in", UNSET)
        return self.leaf(model, field.name, operator, value) if constant is None else Domain(constant)

    def equality(self, field: Any, model: Any, operator: str, value: Any) -> Domain:
        """``=``, ``in`` and their opposites on a plain field."""
        positive, items = as_collection(field, operator, value)
        convert = CONVERTERS[field.type]
        return self.membership(field, model, positive, [convert(field, item, model) for item in items])

    def membership(self, field: Any, model: Any, positive: bool, items: Iterable[Any], all_values: int = 0) -> Domain:
        """The value is (`positive`) or is not one of `items`; with `all_values` of them, it always is."""
        found = tuple(dict.fromkeys(items))
        if not found:
            return Domain(not positive)
        if len(found) == all_values:
            return Domain(positive)
        return self.leaf(model, field.name, "in" if positive else "not in", found)

    # -- relations -------------------------------------------------------------------------------------------------

    def relation(self, field: Any, model: Any, operator: str, value: Any) -> Domain:
        """many2one, one2many and many2many fields."""
        if operator in SUBDOMAIN:
            return self.sub_domain(field, model, operator, value)
        if operator in HIERARCHY:
            return self.hierarchy(field, model, operator, value)
        if operator in PATTERN:
            return self.name_pattern(field, model, operator, value)
        if operator in COMPARISON:
            if field.type != "many2one":
                raise no_operator(field, operator)
            return self.id_comparison(field, model, operator, value)
        positive, items = as_collection(field, operator, value)
        names = [item for item in items if isinstance(item, str) and item]
        ids = to_ids(field, items if not names else [i for i in items if i not in names], model)
        result = self.linked(field, model, ids)
        if names:
            named = name_domain(model.env[field.comodel_name], "in", tuple(names))
            result = merged(Or, [result, self.sub_domain(field, model, "any", named)], model)
        return result if positive else negate(result, model)

    def linked(self, field: Any, model: Any, ids: list[Any]) -> Domain:
        """One of `ids` is linked; False among them: nothing is."""
        if field.type == "many2one":
            return self.membership(field, model, True, ids)
        parts: list[Domain] = []
        real = tuple(dict.fromkeys(id_ for id_ in ids if id_ is not False))
        if real:
            comodel = model.env[field.comodel_name]
            parts.append(self.lines(field, model, self.leaf(comodel, "id", "in", real)))
        if False in ids:
            parts.append(self.sub_domain(field, model, "not any!", Domain.TRUE))
        return merged(Or, parts, model)

    def name_pattern(self, field: Any, model: Any, operator: str, value: Any) -> Domain:
        """``like`` and its kind on the names of the linked records."""
        negative = operator in NEGATIVE
        if value is False or value == "":
            # every linked record's name contains the empty text, and none equals it
            linked = negate(self.linked(field, model, [False]), model)
            return negate(linked, model) if negative != ("=" in operator) else linked
        positive = INVERSE[operator] if negative else operator
        names = name_domain(model.env[field.comodel_name], positive, value)
        return self.sub_domain(field, model, "not any" if negative else "any", names)

    def sub_domain(self, field: Any, model: Any, operator: str, value: Domain) -> Domain:
        """``any`` and its kind: the linked records' domain, with all that decides which of them count."""
        negative = operator in NEGATIVE
        env = model.env
        comodel = env[field.comodel_name]
        trusted = env.su or operator.endswith("!")
        if trusted and not env.su:
            comodel = comodel.sudo()
        parts = [self.resolve(value, comodel)]
        if not trusted:
            comodel._check_model_access("read")
            parts.append(self.resolve(comodel._rule_domain("read"), comodel.sudo()))
        if field.type != "many2one":
            parts += [self.not_archived(comodel, value), self.own_domain(field, comodel)]
        inner = merged(And, parts, comodel)
        return link(field, negative, inner, self.mark(model))

    def not_archived(self, comodel: Any, value: Domain) -> Domain:
        """The lines that are not archived, unless `value` or the context ask for the others too."""
        active = comodel._active_name
        if not active or not comodel.env.context.get("active_test", True):
            return Domain.TRUE
        if any(leaf.field_expr == active for leaf in value.iter_conditions()):
            return Domain.TRUE
        return self.resolve(Condition(active, "=", True), comodel.sudo())

    def own_domain(self, field: Any, comodel: Any) -> Domain:
        """The domain of a one2many, which decides what its lines are."""
        if field.type != "one2many" or not field.domain:
            return Domain.TRUE
        return self.resolve(field.line_domain(comodel), comodel.sudo())

    def lines(self, field: Any, model: Any, chosen: Domain) -> Domain:
        """A line is among those `chosen` one by one, be they archived or not."""
        comodel = model.env[field.comodel_name]
        inner = merged(And, [chosen, self.own_domain(field, comodel)], comodel)
        return link(field, False, inner, self.mark(model))

    def hierarchy(self, field: Any, model: Any, operator: str, value: Any) -> Domain:
        """``child_of`` and ``parent_of``: the linked record (or the record itself) is below or above some roots."""
        comodel = model if field.name == "id" else model.env[field.comodel_name]
        # what is above a record is found from that record; what is below, by asking for the roots
        resolver = Resolver(computed=False) if operator == "parent_of" else self
        roots = resolver.roots(field, comodel, value)
        if roots is Domain.FALSE:
            return Domain.FALSE
        parent = comodel._fields.get(comodel._parent_name)
        if parent is None or not parent.column_backed or getattr(parent, "comodel_name", "") != comodel._name:
            # nothing is above or below anything: the roots themselves
            if field.type in values.X2MANY_TYPES:
                return self.lines(field, model, roots)
            return roots if field.name == "id" else link(field, False, roots, self.mark(model))
        if field.type in values.X2MANY_TYPES:
            return self.lines(field, model, self.leaf(comodel, "id", operator, roots))
        return self.leaf(model, field.name, operator, roots)

    def roots(self, field: Any, comodel: Any, value: Any) -> Domain:
        """The records that a hierarchical condition starts from: given by id or by (a part of) their name."""
        items = value if value.__class__ is tuple else (value,)
        names = [item for item in items if isinstance(item, str) and item]
        ids = [id_ for id_ in to_ids(field, [i for i in items if i not in names], comodel) if id_ is not False]
        parts = [self.leaf(comodel, "id", "in", tuple(dict.fromkeys(ids)))] if ids else []
        if names:
            parts.extend(self.resolve(name_domain(comodel, "ilike", name), comodel) for name in names)
        return merged(Or, parts, comodel)


BY_TYPE: Final[dict[str, Callable[[Resolver, Any, Any, str, Any], Domain]]] = {
    **dict.fromkeys(values.TEXT_TYPES, Resolver.text),
    **dict.fromkeys(values.NUMBER_TYPES, Resolver.number),
    **dict.fromkeys(values.OPAQUE_TYPES, Resolver.opaque),
    **dict.fromkeys(values.RELATION_TYPES, Resolver.relation),
    "boolean": Resolver.boolean,
    "date": Resolver.moment,
    "datetime": Resolver.moment,
    "id": Resolver.identity,
}


# -- fields ------------------------------------------------------------------------------------------------------------


def known_field(model: Any, name: str, leaf: Condition) -> Any:
    """The field `name` of `model`. Raises ValidationError, with names that look like it."""
    try:
        return model._fields[name]
    except KeyError:
        pass
    close = difflib.get_close_matches(name, model._fields, n=3)
    hint = f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
    raise ValidationError(
        f"{model._name} has no field {name!r}, in the condition {next(iter(leaf))!r}{hint}", fields=[name]
    )


def check_field(model: Any, field: Any) -> None:
    """Raise AccessError unless the user may see `field`: what may not be read may not be searched either."""
    if not model.env.registry.access.field_groups_allowed(model.env, field):
        raise AccessError(
            f"{model._name}: you may not search by the field {field.name!r}",
            data={"model": model._name, "field": field.name},
        )


def no_operator(field: Any, operator: str) -> ValidationError:
    """The error for an operator that a field's type does not have."""
    return ValidationError(
        f"{field.model_name or '?'}: {operator!r} has no meaning for the field {field.name!r} ({field.type})",
        fields=[field.name],
    )


def as_collection(field: Any, operator: str, value: Any) -> tuple[bool, tuple[Any, ...]]:
    """An (in)equality as: is the value to be among these (True) or not (False)?"""
    if operator == "=" or operator == "!=":
        return operator == "=", (value,)
    if operator in COLLECTION:
        return operator == "in", value
    raise no_operator(field, operator)


def to_ids(field: Any, items: Iterable[Any], model: Any) -> list[Any]:
    """`items` as ids, False for unset; those that no record can have are left out."""
    kinds = set(map(type, items))
    if kinds <= {int}:
        return [id_ for id_ in items if 0 < id_ <= values.MAX_ID]
    return [id_ for id_ in (values.to_id(field, item, model) for item in items) if id_ is not NOWHERE]


def number_range(field: Any, model: Any) -> tuple[int, int]:
    """The decimals that the field's column keeps, and the number that its values stay below."""
    if field.type == "integer":
        return 0, 2**63
    digits = field.digits if field.type != "float" else 0
    if model.env.cr.dialect == "sqlite":
        return digits, 2**63 // 10**digits
    return digits, 10 ** (38 - digits)


def name_domain(model: Any, operator: str, value: Any) -> Domain:
    """The records of `model` by name: the fields of `_rec_names_search`, or the one of `_rec_name`."""
    names = getattr(model, "_rec_names_search", None) or (model._rec_name,)
    if names == (None,):
        raise ValidationError(f"{model._name} has no name to search by (no _rec_name), for {value!r}")
    if operator in NEGATIVE:
        return And.of([Domain(name, operator, value) for name in names])
    return Or.of([Domain(name, operator, value) for name in names])


def searched(field: Any, model: Any, operator: str, value: Any) -> Any:
    """What the field's search method says; NotImplemented when it knows no form of the condition.

    A method may know only some operators and return NotImplemented for the others: ``in`` with one value is then
    tried as ``=`` and the other way round, and a negative operator as the complement of its positive one.
    """
    attempts = [(operator, value, False)]
    if operator in ("=", "!="):
        attempts.append(("in" if operator == "=" else "not in", (value,), False))
    elif operator in COLLECTION and len(value) == 1:
        attempts.append(("=" if operator == "in" else "!=", value[0], False))
    attempts.extend((INVERSE[op], val, True) for op, val, _ in tuple(attempts) if op in NEGATIVE)
    for operator_, value_, inverted in attempts:
        given = list(value_) if value_.__class__ is tuple else value_
        if callable(field.search):
            found = field.search(model, operator_, given)
        elif field.search:
            found = getattr(model, field.search)(operator_, given)
        else:
            raise field.not_searchable()
        if found is not NotImplemented:
            return ~Domain(found) if inverted else found
    return NotImplemented
