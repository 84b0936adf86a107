"""The expressions of view attributes: ``invisible="state != 'draft'"``, decorations, domains and contexts.

An expression is Python's expression syntax, reduced to what an attribute needs. It is parsed once, checked against a
closed list of syntax, and turned into nested Python closures: nothing is ever handed to ``eval``, attribute access
reaches only known attributes of plain values, and the work it can do is bounded by its length. So a view may come
from anyone.

    expression = compile_expression("state in ('draft', 'sent') and not parent.locked")
    expression.names                      -> {"state"}           fields of the record it reads
    expression.parent_names               -> {"locked"}          fields of the enclosing record it reads
    expression.evaluate(names)            -> True

Values are plain data: numbers that are not whole are Decimal, a many2one is its id or False, an x2many is a list of
ids. An unset value (False) is neither before nor after anything, so ``date < today`` is False while the date is
empty.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from core.exceptions import StillageError

MAX_LENGTH = 4000
MAX_TEXT = 10_000

Scope = Mapping[str, Any]
Step = Callable[[Scope], Any]

# Names that are not fields of the record.
RESERVED = frozenset(
    {
        "parent", "context", "uid", "today", "now", "current_date", "active_id", "active_ids", "active_model",
        "context_today", "timedelta", "relativedelta", "datetime", "time", "len", "bool", "str", "int", "abs", "min",
        "max", "any", "all", "allowed_company_ids", "true", "false",
    }
)  # fmt: skip


class ExpressionError(StillageError):
    """An expression that does not parse, uses something that is not allowed, or fails on the values given.

    ``text`` is the expression, ``reason`` what is wrong with it and ``column`` where (1-based), when known.
    """

    code = "expression_error"

    def __init__(self, text: str, reason: str, column: int | None = None) -> None:
        where = f" (column {column})" if column else ""
        super().__init__(f"in the expression {text!r}{where}: {reason}")
        self.text, self.reason, self.column = text, reason, column


class Fields:
    """Attribute access to the enclosing record: ``parent.state``. Holds plain values, never a record."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def get(self, name: str) -> Any:
        """The value of the field `name`; KeyError when the enclosing form has no such field."""
        return self._values[name]


class Expression:
    """A checked expression, ready to be evaluated any number of times."""

    __slots__ = ("_run", "constant", "names", "parent_names", "text")

    def __init__(self, text: str, names: frozenset[str], parent_names: frozenset[str], run: Step) -> None:
        self.text = text
        self.names = names
        self.parent_names = parent_names
        self._run = run
        self.constant = not names and not parent_names and _is_literal(text)

    def evaluate(self, scope: Scope) -> Any:
        """The value for the names in `scope`; ExpressionError when a name is missing or the values do not fit."""
        try:
            return self._run(scope)
        except ExpressionError:
            raise
        except KeyError as error:
            raise ExpressionError(self.text, f"there is no value called {error.args[0]}") from error
        except Exception as error:
            raise ExpressionError(self.text, str(error)) from error

    def holds(self, scope: Scope) -> bool:
        """`evaluate` as a truth value."""
        return bool(self.evaluate(scope))

    def __repr__(self) -> str:
        return f"<Expression {self.text}>"


@lru_cache(maxsize=8192)
def compile_expression(text: str) -> Expression:
    """`text` as an Expression; ExpressionError says what in it is not allowed and where."""
    source = text.strip()
    if len(source) > MAX_LENGTH:
        raise ExpressionError(source[:40] + "...", f"longer than {MAX_LENGTH} characters")
    try:
        tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(
            source, getattr(error, "msg", None) or "it cannot be read", getattr(error, "offset", None)
        ) from None
    compiler = _Compiler(source)
    try:
        run = compiler.build(tree.body)
    except RecursionError:
        raise ExpressionError(source[:40] + "...", "nested too deeply") from None
    return Expression(source, frozenset(compiler.names), frozenset(compiler.parent_names), run)


