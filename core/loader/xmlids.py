"""External ids while addons are installed: which name means which record, and which names have been seen.

All names are read once at the start, so that a ``ref`` costs a dictionary look-up; new ones are written in batches.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

MODEL_PREFIX: Final = "model_"
#: Kept by the reflection of models, not by data files.
REFLECTED: Final = frozenset({"ir.model", "ir.model.fields"})


@dataclass
class Entry:
    """One row of ``ir.model.data``. ``data_id`` is that row's own id."""

    module: str
    name: str
    model: str
    res_id: int
    noupdate: bool
    data_id: int

    @property
    def xmlid(self) -> str:
        """``addon.name``."""
        return f"{self.module}.{self.name}"


class XmlIds:
    """The external ids of the database, as one installing transaction sees them."""

    def __init__(self, env: Any) -> None:
        self.env = env
        self.entries: dict[str, Entry] = {}
        self.seen: set[str] = set()
        rows = env.execute("SELECT module, name, model, res_id, noupdate, id FROM ir_model_data ORDER BY id")
        for module, name, model, res_id, noupdate, data_id in rows:
            self.entries[f"{module}.{name}"] = Entry(module, name, model, res_id, bool(noupdate), data_id)

    def find(self, xmlid: str, addon: str) -> Entry | None:
        """The entry for ``xmlid``; one without a dot belongs to ``addon``.

        ``model_res_partner`` is found whichever addon it is prefixed with, as many addons extend one model.
        """
        full = self.full(xmlid, addon)
        entry = self.entries.get(full)
        if entry is None and full.partition(".")[2].startswith(MODEL_PREFIX):
            return self._model(full.partition(".")[2])
        return entry

    @staticmethod
    def full(xmlid: str, addon: str) -> str:
        """``xmlid`` with its addon in front."""
        return xmlid if "." in xmlid else f"{addon}.{xmlid}"

    def similar(self, xmlid: str) -> str:
        """``"; did you mean ...?"`` when a known name looks like ``xmlid``, else an empty text."""
        close = difflib.get_close_matches(xmlid, self.entries, n=1, cutoff=0.75)
        return f"; did you mean {close[0]}?" if close else ""

    def remember(self, named: Iterable[tuple[str, Any, bool]]) -> None:
        """Write names of records just created.

        Args:
            named: (full external id, record, noupdate); a name that exists is pointed to the new record.
        """
        missing = []
        for xmlid, record, noupdate in named:
            self.seen.add(xmlid)
            known = self.entries.get(xmlid)
            if known is not None:
                self._row(known).write({"model": record._name, "res_id": record.id})
                known.model, known.res_id = record._name, record.id
                continue
            module, _, name = xmlid.partition(".")
            missing.append(
                {"module": module, "name": name, "model": record._name, "res_id": record.id, "noupdate": noupdate}
            )
        if missing:
            rows = self.env["ir.model.data"].create(missing)
            for values, row in zip(missing, rows, strict=True):
                self.entries[f"{values['module']}.{values['name']}"] = Entry(**values, data_id=row.id)

    def touch(self, entry: Entry) -> None:
        """Note that a data file still mentions the record."""
        self.seen.add(entry.xmlid)

    def forget(self, entries: Iterable[Entry]) -> None:
        """Delete the names, not the records."""
        gone = list(entries)
        self.env["ir.model.data"].browse([entry.data_id for entry in gone]).unlink()
        for entry in gone:
            self.entries.pop(entry.xmlid, None)

    def of_addon(self, addon: str) -> list[Entry]:
        """The entries of one addon, newest first: the order in which records can be deleted."""
        return sorted((e for e in self.entries.values() if e.module == addon), key=lambda e: e.data_id, reverse=True)

    def orphans(self, addon: str) -> list[Entry]:
        """What the addon's data files have created before and no longer mention; ``noupdate`` ones stay."""
        return [
            entry
            for entry in self.of_addon(addon)
            if entry.xmlid not in self.seen and not entry.noupdate and entry.model not in REFLECTED
        ]

    def _row(self, entry: Entry) -> Any:
        return self.env["ir.model.data"].browse(entry.data_id)

    def _model(self, name: str) -> Entry | None:
        return next((e for e in self.entries.values() if e.name == name and e.model == "ir.model"), None)
