"""System checks: mistakes that can be found without waiting for a user to run into them.

Each message has an id, a subject, a text and a hint. ``stillage check``, the start of the server and the tests run the
same functions; addons add theirs through the hook ``register_checks``.

    core.E00x W00x   manifests, dependencies, addons that did not load
    core.E01x W01x   models and fields
    core.E02x        states and transitions
    core.E03x W03x   views, menus and actions
    core.W04x        external ids
    core.W05x        hooks
    core.W06x        rights
    core.E07x        seams
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, NamedTuple

from core.exceptions import AddonError, StillageError
from core.loader.assembly import assemble
from core.loader.discovery import Addon, Catalogue, bundled_folder, unusable
from core.plugins import HookManager

Level = Literal["error", "warning"]


@dataclass(frozen=True)
class Message:
    """What a check found. ``subject`` names the model, field, view or addon; ``hint`` says what to do."""

    id: str
    level: Level
    subject: str
    text: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.id} {self.subject}: {self.text}" + (f" ({self.hint})" if self.hint else "")


@dataclass
class Subject:
    """What is checked. ``env`` is None when there is no database at hand; checks of records are left out then."""

    registry: Any
    hooks: HookManager
    addons: list[str]
    catalogue: Catalogue
    quarantined: Mapping[str, AddonError] = field(default_factory=dict)
    env: Any = None

    @staticmethod
    def error(id: str, subject: str, text: str, hint: str = "") -> Message:
        """A message about something that cannot work."""
        return Message(id, "error", subject, text, hint)

    @staticmethod
    def warning(id: str, subject: str, text: str, hint: str = "") -> Message:
        """A message about something that is probably not meant."""
        return Message(id, "warning", subject, text, hint)


Check = Callable[[Subject], Iterable[Message]]


def run(subject: Subject) -> list[Message]:
    """Run all checks, core's and those that addons register; errors come first."""
    found = [message for check in [*CHECKS, *_registered(subject)] for message in _guarded(check, subject)]
    return sorted(found, key=lambda message: (message.level != "error", message.id, message.subject))


def check_catalogue(catalogue: Catalogue) -> list[Message]:
    """The checks of what lies on disk, which need neither database nor models."""
    found = [Message("core.E001", "error", name, str(error)) for name, error in sorted(catalogue.errors.items())]
    usable: set[str] = set()
    for addon in catalogue:
        found += [Message("core.W001", "warning", addon.name, warning) for warning in addon.manifest.warnings]
        found += _misspelled(catalogue, addon)
        problem = unusable(addon.manifest)
        if problem and addon.manifest.installable:
            found.append(Message("core.E002", "error", addon.name, problem))
        elif not problem:
            try:
                usable.update(catalogue.with_dependencies([addon.name]))
            except AddonError as error:
                found.append(Message("core.E002", "error", addon.name, str(error)))
        for relative in (*addon.manifest.data, *addon.manifest.demo):
            if not addon.file(relative).is_file():
                found.append(
                    Message("core.E004", "error", addon.name, f"the manifest names {relative}, which is absent")
                )
    try:
        catalogue.with_dependencies(usable)
    except AddonError as error:
        found.append(Message("core.E005", "error", error.addon or "addons path", str(error)))
    found += [Message("core.W002", "warning", "addons path", line) for line in catalogue.shadowed]
    return found


def check_not_installed(catalogue: Catalogue, installed: Iterable[str]) -> Iterator[Message]:
    """Addons on the path that an install would refuse for their code: one by one, beside those that are installed.

    Their modules are imported. Bundled addons, and those that `check_catalogue` finds unusable, are left out.
    """
    present = list(installed)
    for addon in catalogue:
        if addon.name in present or addon.path.parent == bundled_folder():
            continue
        try:
            names = catalogue.with_dependencies([*present, addon.name])
        except AddonError:
            continue
        try:
            assemble(catalogue, names, strict=True)
        except AddonError as error:
            if error.addon == addon.name:  # of one that it depends on, the message is about that
                yield Message("core.E006", "error", addon.name, f"cannot be installed: {error}")