def scope_of(values: Mapping[str, Any], **names: Any) -> dict[str, Any]:
    """The names an expression may use: `values` (fields) over `names` (parent, context, uid...) over the fixed ones."""
    today = names.get("today") or date.today()
    return {
        **_FIXED,
        "uid": False, "context": {}, "now": datetime.combine(today, time()), "active_id": False, "active_ids": [],
        "active_model": False, "allowed_company_ids": [],
        **names,
        "today": today, "current_date": today.isoformat(), "context_today": lambda: today,
        **values,
    }  # fmt: skip


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text in {"true", "false"}
    return True


# -- what is allowed ---------------------------------------------------------------------------------------------------


def _unset(value: Any) -> bool:
    return value is False or value is None


def _comparable(left: Any, right: Any) -> tuple[Any, Any]:
    """Both sides as values that Python can order, dates written as text included."""
    if isinstance(left, float):
        left = Decimal(repr(left))
    if isinstance(right, float):
        right = Decimal(repr(right))
    if isinstance(left, str) and isinstance(right, date):
        right = _as_text(right)
    elif isinstance(left, date) and isinstance(right, str):
        left = _as_text(left)
    elif (
        isinstance(left, datetime) != isinstance(right, datetime) and isinstance(left, date) and isinstance(right, date)
    ):
        left, right = _as_datetime(left), _as_datetime(right)
    return left, right


def _as_text(value: date) -> str:
    if isinstance(value, datetime):  # not strftime, which writes the year 1 as "1"
        return value.replace(microsecond=0, tzinfo=None).isoformat(" ")
    return value.isoformat()


def _as_datetime(value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime.combine(value, time())


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def run(left: Any, right: Any) -> bool:
        numbers = isinstance(left, int | Decimal | float) and isinstance(right, int | Decimal | float)
        if not numbers and (_unset(left) or _unset(right)):
            return False
        return compare(*_comparable(left, right))

    return run


def _member(left: Any, right: Any) -> bool:
    return False if _unset(right) else left in right


_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: _ordered(operator.lt),
    ast.LtE: _ordered(operator.le),
    ast.Gt: _ordered(operator.gt),
    ast.GtE: _ordered(operator.ge),
    ast.In: _member,
    ast.NotIn: lambda left, right: not _member(left, right),
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}


def _exact(value: Any) -> Any:
    return Decimal(repr(value)) if isinstance(value, float) else value


def _add(left: Any, right: Any) -> Any:
    if isinstance(left, str | list | tuple) and len(left) + len(right) > MAX_TEXT:
        raise ValueError("the result is too long")
    return _exact(left) + _exact(right)


def _multiply(left: Any, right: Any) -> Any:
    # Repeating a text or a list is how a short expression would fill the memory.
    if not (
        isinstance(left, int | Decimal | float | timedelta) and isinstance(right, int | Decimal | float | timedelta)
    ):
        raise TypeError("only numbers can be multiplied")
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() + right.bit_length() > 512:
        raise ValueError("the number is too large")
    return _exact(left) * _exact(right)


def _modulo(left: Any, right: Any) -> Any:
    # On text, % would be formatting, which can ask for any width.
    if isinstance(left, str):
        raise TypeError("text cannot be formatted here")
    return _exact(left) % _exact(right)


_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: _add,
    ast.Sub: lambda left, right: _exact(left) - _exact(right),
    ast.Mult: _multiply,
    ast.Div: lambda left, right: Decimal(_exact(left)) / Decimal(_exact(right)),
    ast.FloorDiv: lambda left, right: _exact(left) // _exact(right),
    ast.Mod: _modulo,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.Not: operator.not_,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}

# The attributes and methods of plain values that an expression may touch, by type of the value.
_TEXT_METHODS = frozenset({"startswith", "endswith", "lower", "upper", "strip"})
_DATE_MEMBERS = frozenset(
    {"year", "month", "day", "hour", "minute", "second", "weekday", "isoformat", "strftime", "replace", "date", "days"}
)


