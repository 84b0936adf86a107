"""Environment: who works, for which companies, in which language. Transaction: what all environments of one share.

Database.transaction ──> Cursor ──> Transaction (cache, dirty values, pending computations)
                                        │ one per database transaction
                     Environment(uid, su, context) ── env["stock.picking"] ──> recordsets
                                        │ many per transaction, made by sudo(), with_user(), with_context()
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from core import i18n
from core.exceptions import AccessError, ValidationError
from core.orm import flush
from core.orm.client import Client
from core.orm.notifications import KINDS, DocumentLog, Kind, LogVerb, Notification

SUPERUSER_ID = 1


class SettledWrite(NamedTuple):
    """A change that a service has settled: the ids of the records, or that records are being created."""

    ids: set[Any]
    creating: bool


class Transaction:
    """The state of one database transaction: cached values, what must still be written and what must be computed."""

    def __init__(self, cr: Any, registry: Any) -> None:
        self.cr = cr
        self.registry = registry
        self.envs: dict[Any, Environment] = {}
        self.client = Client()
        self.client_defaults: dict[str, Any] = {}  # the default_... that the client sent in its context
        self.now: datetime = datetime.now(UTC).replace(tzinfo=None)
        self.protected: dict[Any, set[Any]] = {}
        self.kept: dict[Any, set[Any]] = {}
        self.data: defaultdict[Any, dict[Any, Any]] = defaultdict(dict)
        # Of fields whose value depends on the context: field -> state of the context -> values.
        self.views: defaultdict[Any, defaultdict[Any, dict[Any, Any]]] = defaultdict(lambda: defaultdict(dict))
        self.dirty: defaultdict[Any, set[int]] = defaultdict(set)
        self.tocompute: defaultdict[Any, set[int]] = defaultdict(set)
        self.new_rows: defaultdict[str, dict[int, None]] = defaultdict(dict)
        # The unsaved records on which a field was assigned: what depends on it differs from what is stored.
        self.edited: defaultdict[Any, set[Any]] = defaultdict(set)
        self.tracked: dict[tuple[Any, int], Any] = {}
        self.memo: dict[Any, Any] = {}
        self.notifications: list[Notification] = []
        self.settling_models: Counter[str] = Counter()  # models whose states are being settled (see states)
        self.settled_writes: dict[str, list[SettledWrite]] = {}  # what services write, the innermost last (see states)
        self.document_logs: list[DocumentLog] = []  # of the actions under way, the innermost last

    def clear(self) -> None:
        """Forget everything that is cached or pending; used after a rollback."""
        self.forget_values()
        self.dirty.clear()
        self.tocompute.clear()
        self.new_rows.clear()
        self.tracked.clear()
        self.memo.clear()

    def caches(self) -> Iterator[dict[Any, Any]]:
        """The cached values of every field, in every state of the context."""
        yield from self.data.values()
        for views in self.views.values():
            yield from views.values()

    def forget_values(self) -> None:
        """Forget all cached values."""
        self.data.clear()
        self.views.clear()

    @contextmanager
    def protecting(self, fields: Iterable[Any], ids: Iterable[Any]) -> Iterator[None]:
        """Within, assignments to `fields` of the records `ids` are computed values: no checks, no inverse."""
        before = {}
        for field in fields:
            before[field] = old = self.protected.get(field)
            self.protected[field] = old.union(ids) if old else set(ids)
        try:
            yield
        finally:
            for field, old in before.items():
                if old is None:
                    del self.protected[field]
                else:
                    self.protected[field] = old

    @contextmanager
    def keeping(self, values: dict[Any, set[Any]]) -> Iterator[None]:
        """Within, computed assignments to these fields of these records are left out: their values stand."""
        if not values:
            yield
            return
        before = self.kept
        self.kept = before | {field: ids | before.get(field, frozenset()) for field, ids in values.items()}
        try:
            yield
        finally:
            self.kept = before

    @contextmanager
    def settling(self, model_name: str) -> Iterator[None]:
        """Within, states and settled fields of a model may be written; see `core.orm.states`."""
        counter = self.settling_models
        counter[model_name] += 1
        try:
            yield
        finally:
            counter[model_name] -= 1
            if not counter[model_name]:
                del counter[model_name]

    @contextmanager
    def settled_write(self, model_name: str, ids: Iterable[Any] = (), creating: bool = False) -> Iterator[None]:
        """Within, a service writes what it has settled of these records, or creates some; see `core.orm.states`."""
        writes = self.settled_writes.setdefault(model_name, [])
        writes.append(SettledWrite(set(ids), creating))
        try:
            yield
        finally:
            writes.pop()

    def note_settled(self, model_name: str, ids: Iterable[int]) -> None:
        """Note that a service's creation is over: what its overrides change of the new records is settled too."""
        writes = self.settled_writes.get(model_name)
        if writes and writes[-1].creating:
            writes[-1] = SettledWrite(set(ids), False)

    @contextmanager
    def by_hand(self, model_name: str) -> Iterator[None]:
        """Within, changes of a model count as made by hand: for hooks, which are called while a service writes."""
        writes, counted = self.settled_writes.pop(model_name, None), self.settling_models.pop(model_name, 0)
        try:
            yield
        finally:
            if writes is not None:
                self.settled_writes[model_name] = writes
            if counted:
                self.settling_models[model_name] = counted

    def track(self, field: Any, id_: int, old: Any) -> None:
        """Remember the value that a tracked field had before its first change in this flush."""
        if id_ not in self.new_rows.get(field.model_name, ()):
            self.tracked.setdefault((field, id_), old)


