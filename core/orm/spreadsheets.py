"""`load` and `export_data`: records as rows of cells (see `sheets`)."""

from __future__ import annotations

from typing import Any

from core.orm.argument_types import FieldPaths, Rows
from core.orm.decorators import model as model_method
from core.orm.decorators import public
from core.orm.sheets.export import Export
from core.orm.sheets.loading import Load
from core.orm.sheets.paths import path_of


class Spreadsheets:
    """Rows of cells; a part of every model."""

    __slots__ = ()

    @public(any_user=True)
    @model_method
    def load(self, fields: FieldPaths, data: Rows) -> dict[str, Any]:
        """Create and update records from rows of cells: all of them, or none where one cannot be.

        Args:
            fields: what each column holds. ``id`` is the external id of the record: one that is known is updated, a new
                one is given to the record that is created. ``.id`` is the database id of a record to update. A link is
                given by name (``partner_id``), by external id (``partner_id/id``) or by database id
                (``partner_id/.id``); several by commas. ``line_ids/name`` is a field of lines.
            data: rows of cells, text as well as numbers and truth values. An empty cell unsets its field; a new record
                has the default of one that must be set. An empty row, or one with cells for lines only, belongs to the
                record above. Moments are in the context's time zone.

        Returns:
            ``ids`` of the records in order, or False where there are errors and nothing was kept; ``messages``, each
            with ``type`` ("error" or "warning"), ``message``, ``rows`` (``from`` and ``to``, counted from 0),
            ``record`` and ``field`` (False where none is at fault); ``nextrow``, always 0: all rows were read.
        """
        return Load(self, [str(name) for name in fields], data).run()

    @public(any_user=True)
    def export_data(self, fields_to_export: FieldPaths) -> dict[str, Any]:
        """The records as rows of cells that `load` reads back.

        Args:
            fields_to_export: paths as for `load`, and through links as far as they go (``partner_id/country_id/code``).

        Returns:
            ``datas``: a list of rows. Lines stand below one another, beside the first of them the record's own values;
            several linked records are in one cell, separated by commas. Choices are labels, unset values are "".
            A record without an external id that one is asked of gets one.

        Raises AccessError for records or fields that the user may not read, ValidationError for unknown fields.
        """
        return {"datas": Export(self.env).rows(self, [path_of(name) for name in fields_to_export])}
