"""What a violated constraint of the database means, in the words of the model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.db.errors import ConstraintViolation
from core.exceptions import Flaw, ValidationError


def explain(env: Any, violation: ConstraintViolation) -> ValidationError:
    """The ValidationError for a constraint that the database found violated."""
    model_class = next((m for m in env.registry.models.values() if m._table == violation.table and m._auto), None)
    if model_class is None:
        return ValidationError(violation.message)
    for declared in model_class._table_objects:
        if declared.full_name(model_class._table) == violation.constraint and declared.message:
            return _refusal(model_class, env._(declared.message), violation.columns, violation.kind)
    fields = [model_class._fields[c] for c in violation.columns if c in model_class._fields]
    labels = ", ".join(f"{field.string} ({field.name})" for field in fields) or violation.constraint
    texts = {
        "not_null": "%(model)s: %(fields)s is required.",
        "unique": "%(model)s: another record has the same %(fields)s.",
        "foreign_key": "%(model)s: %(fields)s refers to a record that does not exist. (%(detail)s)",
    }
    text = texts.get(violation.kind, "%(model)s: a rule of the database is broken: %(fields)s. (%(detail)s)")
    message = env._(text, model=model_class._description, fields=labels, detail=violation.detail)
    return _refusal(model_class, message, [field.name for field in fields], violation.kind)


def _refusal(model_class: Any, message: str, fields: Iterable[str], kind: str) -> ValidationError:
    """The error; what is taken already has a code of its own, for programs that try again with what is there."""
    fields = tuple(fields)
    code = "not_unique" if kind == "unique" else None
    return ValidationError(message, fields=fields, flaws=[Flaw(str(message), fields, model_class._name)], code=code)