class Environment(Mapping[str, Any]):
    """The door to the models: ``env["stock.picking"]`` is the empty recordset of that model.

    Attributes: ``cr`` (the cursor), ``uid``, ``su`` (access checks are off), ``context`` (read-only mapping:
    language, time zone, companies, defaults), ``registry``, ``hooks``.
    """

    __slots__ = (
        "_company", "_data", "_frozen", "_keys", "_new_rows", "_protected", "_tocompute", "_transaction",
        "context", "cr", "registry", "su", "uid",
    )  # fmt: skip

    cr: Any
    registry: Any
    uid: int
    su: bool
    context: Mapping[str, Any]
    _transaction: Transaction
    _data: defaultdict[Any, dict[Any, Any]]
    _protected: dict[Any, set[Any]]
    _tocompute: defaultdict[Any, set[int]]
    _new_rows: defaultdict[str, dict[int, None]]
    _frozen: tuple[Any, ...]
    _keys: dict[tuple[str, ...], tuple[Any, ...]]
    _company: int | None

    def __new__(
        cls,
        cr: Any,
        registry: Any,
        uid: int = SUPERUSER_ID,
        context: Mapping[str, Any] | None = None,
        su: bool = False,
        transaction: Transaction | None = None,
    ) -> Environment:
        return cls._of(transaction or Transaction(cr, registry), uid, su, context or {}, _freeze(context or {}))

    @classmethod
    def _of(
        cls, transaction: Transaction, uid: int, su: bool, context: Mapping[str, Any], frozen: tuple[Any, ...]
    ) -> Environment:
        """The one environment of the transaction with this user, access mode and context (`frozen`: to look it up)."""
        su = su or uid == SUPERUSER_ID
        key = (uid, su, frozen)
        env = transaction.envs.get(key)
        if env is not None:
            return env
        env = object.__new__(cls)
        env.cr = transaction.cr
        env.registry = transaction.registry
        env.uid = uid
        env.su = su
        env.context = MappingProxyType(dict(context))
        env._frozen = frozen
        env._transaction = transaction
        env._data = transaction.data
        env._protected = transaction.protected
        env._tocompute = transaction.tocompute
        env._new_rows = transaction.new_rows
        env._keys = {}
        env._company = None
        transaction.envs[key] = env
        return env

    def __call__(
        self, *, uid: int | None = None, context: Mapping[str, Any] | None = None, su: bool | None = None
    ) -> Environment:
        """The environment of the same transaction with another user, context or access mode."""
        new_uid = self.uid if uid is None else uid
        new_su = (self.su if uid is None else False) if su is None else su
        if context is None:
            return self._of(self._transaction, new_uid, new_su, self.context, self._frozen)
        return self._of(self._transaction, new_uid, new_su, context, _freeze(context))

    # -- mapping of models -----------------------------------------------------------------------------------------

    def __getitem__(self, name: str) -> Any:
        try:
            return self.registry.models[name]._browse(self, (), ())
        except KeyError:
            raise KeyError(f"There is no model {name!r}; is the addon that brings it installed?") from None

    def __contains__(self, name: object) -> bool:
        return name in self.registry.models

    def __iter__(self) -> Iterator[str]:
        return iter(self.registry.models)

    def __len__(self) -> int:
        return len(self.registry.models)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    def __hash__(self) -> int:
        return id(self)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<Environment uid={self.uid}{' su' if self.su else ''}>"

    # -- who and where ---------------------------------------------------------------------------------------------

    @property
    def hooks(self) -> Any:
        """The hooks of this database: ``env.hooks.on_validate(env=env, documents=...)``."""
        return self.registry.hooks

    @property
    def client(self) -> Client:
        """Who calls, as the boundary noted it; an empty one for work of the server itself."""
        return self._transaction.client

    def set_client(self, client: Client) -> None:
        """Note who calls, for all environments of this transaction. For the boundaries: web pages and RPC."""
        self._transaction.client = client

    def note_client_defaults(self, context: Mapping[str, Any]) -> None:
        """Note which ``default_...`` a client sent in its context. For the boundaries, as `set_client`.

        Superuser code does not do with them what the user may not do.
        """
        self._transaction.client_defaults = {key: value for key, value in context.items() if key.startswith("default_")}

    @property
    def user(self) -> Any:
        """The user, readable without access rights."""
        return self(su=True)["res.users"].browse(self.uid)

    @property
    def lang(self) -> str | None:
        """The language code of the context, if any."""
        return self.context.get("lang")

    @property
    def company(self) -> Any:
        """The company worked for: the first of the allowed companies of the context, else the user's own."""
        if self._company is None:
            ids = self.context.get("allowed_company_ids")
            if ids:
                self._check_companies(ids)
                self._company = ids[0]
            elif "res.users" in self.registry.models:
                self._company = self.user.company_id.id or 0
            else:
                return None
        return self["res.company"].browse(self._company or ())

    @property
    def companies(self) -> Any:
        """The companies whose records are shown: those of the context, else all of the user's."""
        ids = self.context.get("allowed_company_ids")
        if ids:
            self._check_companies(ids)
            return self["res.company"].browse(ids)
        return self["res.company"].browse(self.user.company_ids.ids)

    def _check_companies(self, ids: Iterable[int]) -> None:
        if not self.su and not set(ids) <= set(self.user.company_ids.ids):
            raise AccessError(self._("You are not allowed to work for one of the chosen companies."))

    def is_superuser(self) -> bool:
        """Whether access checks are off."""
        return self.su

    def is_admin(self) -> bool:
        """Whether the user may change settings and rights."""
        return self.su or self.user.has_group("base.group_system")

    def is_system(self) -> bool:
        """Same as `is_admin`."""
        return self.is_admin()

    def cache_key(self, keys: tuple[str, ...]) -> tuple[Any, ...]:
        """The part of the environment that values depending on the context `keys` differ by.

        ``allowed_company_ids`` are the companies worked for, also where the context says nothing about them.
        """
        result = self._keys.get(keys)
        if result is None:
            result = tuple(self._context_value(key) for key in keys)
            self._keys[keys] = result
        return result

    def _context_value(self, key: str) -> Any:
        if key == "company":
            return self.company.id if self.company is not None else None
        if key == "uid":
            return self.uid, self.su
        if key == "allowed_company_ids":
            return tuple(self.companies.ids)
        return _freeze(self.context.get(key))

    # -- services --------------------------------------------------------------------------------------------------

    def ref(self, xmlid: str, raise_if_not_found: bool = True) -> Any:
        """The record with the external id ``addon.name``. Raises ValidationError when there is none."""
        found = self["ir.model.data"]._xmlid_lookup(xmlid)
        if not found:
            if raise_if_not_found:
                raise ValidationError(
                    f"There is no record with the external id {xmlid!r}.",
                    code="unknown_external_id",
                    data={"xmlid": xmlid},
                )
            return None
        model, res_id = found
        return self[model].browse(res_id)

    def _(self, source: Any, /, **values: Any) -> str:
        """`source` in the language of this environment, with `values` filled in."""
        return i18n.translate(source, self.lang, **values)

    def execute(self, statement: Any, params: Any = None) -> Any:
        """Run raw SQL after writing everything that is pending."""
        self.flush_all()
        return self.cr.execute(statement, params)

    def add_to_compute(self, field: Any, records: Any) -> None:
        """Have a stored computed field computed anew for the records, at the next flush or when it is read."""
        self._tocompute[field].update(records._ids)

    def flush_all(self) -> None:
        """Compute what is pending and write it all to the database."""
        flush.flush_all(self)

    def invalidate_all(self) -> None:
        """Write what is pending, then forget all cached values."""
        self.flush_all()
        self._transaction.forget_values()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part that can fail alone: on an exception the database and the cache are as they were at its start."""
        self.flush_all()
        queued = len(self._transaction.notifications)
        log = self._transaction.document_logs[-1:]
        logged = [len(each.entries) for each in log]
        try:
            with self.cr.savepoint():
                yield
                self.flush_all()
        except BaseException:
            self._transaction.clear()
            del self._transaction.notifications[queued:]
            for each, length in zip(log, logged, strict=True):
                del each.entries[length:]
            raise

    def protecting(self, fields: Iterable[Any], records: Any) -> Any:
        """See `Transaction.protecting`."""
        return self._transaction.protecting(fields, records._ids)

    def notify(self, message: Any, kind: Kind = "success", records: Any = None) -> None:
        """Queue a message for the user, shown by the web client on the page that follows the action.

        Remote calls do not carry it; a savepoint that fails drops what was queued within it.

        Args:
            message: the text, translated into the language of this environment.
            kind: success, info, warning or danger.
            records: a recordset, or a tuple of recordsets of several models; each record that the user may read is
                offered as a link.
        Raises: ValueError for another kind.
        """
        if kind not in KINDS:
            raise ValueError(f"{kind!r} is no kind of notification; use one of {', '.join(KINDS)}.")
        self._transaction.notifications.append(Notification(self._(message), kind, records))

    def has_notifications(self) -> bool:
        """Whether `notify` was called since the queue was last taken."""
        return bool(self._transaction.notifications)

    def take_notifications(self) -> list[Notification]:
        """Empty the queue of `notify` and return what was in it, oldest first."""
        queue = self._transaction.notifications
        taken = list(queue)
        queue.clear()
        return taken

    @contextmanager
    def log_documents(self) -> Iterator[DocumentLog]:
        """Collect what is created and changed within, for one message about it; see `log_created`, `log_changed`.

        A block within another one hands its documents on to that: its log is ``nested``, and the outer action reports
        them. The documents of a block or savepoint that fails are dropped.
        """
        logs = self._transaction.document_logs
        log = DocumentLog(nested=bool(logs))
        logs.append(log)
        try:
            yield log
            if log.nested:
                logs[-2].entries += log.entries
        finally:
            logs.pop()

    def log_created(self, documents: Any) -> None:
        """Note documents that an action created, for its user; without `log_documents` around it, nothing happens."""
        self._log(documents, "created")

    def log_changed(self, documents: Any) -> None:
        """Note documents that an action added to; those that it created before count as created."""
        self._log(documents, "changed")

    def log_removed(self, documents: Any) -> None:
        """Note documents that an action deletes, which it may have created or added to before."""
        self._log(documents, "removed")

    def _log(self, documents: Any, verb: LogVerb) -> None:
        logs = self._transaction.document_logs
        if documents and logs:
            logs[-1].entries.append((documents, verb))

    def after_commit(self, function: Callable[[], Any]) -> None:
        """Call `function` once, after the transaction was committed."""
        self.cr.after_commit(function)

    def _new_rows_of(self, model_name: str) -> dict[int, None]:
        return self._new_rows[model_name]


def _freeze(value: Any) -> Any:
    if isinstance(value, Mapping):
        return tuple(sorted((key, _freeze(item)) for key, item in value.items()))
    if isinstance(value, list | tuple | set):
        return tuple(_freeze(item) for item in value)
    try:
        hash(value)
    except TypeError:
        return id(value)
    return value
