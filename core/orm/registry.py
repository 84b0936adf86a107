"""The registry of one database: the models, tables, triggers and hooks of its addons, and what is kept of its rows.

    load (addon by addon) ──▶ setup: core/orm/composing.py ──▶ metadata: core/orm/tables.py ──▶ in use
                                                                                                  └─▶ sibling

What setting up gives no longer changes, and databases of one process with the same addons share it (`sibling`);
what changes later is each registry's own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any, Final

import sqlalchemy as sa

from core.db.errors import ConstraintViolation
from core.exceptions import ValidationError
from core.orm import triggers
from core.orm.composing import compose
from core.orm.fields import Field
from core.orm.rights import OpenAccess
from core.orm.sources import misfit
from core.orm.tables import build_metadata
from core.orm.violations import explain

#: How many orders are kept; callers may invent any.
MOST_ORDERS: Final = 2000


class Registry:
    """All models of one database; `sibling` makes that of another.

    ``models`` maps names to final classes, ``addons`` lists the loaded addons in order, ``definitions`` and ``origins``
    tell which classes of which addons went into a model. ``cache`` holds named
    dictionaries of facts that are shared by all transactions of the process; `clear_cache` drops them. These are
    services that core's base addon puts in place: ``access``, ``tracking``, ``shared`` (the dictionaries for the
    transaction of an environment) and ``forget_shared`` (that transaction changed what they hold).
    """

    def __init__(self, hooks: Any = None) -> None:
        self.hooks = hooks
        self.models: dict[str, Any] = {}
        self.addons: list[str] = []
        self.access: Any = OpenAccess()
        self.tracking: Any = None
        self.uninstalling = False
        self.cache: dict[str, dict[Any, Any]] = {}
        self.shared: Any = None
        self.forget_shared: Any = None
        self.relations: defaultdict[str, list[Any]] = defaultdict(list)
        self.restricting: dict[str, list[Any]] = {}
        self.pointing: dict[str, list[Any]] = {}
        self.triggers = triggers.Triggers()
        self.definitions: dict[str, list[type]] = {}
        self.origins: dict[type, str] = {}
        self._metadata: sa.MetaData | None = None
        self._tables: dict[str, sa.Table] = {}
        self._selects: dict[Any, Any] = {}
        self._aliases: dict[Any, Any] = {}
        self._orders: dict[Any, list[Any]] = {}

    # -- loading ---------------------------------------------------------------------------------------------------

    def load(self, addon: str, definitions: Iterable[type]) -> None:
        """Take the model definitions of one addon; addons come in loading order."""
        self.addons.append(addon)
        for definition in definitions:
            name = definition.__dict__.get("_name") or definition._name  # type: ignore[attr-defined]
            if not name:
                text = f"{definition.__module__}.{definition.__name__}: a model needs _name or _inherit"
                raise misfit(text, definition, addon=addon)
            self.definitions.setdefault(name, []).append(definition)
            self.origins[definition] = addon

    def setup(self) -> None:
        """Compose all models. Raises AddonError naming the addon and model at fault."""
        compose(self)
        self._metadata = None

    def sibling(self) -> Registry:
        """A registry for another database with the same addons: models, tables and hooks are shared, nothing else is.

        Facts kept in `cache`, services, a trace of hooks and `uninstalling` are the sibling's own.
        """
        self.metadata()
        other = copy(self)
        other.hooks = self.hooks and self.hooks.sibling()
        other.cache = {}
        other.access, other.tracking, other.shared, other.forget_shared = OpenAccess(), None, None, None
        other.uninstalling = False
        return other

    # -- tables ----------------------------------------------------------------------------------------------------

    def metadata(self) -> sa.MetaData:
        """The tables of all models and relations."""
        if self._metadata is None:
            self._metadata = build_metadata(self)
            self._tables = dict(self._metadata.tables)
            for name, model_class in self.models.items():
                if model_class._table in self._metadata.tables:
                    self._tables[name] = self._metadata.tables[model_class._table]
            self._selects, self._aliases, self._orders = {}, {}, {}
        return self._metadata

    def table(self, name: str) -> sa.Table:
        """The table of a model, or of a relation by its own name. Raises KeyError for abstract models."""
        if self._metadata is None:
            self.metadata()
        return self._tables[name]

    def alias(self, name: str, use: Any) -> Any:
        """The table of a model or relation under a further name, made once: making one takes longer than a query.

        ``use`` tells apart those that stand beside each other in one FROM, and inside each other where one refers to
        the other.
        """
        alias = self._aliases.get((name, use))
        if alias is None:
            alias = self._aliases[name, use] = self.table(name).alias()
        return alias

    def order_terms(self, name: str, order: str, make: Callable[[], list[Any]]) -> list[Any]:
        """The terms that ``make`` gives for ordering a model's table, made once."""
        terms = self._orders.get((name, order))
        if terms is None:
            if len(self._orders) >= MOST_ORDERS:
                self._orders.clear()
            terms = self._orders[name, order] = make()
        return terms

    def select_statement(self, name: str, fields: list[Field]) -> Any:
        """SELECT id and `fields` of a model, made once."""
        key = (name, tuple(field.name for field in fields))
        statement = self._selects.get(key)
        if statement is None:
            table = self.table(name)
            statement = sa.select(table.c.id, *(table.c[field.name] for field in fields))
            self._selects[key] = statement
        return statement

    # -- errors ----------------------------------------------------------------------------------------------------

    @contextmanager
    def translating_errors(self, env: Any, model_class: Any = None) -> Iterator[None]:
        """Turn a violated constraint into a ValidationError in the words of the model."""
        try:
            yield
        except ConstraintViolation as violation:
            raise self.explain(env, violation) from violation

    def explain(self, env: Any, violation: ConstraintViolation) -> ValidationError:
        """The ValidationError for a constraint that the database found violated."""
        return explain(env, violation)

    # -- cache -----------------------------------------------------------------------------------------------------

    def clear_cache(self) -> None:
        """Drop the shared facts; a transaction that is under way goes on with those it began with."""
        self.cache = {}

    def flush_new_rows(self, env: Any, name: str) -> None:
        """Write the new rows of a model, for a query that joins it."""
        if env._transaction.new_rows.get(name):
            env[name].flush_model()