def _misspelled(catalogue: Catalogue, addon: Addon) -> Iterator[Message]:
    """Warnings about names in ``after`` that no addon has and one nearly has; any other may be of an absent addon."""
    known = {*catalogue.addons, *catalogue.errors}
    for name in (name for name in addon.manifest.after if name not in known):
        close = difflib.get_close_matches(name, known - {addon.name}, n=1, cutoff=0.8)
        if close and not name.startswith(f"{close[0]}_"):  # shop_plus extends shop: no slip of the pen
            text = f"'after' names {name!r}, which is not on the addons path"
            yield Message("core.W003", "warning", addon.name, text, f"did you mean {close[0]!r}?")


def _registered(subject: Subject) -> list[Check]:
    return [check for checks in subject.hooks.register_checks() for check in checks]


def _guarded(check: Check, subject: Subject) -> Iterator[Message]:
    try:
        yield from check(subject) or ()
    except Exception as error:
        name = getattr(check, "__qualname__", repr(check))
        yield Message("core.E000", "error", name, f"the check itself failed: {type(error).__name__}: {error}")


# ---------------------------------------------------------------------------- addons


def check_addons(subject: Subject) -> Iterator[Message]:
    """Manifests, dependencies, and addons that are installed and did not load."""
    yield from check_catalogue(subject.catalogue)
    for name, error in sorted(subject.quarantined.items()):
        yield subject.error("core.E003", name, f"is quarantined: {error}", "repair it, then restart")


# ---------------------------------------------------------------------------- models


class _Finding(NamedTuple):
    """A message about what a model declares: ``attribute`` of its class declares it, ``wrong`` is the name at fault."""

    attribute: str
    wrong: str
    message: Message


def _in_models(subject: Subject, find: Callable[[Any, str, Any], Iterator[_Finding]]) -> Iterator[Message]:
    """Run ``find(registry, name, class)`` on every model; what several models inherit is reported once.

    A mixin may name fields and methods that only the models which inherit it bring. So ``find`` looks for them on
    models with records only, and a mistake in a mixin has the first of these as its subject; the text names the mixin
    and the other models.
    """
    registry = subject.registry
    found: dict[tuple[str, ...], tuple[Message, list[str]]] = {}
    for name, cls in sorted(registry.models.items(), key=lambda item: (not item[1]._abstract, item[0])):
        for finding in find(registry, name, cls):
            key = (finding.message.id, _declaring(registry, name, finding.attribute), finding.attribute, finding.wrong)
            found.setdefault(key, (finding.message, []))[1].append(name)
    for (_id, declaring, *_), (message, (first, *others)) in found.items():
        notes = [f"declared by {declaring}"] if declaring != first else []
        notes += [f"the same in {', '.join(others)}"] if others else []
        yield replace(message, text="; ".join([message.text, *notes]))


def _declaring(registry: Any, model: str, attribute: str) -> str:
    """The model whose definitions give ``model`` the attribute: itself, or one that it inherits."""
    bases = (base for base in registry.models[model].__mro__ if base in registry.origins)
    return next((str(base._name) for base in bases if attribute in vars(base)), model)


def check_fields(subject: Subject) -> Iterator[Message]:
    """Relations, computations and related paths lead somewhere."""
    yield from _in_models(subject, _wrong_fields)


def _wrong_fields(registry: Any, model: str, cls: Any) -> Iterator[_Finding]:
    for name, each in cls._fields.items():
        label = f"{model}.{name}"
        if each.relational and each.comodel_name not in registry.models:
            text = f"refers to the model {each.comodel_name!r}, which no installed addon brings"
            message = Subject.error("core.E010", label, text, "add the addon that defines it to 'depends'")
            yield _Finding(name, each.comodel_name, message)
        for argument in each.args:
            if not hasattr(type(each), argument):
                close = difflib.get_close_matches(argument, dir(type(each)), n=1)
                text = f"is given {argument!r}, which a {each.type} field ignores"
                hint = f"did you mean {close[0]!r}?" if close else ""
                yield _Finding(name, argument, Subject.warning("core.W011", label, text, hint))
        if not cls._abstract:
            for id, wrong, text in _wrong_names(registry, model, cls, each):
                yield _Finding(name, wrong, Subject.error(id, label, text))


