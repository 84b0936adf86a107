"""Notifications of an action: messages queued in the transaction, and the documents that it created or changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Kind = Literal["success", "info", "warning", "danger"]
KINDS: tuple[str, ...] = get_args(Kind)
LogVerb = Literal["created", "changed", "removed"]


@dataclass(frozen=True, slots=True)
class Notification:
    """One message for the user.

    Attributes: ``message`` (translated text), ``kind`` (one of `KINDS`), ``records`` (what the message is about, to be
    offered as links: a recordset, or a tuple of recordsets of several models; None when there is nothing to open).
    """

    message: str
    kind: str = "success"
    records: Any = None

    def recordsets(self) -> list[Any]:
        """The recordsets that the message is about, one per model."""
        if self.records is None:
            return []
        return list(self.records) if isinstance(self.records, tuple) else [self.records]


@dataclass(slots=True)
class DocumentLog:
    """The documents that an action created or changed, for the message that follows it.

    Attributes: ``nested`` (the action is part of another one, which reports its documents), ``entries`` (what happened
    to which documents, oldest first).
    """

    nested: bool = False
    entries: list[tuple[Any, LogVerb]] = field(default_factory=list)

    def created(self) -> list[Any]:
        """The documents created, a recordset per model, those created first in front."""
        return self._recordsets("created")

    def changed(self) -> list[Any]:
        """The documents changed that were there before, a recordset per model."""
        return self._recordsets("changed")

    def _recordsets(self, wanted: LogVerb) -> list[Any]:
        first: dict[str, dict[int, LogVerb]] = {}
        models: dict[str, Any] = {}
        for records, verb in self.entries:
            models.setdefault(records._name, records)
            verbs = first.setdefault(records._name, {})
            for id_ in records.ids:
                if verb == "removed":
                    verbs[id_] = verb
                else:
                    verbs.setdefault(id_, verb)
        found = (
            records.browse(sorted(id_ for id_, verb in first[name].items() if verb == wanted))
            for name, records in models.items()
        )
        return [records for records in found if records]
