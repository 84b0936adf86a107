"""Which addons there are, and in which order they are loaded.

An addon is a folder with a ``__manifest__.py``. It is found in a folder on the addons path (the bundled ones are always
on it) or through an entry point of the group ``stillage.addons`` in an installed distribution::

    [project.entry-points."stillage.addons"]
    vip_policy = "stillage_vip_policy"

The loading order follows ``depends``, then the manifest key ``after``; addons that neither relates are ordered by the
depth of their dependencies and their name. It is the same at install, at start and in every database
(docs/decisions/0014-loading-order.md).

Nothing of an addon is imported here. One that cannot be read is kept with its error, so that it can be named.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final

import core
from core.exceptions import AddonError, CircularDependency, DependencyError, ManifestError
from core.loader.manifest import FILE_NAME, Manifest, read_manifest

GROUP: Final = "stillage.addons"
BASE: Final = "base"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Addon:
    """An addon that was found: where it lies, how it is imported, what it says of itself.

    ``origin`` is ``core``, a folder of the addons path, or ``entry point`` with the distribution's name.
    """

    name: str
    path: Path
    package: str
    manifest: Manifest
    origin: str

    def file(self, relative: str) -> Path:
        """The absolute path of one of the addon's files."""
        return self.path / relative


@dataclass
class Catalogue:
    """All addons at hand, and the errors of those that cannot be read.

    ``shadowed`` tells of folders that were passed over because another addon has their name.
    """

    addons: dict[str, Addon] = field(default_factory=dict)
    errors: dict[str, AddonError] = field(default_factory=dict)
    shadowed: list[str] = field(default_factory=list)

    def __contains__(self, name: str) -> bool:
        return name in self.addons

    def __getitem__(self, name: str) -> Addon:
        """The addon of that name; a DependencyError when there is none, its own error when it cannot be read."""
        if name in self.addons:
            return self.addons[name]
        if name in self.errors:
            raise self.errors[name]
        raise DependencyError(f"There is no addon {name!r}{_hint(self.addons)}")

    def __iter__(self) -> Iterator[Addon]:
        return iter(self.addons.values())

    def with_dependencies(self, names: Iterable[str]) -> list[str]:
        """``names`` and all that they need, in loading order; ``base`` comes first.

        Raises:
            DependencyError: for an addon that is absent, not installable, made for another version of Stillage, or
                that lacks a Python library.
            CircularDependency: for a cycle of ``depends`` and ``after``, which the message prints.
        """
        needed: list[str] = []
        for name in [BASE, *sorted(names)]:
            self._visit(name, [], needed)
        self._refuse_cycle(needed)
        return self.loading_order(needed)

    def loading_order(self, names: Iterable[str]) -> list[str]:
        """``names`` in loading order, as far as there is one: an addon that is broken still has its place.

        By the depth of their dependencies and by name; ``after`` moves as little as needed. Of a cycle one ``after`` is
        ignored, so that a server starts in spite of it; `core.checks` reports it.
        """
        needed = {name: self.closure(name) for name in sorted(set(names))}
        remaining = _by_depth(needed)
        before = {name: self.predecessors(name, remaining) for name in remaining}
        order: list[str] = []
        while remaining:
            among = set(remaining)
            ready = [name for name in remaining if not needed[name] & among] or remaining
            # The first that waits for nothing. Where all wait, there is a cycle: its members wait for the fewest.
            chosen = min(ready, key=lambda name: len(before[name] & among))
            order.append(chosen)
            remaining.remove(chosen)
        return order

    def predecessors(self, name: str, among: Iterable[str]) -> frozenset[str]:
        """The addons among those given that are loaded before ``name`` by ``depends`` or ``after``, directly or not.

        A path leads through the addons given only: what is not installed decides nothing.
        """
        present = set(among)
        found: set[str] = set()
        todo = [name]
        while todo:
            addon = self.addons.get(todo.pop())
            if addon is not None:
                direct = {*self.closure(addon.name), *addon.manifest.after} & present - found
                found |= direct
                todo += direct
        return frozenset(found - {name})

    def _refuse_cycle(self, names: Sequence[str]) -> None:
        """Raise CircularDependency when ``after`` leads in a cycle; one of ``depends`` alone was found before."""
        for name in names:
            for other in self.addons[name].manifest.after:
                if other in names and name in self.predecessors(other, names):
                    cycle = [name, *self._path(other, name, set(names))]
                    steps = [f"{first} {self._relation(first, second)} {second}" for first, second in pairwise(cycle)]
                    raise CircularDependency(
                        f"the loading order has a cycle: {', '.join(steps)}",
                        addon=name,
                        file=self.addons[name].manifest.file,
                        data={"cycle": cycle},
                    )

    def _path(self, start: str, end: str, among: set[str]) -> list[str]:
        """The shortest way from one addon to another by ``depends`` and ``after``, both included."""
        paths, seen = [[start]], {start}
        for path in paths:
            if path[-1] == end:
                return path
            manifest = self.addons[path[-1]].manifest
            following = [name for name in (*manifest.depends, *manifest.after) if name in among - seen]
            seen.update(following)
            paths += [[*path, name] for name in following]
        raise AssertionError(f"{start} does not lead to {end}")

    def _relation(self, first: str, second: str) -> str:
        return "depends on" if second in self.addons[first].manifest.depends else "is loaded after"

    def with_glue(self, names: Iterable[str]) -> list[str]:
        """``names`` with dependencies and all glue addons (``auto_install``) whose triggers are among them."""
        order = self.with_dependencies(names)
        while True:
            present = set(order)
            glue = sorted(
                addon.name
                for addon in self
                if addon.name not in present
                and addon.manifest.installable
                and addon.manifest.triggers
                and present.issuperset(addon.manifest.triggers)
                and self._fits(addon.name, order)
            )
            if not glue:
                return order
            order = self.with_dependencies([*order, *glue])

    def _fits(self, glue: str, order: Sequence[str]) -> bool:
        """Whether all that a glue addon needs is in ``order``; a broken one is left out, and the install goes on."""
        try:
            return set(self.with_dependencies([*order, glue])) == {*order, glue}
        except AddonError as error:
            logger.warning("glue addon %s is not installed: %s", glue, error)
            return False

    def needed_by(self, name: str, among: Iterable[str]) -> list[str]:
        """The addons among those given that need ``name``, directly or not."""
        return [other for other in among if other != name and other in self and name in self.closure(other)]

    def closure(self, name: str) -> frozenset[str]:
        """All addons that ``name`` needs, directly or not, as far as they are at hand; ``base`` included."""
        seen: set[str] = set()
        todo = [name]
        while todo:
            addon = self.addons.get(todo.pop())
            for needed in (addon.manifest.depends or (BASE,)) if addon else ():
                if needed not in seen:
                    seen.add(needed)
                    todo.append(needed)
        return frozenset(seen - {name})

    def _visit(self, name: str, path: list[str], order: list[str]) -> None:
        if name in order:
            return
        if name in path:
            cycle = [*path[path.index(name) :], name]
            raise CircularDependency(
                f"addons depend on each other in a circle: {' -> '.join(cycle)}",
                addon=name,
                file=self.addons[name].manifest.file,
                data={"cycle": cycle},
            )
        addon = self._usable(name, path[-1] if path else None)
        depends = addon.manifest.depends or ((BASE,) if name != BASE else ())
        for needed in depends:
            self._visit(needed, [*path, name], order)
        order.append(name)

    def _usable(self, name: str, needed_by: str | None) -> Addon:
        if name not in self.addons and needed_by:
            owner = self.addons[needed_by]
            reason = str(self.errors[name]) if name in self.errors else f"it was not found{_hint(self.addons)}"
            raise DependencyError(
                f"needs the addon {name!r}, which cannot be used: {reason}",
                addon=needed_by,
                file=owner.manifest.file,
            )
        addon = self[name]
        problem = unusable(addon.manifest)
        if problem:
            raise DependencyError(problem, addon=name, file=addon.manifest.file)
        return addon


