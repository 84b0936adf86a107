"""Values of fields as clients send them: of the kind that the type of the field takes, before any addon sees them.

What the value means (whether a choice exists, a number fits) the field itself decides when it is written. Here only
the kind counts: an override of `create` may then rely on a link being an id, and lines being commands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from core import bounds
from core.i18n import _
from core.rpc.faults import BadArguments

_SCALARS: Final = (str, int, float, Decimal)

#: Commands by number: whether an id and values are read of them, and a list of ids.
_WITH_ID: Final = frozenset({1, 2, 3, 4})
_WITH_VALUES: Final = frozenset({0, 1})
_COMMANDS: Final = range(7)


def check(model: Any, rows: Iterable[Mapping[str, Any]], argument: str, depth: int = 0) -> None:
    """Raise BadArguments, naming the field, for a value of the wrong kind. Names of unknown fields are left alone.

    Args:
        model: any recordset of the model whose fields these are.
        rows: values by field name, of one record each.
        argument: the name of the argument that holds them.
    """
    if depth > bounds.DEPTH:
        raise _refusal(model, "", argument, str(_("fewer lines in lines")))
    for row in rows:
        for name, value in row.items():
            field = model._fields.get(name)
            if field is None or value is None or value is False:
                continue
            if field.type in ("one2many", "many2many"):
                _check_commands(model, field, value, argument, depth)
            elif field.type == "many2one":
                if not _is_id(value, least=0):
                    raise _refusal(model, name, argument, str(_("the id of a record or false")))
            elif field.type == "binary" and not isinstance(value, str):
                raise _refusal(model, name, argument, str(_("base64 text or false")))
            elif field.type != "json" and not isinstance(value, _SCALARS):
                raise _refusal(model, name, argument, str(_("one value, no list or object")))


def _check_commands(model: Any, field: Any, value: Any, argument: str, depth: int) -> None:
    if not isinstance(value, list | tuple) or len(value) > bounds.IDS:
        raise _refusal(model, field.name, argument, str(_("a list of commands")))
    inner = []
    for command in value:
        if _is_id(command):  # plain ids, as some clients send them
            continue
        if not isinstance(command, list | tuple) or not 1 <= len(command) <= 3 or not _is_command(command):
            raise _refusal(
                model,
                field.name,
                argument,
                str(_("a list of commands such as [0, 0, {...}], [4, id] or [6, 0, [ids]]")),
            )
        if command[0] in _WITH_VALUES:
            inner.append(command[2])
    if inner:
        check(model.env[field.comodel_name], inner, argument, depth + 1)


def _is_command(command: Any) -> bool:
    kind = command[0]
    if isinstance(kind, bool) or not isinstance(kind, int) or kind not in _COMMANDS:
        return False
    if kind in _WITH_ID and not (len(command) > 1 and _is_id(command[1])):
        return False
    if kind in _WITH_VALUES:
        return len(command) == 3 and isinstance(command[2], Mapping)
    if kind == 6:
        return len(command) == 3 and isinstance(command[2], list | tuple) and all(map(_is_id, command[2]))
    return True


def _is_id(value: Any, least: int = 1) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _refusal(model: Any, field: str, argument: str, expected: str) -> BadArguments:
    return BadArguments(
        _("%(model)s: %(field)s must be %(expected)s.", model=model._name, field=field, expected=expected),
        argument=argument,
        data={"model": model._name, "fields": [field], "expected": expected},
    )
