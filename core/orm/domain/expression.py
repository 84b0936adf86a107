"""Domain: a condition on records, as an immutable value with an algebra (``&``, ``|``, ``~``).

A domain is written as a list in prefix notation, as in Odoo, or built from `Domain` objects::

    Domain([("state", "=", "done"), "|", ("partner_id", "=", False), ("partner_id.name", "ilike", "azure")])
    Domain("state", "=", "done") & ~Domain("line_ids", "any", [("quantity", ">", 10)])

It knows no model: whether a field exists and what a value means to it is found out when the domain is used
(see `core.orm.domain.optimize`). What can be wrong without a model is refused here, with the element at fault.

Comparisons have two outcomes, never three: every negative operator is the exact complement of its positive one,
so ``("partner_id", "!=", 5)`` holds for records without a partner. `False` and `None` stand for "unset".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, ClassVar, Final, NoReturn

from core import bounds
from core.exceptions import ValidationError

#: Operators whose negation is an operator as well, both ways.
INVERSE: Final[dict[str, str]] = {
    "=": "!=",
    "in": "not in",
    "like": "not like",
    "ilike": "not ilike",
    "=like": "not =like",
    "=ilike": "not =ilike",
    "any": "not any",
    "any!": "not any!",
}
INVERSE.update({negative: positive for positive, negative in list(INVERSE.items())})

#: The complement of a comparison, for values that are set.
INVERSE_COMPARISON: Final[dict[str, str]] = {"<": ">=", ">": "<=", "<=": ">", ">=": "<"}

NEGATIVE: Final = frozenset(operator for operator in INVERSE if operator == "!=" or operator.startswith("not "))
COLLECTION: Final = frozenset(("in", "not in"))
PATTERN: Final = frozenset(operator for operator in INVERSE if operator.endswith("like"))
SUBDOMAIN: Final = frozenset(("any", "not any", "any!", "not any!"))
HIERARCHY: Final = frozenset(("child_of", "parent_of"))
#: All operators that a condition may have. ``any!`` is `any` without the user's access rules, for trusted code.
OPERATORS: Final = frozenset((*INVERSE, *INVERSE_COMPARISON, *HIERARCHY, "=?"))

# what looks past the access rules of the user
_TRUSTED: Final = ("any!", "not any!")
_SYNONYMS: Final = {"<>": "!=", "==": "="}
_PREFIXES: Final = frozenset("&|!")

_set = object.__setattr__


class Domain:
    """A condition on the records of some model. Immutable, hashable, comparable by structure.

    ``Domain(list)``, ``Domain(domain)``, ``Domain(True)``, ``Domain(False)`` or ``Domain(field, operator, value)``.
    Raises ValidationError naming the element that is malformed. Iterating gives the prefix list back, element by
    element; ``list(domain)`` is what travels over RPC.
    """

    __slots__ = ("resolved_for",)

    TRUE: ClassVar[Domain]
    FALSE: ClassVar[Domain]

    #: The model whose columns this domain speaks of, once `optimize` has worked on it; else None.
    resolved_for: str | None

    def __new__(cls, *args: Any) -> Domain:
        if len(args) == 3:
            return condition(*args)
        if not args:
            return Domain.TRUE
        if len(args) > 1:
            raise ValidationError(f"Domain() takes a list, or a field, an operator and a value, not {args!r}")
        (source,) = args
        if isinstance(source, Domain):
            return source
        if isinstance(source, bool):
            return Domain.TRUE if source else Domain.FALSE
        if isinstance(source, list | tuple):
            return _parse(source)
        raise ValidationError(f"A domain is a list of conditions, not {source!r}")

    @staticmethod
    def AND(items: Iterable[Domain | list[Any]]) -> Domain:
        """The records for which all of `items` (domains or lists) hold; all records when there are none."""
        return And.of([Domain(item) for item in items])

    @staticmethod
    def OR(items: Iterable[Domain | list[Any]]) -> Domain:
        """The records for which one of `items` (domains or lists) holds; no record when there are none."""
        return Or.of([Domain(item) for item in items])

    def is_true(self) -> bool:
        """Whether this is the domain of all records."""
        return self is Domain.TRUE

    def is_false(self) -> bool:
        """Whether this is the domain of no record."""
        return self is Domain.FALSE

    def __bool__(self) -> bool:
        # As with the list notation, only the domain without a condition is falsy: `domain or default` keeps working.
        return self is not Domain.TRUE

    def __and__(self, other: Any) -> Domain:
        if isinstance(other, Domain):
            return And.of((self, other))
        return And.of((self, Domain(other))) if isinstance(other, list | tuple) else NotImplemented

    def __or__(self, other: Any) -> Domain:
        if isinstance(other, Domain):
            return Or.of((self, other))
        return Or.of((self, Domain(other))) if isinstance(other, list | tuple) else NotImplemented

    def __rand__(self, other: Any) -> Domain:
        return And.of((Domain(other), self)) if isinstance(other, list | tuple) else NotImplemented

    def __ror__(self, other: Any) -> Domain:
        return Or.of((Domain(other), self)) if isinstance(other, list | tuple) else NotImplemented

    # `[...] + domain` reads as in the list notation, where conditions in a row must all hold
    __add__ = __and__
    __radd__ = __rand__

    def __invert__(self) -> Domain:
        raise NotImplementedError

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError

    def iter_conditions(self) -> Iterator[Condition]:
        """The conditions of this domain, left to right; those of sub-domains (``any``) are not among them."""
        return iter(())

    def map_conditions(self, function: Callable[[Condition], Domain]) -> Domain:
        """This domain with each condition replaced by the domain that `function` makes of it."""
        return self

    def __repr__(self) -> str:
        return f"Domain({list(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        raise NotImplementedError

    def __copy__(self) -> Domain:
        return self

    def __deepcopy__(self, memo: Any) -> Domain:
        return self

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError("A domain cannot be changed; build another one")

    __delattr__ = __setattr__  # type: ignore[assignment]


class _Constant(Domain):
    """All records, or none."""

    __slots__ = ("value",)

    value: bool

    def __new__(cls, value: bool) -> _Constant:
        self = object.__new__(cls)
        _set(self, "value", value)
        _set(self, "resolved_for", None)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Domain, (self.value,)

    def __invert__(self) -> Domain:
        return Domain.FALSE if self.value else Domain.TRUE

    def __iter__(self) -> Iterator[Any]:
        return iter(() if self.value else ((0, "=", 1),))


Domain.TRUE = _Constant(True)
Domain.FALSE = _Constant(False)


class Condition(Domain):
    """``(field_expr, operator, value)``. `field_expr` may be a path with dots. Build it with ``Domain(a, b, c)``.

    A collection is held as a tuple, a sub-domain as a `Domain`, records as their ids.
    """

    __slots__ = ("_hash", "field_expr", "operator", "value")

    field_expr: str
    operator: str
    value: Any
    _hash: int

    def __new__(cls, field_expr: str, operator: str, value: Any, resolved_for: str | None = None) -> Condition:
        self = object.__new__(cls)
        _set(self, "field_expr", field_expr)
        _set(self, "operator", operator)
        _set(self, "value", value)
        _set(self, "resolved_for", resolved_for)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Condition, (self.field_expr, self.operator, self.value)

    def __invert__(self) -> Domain:
        # Along a path, "another value" differs from "not this value": the negation concerns the path as a whole.
        inverse = INVERSE.get(self.operator)
        if inverse is None or "." in self.field_expr:
            return Not(self)
        return Condition(self.field_expr, inverse, self.value, self.resolved_for)

    def __iter__(self) -> Iterator[Any]:
        value = self.value
        if isinstance(value, tuple | Domain):
            value = list(value)
        yield (self.field_expr, self.operator, value)

    def iter_conditions(self) -> Iterator[Condition]:
        yield self

    def map_conditions(self, function: Callable[[Condition], Domain]) -> Domain:
        return function(self)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return (
            isinstance(other, Condition)
            and self.field_expr == other.field_expr
            and self.operator == other.operator
            and _same(self.value, other.value)
        )

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            pass
        try:
            result = hash((self.field_expr, self.operator, self.value))
        except TypeError:  # a JSON value
            result = hash((self.field_expr, self.operator, repr(self.value)))
        _set(self, "_hash", result)
        return result


class _Group(Domain):
    """Several domains joined by one operator; never fewer than two, never nested in a group of the same kind."""

    __slots__ = ("children",)

    prefix: ClassVar[str]
    neutral: ClassVar[Domain]
    absorbing: ClassVar[Domain]
    dual: ClassVar[type[_Group]]

    children: tuple[Domain, ...]

    @classmethod
    def of(cls, items: Collection[Domain], resolved_for: str | None = None) -> Domain:
        """`items` joined: flattened, without those that change nothing, or the constant that they amount to."""
        neutral, absorbing = cls.neutral, cls.absorbing
        children: list[Domain] = []
        for item in items:
            if item is absorbing:
                return absorbing
            if item.__class__ is cls:
                children.extend(item.children)
            elif item is not neutral:
                children.append(item)
        if len(children) < 2:
            return children[0] if children else neutral
        self = object.__new__(cls)
        _set(self, "children", tuple(children))
        _set(self, "resolved_for", resolved_for)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return self.of, (self.children,)

    def __invert__(self) -> Domain:
        return self.dual.of([~child for child in self.children])

    def __iter__(self) -> Iterator[Any]:
        last = len(self.children) - 1
        for position, child in enumerate(self.children):
            if position < last:
                yield self.prefix
            yield from child

    def iter_conditions(self) -> Iterator[Condition]:
        for child in self.children:
            yield from child.iter_conditions()

    def map_conditions(self, function: Callable[[Condition], Domain]) -> Domain:
        return self.of([child.map_conditions(function) for child in self.children])

    def __eq__(self, other: object) -> bool:
        return self is other or (self.__class__ is other.__class__ and self.children == other.children)

    def __hash__(self) -> int:
        return hash((self.prefix, self.children))


class And(_Group):
    """All of the children hold."""

    __slots__ = ()
    prefix = "&"
    neutral = Domain.TRUE
    absorbing = Domain.FALSE


class Or(_Group):
    """One of the children holds."""

    __slots__ = ()
    prefix = "|"
    neutral = Domain.FALSE
    absorbing = Domain.TRUE


And.dual = Or
Or.dual = And


class Not(Domain):
    """The complement of a condition whose operator has no opposite (an unset date is neither ``<`` nor ``>=``)."""

    __slots__ = ("child",)

    child: Condition

    def __new__(cls, child: Condition) -> Not:
        self = object.__new__(cls)
        _set(self, "child", child)
        _set(self, "resolved_for", None)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Not, (self.child,)

    def __invert__(self) -> Domain:
        return self.child

    def __iter__(self) -> Iterator[Any]:
        yield "!"
        yield from self.child

    def iter_conditions(self) -> Iterator[Condition]:
        yield self.child

    def map_conditions(self, function: Callable[[Condition], Domain]) -> Domain:
        return ~function(self.child)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Not) and self.child == other.child

    def __hash__(self) -> int:
        return hash(("!", self.child))


def condition(field_expr: Any, operator: Any, value: Any, trusted: bool = True) -> Domain:
    """The domain of one condition in list notation, checked and with its value in the form that `Condition` holds.

    ``(1, "=", 1)`` and ``(0, "=", 1)`` are the constants. ``any!`` needs `trusted`.
    Raises ValidationError naming the condition.
    """
    if field_expr.__class__ is not str:
        if field_expr in (0, 1) and operator == "=" and value == 1:
            return Domain.TRUE if field_expr else Domain.FALSE
        raise _malformed(field_expr, operator, value, "the field must be a name")
    if not field_expr or field_expr[0] == "." or field_expr[-1] == "." or ".." in field_expr:
        raise _malformed(field_expr, operator, value, "the field must be a name, or names joined by single dots")
    if field_expr.count(".") >= bounds.PATH:
        raise _malformed(field_expr[:80], operator, value, f"a path has at most {bounds.PATH} names")
    if operator.__class__ is not str or operator not in OPERATORS:
        operator = _known_operator(field_expr, operator, value)
    if operator in SUBDOMAIN:
        if not isinstance(value, Domain | list | tuple):
            raise _malformed(field_expr, operator, value, f"{operator!r} takes a domain")
        if operator in _TRUSTED and not trusted:
            raise _malformed(
                field_expr, operator, value, f"{operator!r} is for code, as Domain(field, operator, value)"
            )
        return Condition(field_expr, operator, Domain(value))
    kind = value.__class__
    if kind is str or kind is int or kind is bool:
        if operator in COLLECTION:
            raise _malformed(field_expr, operator, value, f"{operator!r} takes a list of values")
        return Condition(field_expr, operator, value)
    return _with_structured_value(field_expr, operator, value)


def _known_operator(field_expr: str, operator: Any, value: Any) -> str:
    """`operator` in its usual spelling. Raises ValidationError when there is none like it."""
    spelling = operator.strip().lower() if isinstance(operator, str) else ""
    spelling = _SYNONYMS.get(spelling, spelling)
    if spelling not in OPERATORS:
        known = " ".join(sorted(name for name in OPERATORS if not name.endswith("!")))
        raise _malformed(field_expr, operator, value, f"unknown operator {operator!r}; known are {known}")
    return spelling


def _with_structured_value(field_expr: str, operator: str, value: Any) -> Domain:
    """The condition for a value that is neither text, a whole number nor a truth value."""
    if value is None:
        value = False
    many: tuple[Any, ...] | None = None
    if hasattr(value, "_ids"):
        many = tuple(value.ids)
        if operator in ("=", "!=", "=?") and len(many) < 2:
            return Condition(field_expr, operator, many[0] if many else False)
    elif isinstance(value, Collection) and not isinstance(value, str | bytes | bytearray | dict):
        many = tuple(False if item is None else item for item in value)
    if many is None:
        if operator in COLLECTION:
            raise _malformed(field_expr, operator, value, f"{operator!r} takes a list of values")
        return Condition(field_expr, operator, value)
    if operator in COLLECTION or operator in HIERARCHY:
        return Condition(field_expr, operator, many)
    if operator in ("=", "!="):
        return Condition(field_expr, "in" if operator == "=" else "not in", many)
    raise _malformed(field_expr, operator, value, f"{operator!r} takes one value, not several")


def _parse(items: Collection[Any]) -> Domain:
    """The domain that a prefix list says. Lists come from clients, so they may not say ``any!``."""
    # Read backwards, the operands of a prefix operator are on the stack when it comes; what is left at the end
    # stands in a row, which means that all of it must hold.
    _check_size(items)
    stack: list[Domain] = []
    for position in range(len(items) - 1, -1, -1):
        item = items[position]  # type: ignore[index]
        if item.__class__ is tuple or item.__class__ is list:
            if len(item) != 3:
                raise ValidationError(
                    f"Malformed domain: element {position}, {item!r}, is not a condition (field, operator, value)"
                )
            stack.append(condition(*item, trusted=False))
        elif isinstance(item, Domain):
            stack.append(item)
        elif item.__class__ is str and item in _PREFIXES:
            _apply_prefix(item, position, stack)
        else:
            raise _bad_element(items, position)
    stack.reverse()
    return And.of(stack)


def _check_size(items: Collection[Any]) -> None:
    """Refuse a list with more conditions, or domains within domains, than a database takes in one statement."""
    if len(items) > 2 * bounds.CONDITIONS:
        raise ValidationError(f"A domain has at most {bounds.CONDITIONS} conditions, not {len(items)}")
    conditions, level = 0, [(item, 0) for item in items]
    while level:
        inner: list[tuple[Any, int]] = []
        for item, depth in level:
            if not (item.__class__ is tuple or item.__class__ is list) or len(item) != 3:
                continue
            conditions += 1
            path, operator, value = item
            depth += path.count(".") if isinstance(path, str) else 0
            if depth >= bounds.PATH:
                raise ValidationError(f"Paths and domains within a domain follow at most {bounds.PATH} fields")
            if operator.__class__ is str and operator in SUBDOMAIN and value.__class__ in (list, tuple):
                inner.extend((each, depth + 1) for each in value)
        if conditions > bounds.CONDITIONS:
            raise ValidationError(f"A domain has at most {bounds.CONDITIONS} conditions")
        level = inner


def _bad_element(items: Collection[Any], position: int) -> ValidationError:
    """The error for an element that has no place in a list."""
    if len(items) == 3 and isinstance(items[0], str) and items[1] in (*OPERATORS, *_SYNONYMS):  # type: ignore[index]
        return ValidationError(f"Malformed domain: {items!r} is one condition; a domain is a list of conditions")
    return ValidationError(
        f"Malformed domain: element {position}, {items[position]!r}, is neither a condition"  # type: ignore[index]
        " (field, operator, value) nor one of '&', '|', '!'"
    )


def _apply_prefix(prefix: str, position: int, stack: list[Domain]) -> None:
    """Replace the operands of `prefix` on top of `stack` by the domain that they make."""
    needed = 1 if prefix == "!" else 2
    if len(stack) < needed:
        words = "one condition" if needed == 1 else "two conditions"
        raise ValidationError(
            f"Malformed domain: {prefix!r} (element {position}) needs {words} after it, and has {len(stack) or 'none'}"
        )
    first = stack.pop()
    if prefix == "!":
        stack.append(~first)
    else:
        stack.append((And if prefix == "&" else Or).of((first, stack.pop())))


def _malformed(field_expr: Any, operator: Any, value: Any, why: str) -> ValidationError:
    fields = [field_expr.split(".")[0]] if isinstance(field_expr, str) else []
    return ValidationError(f"Malformed condition {(field_expr, operator, value)!r}: {why}", fields=fields)


def _same(left: Any, right: Any) -> bool:
    """Equality that tells 1 from True, whose meanings in a domain differ."""
    if left.__class__ is not right.__class__:
        return False
    if left.__class__ is tuple:
        return len(left) == len(right) and all(map(_same, left, right))
    return bool(left == right)
