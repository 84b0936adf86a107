"""What the layers of the ORM know of each other without importing one another: identifiers and protocols."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol


class NewId:
    """The identity of a record that is not (yet) in the database: a form being filled in.

    ``origin`` is the id of the stored record that it stands for, or None. A NewId is falsy, hashable, and equal
    to another one with the same origin or the same ``ref`` (a row key that a form gave it).
    """

    __slots__ = ("__weakref__", "origin", "ref")

    def __init__(self, origin: int | None = None, ref: Any = None) -> None:
        self.origin = origin
        self.ref = ref

    def __bool__(self) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, NewId):
            return False
        return bool(
            (self.origin and other.origin and self.origin == other.origin) or (self.ref and self.ref == other.ref)
        )

    def __hash__(self) -> int:
        return hash(self.origin or self.ref or id(self))

    def __repr__(self) -> str:
        return f"<NewId origin={self.origin}>" if self.origin else f"<NewId {self.ref or hex(id(self))}>"


type_id = int | NewId


class FieldLike(Protocol):
    """What recordsets need to know of a field."""

    name: str
    type: str
    model_name: str
    store: bool

    def convert_to_cache(self, value: Any, record: Any, validate: bool = True) -> Any: ...
    def convert_to_record(self, value: Any, record: Any) -> Any: ...


def real_ids(ids: Iterable[Any]) -> list[int]:
    """The ids among `ids` that are rows of the database; a NewId with an origin counts as its origin."""
    result = []
    for id_ in ids:
        if id_:
            result.append(id_)
        elif isinstance(id_, NewId) and id_.origin:
            result.append(id_.origin)
    return result
