"""Records on their way from data files into the database, whatever the format of the file.

Consecutive records of one model are created in one batch. A reference to a record that is still waiting sends the
batch on its way first. What goes wrong is told with addon, file, line, record and field.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from core.db.errors import ConstraintViolation
from core.exceptions import DataFileError, StillageError
from core.loader.xmlids import Entry, XmlIds


@dataclass(frozen=True)
class Place:
    """Where in an addon's data something stands."""

    addon: str
    file: str
    line: int | None = None
    record: str | None = None
    field: str | None = None

    def error(self, problem: str | Exception) -> DataFileError:
        """The error to raise for ``problem`` at this place."""
        if isinstance(problem, DataFileError):
            return problem
        text = problem if isinstance(problem, str) else _words(problem)
        parts = [f"record {self.record!r}" if self.record else "", f"field {self.field!r}" if self.field else "", text]
        return DataFileError(
            ": ".join(filter(None, parts)),
            addon=self.addon,
            file=self.file,
            line=self.line,
            data={"record": self.record, "field": self.field},
        )


def _words(problem: Exception) -> str:
    return str(problem) if isinstance(problem, StillageError) else f"{type(problem).__name__}: {problem}"


@dataclass
class Draft:
    """One record to create or update.

    ``children`` are records of one2many fields: (name of the inverse field, draft). They are made after it.
    """

    place: Place
    model: str
    xmlid: str | None
    values: dict[str, Any]
    noupdate: bool = False
    forcecreate: bool = True
    context: Mapping[str, Any] = field(default_factory=dict)
    children: list[tuple[str, Draft]] = field(default_factory=list)


class RecordLoader:
    """Creates and updates the records of one addon's data files.

    ``update`` says that the addon was installed before: ``noupdate`` records are left as they are.
    """

    def __init__(self, env: Any, addon: str, xmlids: XmlIds, *, update: bool = False) -> None:
        self.env = env
        self.addon = addon
        self.xmlids = xmlids
        self.update = update
        self._batch: list[Draft] = []
        self._waiting: set[str] = set()
        self._alive: dict[str, set[int]] = {}
        self._created: list[Draft] = []

    def check(self) -> None:
        """Make sure that what was created refers to existing records only. Raises DataFileError with the place."""
        try:
            self.env.cr.check_foreign_keys()
        except ConstraintViolation as violation:
            for draft in self._created:
                if self.env[draft.model]._table == violation.table:
                    for name in violation.columns:
                        value = draft.values.get(name)
                        if value and re.search(rf"\b{re.escape(str(value))}\b", violation.detail):
                            raise replace(draft.place, field=name).error(f"there is no record {value}") from violation
            raise

    # -- references

    def ref(self, xmlid: str) -> int:
        """The database id of a record by external id; LookupError with a hint when there is none."""
        return self.entry(xmlid).res_id

    def entry(self, xmlid: str) -> Entry:
        """The entry of an external id; records that wait for their batch are created first."""
        full = self.xmlids.full(xmlid.strip(), self.addon)
        if full in self._waiting:
            self.flush()
        found = self.xmlids.find(full, self.addon)
        if found is None:
            raise LookupError(f"there is no record {full!r}{self.xmlids.similar(full)}")
        return found

    # -- records

    def fields_of(self, model: str, place: Place) -> Mapping[str, Any]:
        """The fields of a model; an error when no installed addon has the model."""
        try:
            return self.env[model]._fields
        except KeyError:
            close = difflib.get_close_matches(model, self.env.registry.models, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise place.error(f"there is no model {model!r}{hint}") from None

    def field_of(self, model: str, name: str, place: Place) -> Any:
        """The field ``name`` of a model; an error with a hint when it has none."""
        known = self.fields_of(model, place)
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise replace(place, field=name).error(f"{model} has no such field{hint}")
        return known[name]

    def add(self, draft: Draft) -> None:
        """Take one record; it is created with its batch, or updated at once when it exists."""
        if draft.xmlid is not None and draft.xmlid in self._waiting:
            self.flush()
        known = self.xmlids.entries.get(draft.xmlid) if draft.xmlid else None
        if known is not None and known.model != draft.model:
            raise draft.place.error(f"the external id is taken by a record of {known.model}")
        if known is not None and known.res_id in self._existing(draft.model):
            self._update(draft, known)
            return
        if self.update and not draft.forcecreate:
            return
        if self._batch and not self._fits(draft):
            self.flush()
        self._batch.append(draft)
        if draft.xmlid:
            self._waiting.add(draft.xmlid)

    def _existing(self, model: str) -> set[int]:
        """The ids of the model's records that external ids point to and that are still there: one query per model."""
        if model not in self._alive:
            ids = {entry.res_id for entry in self.xmlids.entries.values() if entry.model == model}
            self._alive[model] = set(self.env[model].browse(sorted(ids)).exists().ids)
        return self._alive[model]

    def deleted(self, model: str) -> None:
        """Records of the model have been deleted: what is known of their existence no longer holds."""
        self._alive.pop(model, None)

    def _fits(self, draft: Draft) -> bool:
        first = self._batch[0]
        return first.model == draft.model and first.context == draft.context

    def _update(self, draft: Draft, known: Entry) -> None:
        self.xmlids.touch(known)
        record = self.env[draft.model].with_context(**draft.context).browse(known.res_id)
        if not (self.update and known.noupdate):
            self.flush()
            with told_at(draft.place):
                if draft.values:
                    record.write(draft.values)
        self._add_children(draft, record)

    def flush(self) -> None:
        """Create the records that wait, and those that wait for them in turn."""
        while self._batch:
            batch, self._batch, self._waiting = self._batch, [], set()
            self._flush(batch)

    def _flush(self, batch: list[Draft]) -> None:
        records = self._create(batch)
        self._created += batch
        self.xmlids.remember(
            (draft.xmlid, record, draft.noupdate)
            for draft, record in zip(batch, records, strict=True)
            if draft.xmlid is not None
        )
        if batch[0].model in self._alive:
            self._alive[batch[0].model].update(records.ids)
        for draft, record in zip(batch, records, strict=True):
            self._add_children(draft, record)

    def _create(self, batch: list[Draft]) -> Any:
        model = self.env[batch[0].model].with_context(**batch[0].context)
        try:
            with self.env.savepoint():
                return model.create([draft.values for draft in batch])
        except Exception as error:
            if len(batch) == 1:
                raise batch[0].place.error(error) from error
            with self.env.savepoint():
                self._blame(model, batch)
            raise replace(batch[0].place, record=None).error(error) from error

    def _blame(self, model: Any, batch: list[Draft]) -> None:
        """Find the record that made its batch fail by creating one after the other."""
        for draft in batch:
            try:
                with self.env.savepoint():
                    model.create([draft.values])
            except Exception as error:
                raise draft.place.error(error) from error

    def _add_children(self, draft: Draft, record: Any) -> None:
        for inverse, child in draft.children:
            child.values[inverse] = record.id
            self.add(child)


@contextmanager
def told_at(place: Place):  # type: ignore[no-untyped-def]
    """Within, any error becomes a DataFileError that names the place."""
    try:
        yield
    except DataFileError:
        raise  # it knows its place, a closer one
    except Exception as error:
        raise place.error(error) from error