def _wrong_names(registry: Any, model: str, cls: Any, each: Any) -> Iterator[tuple[str, str, str]]:
    """(id, name, text) of the fields and methods that a field names in vain."""
    if each.type == "one2many" and each.inverse_name and not each.inherited and not each.related:
        problem = _inverse_problem(registry, model, each)
        if problem:
            yield "core.E011", each.inverse_name, problem
    for role in ("compute", "inverse", "search"):
        method = getattr(each, role, None)
        if isinstance(method, str) and not callable(getattr(cls, method, None)):
            yield "core.E012", method, f"{role} names the method {method!r}, which {model} lacks"
    for path in getattr(each, "depends_on", None) or ():
        problem = _path_problem(registry, model, path)
        if problem:
            yield "core.E013", path, f"depends on {path!r}: {problem}"


def _inverse_problem(registry: Any, model: str, each: Any) -> str | None:
    comodel = registry.models.get(each.comodel_name)
    if comodel is None:
        return None
    inverse = comodel._fields.get(each.inverse_name)
    if inverse is None:
        return f"its inverse {each.comodel_name}.{each.inverse_name} does not exist"
    if inverse.type == "many2one" and inverse.comodel_name != model:
        return f"its inverse {each.comodel_name}.{each.inverse_name} points to {inverse.comodel_name}"
    return None


def _path_problem(registry: Any, model: str, path: str) -> str | None:
    for step in path.split("."):
        fields = registry.models[model]._fields if model in registry.models else {}
        if step not in fields:
            return f"{model} has no field {step!r}"
        model = getattr(fields[step], "comodel_name", None) or ""
    return None


def check_models(subject: Subject) -> Iterator[Message]:
    """Descriptions, orders, record names, and the fields that methods watch."""
    for name, cls in sorted(subject.registry.models.items()):
        if not cls._description or cls._description == name:
            yield subject.warning("core.W010", name, "has no _description", "people see it in messages and menus")
    yield from _in_models(subject, _wrong_field_names)


def _wrong_field_names(registry: Any, model: str, cls: Any) -> Iterator[_Finding]:
    """Fields that ``_order``, ``@api.constrains`` and ``@api.onchange`` name and the model lacks."""
    if cls._abstract:
        return
    for term in filter(None, (part.strip() for part in (cls._order or "").split(","))):
        name = term.split()[0]
        if name.split(".")[0] not in cls._fields:
            text = f"_order names {name!r}, which is no field"
            yield _Finding("_order", name, Subject.error("core.E015", model, text))
    for method, watched in cls._constrains_methods:
        for name in sorted(set(watched) - set(cls._fields)):
            text = f"constrains {name!r}, which is no field"
            yield _Finding(method, name, Subject.error("core.E014", f"{model}.{method}", text))
    for name, methods in cls._onchange_methods.items():
        if name.split(".")[0] not in cls._fields:
            for method in methods:
                text = f"watches {name!r}, which is no field"
                yield _Finding(method, name, Subject.error("core.E014", f"{model}.{method}", text))


def check_transitions(subject: Subject) -> Iterator[Message]:
    """``TRANSITIONS`` and ``STATE_REFUSALS`` name methods that exist and states that ``STATES`` lists."""
    yield from _in_models(subject, _wrong_transitions)


