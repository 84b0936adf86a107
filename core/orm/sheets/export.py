"""Records into rows of cells, as `load` reads them back."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import Any

from core.exceptions import ValidationError
from core.orm.sheets.paths import IDS, Path

Rows = list[list[Any]]

#: Where external ids belong that records get because they are exported.
MODULE = "__export__"


class Export:
    """One call of `export_data`; level by level, so that the statements do not grow with the records."""

    def __init__(self, env: Any) -> None:
        self.env = env

    def rows(self, records: Any, paths: Sequence[Path]) -> Rows:
        """The rows of the records, in order. Lines stand below one another, beside the first the record's own values.

        Raises:
            AccessError: for records or fields that the user may not read.
            ValidationError: for a path that names no field.
        """
        found = self._rows(records, paths)
        return [row for record in records for row in found[record.id]]

    def _rows(self, records: Any, paths: Sequence[Path]) -> dict[int, Rows]:
        records.check_access("read")
        at: dict[str, list[int]] = {}
        for position, path in enumerate(paths):
            at.setdefault(path[0], []).append(position)
        fields = {name: self._field(records, name) for name in at if name not in IDS}
        records._check_field_groups(fields, "read")
        result: dict[int, Rows] = {record.id: [[""] * len(paths)] for record in records}
        for name, positions in at.items():
            rests = [paths[position][1:] for position in positions]
            columns = self._columns(records, name, fields.get(name), rests)
            for id_, lines in columns.items():
                _place(result[id_], positions, lines, len(paths))
        return result

    def _field(self, records: Any, name: str) -> Any:
        if name not in records._fields:
            raise ValidationError(
                f"{records._description} has no field {name!r}.{records._similar_field(name)}", fields=[name]
            )
        return records._fields[name]

    def _columns(self, records: Any, name: str, field: Any, rests: list[Path]) -> dict[int, Rows]:
        """What the columns that begin with `name` hold for each record: one row, or one for each line."""
        if field is None:
            ids = self._xmlids(records) if name == "id" else {id_: id_ for id_ in records.ids}
            return {id_: [[value] * len(rests)] for id_, value in ids.items()}
        if field.type == "many2one":
            return self._links(records, name, rests)
        if field.relational:
            return self._lines(records, name, field, rests)
        if any(rests):
            raise ValidationError(f"{field}: it is no relation, so nothing of it can be exported", fields=[name])
        return {record.id: [[field.convert_to_export(record[name], record)] * len(rests)] for record in records}

    def _links(self, records: Any, name: str, rests: list[Path]) -> dict[int, Rows]:
        targets = records.mapped(name)
        cells = [self._cells(targets, rest) for rest in rests]
        return {record.id: [[cell.get(record[name].id, "") for cell in cells]] for record in records}

    def _cells(self, targets: Any, rest: Path) -> dict[int, Any]:
        """What a path says of each linked record, in one cell."""
        if not rest:
            return {target.id: target.display_name for target in targets.sudo()}
        if rest == ("id",):
            return self._xmlids(targets)
        if rest == (".id",):
            return {id_: id_ for id_ in targets.ids}
        return {id_: rows[0][0] for id_, rows in self._rows(targets, [rest]).items()}

    def _lines(self, records: Any, name: str, field: Any, rests: list[Path]) -> dict[int, Rows]:
        lines = records.mapped(name)._filtered_access("read")
        readable = set(lines.ids)
        of_record = {record.id: [id_ for id_ in record[name].ids if id_ in readable] for record in records}
        if field.type == "many2many" and all(rest in ((), ("id",), (".id",)) for rest in rests):
            cells = [self._cells(lines, rest) for rest in rests]
            return {
                id_: [[",".join(str(cell[line]) for line in ids) for cell in cells]] for id_, ids in of_record.items()
            }
        rows = self._rows(lines, [rest or ("display_name",) for rest in rests])
        return {id_: [row for line in ids for row in rows[line]] for id_, ids in of_record.items()}

    def _xmlids(self, records: Any) -> dict[int, str]:
        """The external id of each record; those without one get one, so that they are found again."""
        found = records.get_external_id()
        missing = records.browse([id_ for id_, xmlid in found.items() if not xmlid])
        if missing and "ir.model.data" in self.env.registry.models:
            named = {record.id: f"{MODULE}.{record._table}_{record.id}_{secrets.token_hex(4)}" for record in missing}
            rows = [{"xml_id": named[record.id], "record": record, "noupdate": True} for record in missing]
            self.env["ir.model.data"]._update_xmlids(rows)
            found |= named
        return found


def _place(rows: Rows, positions: Iterable[int], lines: Rows, width: int) -> None:
    """Put the cells of some columns into the rows of a record, which grow by as many as it takes."""
    while len(rows) < len(lines):
        rows.append([""] * width)
    for row, cells in zip(rows, lines, strict=False):
        for position, cell in zip(positions, cells, strict=True):
            row[position] = cell
