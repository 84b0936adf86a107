"""Importing addons and putting them together: their hooks become a manager, their classes a registry.

An addon that does not import, or whose hooks or models do not fit, is **quarantined**: it is left out with its error,
and so are the addons that need it. The rest is assembled as if they were not installed.

Composing takes a moment and some memory. Databases that this process opens with the same addons therefore share what
is composed of them, for as long as one of them is open:

    parts (classes, hooks) ──▶ known? ──no──▶ Registry.setup ──▶ kept, weakly
                                 └──yes──────────────────────────▶ Registry.sibling
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import logging
import pkgutil
import sys
import traceback
import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import core.hookspecs
from core.exceptions import AddonError, DependencyError, HookError, StillageError
from core.loader.discovery import BASE, Addon, Catalogue
from core.orm.registry import Registry
from core.plugins import HookManager

#: Sub-packages of an addon whose modules are imported for their model classes.
MODEL_PACKAGES: Final = ("models", "extends", "wizards")

#: Composed registries in use, by the classes and hooks that went into them.
_composed: weakref.WeakValueDictionary[Any, Registry] = weakref.WeakValueDictionary()

logger = logging.getLogger(__name__)


@dataclass
class Parts:
    """What importing one addon gives."""

    addon: Addon
    classes: list[type] = field(default_factory=list)
    hooks: ModuleType | None = None
    specs: ModuleType | None = None


@dataclass
class Assembly:
    """A registry and a hook manager of the same addons, and the addons that had to be left out, with the reason.

    ``classes`` are the definition classes by addon, in loading order of the addons. ``composed`` is what its
    registry shares with those of other databases.
    """

    registry: Registry
    hooks: HookManager
    classes: dict[str, list[type]]
    quarantined: dict[str, AddonError]
    composed: Registry = field(repr=False)

    @property
    def addons(self) -> list[str]:
        """The names of the addons in it, in loading order."""
        return list(self.classes)

    def owners(self) -> dict[str, list[str]]:
        """Model name -> the addons that define or extend it, in loading order."""
        owners: dict[str, list[str]] = {}
        for addon, classes in self.classes.items():
            for cls in classes:
                addons = owners.setdefault(model_name(cls), [])
                if addon not in addons:
                    addons.append(addon)
        return owners


def model_name(cls: type) -> str:
    """The model that a definition class defines or extends."""
    inherit = cls.__dict__.get("_inherit", ())
    return cls.__dict__.get("_name") or (inherit if isinstance(inherit, str) else inherit[0])


def assemble(catalogue: Catalogue, names: Sequence[str], *, strict: bool = False) -> Assembly:
    """Import the addons and compose their models and hooks.

    Args:
        names: addons in loading order, ``base`` first.
        strict: raise the first error instead of quarantining.

    Raises:
        AddonError: when ``strict``, or when ``base`` itself is broken.
    """
    composer = _Composer(catalogue, strict)
    for name in names:
        try:
            composer.parts[name] = import_addon(composer.sound(name))
        except AddonError as error:
            composer.put_aside(name, error)
    composed, classes = composer.compose()
    registry = composed.sibling()
    return Assembly(registry, registry.hooks, classes, composer.quarantined, composed)


class _Composer:
    """Puts the parts together; an addon that does not fit is put aside, and all that need it."""

    def __init__(self, catalogue: Catalogue, strict: bool) -> None:
        self.catalogue = catalogue
        self.strict = strict
        self.parts: dict[str, Parts] = {}
        self.quarantined: dict[str, AddonError] = {}

    def put_aside(self, name: str, error: AddonError) -> None:
        """Quarantine an addon and all that need it; when strict, raise the error."""
        if self.strict or name == BASE:
            raise error
        logger.error("addon %s is quarantined: %s", name, error)
        self.quarantined[name] = error
        self.parts.pop(name, None)
        for other in self.catalogue.needed_by(name, list(self.parts)):
            file = self.parts[other].addon.manifest.file
            self.quarantined[other] = DependencyError(f"needs {name}, which is quarantined", addon=other, file=file)
            del self.parts[other]

    def sound(self, name: str) -> Addon:
        """The addon, if all that it needs is there; a DependencyError otherwise."""
        addon = self.catalogue[name]
        for needed in sorted(self.catalogue.closure(name)):
            if needed in self.quarantined or needed not in self.catalogue:
                fate = "is quarantined" if needed in self.quarantined else "is not found"
                raise DependencyError(f"needs {needed}, which {fate}", addon=name, file=addon.manifest.file)
        return addon

    def compose(self) -> tuple[Registry, dict[str, list[type]]]:
        """The registry of the parts that fit together, and the definition classes in it by addon."""
        while True:
            hooks = self._hooks()
            try:
                classes = _classes(hooks, self.parts)
                key = (tuple((name, *found) for name, found in classes.items()), hooks.contents)
                composed = _composed.get(key)
                if composed is None:
                    composed = _composed[key] = self._registry(hooks, classes)
                return composed, classes
            except Exception as error:
                name = self._culprit(hooks)
                self.put_aside(name, as_addon_error(error, self.parts[name].addon))

    def _hooks(self) -> HookManager:
        while True:
            hooks = HookManager()
            hooks.add_specs("core", core.hookspecs)
            name = BASE
            try:
                for name, part in self.parts.items():
                    if part.specs is not None:
                        hooks.add_specs(name, part.specs)
                for name, part in self.parts.items():
                    earlier = self.catalogue.predecessors(name, self.parts)
                    hooks.add_implementations(name, part.hooks, self.catalogue.closure(name), earlier)
                return hooks.seal()
            except HookError as error:
                self.put_aside(error.addon if error.addon in self.parts else name, error)

    @staticmethod
    def _registry(hooks: HookManager, classes: dict[str, list[type]]) -> Registry:
        registry = Registry(hooks)
        for name, definitions in classes.items():
            registry.load(name, definitions)
        registry.setup()
        return registry

    def _culprit(self, hooks: HookManager) -> str:
        """The addon whose models are the first not to fit: found by adding one after the other."""
        tried: dict[str, Parts] = {}
        for name, part in self.parts.items():
            tried[name] = part
            try:
                self._registry(hooks, _classes(hooks, tried))
            except Exception:
                return name
        raise AssertionError("the models fit after all")


def _classes(hooks: HookManager, parts: dict[str, Parts]) -> dict[str, list[type]]:
    return {name: [*part.classes, *_registered_models(hooks, name)] for name, part in parts.items()}


def _registered_models(hooks: HookManager, addon: str) -> Iterable[type]:
    for implementation in hooks.register_models.implementations:
        if implementation.addon == addon:
            yield from implementation.function() or ()


# ---------------------------------------------------------------------------- importing


def import_addon(addon: Addon) -> Parts:
    """Import an addon's package, its models and its hooks.

    Raises:
        AddonError: whatever goes wrong in the addon's code, with the file and line in it that raised.
    """
    try:
        package = import_package(addon)
        modules = list(_model_modules(addon, package))
        classes = [cls for module in modules for cls in _definitions(module)]
        return Parts(addon, classes, _optional(addon, "hooks"), _optional(addon, "hookspecs"))
    except Exception as error:
        _forget(addon.package)
        raise as_addon_error(error, addon) from error


def import_package(addon: Addon) -> ModuleType:
    """The addon's package, imported from its own folder.

    Its parent folder joins ``addons.__path__``, so that tests and tools can import it by name. If a package of
    that name was imported from another folder before, it is forgotten: the databases that use it keep their classes.
    """
    known = sys.modules.get(addon.package)
    if known is not None:
        if str(addon.path) in [str(Path(folder).resolve()) for folder in getattr(known, "__path__", ())]:
            return known
        _forget(addon.package)
    parent, _, name = addon.package.rpartition(".")
    if parent != "addons":
        return importlib.import_module(addon.package)
    folders = importlib.import_module(parent).__path__
    if str(addon.path.parent) not in folders:
        folders.append(str(addon.path.parent))
    return _import_from(addon.package, addon.path, importlib.import_module(parent), name)


def _import_from(package: str, path: Path, parent: ModuleType, name: str) -> ModuleType:
    init = path / "__init__.py"
    if init.is_file():
        spec = importlib.util.spec_from_file_location(package, init, submodule_search_locations=[str(path)])
    else:
        spec = importlib.machinery.ModuleSpec(package, None, is_package=True)
        spec.submodule_search_locations = [str(path)]
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[package] = module
    if spec.loader is not None:
        spec.loader.exec_module(module)
    setattr(parent, name, module)
    return module


def _model_modules(addon: Addon, package: ModuleType) -> Iterator[ModuleType]:
    for name in MODEL_PACKAGES:
        folder = addon.path / name
        if (folder / "__init__.py").is_file() or folder.is_dir():
            root = importlib.import_module(f"{package.__name__}.{name}")
            yield root
            yield from (
                importlib.import_module(found.name)
                for found in sorted(
                    pkgutil.walk_packages(root.__path__, f"{root.__name__}.", onerror=_raise),
                    key=lambda found: found.name,
                )
            )
        elif (addon.path / f"{name}.py").is_file():
            yield importlib.import_module(f"{package.__name__}.{name}")


def _raise(name: str) -> None:
    raise  # walk_packages calls this from its except clause


def _definitions(module: ModuleType) -> list[type]:
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and value.__module__ == module.__name__
        and ("_name" in value.__dict__ or "_inherit" in value.__dict__)
    ]


def _optional(addon: Addon, name: str) -> ModuleType | None:
    if not (addon.path / f"{name}.py").is_file() and not (addon.path / name / "__init__.py").is_file():
        return None
    return importlib.import_module(f"{addon.package}.{name}")


def _forget(package: str) -> None:
    """Drop a package from the interpreter, so that it can be imported again once it is repaired."""
    for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
        del sys.modules[name]


def as_addon_error(error: Exception, addon: Addon) -> AddonError:
    """``error`` as an AddonError that points to the deepest place in the addon's own files."""
    if isinstance(error, AddonError):
        error.addon = error.addon or addon.name
        return error
    if isinstance(error, SyntaxError) and error.filename:
        return AddonError(f"syntax error: {error.msg}", addon=addon.name, file=error.filename, line=error.lineno)
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(addon.path)
    ]
    place = frames[-1] if frames else None
    message = error.message if isinstance(error, StillageError) else f"{type(error).__name__}: {error}"
    return AddonError(
        message,
        addon=addon.name,
        file=place.filename if place else str(addon.path),
        line=place.lineno if place else None,
    )