def _by_depth(needed: Mapping[str, frozenset[str]]) -> list[str]:
    """The keys, each behind those of them that it needs: level by level, in the given order within one."""
    remaining = list(needed)
    order: list[str] = []
    while remaining:
        among = set(remaining)
        ready = [name for name in remaining if not needed[name] & among] or remaining
        order += ready
        remaining = [name for name in remaining if name not in ready]
    return order


def unusable(manifest: Manifest) -> str | None:
    """Why an addon cannot be installed here, or None."""
    if not manifest.installable:
        return "its manifest says that it is not installable"
    if not manifest.accepts_core(core.__version__):
        return f"is made for Stillage {manifest.core_version}, and this is {core.__version__}"
    missing = [library for library in manifest.external_dependencies if not importlib.util.find_spec(library)]
    if missing:
        return f"needs the Python libraries {', '.join(missing)}, which are not installed"
    return None


def discover(addons_path: Iterable[str | Path] = (), *, entry_points: bool = True) -> Catalogue:
    """Find all addons.

    Args:
        addons_path: folders searched before the bundled addons; of two addons with one name the first wins.
        entry_points: whether installed distributions are asked as well (before the bundled addons, after the folders).
    """
    catalogue = Catalogue()
    _take(catalogue, BASE, Path(core.__path__[0]) / "base", "core.base", "core")
    for folder in map(Path, addons_path):
        if not folder.is_dir():
            raise ManifestError(f"the folder {folder} of the addons path does not exist", file=str(folder))
        _take_folder(catalogue, folder.resolve())
    if entry_points:
        _take_entry_points(catalogue)
    _take_folder(catalogue, bundled_folder())
    return catalogue


