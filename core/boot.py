"""A database with its addons: the one place where all parts meet.

    Database(url)                 engine, catalogue of addons; nothing is read yet
      .install(names)             one transaction, see core.loader.installer
      .transaction(login=...)     one transaction with an environment
        generation                has another process installed addons or changed rights? then take that over
        Environment               user, registry, cursor
        flush, commit             or rollback on an exception

::

    from core.boot import Database

    db = Database("sqlite:///shop.db")
    db.install(["sales"])
    with db.transaction(login="admin") as env:
        env["res.partner"].create({"name": "Wood Corner"})
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from core import logs
from core.base.services import caching, tracking
from core.base.services.access import AccessControl
from core.db.engine import create_engine
from core.db.transaction import Cursor, run
from core.exceptions import AccessDenied, AddonError, ConfigurationError
from core.loader.assembly import Assembly, assemble
from core.loader.discovery import Catalogue, discover
from core.loader.installer import Installation, Progress, installed_addons
from core.orm.environment import SUPERUSER_ID, Environment
from core.orm.registry import Registry
from core.plugins import HookManager
from core.settings import Settings

T = TypeVar("T")

_GENERATION = "SELECT registry, cache FROM orm_generation"
_BUMP_CACHE = "UPDATE orm_generation SET cache = cache + 1"

logger = logging.getLogger(__name__)


@dataclass
class _Loaded:
    """What this process runs with, and the generation numbers of the database that it was made for."""

    assembly: Assembly
    registry_generation: int
    cache_generation: int


class Database:
    """One database and the addons installed in it. Thread-safe; several may live in one process.

    Args:
        url: ``sqlite:///FILE``, ``sqlite://`` (in memory) or ``postgresql://USER:PASSWORD@HOST/NAME``.
        addons_path: folders with addons besides the bundled ones; they join those of the settings.
        settings: see `core.settings`; defaults when left out.
    """

    def __init__(self, url: str, *, addons_path: Iterable[str | Path] = (), settings: Settings | None = None) -> None:
        self.settings = settings or Settings(database_url=url)
        self.url = url
        logs.keep_secret_always(*self.settings.secrets())
        self.addons_path = tuple(dict.fromkeys([*map(str, addons_path), *self.settings.addons_path]))
        self.engine = create_engine(url, pool_size=self.settings.pool_size, echo=self.settings.statement_echo)
        self.catalogue: Catalogue = discover(self.addons_path)
        self._loaded: _Loaded | None = None
        self._loading = threading.RLock()

    def __repr__(self) -> str:
        return f"<Database {self.name}>"

    # -- what it is

    @property
    def name(self) -> str:
        """The database's name as clients know it: the file's name without ending, or the name on the server."""
        database = self.engine.url.database
        if self.engine.dialect.name == "sqlite":
            return Path(database).stem if database and database != ":memory:" else "memory"
        return str(database)

    @property
    def registry(self) -> Registry:
        """The models of the installed addons. Raises ConfigurationError when nothing is installed yet."""
        return self._current().assembly.registry

    @property
    def hooks(self) -> HookManager:
        """The hooks of the installed addons."""
        return self._current().assembly.hooks

    @property
    def addons(self) -> list[str]:
        """The installed addons in loading order, quarantined ones left out; empty for a fresh database."""
        return list(self._current().assembly.addons) if self.initialised else []

    @property
    def quarantined(self) -> dict[str, AddonError]:
        """The installed addons that could not be loaded, with the reason."""
        return dict(self._current().assembly.quarantined)

    @property
    def initialised(self) -> bool:
        """Whether anything is installed."""
        if self._loaded is not None:
            return True
        if not self._has_file():
            return False
        with Cursor(self.engine, readonly=True) as cr:
            return bool(installed_addons(cr))

    # -- working with it

    @contextmanager
    def transaction(
        self, login: str | None = None, *, readonly: bool = False, context: Mapping[str, Any] | None = None
    ) -> Generator[Environment]:
        """One transaction: committed at the end of the block, rolled back when it raises.

        Args:
            login: the user to work as; None for the superuser, for whom there are no access checks.
            readonly: nothing will be written; on SQLite such transactions do not wait for one another.
            context: language, time zone and companies, as in ``with_context``.

        Raises:
            AccessDenied: when there is no active user of that login.
        """
        with Cursor(self.engine, readonly) as cr:
            env = self._environment(cr, login, context)
            yield env
            self._settle(env)

    def run(
        self,
        work: Callable[[Environment], T],
        *,
        login: str | None = None,
        readonly: bool = False,
        context: Mapping[str, Any] | None = None,
        retries: int = 5,
    ) -> T:
        """Do ``work(env)`` in a transaction and return its result; do it again when another transaction was in the way.

        ``work`` may be called several times and must have no effects outside the database; those go through
        ``env.cr.after_commit``.

        Raises:
            ConcurrencyError: when the last attempt failed as well.
        """

        def unit(cr: Cursor) -> T:
            env = self._environment(cr, login, context)
            result = work(env)
            self._settle(env)
            return result

        return run(self.engine, unit, readonly=readonly, retries=retries)

    # -- addons

    def install(
        self,
        names: Iterable[str],
        demo: bool = False,
        *,
        prepare: Callable[[Environment], None] | None = None,
        progress: Progress | None = None,
    ) -> list[str]:
        """Install addons with all that they need, in one transaction.

        Args:
            names: technical names; ``base`` is always included.
            demo: whether the new addons' demo data is loaded.
            prepare: called with a superuser environment when all are installed, before the commit; when it fails,
                nothing is installed. It may be called again where another transaction was in the way.
            progress: called with (what is done now, steps done, steps in all).

        Returns:
            the addons newly installed, in order.
        """
        chosen = list(names)

        def operation(work: Installation) -> list[str]:
            installed = work.install(chosen, demo=demo)
            if prepare is not None:
                work.prepare(prepare)
            return installed

        return self._change(operation, progress)

    def upgrade(
        self,
        names: Iterable[str] | None = None,
        *,
        allow_destructive: bool = False,
        progress: Progress | None = None,
    ) -> list[str]:
        """Bring addons (all when None) to their present version, in one transaction; returns their names in order.

        Raises:
            SchemaError: when columns or tables would be dropped or narrowed and that is not allowed.
        """
        chosen = None if names is None else list(names)
        return self._change(lambda work: work.upgrade(chosen, allow_destructive=allow_destructive), progress)

    def plan_upgrade(self, names: Iterable[str] | None = None) -> list[Any]:
        """The changes of tables that `upgrade` would make (``core.db.schema.Change``); nothing is changed."""
        with Cursor(self.engine) as cr:
            changes = self._installation(cr, None).plan_upgrade(names)
            cr.rollback()
        return changes

    def uninstall(self, names: Iterable[str], *, progress: Progress | None = None) -> list[str]:
        """Remove addons with their records, columns and tables, in one transaction; returns their names."""
        chosen = list(names)
        return self._change(lambda work: work.uninstall(chosen), progress)

    def note_quarantined(self) -> None:
        """Write into ``ir.addon`` which addons could not be loaded and why, so that an administrator sees it."""
        quarantined = self.quarantined

        def note(env: Environment) -> None:
            for addon in env["ir.addon"].search([("state", "!=", "uninstalled")]):
                error = quarantined.get(addon.name)
                state = "quarantined" if error else "installed"
                if addon.state != state:
                    addon.write({"state": state, "error": str(error) if error else False})

        self.run(note)

    def close(self) -> None:
        """Close all connections. The database can be used again afterwards; it then opens new ones."""
        self.engine.dispose()

    # -- inside

    def _has_file(self) -> bool:
        """Whether there is a database to connect to, as far as this can be told without making an empty file."""
        path = self.engine.url.database
        return self.engine.dialect.name != "sqlite" or path in (None, "", ":memory:") or Path(path).is_file()

    def _empty(self) -> ConfigurationError:
        return ConfigurationError(f"The database {self.name} is empty; `stillage init` sets it up")

    def _installation(self, cr: Cursor, progress: Progress | None) -> Installation:
        return Installation(cr, self.catalogue, _equip, progress or _silent)

    def _change(self, operation: Callable[[Installation], list[str]], progress: Progress | None) -> list[str]:
        self.catalogue = discover(self.addons_path)

        def unit(cr: Cursor) -> tuple[list[str], _Loaded]:
            work = self._installation(cr, progress)
            names = operation(work)
            return names, _Loaded(work.assembly, *_generations(cr))

        with self._loading:
            names, loaded = run(self.engine, unit)
            self._loaded = loaded
        return names

    def _environment(self, cr: Cursor, login: str | None, context: Mapping[str, Any] | None) -> Environment:
        registry = self._current(cr).assembly.registry
        if login is None:
            return Environment(cr, registry, SUPERUSER_ID, context, True)
        query = "SELECT id FROM res_users WHERE login = :login AND active"
        uid = cr.execute(query, {"login": login}).scalar()
        if uid is None:
            raise AccessDenied(f"There is no active user with the login {login!r}")
        return Environment(cr, registry, uid, context)

    @staticmethod
    def _settle(env: Environment) -> None:
        """Write everything that is pending, also what callbacks before the commit leave behind, and tell others."""

        def last() -> None:
            env.flush_all()
            if caching.changed(env):
                env.cr.execute(_BUMP_CACHE)

        env.flush_all()
        env.cr.before_commit(last)

    def _current(self, cr: Cursor | None = None) -> _Loaded:
        """What to run with: loaded at first, and again when another process has changed addons or rights."""
        loaded = self._loaded
        if loaded is not None and cr is None:
            return loaded
        if loaded is None and not self._has_file():
            raise self._empty()
        if cr is None:
            with Cursor(self.engine, readonly=True) as own:
                return self._current(own)
        if loaded is None:
            return self._load(cr)
        shared = loaded.assembly.registry.cache  # taken before the numbers are read: see `caching.begin`
        registry, cache = _generations(cr)
        if registry != loaded.registry_generation:
            return self._load(cr)
        if cache != loaded.cache_generation:
            loaded.assembly.registry.clear_cache()
            loaded.cache_generation = cache
            shared = loaded.assembly.registry.cache
        caching.begin(cr, shared)
        return loaded

    def _load(self, cr: Cursor) -> _Loaded:
        with self._loading:
            installed = installed_addons(cr)
            if not installed:
                raise self._empty()
            generations = _generations(cr)
            known = self._loaded
            if known is not None and known.registry_generation == generations[0]:
                return known
            self._loaded = _Loaded(self._assemble(installed), *generations)
            return self._loaded

    def _assemble(self, installed: Mapping[str, Any]) -> Assembly:
        lost = [name for name in installed if name not in self.catalogue]
        if lost:  # it may have been put onto the path since
            self.catalogue = discover(self.addons_path)
        assembly = assemble(self.catalogue, self.catalogue.loading_order(installed))
        _equip(assembly.registry)
        return assembly


def _equip(registry: Registry) -> None:
    """Give a registry the services of the base addon that the ORM asks for by contract."""
    registry.access = AccessControl(registry)
    registry.tracking = tracking.record_changes
    registry.shared = caching.shared
    registry.forget_shared = caching.forget


def _generations(cr: Cursor) -> tuple[int, int]:
    registry, cache = tuple(cr.execute(_GENERATION).one())
    return registry, cache


def _silent(text: str, done: int, total: int) -> None:
    """No progress."""
