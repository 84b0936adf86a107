"""Copies of records."""

from __future__ import annotations

from typing import Any, Self

from core.orm.argument_types import Values
from core.orm.commands import Command
from core.orm.decorators import public, readonly


class Copying:
    """`copy` and the values it creates from; a part of every model."""

    __slots__ = ()

    @public(any_user=True)
    def copy(self, default: Values | None = None) -> Self:
        """A copy of each record: fields with ``copy=True``, with the values `default` in their place."""
        return self.create(self.copy_data(default))

    @public(any_user=True)
    @readonly
    def copy_data(self, default: Values | None = None) -> list[dict[str, Any]]:
        """The values from which `copy` creates; fields that the user may not see are left out.

        Raises AccessError for records that the user may not read.
        """
        default = dict(default or {})
        result = []
        self.check_access("read")
        fields = {name: field for name, field in self._fields.items() if field.copy and self._field_allowed(field)}
        for record in self:
            vals = dict(default)
            for name, field in fields.items():
                if name in vals or name in self._magic_fields or name in self._inherits.values():
                    continue
                if field.type == "one2many":
                    vals[name] = [Command.create(line) for line in record[name].copy_data()]
                    for command in vals[name]:
                        command[2].pop(field.inverse_name, None)
                elif field.type == "many2many":
                    vals[name] = [Command.set(record[name]._ids)]
                else:
                    vals[name] = field.convert_to_write(record[name], record)
            for parent, link in self._inherits.items():
                if link not in vals:
                    copied = record[link].copy_data()[0]
                    vals |= {k: v for k, v in copied.items() if k not in vals and k in self._delegated[parent]}
            result.append(vals)
        return result
