"""The registry as records: ``ir.model`` and ``ir.model.fields``, for rights, rules and people who look things up.

Only what differs is written. Each addon that defines or extends a model names its row ``<addon>.model_<name>``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from core.loader.discovery import Addon, Catalogue, unusable
from core.loader.xmlids import MODEL_PREFIX, XmlIds


def reflect(
    env: Any, owners: Mapping[str, Sequence[str]], xmlids: XmlIds, *, spare: Collection[str] = frozenset()
) -> None:
    """Bring the rows of ``ir.model`` and ``ir.model.fields`` to what the registry holds.

    Args:
        env: superuser environment.
        owners: model name -> addons that define or extend it, in loading order.
        xmlids: where the models' external ids are noted.
        spare: installed addons that are not in the registry because they are broken; their rows stay.
    """
    wanted: dict[tuple[str, ...], dict[str, Any]] = {
        (name,): _model_values(cls, owners.get(name, ())) for name, cls in env.registry.models.items()
    }
    rows = _sync(env["ir.model"], ("model",), wanted, spare)
    ids = {key[0]: id_ for key, id_ in rows.items()}
    _sync(
        env["ir.model.fields"],
        ("model", "name"),
        {
            (name, field.name): _field_values(field, name, ids[name], owners.get(name, ()))
            for name, cls in env.registry.models.items()
            for field in cls._fields.values()
        },
        spare,
    )
    _name_models(env, ids, owners, xmlids, spare)


def _sync(
    model: Any, keys: tuple[str, ...], wanted: dict[tuple[str, ...], dict[str, Any]], spare: Collection[str]
) -> dict[tuple[str, ...], int]:
    """Create, update and delete rows so that there is one per key; returns their ids by key."""
    names = [name for name in next(iter(wanted.values())) if name in model._fields]
    wanted = {key: {name: values[name] for name in names} for key, values in wanted.items()}
    rows: dict[tuple[str, ...], int] = {}
    stale = []
    for values in model.with_context(active_test=False).search([]).read(names, load=None):
        key = tuple(values[name] for name in keys)
        if key not in wanted:
            if not spare or not set(str(values["modules"]).split(", ")) & set(spare):
                stale.append(values["id"])
            continue
        rows[key] = values["id"]
        changed = {name: value for name, value in wanted[key].items() if values[name] != value}
        if changed:
            model.browse(values["id"]).write(changed)
    if stale:
        model.browse(stale).unlink()
    missing = [key for key in wanted if key not in rows]
    if missing:
        created = model.create([wanted[key] for key in missing])
        rows.update(zip(missing, created.ids, strict=True))
    return rows


def _model_values(cls: Any, addons: Sequence[str]) -> dict[str, Any]:
    return {
        "model": cls._name,
        "name": str(cls._description or cls._name),
        "info": (cls.__doc__ or "").strip() or False,
        "modules": ", ".join(addons) or False,
        "transient": bool(getattr(cls, "_transient", False)),
        "abstract": bool(getattr(cls, "_abstract", False)),
        "order": cls._order or False,
    }


def _field_values(field: Any, model: str, model_id: int, addons: Sequence[str]) -> dict[str, Any]:
    selection = getattr(field, "selection", None)
    depends = getattr(field, "depends", None)
    return {
        "name": field.name,
        "model": model,
        "model_id": model_id,
        "field_description": str(field.string or field.name),
        "help": str(field.help) if field.help else False,
        "ttype": field.type,
        "relation": field.comodel_name or False if field.relational else False,
        "relation_field": getattr(field, "inverse_name", None) or False,
        "related": ".".join(field.related) if field.related else False,
        "depends": ", ".join(depends) if depends and all(isinstance(name, str) for name in depends) else False,
        "selection": [[value, str(label)] for value, label in selection] if isinstance(selection, list) else False,
        "groups": field.groups or False,
        "required": bool(field.required),
        "readonly": bool(field.readonly),
        "store": bool(field.store),
        "index": bool(field.index),
        "translate": bool(field.translate),
        "company_dependent": bool(field.company_dependent),
        "tracking": bool(field.tracking),
        "modules": ", ".join(addons) or False,
    }


def _name_models(
    env: Any,
    ids: Mapping[str, int],
    owners: Mapping[str, Sequence[str]],
    xmlids: XmlIds,
    spare: Collection[str],
) -> None:
    wanted = {
        f"{addon}.{MODEL_PREFIX}{name.replace('.', '_')}": ids[name]
        for name, addons in owners.items()
        for addon in addons
        if name in ids
    }
    xmlids.forget(
        [
            entry
            for entry in xmlids.entries.values()
            if entry.model == "ir.model" and entry.xmlid not in wanted and entry.module not in spare
        ]
    )
    xmlids.remember(
        (xmlid, env["ir.model"].browse(id_), True)
        for xmlid, id_ in wanted.items()
        if xmlid not in xmlids.entries or xmlids.entries[xmlid].res_id != id_
    )


def reflect_addons(env: Any, catalogue: Catalogue, installed: Mapping[str, Any]) -> None:
    """Bring the rows of ``ir.addon`` to what is on disk and what is installed.

    Args:
        installed: name -> object with ``version`` and ``demo``, of the installed addons.
    """
    model = env["ir.addon"]
    rows = {row.name: row for row in model.search([])}
    missing = []
    for name in sorted({*installed, *catalogue.addons}):
        values = _addon_values(catalogue.addons.get(name), name, installed.get(name))
        row = rows.pop(name, None)
        if row is None:
            missing.append(values)
        else:
            row.write({key: value for key, value in values.items() if row[key] != value})
    for row in rows.values():  # no longer installed nor on disk
        row.state = "uninstalled"
        row.unlink()
    for values in missing:
        if values["state"] == "installed":
            values["installed_at"] = env._transaction.now
    if missing:
        model.create(missing)


def _addon_values(addon: Addon | None, name: str, installed: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "name": name,
        "state": "installed" if installed else "uninstalled",
        "version": installed.version if installed else False,
        "demo": bool(installed and installed.demo),
    }
    if addon is None:
        return values | {"error": "The addon is not found on the addons path"}
    manifest = addon.manifest
    texts = ("summary", "description", "author", "website", "category", "license")
    return values | {
        **{text: getattr(manifest, text) or False for text in texts},
        "shortdesc": manifest.title,
        "latest_version": manifest.version,
        "depends": ", ".join(manifest.depends) or False,
        "path": str(addon.path),
        "application": manifest.application,
        "auto_install": bool(manifest.triggers),
        "error": (None if installed else unusable(manifest)) or False,
    }
