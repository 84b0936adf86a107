"""Computed fields: when a value is computed, and for which records at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.exceptions import AccessError, MissingError
from core.orm.types import NewId


class ComputedValue:
    """The part of a field that runs ``compute="_compute_total"``.

    The method is called for whole batches and assigns the field and its siblings (those of the same method). While
    it runs, they are protected: an assignment is a computed value, and reading one that is not assigned yet gives
    the unset value and does not start the method again.
    """

    compute: str | Callable[..., Any] | None
    compute_sudo: bool | None
    recursive: bool
    tracking: bool
    store: bool
    stored_compute: bool
    model_name: str
    type: str
    depends_on: tuple[str, ...]

    def compute_missing(self, record: Any, cache: dict[Any, Any]) -> None:
        """Compute the value for all records of the prefetch set that lack it."""
        if self.recursive:
            self.compute_value(record)
            return
        self.compute_together(record._with_ids(record._prefetch_missing(cache)), record)

    def recompute(self, record: Any) -> None:
        """Compute the pending value of `record`, and of all records for which it is pending."""
        pending = record.env._tocompute.get(self)
        if not pending:
            return
        if self.recursive:
            self.compute_value(record)
            return
        real = [id_ for id_ in pending if id_]
        if not record._ids[0] or len(real) <= 1:
            self.compute_value(record)
            return
        for start in range(0, len(real), 5000):
            self.compute_together(record._with_ids(real[start : start + 5000]), record)

    def compute_together(self, records: Any, record: Any) -> None:
        """Compute for `records`; for `record` alone if one of the others is gone or may not be seen."""
        try:
            self.compute_value(records)
        except (AccessError, MissingError):
            if len(records._ids) == 1:
                raise
            self.compute_value(record)

    def compute_value(self, records: Any) -> None:
        """Run the compute method on `records`; it assigns this field and its siblings of the same method."""
        env = records.env
        group = records._compute_groups[self]
        if self.compute_sudo and not env.su:
            records = records.sudo()
            env = records.env
        ids = records._ids
        if len(ids) == 1 and ids[0]:
            ids = (ids[0],)
        for field in group:
            if field.tracking and field.store:
                field.remember_before(records)
        waiting = {field: pending.intersection(ids) for field in group if (pending := env._tocompute.get(field))}
        with env._transaction.protecting(group, ids), env._transaction.keeping(self.given(group, waiting, ids)):
            for field in waiting:
                env._tocompute[field].difference_update(ids)
            try:
                if callable(self.compute):
                    self.compute(records)
                else:
                    getattr(records, self.compute)()
            except Exception:
                for field, pending in waiting.items():
                    env._tocompute[field].update(pending)
                raise

    def given(self, group: list[Any], waiting: dict[Any, set[Any]], ids: tuple[Any, ...]) -> dict[Any, set[Any]]:
        """Where the method is asked for one field only: the records whose values of the others stand.

        Somebody wrote them, or they were computed already; the method assigns them all the same.
        """
        return {
            field: kept
            for field in group
            if field is not self and field.stored_compute and not field.readonly
            if (kept := {id_ for id_ in ids if id_ and id_ not in waiting.get(field, ())})
        }

    def is_protected(self, env: Any, id_: Any) -> bool:
        """Whether the field is being computed for the record right now."""
        protected = env._protected.get(self)
        return protected is not None and id_ in protected

    def is_unedited(self, record: Any) -> bool:
        """Whether an unsaved copy of a stored record has the record's computed value: nothing that it depends on
        was edited. In a form with many lines that spares computing the lines that were left alone.
        """
        id_ = record._ids[0]
        if not (isinstance(id_, NewId) and id_.origin) or not self.depends_on or self.type in ("one2many", "many2many"):
            return False
        reach = record.env.registry.triggers.reach
        for field, ids in record.env._transaction.edited.items():
            same_record = reach(field).get(self)
            if same_record is False or (same_record and id_ in ids):
                return False
        return True

    def remember_before(self, records: Any) -> None:
        """Have the old values of a tracked field at hand before they change."""
        ids = [i for i in records._ids if i and i not in records.env._new_rows_of(self.model_name)]
        if ids:
            records._with_ids(ids)._fetch([self], check=False)
