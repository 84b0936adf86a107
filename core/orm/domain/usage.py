"""Which fields a domain reads."""

from __future__ import annotations

from typing import Any

from core.orm.domain.expression import SUBDOMAIN, Domain
from core.orm.domain.optimize import optimize


def fields_used(domain: Domain | list[Any], model: Any) -> dict[str, set[str]]:
    """The names of the fields, by model, whose stored values decide which records are in `domain`.

    Those along paths, in sub-domains, in access rules and behind related and searched fields are among them: what is
    pending of these must be written before `to_sql` is run. Raises what `optimize` raises.
    """
    used: dict[str, set[str]] = {}
    _collect(optimize(domain, model), model, used)
    return used


def _collect(domain: Domain, model: Any, used: dict[str, set[str]]) -> None:
    for leaf in domain.iter_conditions():
        field = model._fields[leaf.field_expr]
        used.setdefault(model._name, set()).add(field.name)
        if isinstance(leaf.value, Domain):
            comodel = model if field.name == "id" else model.env[field.comodel_name]
            names = used.setdefault(comodel._name, set())
            if leaf.operator in SUBDOMAIN:
                names.update(_other_side(field, comodel))
            else:
                names.update(name for name in (comodel._parent_name, "parent_path") if name in comodel._fields)
            _collect(leaf.value, comodel, used)


def _other_side(field: Any, comodel: Any) -> list[str]:
    """The fields of the comodel that hold the same links."""
    if field.type == "one2many":
        return [field.inverse_name]
    if field.type == "many2many":
        return [
            other.name
            for other in comodel._fields.values()
            if other.type == "many2many" and other.relation == field.relation
        ]
    return ["id"]