def bundled_folder() -> Path:
    """The folder with the addons that come with Stillage."""
    return Path(str(importlib.import_module("addons").__file__)).resolve().parent


def _take_folder(catalogue: Catalogue, folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        if (path / FILE_NAME).is_file() and path.name.isidentifier():
            _take(catalogue, path.name, path, f"addons.{path.name}", str(folder))


def _take_entry_points(catalogue: Catalogue) -> None:
    for point in sorted(importlib.metadata.entry_points(group=GROUP), key=lambda point: point.name):
        distribution = point.dist.name if point.dist else "?"
        try:
            spec = importlib.util.find_spec(point.module)
        except (ImportError, ValueError) as error:
            spec, reason = None, str(error)
        else:
            reason = "there is no such package"
        locations = list(spec.submodule_search_locations or ()) if spec else []
        if not locations:
            catalogue.errors[point.name] = ManifestError(
                f"entry point {point.name} = {point.value} of {distribution}: {reason}", addon=point.name
            )
            continue
        _take(catalogue, point.name, Path(locations[0]).resolve(), point.module, f"entry point of {distribution}")


def _take(catalogue: Catalogue, name: str, path: Path, package: str, origin: str) -> None:
    known = catalogue.addons.get(name)
    if known is not None or name in catalogue.errors:
        if known is not None and known.path != path:
            catalogue.shadowed.append(f"{path} is passed over: the addon {name!r} is taken from {known.path}")
        return
    try:
        manifest = read_manifest(path, name)
    except ManifestError as error:
        catalogue.errors[name] = error
        return
    catalogue.addons[name] = Addon(name, path, package, manifest, origin)


def _hint(known: Mapping[str, Addon]) -> str:
    folders = sorted({addon.origin for addon in known.values()} - {"core"})
    return f"; searched in {', '.join(folders)}" if folders else ""
