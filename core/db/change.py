"""One difference between the database and the models."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between the database and the models, and what removes it.

    ``kind``         create_table drop_table add_column drop_column alter_type set_not_null drop_not_null add_check
                     drop_check add_unique drop_unique add_foreign_key drop_foreign_key create_index drop_index
    ``table``        the table's name
    ``column``       the column's name, or "" when it is about no single column
    ``name``         the constraint's or index's name, or ""
    ``destructive``  whether stored values may be lost
    ``detail``       what it is about, SQL-ish
    ``target``       what should be there: a SQLAlchemy table, column, constraint or index; else what is there
    """

    kind: str
    table: str
    column: str = ""
    name: str = ""
    destructive: bool = False
    detail: str = ""
    target: Any = field(default=None, compare=False, repr=False)

    def describe(self) -> str:
        """The change in one line, such as ``add column sale_order.note TEXT``."""
        place = f"{self.table}.{self.column}" if self.column else self.table
        named = f" {self.name} on" if self.name else ""
        detail = f" {self.detail}" if self.detail else ""
        warning = "  -- stored values may be lost" if self.destructive else ""
        return f"{self.kind.replace('_', ' ')}{named} {place}{detail}{warning}"


#: The order in which changes can be made: what is in the way goes first, what others need comes before them.
ORDER = {
    kind: position
    for position, kind in enumerate(
        (
            "drop_index", "drop_check", "drop_unique", "drop_foreign_key", "create_table", "add_column", "alter_type",
            "drop_not_null", "set_not_null", "drop_column", "add_unique", "add_check", "create_index",
            "add_foreign_key", "drop_table",
        )
    )
}  # fmt: skip
