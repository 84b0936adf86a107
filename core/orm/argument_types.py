"""Types of what remote calls bring: annotations of public methods, by which the boundary checks and converts.

A client sends JSON or XML-RPC: text, numbers, true and false, lists and objects. The annotation of a parameter says
what of these is taken, and what the method gets::

    def generate_lot_names(self, first_lot: Text, count: Annotated[int, Meta(ge=1, le=10_000)]) -> ...
    def next_by_id(self, sequence_date: datetime.date | None = None) -> str

``str``, ``int``, ``float``, ``bool``, ``Decimal``, ``date``, ``datetime``, ``list[...]``, ``dict[str, ...]``,
``Literal`` and unions of these are converted by msgspec; ``Annotated[..., Meta(...)]`` adds bounds; ``Any`` takes what
comes. Where Python code may pass more than a client can send (a Domain, an iterator), ``Annotated[Python type,
Remote(type)]`` gives the client's type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias, TypedDict

from msgspec import Meta

from core import bounds


@dataclass(frozen=True)
class Remote:
    """Metadata of an annotation: the type of what a remote call brings, where it differs from Python's."""

    type: Any


#: A right on records or on a model.
Operation: TypeAlias = Literal["read", "write", "create", "unlink"]

Id: TypeAlias = Annotated[int, Meta(ge=1, le=bounds.INTEGER_MAX, description="the id of a record")]
Ids: TypeAlias = Annotated[list[Id], Meta(max_length=bounds.IDS, description="a list of ids of records")]

#: How many records to skip, to find at most, to count up to.
Count: TypeAlias = Annotated[int, Meta(ge=0, le=bounds.INTEGER_MAX)]

#: A text of bounded length; `Name` is one of a model, field, method, group or external id.
Text: TypeAlias = Annotated[str, Meta(max_length=bounds.TEXT)]
Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=bounds.NAME)]

_NAMES = Annotated[list[Name], Meta(max_length=bounds.FIELDS, description="a list of field names")]
FieldNames: TypeAlias = Annotated[Iterable[str], Remote(_NAMES)]

#: Paths of fields as `load` and `export_data` take them: "order_id/partner_id/.id".
FieldPaths: TypeAlias = FieldNames

#: Names of fields in the order of importance, each with "desc" where it sorts downwards: "date desc, id".
Order: TypeAlias = Annotated[
    str, Meta(max_length=bounds.QUERY, description="names of fields, each with “desc” where it sorts downwards")
]

#: The operator of a condition, or of a search by name.
Operator: TypeAlias = Annotated[str, Meta(max_length=20, description="an operator of a condition, such as ilike")]

#: Search conditions in prefix notation: ``["|", ["name", "=", "A"], ["id", ">", 3]]``.
DomainLike: TypeAlias = Annotated[
    Any, Remote(Annotated[list[Any], Meta(description="a list of conditions such as [“name”, “=”, “A”]")])
]

VALUES = Annotated[
    dict[str, Any],
    Meta(description="an object from field names to values; lines as a list of commands such as [0, 0, {...}]"),
]
#: Rows of cells, as `load` takes them.
Rows: TypeAlias = Annotated[
    Sequence[Sequence[Any]],
    Remote(Annotated[list[list[Any]], Meta(description="a list of rows, each a list of cells")]),
]

#: Values by field name, in write format.
Values: TypeAlias = Annotated[Mapping[str, Any], Remote(VALUES)]
VALUES_LIST = Annotated[list[VALUES], Meta(max_length=bounds.IDS)]
ValuesList: TypeAlias = Annotated[Any, Remote(VALUES_LIST | VALUES)]

#: What `web_read` gives of each record: ``{"name": {}, "line_ids": {"fields": {"quantity": {}}}}``.
Specification: TypeAlias = Annotated[
    Mapping[str, Any],
    Remote(Annotated[dict[str, Any], Meta(description="an object from field names to what is wanted of them")]),
]

#: Answers to the questions that an action asks before it runs, by their names.
Answers: TypeAlias = Annotated[Mapping[str, Any], Remote(dict[str, Any])]


class ContextKeys(TypedDict, total=False):
    """The keys of a context that core reads; others are the addons'. False and null unset a key."""

    lang: Name | bool | None
    tz: Name | bool | None
    allowed_company_ids: Ids | bool | None
    active_test: bool | int | None
    active_id: Id | bool | None
    active_ids: Ids | bool | None
    active_model: Name | bool | None