def _wrong_transitions(registry: Any, model: str, cls: Any) -> Iterator[_Finding]:
    if cls._abstract:
        return
    states = {value for value, _ in cls.STATES}
    for method, (sources, target) in cls.TRANSITIONS.items():
        if not callable(getattr(cls, method, None)):
            text = f"TRANSITIONS names the method {method!r}, which is missing"
            yield _Finding("TRANSITIONS", method, Subject.error("core.E020", model, text))
        unknown = sorted({*sources, *([target] if target else [])} - states)
        if unknown and states:
            text = f"TRANSITIONS names the states {', '.join(unknown)}, not in STATES"
            yield _Finding("TRANSITIONS", method, Subject.error("core.E021", f"{model}.{method}", text))
    for key in cls.STATE_REFUSALS:
        state, method = key if isinstance(key, tuple) else (key, "")
        wrong = [] if state in states else [state]
        wrong += [] if not method or method in cls.TRANSITIONS else [method]
        if wrong and states:
            text = f"STATE_REFUSALS names {', '.join(map(repr, wrong))}, not in STATES or TRANSITIONS"
            yield _Finding("STATE_REFUSALS", state, Subject.error("core.E022", model, text))


def check_rights(subject: Subject) -> Iterator[Message]:
    """Somebody besides the superuser may use every model."""
    if subject.env is None:
        return
    rows = subject.env.execute("SELECT DISTINCT m.model FROM ir_model_access a JOIN ir_model m ON m.id = a.model_id")
    granted = set(rows.scalars())
    for name, cls in sorted(subject.registry.models.items()):
        if cls._auto and not cls._abstract and not cls._transient and name not in granted:
            yield subject.warning(
                "core.W060", name, "no group has rights on it", "add lines to security/ir.model.access.csv of its addon"
            )


# ---------------------------------------------------------------------------- views, actions, external ids


def check_views(subject: Subject) -> Iterator[Message]:
    """Views parse, their fields and buttons exist, and what they inherit from is there."""
    if subject.env is None:
        return
    views = subject.env["ir.ui.view"].search([])
    names = subject.env["ir.model.data"]._xmlids_of("ir.ui.view", views.ids)
    for view in views:
        label = names.get(view.id, view.name)
        if view.model and view.model not in subject.registry.models:
            yield subject.error("core.E030", label, f"is a view of {view.model!r}, which no installed addon brings")
            continue
        try:
            view._check_arch()
        except StillageError as error:
            yield subject.error("core.E031", label, str(error))


def check_actions(subject: Subject) -> Iterator[Message]:
    """Window actions open models that exist, in views that exist."""
    if subject.env is None:
        return
    actions = subject.env["ir.actions.act_window"].search([])
    for action in actions:
        if action.res_model not in subject.registry.models:
            yield subject.error(
                "core.E032", action.name, f"opens {action.res_model!r}, which no installed addon brings"
            )


def check_external_ids(subject: Subject) -> Iterator[Message]:
    """External ids point to records that exist."""
    if subject.env is None:
        return
    targets: dict[str, dict[int, str]] = {}
    for module, name, model, res_id in subject.env.execute("SELECT module, name, model, res_id FROM ir_model_data"):
        targets.setdefault(model, {})[res_id] = f"{module}.{name}"
    for model, ids in sorted(targets.items()):
        if model not in subject.registry.models:
            continue
        alive = set(subject.env[model].browse(sorted(ids)).exists().ids)
        for res_id in sorted(set(ids) - alive):
            yield subject.warning(
                "core.W040", ids[res_id], f"names record {res_id} of {model}, which is gone", "an upgrade restores it"
            )


def check_hooks(subject: Subject) -> Iterator[Message]:
    """Addons that get in each other's way without anything to decide their order."""
    for conflict in subject.hooks.conflicts():
        if not conflict.determined:
            yield subject.warning("core.W050", conflict.subject, f"{conflict.kind}: {conflict.reason}")


CHECKS: Final[list[Check]] = [
    check_addons,
    check_models,
    check_fields,
    check_transitions,
    check_views,
    check_actions,
    check_external_ids,
    check_hooks,
    check_rights,
]