class _Relative:
    """``relativedelta(months=-1)``: calendar arithmetic on a date; plural units add, singular ones replace."""

    __slots__ = ("units",)
    UNITS = frozenset(
        {
            "years",
            "months",
            "weeks",
            "days",
            "hours",
            "minutes",
            "seconds",
            "year",
            "month",
            "day",
            "hour",
            "minute",
            "second",
        }
    )

    def __init__(self, **units: int) -> None:
        unknown = units.keys() - self.UNITS
        if unknown:
            raise TypeError(f"relativedelta knows no {', '.join(sorted(unknown))}")
        self.units = units

    def __radd__(self, moment: date) -> date:
        return self._moved(moment, 1)

    def __rsub__(self, moment: date) -> date:
        return self._moved(moment, -1)

    def _moved(self, moment: date, sign: int) -> date:
        units = dict(self.units)
        months = moment.year * 12 + moment.month - 1
        months += sign * (units.pop("years", 0) * 12 + units.pop("months", 0))
        year, month = units.pop("year", months // 12), units.pop("month", months % 12 + 1)
        day = min(units.pop("day", moment.day), _days_in(year, month))
        clock = {unit: units.pop(unit) for unit in ("hour", "minute", "second") if unit in units}
        moved = moment.replace(year=year, month=month, day=day, **clock)
        return moved + sign * timedelta(**units)


def _days_in(year: int, month: int) -> int:
    return (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day


class _DatetimeModule:
    """``datetime.date.today()`` and the like, as upstream's filters write them."""

    __slots__ = ()
    MEMBERS: Mapping[str, Any] = {"timedelta": timedelta, "datetime": datetime, "date": date, "time": time}
    CLASS_METHODS = frozenset({"today", "now", "combine", "min", "max"})


_FIXED: dict[str, Any] = {
    "true": True, "false": False, "timedelta": timedelta, "relativedelta": _Relative, "datetime": _DatetimeModule(),
    "len": len, "bool": bool, "str": lambda value: str(value)[:MAX_TEXT], "int": int, "abs": abs, "min": min,
    "max": max, "any": any, "all": all, "time": time,
}  # fmt: skip


def _attribute(value: Any, name: str) -> Any:
    """`value`.`name` for the few attributes that are allowed."""
    if isinstance(value, Fields):
        return value.get(name)
    if isinstance(value, Mapping) and name == "get":
        return value.get
    if isinstance(value, str) and name in _TEXT_METHODS:
        return getattr(value, name)
    if isinstance(value, date | timedelta) and name in _DATE_MEMBERS:
        return getattr(value, name)
    if isinstance(value, _DatetimeModule) and name in value.MEMBERS:
        return value.MEMBERS[name]
    if value in (datetime, date, time) and name in _DatetimeModule.CLASS_METHODS:
        return getattr(value, name)
    raise TypeError(f"{name} is not available here")


_CALLABLES = (timedelta, _Relative, datetime, date, time)


class _Compiler:
    """Turns one syntax tree into closures and notes the names that are read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: set[str] = set()
        self.parent_names: set[str] = set()

    def build(self, node: ast.AST) -> Step:
        """The closure that computes `node`."""
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            self.refuse(node, f"{type(node).__name__} is not allowed in a view")
        return method(node)  # type: ignore[misc]

    def refuse(self, node: ast.AST, reason: str) -> None:
        column = getattr(node, "col_offset", None)
        raise ExpressionError(self.text, reason, None if column is None else column + 1)

    def _constant(self, node: ast.Constant) -> Step:
        value = node.value
        if not isinstance(value, str | bool | int | float | None):
            self.refuse(node, f"a {type(value).__name__} is not allowed in a view")
        exact = _exact(value)
        return lambda scope: exact

    def _name(self, node: ast.Name) -> Step:
        name = node.id
        if name.startswith("_"):
            self.refuse(node, f"{name} is private")
        if name not in RESERVED:
            self.names.add(name)
        return lambda scope: scope[name]

    def _attribute(self, node: ast.Attribute) -> Step:
        name = node.attr
        if name.startswith("_"):
            self.refuse(node, f"{name} is private")
        if isinstance(node.value, ast.Name) and node.value.id == "parent":
            self.parent_names.add(name)
        elif (
            isinstance(node.value, ast.Name)
            and node.value.id not in RESERVED
            and name not in _TEXT_METHODS | _DATE_MEMBERS | {"get"}
        ):
            self.refuse(
                node, f"fields of {node.value.id} are not available; add the field {node.value.id} itself to the view"
            )
        inner = self.build(node.value)
        return lambda scope: _attribute(inner(scope), name)

    def _boolop(self, node: ast.BoolOp) -> Step:
        steps = [self.build(value) for value in node.values]
        if isinstance(node.op, ast.And):

            def run_and(scope: Scope) -> Any:
                value: Any = True
                for step in steps:
                    value = step(scope)
                    if not value:
                        break
                return value

            return run_and

        def run_or(scope: Scope) -> Any:
            value: Any = False
            for step in steps:
                value = step(scope)
                if value:
                    break
            return value

        return run_or

    def _unaryop(self, node: ast.UnaryOp) -> Step:
        apply = _UNARY.get(type(node.op))
        if apply is None:
            self.refuse(node, "this sign is not allowed in a view")
        inner = self.build(node.operand)
        return lambda scope: apply(inner(scope))  # type: ignore[misc]

    def _binop(self, node: ast.BinOp) -> Step:
        apply = _ARITHMETIC.get(type(node.op))
        if apply is None:
            self.refuse(node, "this operator is not allowed in a view")
        left, right = self.build(node.left), self.build(node.right)
        return lambda scope: apply(left(scope), right(scope))  # type: ignore[misc]

    def _compare(self, node: ast.Compare) -> Step:
        first = self.build(node.left)
        rest = [(_COMPARE[type(op)], self.build(value)) for op, value in zip(node.ops, node.comparators, strict=True)]
        if len(rest) == 1:
            compare, second = rest[0]
            return lambda scope: compare(first(scope), second(scope))

        def run(scope: Scope) -> bool:
            left = first(scope)
            for compare, step in rest:
                right = step(scope)
                if not compare(left, right):
                    return False
                left = right
            return True

        return run

    def _ifexp(self, node: ast.IfExp) -> Step:
        test, yes, no = self.build(node.test), self.build(node.body), self.build(node.orelse)
        return lambda scope: yes(scope) if test(scope) else no(scope)

    def _list(self, node: ast.List | ast.Tuple) -> Step:
        steps = [self.build(value) for value in node.elts]
        make = list if isinstance(node, ast.List) else tuple
        return lambda scope: make(step(scope) for step in steps)

    _tuple = _list

    def _set(self, node: ast.Set) -> Step:
        steps = [self.build(value) for value in node.elts]
        return lambda scope: {step(scope) for step in steps}

    def _dict(self, node: ast.Dict) -> Step:
        if any(key is None for key in node.keys):
            self.refuse(node, "** is not allowed in a view")
        pairs = [(self.build(key), self.build(value)) for key, value in zip(node.keys, node.values, strict=True)]  # type: ignore[arg-type]
        return lambda scope: {key(scope): value(scope) for key, value in pairs}

    def _subscript(self, node: ast.Subscript) -> Step:
        if isinstance(node.slice, ast.Slice):
            self.refuse(node, "slices are not allowed in a view")
        value, key = self.build(node.value), self.build(node.slice)
        return lambda scope: value(scope)[key(scope)]

    def _call(self, node: ast.Call) -> Step:
        if any(isinstance(arg, ast.Starred) for arg in node.args) or any(word.arg is None for word in node.keywords):
            self.refuse(node, "* and ** are not allowed in a view")
        if isinstance(node.func, ast.Name) and node.func.id not in RESERVED:
            self.refuse(node, f"the function {node.func.id} is not available in a view")
        if not isinstance(node.func, ast.Name | ast.Attribute):
            self.refuse(node, "only functions with a name can be called")
        function = self.build(node.func)
        args = [self.build(arg) for arg in node.args]
        words = [(str(word.arg), self.build(word.value)) for word in node.keywords]

        def run(scope: Scope) -> Any:
            target = function(scope)
            if not callable(target) or (
                isinstance(target, type) and target not in _CALLABLES and target not in (bool, int)
            ):
                raise TypeError("this cannot be called")
            return target(*(arg(scope) for arg in args), **{name: step(scope) for name, step in words})

        return run
