"""Records created and updated from rows: all of them, or none and every reason why.

    load      columns and records of the sheet ─> links looked up ─> records one after the other into a batch
    batch     created in one go, updated by a prepared write each; where that fails, one by one, to tell what failed

A batch goes on its way when it is full, or when a record names one that is still waiting in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.exceptions import UserError, ValidationError
from core.orm.commands import Command
from core.orm.sheets.cells import from_cell, is_empty
from core.orm.sheets.export import MODULE as EXPORTED
from core.orm.sheets.links import MODULE as IMPORTED
from core.orm.sheets.links import Links, full, names_in
from core.orm.sheets.rows import Column, Row, columns_of, records_of

BATCH = 1000
# With more errors than this, and in more than a tenth of the records, the rest is not tried.
PATIENCE = 10


class _Undone(Exception):
    """Nothing of it is to stay."""


@dataclass(slots=True)
class Job:
    """One record to create (``id`` is 0) or update."""

    number: int
    row: Row
    id: int
    xmlid: str | None
    values: dict[str, Any]
    #: lines to create: field -> their external ids, in order, None for those without
    lines: dict[str, list[str | None]] = field(default_factory=dict)


class Load:
    """One call of `load`."""

    def __init__(self, model: Any, titles: Sequence[str], data: Sequence[Sequence[Any]]) -> None:
        self.model, self.titles, self.data = model, titles, data
        self.messages: list[dict[str, Any]] = []
        self.ids: dict[int, int] = {}
        self.links = Links(model.env)
        self.batch: list[Job] = []
        self.waiting: set[str] = set()

    def run(self) -> dict[str, Any]:
        """Load everything; see `BaseModel.load` for the answer."""
        try:
            rows = records_of(columns_of(self.model, self.titles), self.data)
        except ValidationError as error:
            self._tell(str(error), 0, max(len(self.data) - 1, 0), 0, error.fields[0] if error.fields else False)
            return self._answer(0)
        self.links.look_up(rows)
        try:
            with self.model.env.savepoint():
                for number, row in enumerate(rows):
                    self._take(number, row)
                    if self._is_hopeless(number + 1):
                        break
                self._send()
                if self._failed():
                    raise _Undone
        except _Undone:
            self.ids = {}
        return self._answer(len(rows))

    def _answer(self, count: int) -> dict[str, Any]:
        ids = False if self._failed() else [self.ids[number] for number in range(count)]
        return {"ids": ids, "messages": self.messages, "nextrow": 0}

    # -- what is said

    def _failed(self) -> bool:
        return any(message["type"] == "error" for message in self.messages)

    def _is_hopeless(self, done: int) -> bool:
        errors = sum(message["type"] == "error" for message in self.messages)
        if errors < PATIENCE or errors * 10 < done:
            return False
        text = self.model.env._("More than %(count)s records cannot be loaded; the rest was not tried.", count=errors)
        self.messages.append({"type": "warning", "message": text})
        return True

    def _tell(self, text: str, first: int, last: int, number: int, name: Any, kind: str = "error") -> None:
        path = str(name).split("/") if name else []
        rows = {"from": first, "to": last}
        said = {"type": kind, "message": text, "rows": rows, "record": number}
        self.messages.append(said | {"field": path[0] if path else False, "field_path": path})

    # -- one record

    def _take(self, number: int, row: Row) -> None:
        """Put one record into the batch, if everything in it makes sense."""
        if self._needs_waiting(row):
            self._send()
        before = len(self.messages)
        id_, xmlid = self._identity(number, row, ())
        values, lines = self._values(number, row, ())
        if any(message["type"] == "error" for message in self.messages[before:]):
            return
        if not id_:
            values = _of_new(self.model, values)
        self.batch.append(Job(number, row, id_, xmlid, values, lines))
        self.waiting.update(name for name in (xmlid, *(name for names in lines.values() for name in names)) if name)
        if len(self.batch) >= BATCH:
            self._send()

    def _needs_waiting(self, row: Row) -> bool:
        """Whether the row names a record that is still to be created."""
        if self.waiting and any(full(text) in self.waiting for text in _xmlids_in(row)):
            return True
        return bool(self.batch) and any(self._is_unknown(model, text) for model, text in _names_in(row))

    def _is_unknown(self, model: Any, text: str) -> bool:
        return model._name == self.model._name and not self.links.by_name(model, text)

    def _identity(self, number: int, row: Row, path: tuple[str, ...]) -> tuple[int, str | None]:
        """The record that a row is about (0 for a new one), and the external id to give it."""
        model, ids = row.columns.model, row.columns.ids
        found, xmlid = 0, None
        if ".id" in ids and not is_empty(row.cell(ids[".id"])):
            with self._telling(number, row, (*path, ".id")):
                found = self.links.by_number(model, str(row.cell(ids[".id"])).strip())
        if "id" in ids and not is_empty(row.cell(ids["id"])):
            text = str(row.cell(ids["id"])).strip()
            with self._telling(number, row, (*path, "id")):
                known = self.links.by_xmlid(model, text)
                if found and known and known != found:
                    raise LookupError(f"{full(text)} is another record than the database id {found}")
                xmlid = None if known else self._new_xmlid(text)
                found = found or known or 0
        return found, xmlid

    def _new_xmlid(self, text: str) -> str:
        """The external id that a record is given. Raises LookupError for names of addons, unless for administrators.

        An addon that brings the name later would take the record for its own.
        """
        xmlid = full(text)
        module = xmlid.partition(".")[0]
        if module not in (IMPORTED, EXPORTED) and not self.model.env.is_admin():
            raise LookupError(
                f"the external id {xmlid} belongs to the addon {module}; use a name without a dot, or {IMPORTED}.name"
            )
        return xmlid

    def _values(
        self, number: int, row: Row, path: tuple[str, ...]
    ) -> tuple[dict[str, Any], dict[str, list[str | None]]]:
        """What is written on a record, and the external ids of the lines created with it."""
        values: dict[str, Any] = {}
        names: dict[str, list[str | None]] = {}
        for column in row.columns.own:
            at = (*path, column.field.name, *([column.by] if column.by else []))
            with self._telling(number, row, at):
                values[column.field.name] = self._value(number, row, column, at)
        for name, lines in row.lines.items():
            if lines:
                values[name], names[name] = self._commands(number, lines, (*path, name))
        return values, names

    def _value(self, number: int, row: Row, column: Column, path: tuple[str, ...]) -> Any:
        cell = row.cell(column.position)
        if not column.field.relational:
            return from_cell(column.field, cell, row.columns.model)
        ids = [self._linked(number, row, column, text, path) for text in names_in(column, cell)]
        if column.field.type == "many2one":
            return ids[0] if ids else False
        return [Command.set(ids)] if column.field.type == "many2many" else [Command.link(id_) for id_ in ids]

    def _linked(self, number: int, row: Row, column: Column, text: str, path: tuple[str, ...]) -> int:
        model = self.model.env[column.field.comodel_name]
        if column.by == ".id":
            return self.links.by_number(model, text)
        if column.by == "id":
            found = self.links.by_xmlid(model, text)
            if found is None:
                raise LookupError(f"there is no record with the external id {full(text)}")
            return found
        called = self.links.by_name(model, text)
        if not called:
            raise LookupError(f"there is no {model._description} called {text!r}")
        if len(called) > 1:
            said = self.model.env._("several are called %(name)s; the first one is taken", name=text)
            self._tell(self._at(row, path, said), row.first, row.last, number, "/".join(path), "warning")
        return int(called[0].id)

    def _commands(self, number: int, lines: list[Row], path: tuple[str, ...]) -> tuple[list[Any], list[str | None]]:
        """The commands that create, link and update lines, and the external ids of those created."""
        commands: list[Any] = []
        names: list[str | None] = []
        for line in lines:
            if line.columns.identify_only:
                commands += [Command.link(id_) for id_ in self._linked_lines(number, line, path)]
                continue
            id_, xmlid = self._identity(number, line, path)
            values, inner = self._values(number, line, path)
            if id_:
                commands += [Command.link(id_), Command.update(id_, values)]
                continue
            commands.append(Command.create(_of_new(line.columns.model, values)))
            names.append(xmlid)
            if any(any(each) for each in inner.values()):
                self._tell(
                    self.model.env._("Lines of lines cannot be given external ids."),
                    line.first, line.last, number, "/".join(path),
                )  # fmt: skip
        return commands, names

    def _linked_lines(self, number: int, line: Row, path: tuple[str, ...]) -> Iterator[int]:
        for by, position in line.columns.ids.items():
            for text in str(line.cell(position)).split(","):
                with self._telling(number, line, (*path, by)):
                    model = line.columns.model
                    found = (
                        self.links.by_number(model, text.strip()) if by == ".id" else self.links.by_xmlid(model, text)
                    )
                    if found is None:
                        raise LookupError(f"there is no record with the external id {full(text.strip())}")
                    yield found

    def _telling(self, number: int, row: Row, path: tuple[str, ...]) -> _Telling:
        """Within, what is wrong with a cell becomes a message."""
        return _Telling(lambda text: self._tell(self._at(row, path, text), row.first, row.last, number, "/".join(path)))

    @staticmethod
    def _at(row: Row, path: tuple[str, ...], text: str) -> str:
        name = next((part for part in reversed(path) if part in row.columns.model._fields and part != "id"), None)
        label = f"{row.columns.model._fields[name].string} ({'/'.join(path)})" if name else "/".join(path)
        return text if name and name in text else f"{label}: {text}"

    # -- the batch

    def _send(self) -> None:
        """Carry out what waits; where it fails together, alone, so that every reason is told."""
        jobs, self.batch, self.waiting = self.batch, [], set()
        if not jobs or self._try(jobs, tell=len(jobs) == 1):
            return
        for done, job in enumerate(jobs if len(jobs) > 1 else (), start=1):
            self._try([job], tell=True)
            if self._is_hopeless(done):
                return

    def _try(self, jobs: list[Job], tell: bool) -> bool:
        try:
            with self.model.env.savepoint():
                self._carry_out(jobs)
        except UserError as error:
            if tell:
                row, fields = jobs[0].row, getattr(error, "fields", ())
                self._tell(str(error), row.first, row.last, jobs[0].number, next(iter(fields), False))
            return False
        self.links.forget_names(self.model)
        return True

    def _carry_out(self, jobs: list[Job]) -> None:
        new = [job for job in jobs if not job.id]
        named: list[tuple[str, Any]] = []
        if new:
            for job, record in zip(new, self.model.create([job.values for job in new]), strict=True):
                self.ids[job.number] = record.id
                named += self._names(job, record, set())
        old = [job for job in jobs if job.id]
        if old:
            records = self.model.browse([job.id for job in old])
            records.check_access("write")
            records.fetch({name for job in old for name in job.values})
            for job, record in zip(old, records, strict=True):
                before = {id_ for name in job.lines for id_ in record.with_context(active_test=False)[name].ids}
                record.write(job.values)
                self.ids[job.number] = record.id
                named += self._names(job, record, before)
        if named:
            self._name(named)

    def _names(self, job: Job, record: Any, before: set[int]) -> Iterator[tuple[str, Any]]:
        """External id -> record, for a record and the lines created with it."""
        if job.xmlid:
            yield job.xmlid, record
        for name, xmlids in job.lines.items():
            if not any(xmlids):
                continue
            lines = record.with_context(active_test=False)[name]
            new = lines.browse(sorted(id_ for id_ in lines.ids if id_ not in before))
            if len(new) != len(xmlids):
                raise ValidationError(
                    record.env._("Which of the lines is which cannot be told; load them on their own."), fields=[name]
                )
            yield from ((xmlid, line) for xmlid, line in zip(xmlids, new, strict=True) if xmlid)

    def _name(self, named: list[tuple[str, Any]]) -> None:
        # An upgrade of an addon leaves them alone, should they carry its name.
        rows = [{"xml_id": xmlid, "record": record, "noupdate": True} for xmlid, record in named]
        self.model.env["ir.model.data"]._update_xmlids(rows)
        for xmlid, record in named:
            self.links.remember(xmlid, record)


class _Telling:
    def __init__(self, tell: Callable[[str], None]) -> None:
        self.tell = tell

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        if not isinstance(error, LookupError | ValueError | UserError):
            return False
        self.tell(str(error.args[0]) if isinstance(error, LookupError) else str(error))
        return True


def _of_new(model: Any, values: dict[str, Any]) -> dict[str, Any]:
    """The values of a record to create: where a field must have one and the cell is empty, it is the default."""
    return {name: value for name, value in values.items() if value is not False or not model._fields[name].required}


def _xmlids_in(row: Row) -> Iterator[str]:
    """The external ids that a row and its lines name, themselves included."""
    if "id" in row.columns.ids and not is_empty(row.cell(row.columns.ids["id"])):
        yield from (text.strip() for text in str(row.cell(row.columns.ids["id"])).split(","))
    for column in row.columns.own:
        if column.by == "id":
            yield from names_in(column, row.cell(column.position))
    for lines in row.lines.values():
        for line in lines:
            yield from _xmlids_in(line)


def _names_in(row: Row) -> Iterator[tuple[Any, str]]:
    """(model, name) of the records that a row and its lines call by name."""
    for column in row.columns.own:
        if column.field.relational and not column.by:
            model = row.columns.model.env[column.field.comodel_name]
            yield from ((model, text) for text in names_in(column, row.cell(column.position)))
    for lines in row.lines.values():
        for line in lines:
            yield from _names_in(line)
