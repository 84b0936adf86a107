"""Deleting records: who may, who still needs them, and what else changes by it."""

from __future__ import annotations

import sqlalchemy as sa

from core.db.sqltools import in_ids
from core.exceptions import UserError
from core.orm import keeping, triggers
from core.orm.decorators import public
from core.orm.domain import Domain
from core.orm.fields.base import Field


class Deletion:
    """`unlink` and its steps; a part of every model."""

    __slots__ = ()

    @public(any_user=True)
    def unlink(self) -> bool:
        """Delete the records; returns True.

        Raises AccessError without the right, UserError when other records need them (naming them) or a
        method marked ``@api.ondelete`` refuses.
        """
        if not all(self._ids):  # unsaved records are nowhere
            return self._with_ids(id_ for id_ in self._ids if id_).unlink()
        if not self._ids:
            return True
        self._check_access_of("unlink")
        hooks = self.env.hooks
        if hooks is not None and hooks.has("on_unlink", self._name):
            with self.env._transaction.by_hand(self._name):
                hooks.on_unlink(env=self.env, records=self)
        for method, at_uninstall in self._ondelete_methods:
            if at_uninstall or not self.env.registry.uninstalling:
                getattr(self, method)()
        self._check_not_needed()
        self._delete()
        return True

    def _delete(self) -> None:
        env = self.env
        registry = env.registry
        self._release_links()
        self._modified([f for f in self._fields.values() if not f.related], before=True)
        dependents = self._prefetch_inverse()
        env.flush_all()
        table = registry.table(self._name)
        with registry.translating_errors(env, self.__class__):
            env.cr.execute(sa.delete(table).where(in_ids(table.c.id, self._ids)))
        if "ir.model.data" in registry.models:
            data = registry.table("ir.model.data")
            env.cr.execute(sa.delete(data).where(data.c.model == self._name, in_ids(data.c.res_id, self._ids)))
        gone = set(self._ids)
        self._forget_pending()
        self._forget_deleted(gone)
        for field, ids in dependents:
            env._tocompute[field].update(ids - gone if field.model_name == self._name else ids)

    def _release_links(self) -> None:
        """Do for links to these records what the database will do, where somebody else's values depend on it."""
        registry = self.env.registry
        for field in registry.pointing.get(self._name, ()):
            if field.type != "many2one" or field.company_dependent:
                continue
            model = self.env(su=True, context={"active_test": False})[field.model_name]
            cascade = field.ondelete == "cascade"
            if cascade and not registry.triggers.on_create[field.model_name]:
                continue
            paths = model._parent_store and field.name == model._parent_name
            if not cascade and not paths and field not in registry.triggers.by_field:
                continue
            linked = model.search([(field.name, "in", list(self._ids))])
            if model._name == self._name:
                linked -= self
            if not linked:
                continue
            if cascade:
                linked._release_links()
                linked._modified([f for f in linked._fields.values() if not f.related], before=True)
            elif field.ondelete != "restrict":
                linked._write_values({field.name: False})

    def _forget_deleted(self, gone: set[int]) -> None:
        """Take deleted records out of the cache, and what the database cascaded or set to NULL with them."""
        data = self.env._data
        for field in self._fields.values():
            for cache in triggers.caches(self.env, field):
                for id_ in gone:
                    cache.pop(id_, None)
        pointing = self.env.registry.pointing.get(self._name, ())
        keeping.forget(self.env, self._name, *(field.model_name for field in pointing))
        for field in pointing:
            if field.company_dependent:
                for cache in triggers.caches(self.env, field):
                    cache.update(dict.fromkeys([id_ for id_, value in cache.items() if value in gone]))
                continue
            cache = data[field]
            if field.type == "many2one":
                touched = [id_ for id_, value in cache.items() if value in gone]
                for id_ in touched:
                    del cache[id_]
                if touched and field.ondelete == "cascade":
                    model = self.env[field.model_name]
                    model._with_ids(touched)._forget_deleted(set(touched))
            else:
                for id_, lines in cache.items():
                    if not gone.isdisjoint(lines):
                        cache[id_] = tuple(line for line in lines if line not in gone)

    def _prefetch_inverse(self) -> list[tuple[Field, set[int]]]:
        """The computations that the deletion makes necessary; asked again after it."""
        return [(field, set(ids)) for field, ids in self.env._tocompute.items() if ids]

    def _check_not_needed(self) -> None:
        """Refuse when a required link of another record points here."""
        registry = self.env.registry
        for field in registry.restricting.get(self._name, ()):
            model = self.env(su=True, context={"active_test": False})[field.model_name]
            needing = Domain(field.name, "in", list(self._ids))
            if model._name == self._name:
                needing &= Domain("id", "not in", list(self._ids))
            users = model.search(needing, limit=3)
            if users:
                raise UserError(
                    self.env._(
                        "%(record)s cannot be deleted: it is used by %(users)s (%(field)s). "
                        "Archive it instead, or remove it there first.",
                        record=self._described(), users=users._described(), field=field.string,
                    )
                )  # fmt: skip
