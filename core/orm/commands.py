"""The commands that change a One2many or Many2many field: Odoo's numbers and shapes, which RPC clients know."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Any


class Command(IntEnum):
    """One change of an x2many value, written as a triple ``(command, id, values)``."""

    CREATE = 0
    UPDATE = 1
    DELETE = 2
    UNLINK = 3
    LINK = 4
    CLEAR = 5
    SET = 6

    @classmethod
    def create(cls, values: dict[str, Any]) -> tuple[Command, int, dict[str, Any]]:
        """Create a line with `values` and link it."""
        return (cls.CREATE, 0, values)

    @classmethod
    def update(cls, id: int, values: dict[str, Any]) -> tuple[Command, int, dict[str, Any]]:
        """Write `values` on the linked line `id`."""
        return (cls.UPDATE, id, values)

    @classmethod
    def delete(cls, id: int) -> tuple[Command, int, int]:
        """Delete the line `id` from the database."""
        return (cls.DELETE, id, 0)

    @classmethod
    def unlink(cls, id: int) -> tuple[Command, int, int]:
        """Remove the link to `id`; a One2many line with a required inverse is deleted."""
        return (cls.UNLINK, id, 0)

    @classmethod
    def link(cls, id: int) -> tuple[Command, int, int]:
        """Link the existing record `id`."""
        return (cls.LINK, id, 0)

    @classmethod
    def clear(cls) -> tuple[Command, int, int]:
        """Remove all links."""
        return (cls.CLEAR, 0, 0)

    @classmethod
    def set(cls, ids: Iterable[int]) -> tuple[Command, int, list[int]]:
        """Link exactly `ids`."""
        return (cls.SET, 0, list(ids))
