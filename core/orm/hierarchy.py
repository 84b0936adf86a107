"""Trees: ``parent_path`` ("1/5/9/") makes ``child_of`` one comparison, and loops are refused."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from core.exceptions import ValidationError
from core.orm import flush


class Hierarchy:
    """Parent paths; a part of every model, active where ``_parent_store`` is set."""

    __slots__ = ()

    def _parent_store_create(self) -> None:
        """Set the path of records just created; parents come before their children in a batch."""
        field = self._fields["parent_path"]
        cache = field.cache_of(self.env)
        for record in self.sudo():
            parent = record[self._parent_name]
            cache[record._ids[0]] = f"{parent.parent_path or ''}{record._ids[0]}/" if parent else f"{record._ids[0]}/"

    def _parent_store_update(self) -> None:
        """Move whole branches after their top changed its parent. Raises ValidationError for a loop."""
        flush.flush_model(self.env, self._name)
        table = self._sql_table()
        for record in self.sudo():
            old = record.parent_path or f"{record.id}/"
            parent = record[self._parent_name]
            prefix = parent.parent_path or "" if parent else ""
            if parent and prefix.startswith(old):
                data = {"record": record._described(), "parent": parent.display_name}
                raise ValidationError(
                    self.env._("%(record)s cannot be placed under %(parent)s: that lies below it already.", **data),
                    fields=[self._parent_name],
                    code="below_itself",
                    data=data,
                )
            new = f"{prefix}{record.id}/"
            if new != old:
                self.env.cr.execute(
                    sa.update(table)
                    .where(table.c.parent_path.like(old + "%"))
                    .values(parent_path=sa.literal(new) + sa.func.substr(table.c.parent_path, len(old) + 1))
                )
                self._fields["parent_path"].cache_of(self.env).clear()

    def _has_cycle(self, field_name: str | None = None) -> bool:
        """Whether following `field_name` (default: the parent) from one of the records comes back to it."""
        name = field_name or self._parent_name
        for record in self.sudo():
            seen: set[Any] = set()
            current = record
            while current:
                if current.id in seen:
                    return True
                seen.add(current.id)
                current = current[name][:1]
        return False
