"""Install, upgrade and uninstall, each in one transaction: when anything fails, nothing has happened.

    install    assemble -> tables -> reflect models -> data -> demo data
    upgrade    assemble -> pre-migrations -> tables -> reflect -> data, orphans removed, post-migrations -> end-scripts
    uninstall  assemble without it -> delete the addon's records -> take others off its choices ->
               drop its columns and tables -> reflect

The caller owns the transaction and commits it; see `core.boot`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from core import doctor
from core.exceptions import DataFileError, DependencyError, StillageError, UserError
from core.loader import contributions, schema
from core.loader.assembly import Assembly, assemble
from core.loader.data_csv import load_csv
from core.loader.data_xml import load_xml
from core.loader.discovery import BASE, Addon, Catalogue
from core.loader.manifest import parse_version
from core.loader.migrations import migrate
from core.loader.records import RecordLoader
from core.loader.reflection import reflect, reflect_addons
from core.loader.removal import delete_records, forget_models, release_choices
from core.loader.xmlids import XmlIds
from core.orm.client import INSTALLER, Client
from core.orm.environment import SUPERUSER_ID, Environment
from core.orm.registry import Registry

#: Any number, the same in every process: the key of PostgreSQL's advisory lock for installs.
LOCK: Final = 0x5711_1A6E

#: Called with what is being done, how many steps are done and how many there are.
Progress = Callable[[str, int, int], None]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Installed:
    """An addon as the database knows it. ``demo`` says whether its demo data was loaded."""

    name: str
    version: str
    demo: bool


def installed_addons(cr: Any) -> dict[str, Installed]:
    """The addons that are installed in a database; empty when it is a fresh one."""
    if not sa.inspect(cr.connection).has_table("ir_addon"):
        return {}
    rows = cr.execute("SELECT name, version, demo FROM ir_addon WHERE state <> 'uninstalled' ORDER BY name")
    return {name: Installed(name, version or "", bool(demo)) for name, version, demo in rows}


@dataclass
class Installation:
    """One installing transaction.

    ``equip`` gives a registry the services that the ORM asks for; ``assembly`` is what the database will run with once
    the transaction is committed.
    """

    cr: Any
    catalogue: Catalogue
    equip: Callable[[Registry], None]
    progress: Progress
    assembly: Assembly = field(init=False)
    installed: dict[str, Installed] = field(init=False)
    _versions: dict[str, str] = field(init=False, repr=False)
    _done: int = 0
    _total: int = 0

    def __post_init__(self) -> None:
        self._lock()
        schema.prepare(self.cr)
        self.installed = installed_addons(self.cr)
        self._versions = {name: addon.version for name, addon in self.installed.items()}

    # -- the three operations

    def install(self, names: Iterable[str], *, demo: bool = False) -> list[str]:
        """Install addons with all that they need, and the glue addons whose triggers are then present.

        Addons that are installed in an older version are upgraded on the way, as the new ones may build on that.

        Returns:
            the addons newly installed, in order.
        """
        order = self.catalogue.with_glue([*self._present(), *names])
        new = [name for name in order if name not in self.installed]
        if new:
            self._bring_up(order, new, [name for name in order if self._outdated(name)], demo=demo, destructive=False)
        else:
            self.assembly = self._assemble(order)
        return new

    def prepare(self, work: Callable[[Environment], None]) -> None:
        """Call ``work`` with a superuser environment of the addons that are now installed, in this transaction."""
        env = self._environment(self.assembly)
        work(env)
        env.flush_all()

    def upgrade(self, names: Iterable[str] | None = None, *, allow_destructive: bool = False) -> list[str]:
        """Upgrade addons (all when None) and the installed ones that need them.

        Returns:
            the addons upgraded, in order.
        """
        order, chosen = self._upgraded(names)
        new = [name for name in order if name not in self.installed]
        self._bring_up(order, new, chosen, demo=False, destructive=allow_destructive)
        return chosen

    def plan_upgrade(self, names: Iterable[str] | None = None) -> list[Any]:
        """The changes of tables that an upgrade would make; nothing is changed."""
        order, _ = self._upgraded(names)
        return schema.plan(self.cr, self._assemble(order, strict=True).registry.metadata())

    def uninstall(self, names: Iterable[str]) -> list[str]:
        """Remove addons: their records, columns and tables. Glue addons that they triggered go with them.

        Raises:
            UserError: for ``base``, an addon that is not installed, or one that others need, which it names; when
                records have a choice of the addon in a required field, or checks ``at_uninstall`` find new problems.
        """
        gone = self._removed(set(names))
        self._start(len(gone) + 2)
        old = self._assemble([name for name in self._in_order() if name in self.catalogue])
        keep = [change.describe() for change in schema.plan(self.cr, old.registry.metadata())]
        broken = [name for name in gone if name not in old.classes]
        self.assembly = self._without(gone, old, strict=bool(broken))
        staying = set(self.assembly.registry.models)
        old.registry.uninstalling = True
        env = self._environment(old)
        before = _problems(env)
        xmlids = XmlIds(env)
        for name in reversed(gone):
            self._step(f"removing the records of {name}")
            delete_records(env, xmlids, name, staying)
            del self.installed[name]
        env.flush_all()
        after = self._environment(self.assembly)
        release_choices(env, after)
        env.flush_all()
        self._step("dropping columns and tables")
        schema.bring_to(after, allow_destructive=True, keep=() if broken else keep)
        after.invalidate_all()
        forget_models(after, set(old.registry.models) - staying)
        reflect(after, self.assembly.owners(), XmlIds(after), spare=set(self.installed) - set(self.assembly.addons))
        self._finish(after)
        if new := [problem for key, problem in _problems(after).items() if key not in before]:
            listed = "\n".join(f"- {problem.text}. Way out: {problem.hint}" for problem in new)
            raise UserError(f"{', '.join(gone)} cannot be uninstalled yet, as records use what it brings:\n{listed}")
        return gone

    def _without(self, gone: Sequence[str], old: Assembly, *, strict: bool) -> Assembly:
        """The assembly of what stays.

        Raises:
            AddonError: when an addon that stays does not load without those that go, and, when ``strict``, for any that
                does not load at all: the tables of an addon that is not in the registry cannot be told from others.
        """
        rest = [name for name in self._in_order() if name not in gone and (strict or name in self.catalogue)]
        assembly = self._assemble(rest, strict=strict)
        for name, error in assembly.quarantined.items():
            if name not in old.quarantined:
                raise error
        return assembly

    # -- install and upgrade

    def _bring_up(
        self, order: Sequence[str], new: Sequence[str], upgrades: Sequence[str], *, demo: bool, destructive: bool
    ) -> None:
        self._start(len(new) + len(upgrades) + 2)
        self._step("importing addons")
        self.assembly = self._assemble(order, strict=True)
        env = self._environment(self.assembly)
        for name in upgrades:
            self._migrate(name, "pre", env)
        self._step("changing tables")
        schema.bring_to(env, allow_destructive=destructive, keep=() if upgrades else self._pending(env))
        xmlids = XmlIds(env)
        reflect(env, self.assembly.owners(), xmlids)
        for name in order:
            if name in new:
                self._load(env, name, xmlids, update=False, demo=demo)
            elif name in upgrades:
                self._load(env, name, xmlids, update=True, demo=self.installed[name].demo)
                self._migrate(name, "post", env)
        for name in upgrades:
            self._migrate(name, "end", env)
        self._finish(env)

    def _pending(self, env: Environment) -> list[str]:
        """Destructive changes that wait for an upgrade of addons installed before: an install leaves them alone."""
        changes = schema.plan(self.cr, env.registry.metadata())
        return [change.describe() for change in changes if change.destructive]

    def _load(self, env: Environment, name: str, xmlids: XmlIds, *, update: bool, demo: bool) -> None:
        started = time.perf_counter()
        addon = self.catalogue[name]
        self._step(f"{'upgrading' if update else 'installing'} {name}")
        self.installed[name] = Installed(name, addon.manifest.version, demo)
        loader = RecordLoader(env, name, xmlids, update=update)
        for relative in addon.manifest.data:
            load_file(loader, addon, relative)
        contributions.load(loader, self.assembly.hooks, addon)
        if demo:
            for relative in addon.manifest.demo:
                load_file(loader, addon, relative, noupdate=True)
        if update:
            delete_orphans(env, xmlids, name)
        env.flush_all()
        loader.check()
        logger.info("%s %s in %.1f s", "upgraded" if update else "installed", name, time.perf_counter() - started)

    def _migrate(self, name: str, stage: Any, env: Environment) -> None:
        for script in migrate(self.catalogue[name], self._versions[name], stage, env):
            logger.info("%s: %s", name, script)

    # -- which addons

    def _upgraded(self, names: Iterable[str] | None) -> tuple[list[str], list[str]]:
        """All addons that the database will have, and those to be upgraded, in loading order."""
        order = self.catalogue.with_glue(self._present())
        if names is None:
            return order, [name for name in order if name in self.installed]
        chosen = set(names)
        absent = sorted(chosen - set(self.installed))
        if absent:
            raise UserError(f"Not installed, so not to be upgraded: {', '.join(absent)}")
        chosen.update(other for name in tuple(chosen) for other in self.catalogue.needed_by(name, self.installed))
        return order, [name for name in order if name in chosen]

    def _present(self) -> list[str]:
        """The installed addons; an error that names those that are no longer on disk."""
        lost = sorted(name for name in self.installed if name not in self.catalogue)
        if lost:
            raise DependencyError(f"Installed, but not found: {', '.join(lost)}. Put them back or uninstall them first")
        return list(self.installed)

    def _removed(self, names: set[str]) -> list[str]:
        absent = sorted(names - set(self.installed))
        if absent:
            raise UserError(f"Not installed: {', '.join(absent)}")
        if BASE in names:
            raise UserError("base cannot be uninstalled: everything else stands on it")
        gone = set(names)
        while True:
            needing = {
                other: name
                for name in gone
                for other in self.catalogue.needed_by(name, self.installed)
                if other not in gone
            }
            glue = {other for other in needing if set(self.catalogue.addons[other].manifest.triggers) & gone}
            if not glue:
                break
            gone |= glue
        if needing:
            needs = ", ".join(f"{other} needs {name}" for other, name in sorted(needing.items()))
            raise DependencyError(f"Uninstall these as well, or keep what they need: {needs}")
        return [name for name in self._in_order() if name in gone]

    def _in_order(self) -> list[str]:
        return self.catalogue.loading_order(self.installed)

    def _outdated(self, name: str) -> bool:
        known = self.installed.get(name)
        return known is not None and parse_version(known.version) < parse_version(self.catalogue[name].manifest.version)

    # -- the transaction

    def _assemble(self, names: Sequence[str], *, strict: bool = False) -> Assembly:
        assembly = assemble(self.catalogue, names, strict=strict)
        self.equip(assembly.registry)
        return assembly

    def _lock(self) -> None:
        """One install at a time in a database. On SQLite a write transaction is that already."""
        if self.cr.dialect == "postgresql":
            self.cr.execute("SET LOCAL lock_timeout = 0")
            self.cr.execute("SELECT pg_advisory_xact_lock(:key)", {"key": LOCK})
            self.cr.execute("SET LOCAL lock_timeout = '60s'")

    def _environment(self, assembly: Assembly) -> Environment:
        env = Environment(self.cr, assembly.registry, SUPERUSER_ID, {}, True)
        env.set_client(Client(agent=INSTALLER))
        return env

    def _finish(self, env: Environment) -> None:
        self._step("checking")
        reflect_addons(env, self.catalogue, self.installed)
        env.flush_all()
        self.cr.check_foreign_keys()
        self.cr.execute("UPDATE orm_generation SET registry = registry + 1, cache = cache + 1")

    def _start(self, total: int) -> None:
        self._done, self._total = 0, total + 1

    def _step(self, text: str) -> None:
        self.progress(text, self._done, self._total)
        self._done += 1


def _problems(env: Environment) -> dict[tuple[str, str, int, str], doctor.Problem]:
    """What the checks find that an uninstall must not add to; hints may name what the addons that go bring."""
    found = doctor.examine(env, [check for check in doctor.registered(env) if check.at_uninstall], limit=None)
    return {(problem.check, problem.model, problem.res_id, problem.text): problem for problem in found}


def load_file(loader: RecordLoader, addon: Addon, relative: str, *, noupdate: bool = False) -> None:
    """Load one data file by the format that its name tells.

    Raises:
        DataFileError: when it is missing, of an unknown format, or wrong inside.
    """
    path = addon.file(relative)
    if not path.is_file():
        raise DataFileError("the manifest names this file, and it is not there", addon=addon.name, file=str(path))
    load = {".xml": load_xml, ".csv": load_csv}.get(Path(relative).suffix.lower())
    if load is None:
        raise DataFileError("data files end in .xml or .csv", addon=addon.name, file=str(path))
    load(loader, addon, relative, noupdate=noupdate)


def delete_orphans(env: Environment, xmlids: XmlIds, addon: str) -> None:
    """Delete the records that former versions of the addon's data files created and the present ones lack."""
    orphans = xmlids.orphans(addon)
    for entry in orphans:
        record = env[entry.model].browse(entry.res_id) if entry.model in env else None
        if record is not None and record.exists():
            try:
                with env.savepoint():
                    record.unlink()
            except StillageError as error:
                logger.warning(
                    "%s is no longer in the data of %s, but cannot be deleted: %s", entry.xmlid, addon, error
                )
    xmlids.forget(orphans)
