"""Load and save the fields of `res.config.settings` from and to where their values are kept.

See the docstring of that model for the kinds of fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.base.services.access import EMPLOYEE
from core.exceptions import ConfigurationError
from core.rounding import format_number, to_decimal


def load(env: Any, fields: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    """Return the values in force of those of `fields` that are in `names` and kept elsewhere."""
    parameters = env["ir.config_parameter"].sudo()
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name not in names:
            continue
        if name.startswith("default_"):
            found = env["ir.default"].sudo()._get(_default_model(field), name.removeprefix("default_"))
            if found is not None:
                values[name] = found
        elif implied := field.implied_group:
            values[name] = _is_implied(env, field, implied)
        elif key := field.config_parameter:
            values[name] = _from_text(env, field, parameters.get_param(key, None), values.get(name))
    return {name: value for name, value in values.items() if value is not None}


def save(record: Any) -> None:
    """Write the values of a settings record to where they are kept; equal ones are not touched."""
    env = record.env
    present = load(env, record._fields, set(record._fields))
    for name, field in record._fields.items():
        value = record[name]
        if name.startswith("default_"):
            stored = value.ids if field.type in ("many2many", "one2many") else value.id if field.relational else value
            if stored != present.get(name):
                env["ir.default"].set(_default_model(field), name.removeprefix("default_"), _json(stored))
        elif implied := field.implied_group:
            if bool(value) != present.get(name):
                groups, target = _groups(env, field), env.ref(implied)
                groups._apply_group(target) if value else groups._remove_group(target)
        elif key := field.config_parameter:
            env["ir.config_parameter"].set_param(key, _to_text(field, value))
    env.flush_all()


def _default_model(field: Any) -> str:
    model = field.default_model
    if not model:
        raise ConfigurationError(f"res.config.settings.{field.name}: a field named default_... needs default_model=")
    return model


def _groups(env: Any, field: Any) -> Any:
    names = field.group or EMPLOYEE
    groups = env["res.groups"]
    for name in names.split(","):
        groups |= env.ref(name.strip())
    return groups


def _is_implied(env: Any, field: Any, implied: str) -> bool:
    target = env.ref(implied)
    return all(target in group.all_implied_ids for group in _groups(env, field).sudo())


def _from_text(env: Any, field: Any, text: str | None, default: Any) -> Any:
    """Return a parameter's text as the field's value; None when the parameter is not set."""
    if text is None:
        return default
    if field.type == "boolean":
        return text.lower() not in ("", "0", "false", "no")
    if field.type == "integer":
        return int(text)
    if field.type == "float":
        return float(text)
    if field.type in ("quantity", "monetary"):
        return to_decimal(text)
    if field.type == "many2one":
        return env[field.comodel_name].browse(int(text)).exists().id or None
    return text


def _to_text(field: Any, value: Any) -> str | bool:
    """Return a field's value as a parameter's text; False removes the parameter."""
    if field.type == "boolean":
        return "True" if value else False
    if field.type == "many2one":
        return str(value.id) if value else False
    if isinstance(value, Decimal):
        return format_number(value)
    if field.type in ("integer", "float"):
        return repr(value)
    return str(value) if value else False


def _json(value: Any) -> Any:
    return format_number(value) if isinstance(value, Decimal) else value
