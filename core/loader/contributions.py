"""What addons contribute by hooks rather than files: computed views, menus and scheduled jobs become their records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from core.exceptions import HookError
from core.loader.discovery import Addon
from core.loader.records import Draft, Place, RecordLoader, told_at
from core.plugins import HookManager, Implementation

_Convert = Callable[[RecordLoader, dict[str, Any]], dict[str, Any]]


def load(loader: RecordLoader, hooks: HookManager, addon: Addon) -> None:
    """Create or update the records that the addon's ``register_views``, ``_menus`` and ``_jobs`` return."""
    for hook, (model, noupdate, convert) in _KINDS.items():
        for implementation in hooks.calls[hook].implementations:
            if implementation.addon == addon.name:
                for draft in _drafts(loader, implementation, model, noupdate, convert):
                    loader.add(draft)
        loader.flush()


def _drafts(
    loader: RecordLoader, implementation: Implementation, model: str, noupdate: bool, convert: _Convert
) -> Iterator[Draft]:
    place = Place(implementation.addon, implementation.file, implementation.line)
    wants_env = "env" in implementation.function.__code__.co_varnames[: implementation.function.__code__.co_argcount]
    with told_at(place):
        results = implementation.function(loader.env) if wants_env else implementation.function()
    for values in results or ():
        if not isinstance(values, Mapping) or not values.get("id"):
            raise HookError(
                f"{implementation.hook} must return dictionaries with an 'id', not {values!r}",
                addon=implementation.addon,
                file=implementation.file,
                line=implementation.line,
            )
        xmlid = loader.xmlids.full(values["id"], implementation.addon)
        here = Place(implementation.addon, implementation.file, implementation.line, record=xmlid)
        rest = {key: value for key, value in values.items() if key != "id"}
        with told_at(here):
            rest = convert(loader, rest)
        for name in rest:
            loader.field_of(model, name, here)
        yield Draft(here, model, xmlid, rest, noupdate)


def _view(loader: RecordLoader, values: dict[str, Any]) -> dict[str, Any]:
    if isinstance(values.get("inherit_id"), str):
        values["inherit_id"] = loader.ref(values["inherit_id"])
    return values


def _menu(loader: RecordLoader, values: dict[str, Any]) -> dict[str, Any]:
    if parent := values.pop("parent", None):
        values["parent_id"] = loader.ref(parent)
    if action := values.get("action"):
        entry = loader.entry(action)
        values["action"] = f"{entry.model},{entry.res_id}"
    return values


def _job(loader: RecordLoader, values: dict[str, Any]) -> dict[str, Any]:
    known = loader.env["ir.cron"]._fields
    minutes = values.pop("interval_minutes", None)
    if minutes is not None:
        values.update({"interval_number": minutes, "interval_type": "minutes"})
    if "model" in values and "model" not in known:
        values["model_id"] = loader.ref(f"base.model_{values.pop('model').replace('.', '_')}")
    return values


#: Hook -> the model of the records, whether upgrades leave them alone, what turns the dictionary into values.
_KINDS: Final[dict[str, tuple[str, bool, _Convert]]] = {
    "register_views": ("ir.ui.view", False, _view),
    "register_menus": ("ir.ui.menu", False, _menu),
    "register_jobs": ("ir.cron", True, _job),
}
