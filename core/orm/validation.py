"""Checks after a change: required fields and ``@api.constrains`` methods. All problems are gathered before raising."""

from __future__ import annotations

from collections.abc import Iterable

from core.exceptions import ValidationError


class Validation:
    """Consistency checks; a part of every model."""

    __slots__ = ()

    def _validate(self, names: Iterable[str], creating: bool = False) -> None:
        """Check required fields and the constraints on `names`. Raises one ValidationError with all the problems."""
        names = set(names)
        problems: list[str] = []
        fields: list[str] = []
        self._check_required(names, creating, problems, fields)
        for method, constrained in self._constrains_methods:
            if not names.isdisjoint(constrained):
                try:
                    getattr(self, method)()
                except ValidationError as error:
                    if error.message not in problems:
                        problems.append(error.message)
                    fields.extend(error.fields or constrained)
        if problems:
            raise ValidationError("\n".join(problems), fields=dict.fromkeys(fields))

    def _check_required(self, names: set[str], creating: bool, problems: list[str], fields: list[str]) -> None:
        for field in self._required_fields:
            if not creating and field.name not in names:
                continue
            cache = field.cache_of(self.env)
            missing = [id_ for id_ in self._ids if cache.get(id_) is None]
            if missing:
                label = f"{field.string} ({field.name})"
                which = self._described() if not creating else self._description
                problems.append(self.env._("%(record)s: %(field)s is required.", record=which, field=label))
                fields.append(field.name)
