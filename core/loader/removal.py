"""What uninstalling an addon takes with it: its records in tables that stay, and what points to models that go."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection
from typing import Any, Final

import sqlalchemy as sa

from core.exceptions import StillageError, UserError
from core.loader.xmlids import Entry, XmlIds

#: Columns by which a table names a model for the records that it is about.
_MODEL_COLUMNS: Final = ("res_model", "model")

logger = logging.getLogger(__name__)


def delete_records(env: Any, xmlids: XmlIds, addon: str, staying: Collection[str]) -> None:
    """Delete the records that an addon's data created, newest first.

    A record that others still need is kept and archived, and loses its external id. Records of models that go with the
    addon are left to the dropping of their tables.

    Args:
        env: superuser environment with the addon still in its registry.
        staying: models that remain.
    """
    entries = xmlids.of_addon(addon)
    for batch in _batches(env, entries, staying):
        _delete(env, batch)
    xmlids.forget(entries)


def release_choices(env: Any, after: Any) -> None:
    """Take records off the choices of selections that go with an addon, as ``ondelete`` of the fields says.

    What is not said is emptied; a required field is not, and refuses.

    Args:
        env: superuser environment with the addon still in its registry.
        after: superuser environment of what stays.

    Raises:
        UserError: when records would be left without a value that they need; it names them, the field and the choice.
    """
    for name, model in sorted(after.registry.models.items()):
        if not model._auto or model._abstract or name not in env.registry.models:
            continue
        for field in model._column_fields:
            old = env.registry.models[name]._fields.get(field.name)
            if field.type != "selection" or old is None or old.type != "selection" or field.company_dependent:
                continue
            left = {key for key, _label in field.options(after[name])}
            for key in [key for key, _label in old.options(env[name]) if key not in left]:
                records = env[name].with_context(active_test=False).search([(field.name, "=", key)])
                if records:
                    _release(records, old, key, after[name].default_get([field.name]).get(field.name), left)


def _release(records: Any, field: Any, key: str, default: Any, left: Collection[str]) -> None:
    action = (field.ondelete or {}).get(key, "set null")
    if action == "cascade":
        _delete(records.env, records)
        return
    value = default if action == "set default" and default in left else False
    if field.required and value is False:
        raise UserError(
            f"{field.string} is “{key}”, which goes with the addon, in {records._described()}. "
            "Choose another value there first"
        )
    records.write({field.name: value})


def forget_models(env: Any, gone: Collection[str]) -> None:
    """Delete rows of all tables that are about records of models that are no more (attachments, history, views)."""
    if not gone:
        return
    for cls in env.registry.models.values():
        if cls._abstract or not cls._auto or cls._name in ("ir.model", "ir.model.fields"):
            continue
        for name in _MODEL_COLUMNS:
            field = cls._fields.get(name)
            if field is not None and field.type in ("char", "selection") and field.store:
                table = env.registry.table(cls._name)
                env.cr.execute(sa.delete(table).where(table.c[name].in_(sorted(gone))))
    env.invalidate_all()


def _batches(env: Any, entries: list[Entry], staying: Collection[str]) -> list[Any]:
    """Recordsets to delete: consecutive entries of one model together."""
    groups: list[tuple[str, list[int]]] = []
    for entry in entries:
        if entry.model not in staying or entry.model in ("ir.model", "ir.model.fields") or entry.model not in env:
            continue
        if not groups or groups[-1][0] != entry.model:
            groups.append((entry.model, []))
        groups[-1][1].append(entry.res_id)
    return [env[model].with_context(active_test=False).browse(ids).exists() for model, ids in groups]


def _delete(env: Any, records: Any) -> None:
    if not records:
        return
    try:
        with env.savepoint():
            _unlink(env, records)
        return
    except (StillageError, sa.exc.IntegrityError):
        kept: dict[str, list[str]] = defaultdict(list)
    for id_ in records.ids:
        record = records.browse(id_)  # by itself: others that it would be read together with may be gone
        if not record.exists():  # it went with one before it
            continue
        try:
            with env.savepoint():
                _unlink(env, record)
        except (StillageError, sa.exc.IntegrityError) as error:
            kept[str(error)].append(record.display_name)
            if "active" in record._fields:
                record.write({"active": False})
    for reason, names in kept.items():
        logger.warning("%s: %s kept, as it is in use: %s", records._name, ", ".join(names), reason)


def _unlink(env: Any, records: Any) -> None:
    """Delete, and check at once that nothing points to the records."""
    records.unlink()
    env.flush_all()
    if env.cr.dialect == "postgresql":
        env.cr.check_foreign_keys()
