"""Evaluate the small Python expressions that are stored as data: domains of record rules and of window actions.

The expression is parsed and walked here, never handed to `eval`: literals, names given by the caller, attributes
without a leading underscore, comparisons, arithmetic, and calls to a handful of harmless functions and methods.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

_NUMBERS = (int, float, Decimal, timedelta)
#: A directive of text formatting with a width or a precision, which would make a text of any length.
_WIDTH = re.compile(r"%(\([^)]*\))?[-+ #0]*[0-9*.]")


def _multiply(left: Any, right: Any) -> Any:
    if not isinstance(left, _NUMBERS) or not isinstance(right, _NUMBERS):
        raise TypeError("only numbers can be multiplied")  # a text or a list repeated would fill the memory
    return operator.mul(left, right)


def _modulo(left: Any, right: Any) -> Any:
    if isinstance(left, str | bytes) and _WIDTH.search(str(left)):
        raise TypeError("text is formatted without widths")
    return left % right


BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: _multiply,
    ast.Div: operator.truediv,
    ast.Mod: _modulo,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
}
UNARY: dict[type, Callable[[Any], Any]] = {
    ast.Not: operator.not_,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}
COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
#: Methods that may be called on values: they read, and none of them can be made to run for long.
METHODS = {"has_group", "strftime", "date", "today", "now", "get", "lower", "upper", "mapped", "replace", "isoformat"}


class ExpressionError(ValueError):
    """The expression does not parse, or uses something that is not allowed in it."""


def evaluate(expression: str, names: Mapping[str, Any]) -> Any:
    """Return the value of `expression`.

    Args:
        expression: Python expression text; surrounding white space is ignored.
        names: what the expression may refer to. Callables given here may be called.

    Raises:
        ExpressionError: naming the expression and what is wrong with it.
    """
    try:
        return _visit(_parse(expression.strip()), names)
    except ExpressionError as error:
        raise ExpressionError(f"{error} in {expression.strip()!r}") from None
    except Exception as error:
        raise ExpressionError(f"{type(error).__name__}: {error} in {expression.strip()!r}") from error


def names_in(expression: str) -> set[str]:
    """Return the free names that `expression` uses."""
    return {node.id for node in ast.walk(_parse(expression.strip())) if isinstance(node, ast.Name)}


@lru_cache(maxsize=2048)
def _parse(expression: str) -> ast.expr:
    try:
        return ast.parse(expression, mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise ExpressionError(f"syntax error: {error}") from None


def _visit(node: ast.expr, names: Mapping[str, Any]) -> Any:
    handler = _HANDLERS.get(type(node))
    if handler is None:
        raise ExpressionError(f"{type(node).__name__} is not allowed")
    return handler(node, names)


def _name(node: ast.Name, names: Mapping[str, Any]) -> Any:
    if node.id not in names:
        raise ExpressionError(f"unknown name {node.id!r} (known: {', '.join(sorted(names))})")
    return names[node.id]


def _attribute(node: ast.Attribute, names: Mapping[str, Any]) -> Any:
    if node.attr.startswith("_"):
        raise ExpressionError(f"attribute {node.attr!r} is private")
    return getattr(_visit(node.value, names), node.attr)


def _call(node: ast.Call, names: Mapping[str, Any]) -> Any:
    allowed = isinstance(node.func, ast.Name) or (isinstance(node.func, ast.Attribute) and node.func.attr in METHODS)
    if not allowed:
        raise ExpressionError(f"the call of {ast.unparse(node.func)!r} is not allowed")
    function = _visit(node.func, names)
    if isinstance(getattr(function, "__self__", None), str) and function.__name__ == "replace":
        raise ExpressionError("replace is for dates only")  # on texts, a few of them make one of any length
    arguments = [_visit(argument, names) for argument in node.args]
    keywords = {str(keyword.arg): _visit(keyword.value, names) for keyword in node.keywords}
    return function(*arguments, **keywords)


def _boolean(node: ast.BoolOp, names: Mapping[str, Any]) -> Any:
    stop = isinstance(node.op, ast.Or)
    value: Any = not stop
    for operand in node.values:
        value = _visit(operand, names)
        if bool(value) is stop:
            break
    return value


def _comparison(node: ast.Compare, names: Mapping[str, Any]) -> bool:
    left = _visit(node.left, names)
    for sign, operand in zip(node.ops, node.comparators, strict=True):
        right = _visit(operand, names)
        if not COMPARE[type(sign)](left, right):
            return False
        left = right
    return True


def _binary(node: ast.BinOp, names: Mapping[str, Any]) -> Any:
    if type(node.op) not in BINARY:
        raise ExpressionError(f"operator {type(node.op).__name__} is not allowed")
    return BINARY[type(node.op)](_visit(node.left, names), _visit(node.right, names))


def _dictionary(node: ast.Dict, names: Mapping[str, Any]) -> dict[Any, Any]:
    if any(key is None for key in node.keys):
        raise ExpressionError("** is not allowed")
    return {_visit(key, names): _visit(value, names) for key, value in zip(node.keys, node.values, strict=True) if key}


def _items(node: Any, names: Mapping[str, Any]) -> list[Any]:
    return [_visit(item, names) for item in node.elts]


_HANDLERS: dict[type, Callable[[Any, Mapping[str, Any]], Any]] = {
    ast.Constant: lambda node, names: node.value,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.BoolOp: _boolean,
    ast.Compare: _comparison,
    ast.BinOp: _binary,
    ast.UnaryOp: lambda node, names: UNARY[type(node.op)](_visit(node.operand, names)),
    ast.IfExp: lambda node, names: _visit(node.body if _visit(node.test, names) else node.orelse, names),
    ast.Subscript: lambda node, names: _visit(node.value, names)[_visit(node.slice, names)],
    ast.Dict: _dictionary,
    ast.List: _items,
    ast.Tuple: lambda node, names: tuple(_items(node, names)),
    ast.Set: lambda node, names: set(_items(node, names)),
}
