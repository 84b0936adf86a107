"""Checks after a change: required fields and ``@api.constrains`` methods. All problems are gathered before raising."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core.db.errors import ConstraintViolation
from core.exceptions import Flaw, ValidationError
from core.rounding import format_number, is_zero, to_decimal

# Of more records that are checked together it is not found out which of them break a rule.
MOST_ASKED = 200


class Validation:
    """Consistency checks; a part of every model."""

    __slots__ = ()

    def _validate(self, names: Iterable[str], creating: bool = False) -> None:
        """Check required fields and the constraints on `names`. Raises one ValidationError with all the problems.

        It has the code and the data of the rule that is broken, where that is only one.
        """
        names = set(names)
        flaws = self._missing_values(names, creating)
        broken = [ValidationError()] if flaws else []
        for method, constrained in self._constrains_methods:
            if not names.isdisjoint(constrained):
                try:
                    getattr(self, method)()
                except ValidationError as error:
                    broken.append(error)
                    if isinstance(error.__cause__, ConstraintViolation):
                        # It was the database, and PostgreSQL answers nothing more in this transaction.
                        flaws.append(Flaw(error.message, tuple(error.fields or constrained), self._name))
                        break
                    flaws.extend(self._flaws(method, constrained, error, creating))
        if flaws:
            raise ValidationError(
                "\n".join(dict.fromkeys(flaw.message for flaw in flaws)),
                fields=dict.fromkeys(name for flaw in flaws for name in flaw.fields),
                flaws=flaws,
                code=broken[0].code if len(broken) == 1 else None,
                data=broken[0].data if len(broken) == 1 else None,
            )

    def _check_rounded_away(self, vals_list: Iterable[Mapping[str, Any]]) -> None:
        """Refuse quantities that were entered and are nothing once they are rounded: they would be stored as 0.

        Args:
            vals_list: for each of these records, the values that were written on it.
        """
        pairs = list(zip(self.sudo(), vals_list, strict=True))
        for field in self._fields.values():
            if field.type != "quantity" or not any(field.name in vals for _record, vals in pairs):
                continue
            for record, vals in pairs:
                value = vals.get(field.name)
                if not value or record[field.name] >= 1:
                    continue
                unit = record[field.uom_field] if field.uom_field else None
                step = max(field._step, unit.rounding if unit else field._step)
                if is_zero(to_decimal(value), step):
                    raise self._rounded_away_error(record, field, to_decimal(value), step, unit)

    def _rounded_away_error(self, record: Any, field: Any, value: Any, step: Any, unit: Any) -> ValidationError:
        numbers = {"quantity": format_number(value), "smallest": format_number(step)}
        return ValidationError(
            self.env._(
                "%(record)s: %(field)s cannot be %(quantity)s %(unit)s; the smallest is %(smallest)s %(unit)s.",
                record=record._described(),
                field=field.string,
                unit=unit.display_name if unit else "",
                **numbers,
            )
            .replace(" ;", ";")
            .replace(" .", "."),
            fields=[field.name],
            code="quantity_too_small",
            data={"field": field.name, **numbers, "unit": unit.display_name if unit else ""},
        )

    def _missing_values(self, names: set[str], creating: bool) -> list[Flaw]:
        flaws = []
        for field in self._required_fields:
            if not creating and field.name not in names:
                continue
            cache = field.cache_of(self.env)
            missing = [place for place, id_ in enumerate(self._ids) if cache.get(id_) is None]
            if missing:
                label = f"{field.string} ({field.name})"
                which = self._described() if not creating else self._description
                message = self.env._("%(record)s: %(field)s is required.", record=which, field=label)
                flaws.extend(self._flaw(message, (field.name,), place, creating) for place in missing)
        return flaws

    def _flaws(
        self, method: str, constrained: tuple[str, ...], error: ValidationError, creating: bool
    ) -> Iterable[Flaw]:
        """What a constraint found, record by record: each is asked again by itself to find out which it is about."""
        if len(self) == 1:
            return [self._flaw(error.message, tuple(error.fields or constrained), 0, creating)]
        found = []
        for place, record in enumerate(self if len(self) <= MOST_ASKED else ()):
            try:
                getattr(record, method)()
            except ValidationError as single:
                found.append(self._flaw(single.message, tuple(single.fields or constrained), place, creating))
        # A rule that no single record breaks is about all of them.
        return found or [Flaw(error.message, tuple(error.fields or constrained), self._name)]

    def _flaw(self, message: str, fields: tuple[str, ...], place: int, creating: bool) -> Flaw:
        if creating:
            return Flaw(message, fields, self._name, place=place)
        return Flaw(message, fields, self._name, id=self._ids[place])
