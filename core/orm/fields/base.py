"""Field: the descriptor that stands for one column or computed value of a model.

Reading goes through the transaction's cache; a miss fetches or computes the value for all records that were
browsed together (the prefetch set), so that a loop over records costs one statement and not one per record.

A field has a value in three formats:
  cache    what the database column holds: None when unset, a Decimal, an id, a tuple of ids;
  record   what ``record.field`` gives: False when unset, a recordset for relations;
  write    what ``create`` and ``write`` accept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import sqlalchemy as sa

from core.db.types import Json
from core.exceptions import ValidationError
from core.orm.computed_search import SearchByValue
from core.orm.fields.computing import ComputedValue
from core.orm.fields.related import RelatedPath
from core.orm.types import NewId

PREFETCH_MAX = 10_000
#: Characters of a refused value that its message repeats.
SHOWN = 200


class Field(RelatedPath, ComputedValue):
    """One field of a model. Arguments are those of Odoo's fields; see the class attributes for their defaults."""

    type: ClassVar[str] = ""
    relational: ClassVar[bool] = False
    null: ClassVar[Any] = None  # the cache value of an unset field
    unset: Any = False  # what reading an unset field gives
    registry_of_types: ClassVar[dict[str, type[Field]]] = {}

    # declared by the author
    string: str = ""
    help: str = ""
    required: bool = False
    readonly: bool = False
    store: bool = True
    index: bool | str = False
    copy: bool = True
    default: Any = None
    compute: str | Callable[..., Any] | None = None
    compute_sudo: bool | None = None
    inverse: str | Callable[..., Any] | None = None
    search: str | Callable[..., Any] | SearchByValue | None = None
    depends: tuple[str, ...] = ()
    related: str | tuple[str, ...] | None = None
    groups: str | None = None
    company_dependent: bool = False
    check_company: bool = False
    tracking: bool = False
    translate: bool = False
    recursive: bool = False
    precompute: bool = True
    aggregator: str | None = None
    prefetch: bool = True
    domain: Any = ()
    context: Any = None
    comodel_name: str = ""
    related_sudo: bool = True
    exportable: bool = True

    # declared on settings, whose values are kept elsewhere (see the model res.config.settings)
    config_parameter: str = ""
    default_model: str = ""
    implied_group: str = ""
    group: str = ""

    # set by the registry
    name: str = ""
    model_name: str = ""
    inherited: bool = False
    addon: str = ""

    def __init__(self, string: str | None = None, **args: Any) -> None:
        if string is not None:
            args["string"] = string
        self.args = args

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.type:
            Field.registry_of_types.setdefault(cls.type, cls)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"{self.model_name or '?'}.{self.name}"

    # -- set-up ----------------------------------------------------------------------------------------------------

    @classmethod
    def merged(cls, name: str, definitions: list[Field]) -> Field:
        """The field that several definitions, the first one first, make together; a later argument overrides."""
        kind = type(definitions[-1])
        args: dict[str, Any] = {}
        for definition in definitions:
            for key, value in definition.args.items():
                args[key] = definition.merge_argument(key, args.get(key), value)
        field = kind(**args)
        field.name = name
        return field

    def merge_argument(self, key: str, old: Any, new: Any) -> Any:
        """How an argument of an extension's field joins the one before it; overriding is the rule."""
        return new

    def setup(self, model_class: Any) -> None:
        """Take the arguments into attributes and settle what depends on one another; called once per registry.

        Raises ValidationError for arguments that do not go together.
        """
        self.model_name = model_class._name
        for key, value in self.args.items():
            setattr(self, key, value)
        if isinstance(self.search, SearchByValue):
            self.search = self.search.of_field(self.name)
        self.related = tuple(self.related.split(".")) if isinstance(self.related, str) else self.related
        if self.related:
            self.compute = self._compute_related
            self.search = self.search or self._search_related
            if "store" not in self.args:
                self.store = False
            if "readonly" not in self.args:
                self.readonly = True
            if not self.readonly:
                self.inverse = self.inverse or self._inverse_related
            if "copy" not in self.args:
                self.copy = False
            self.compute_sudo = self.related_sudo if self.compute_sudo is None else self.compute_sudo
        elif self.compute:
            if "store" not in self.args:
                self.store = False
            if "readonly" not in self.args:
                self.readonly = not self.inverse
            if "copy" not in self.args:
                self.copy = self.store and not self.readonly
        if self.compute_sudo is None:
            self.compute_sudo = bool(self.compute and self.store)
        if self.company_dependent:
            if not self.has_column() or self.type in ("binary", "json"):
                raise ValidationError(f"{self}: a field of type {self.type} cannot be company_dependent")
            self.store = True
        if not self.string:
            self.string = self.default_label()
        self.plain = type(self).convert_to_record is Field.convert_to_record
        self.computed = bool(self.compute)
        self.stored_compute = bool(self.compute and self.store)
        self.column_backed = self.store and self.has_column()
        self.context_keys: tuple[str, ...] = ("company",) if self.company_dependent else ()
        self.inverses: list[Field] = []
        self.filters: list[Field] = []  # one2many fields that choose their lines by this field
        self.constant_default = "default" in self.args and not callable(self.default)

    def default_label(self) -> str:
        """A label made from the name: ``product_uom_qty`` gives 'Product Uom Qty'."""
        words = self.name.removesuffix("_ids").removesuffix("_id").split("_")
        return " ".join(word.capitalize() for word in words)

    def has_column(self) -> bool:
        """Whether a stored field of this type is a column of its model's table."""
        return True

    def sql_type(self) -> Any:
        """The SQLAlchemy type of the column."""
        raise NotImplementedError(f"{type(self).__name__} has no column")

    def column_args(self) -> tuple[Any, ...]:
        """Further arguments of the column, such as a foreign key."""
        return ()

    @property
    def db_type(self) -> Any:
        """The type that the column really has."""
        return Json() if self.company_dependent else self.sql_type()

    def column(self) -> sa.Column[Any]:
        """The column of this field."""
        if self.company_dependent:
            return sa.Column(self.name, self.db_type, nullable=True)
        required = self.required and not self.compute
        return sa.Column(self.name, self.db_type, *self.column_args(), nullable=not required, index=False)

    # -- environment -----------------------------------------------------------------------------------------------

    def cache_of(self, env: Any) -> dict[Any, Any]:
        """The cached values of this field by record id, as `env` sees them."""
        if self.context_keys:
            if self.compute_sudo and not env.su:
                env = env(su=True)  # where its method computes it
            return env._transaction.views[self][env.cache_key(self.context_keys)]
        return env._data[self]

    # -- conversions -----------------------------------------------------------------------------------------------

    def convert_to_cache(self, value: Any, record: Any, validate: bool = True) -> Any:
        """A written value in cache format.

        Raises ValidationError, naming record and field, when it has no meaning for this type.
        """
        return None if value is False else value

    def convert_to_record(self, value: Any, record: Any) -> Any:
        """A cached value as ``record.field`` gives it."""
        return self.unset if value is None else value

    def convert_to_read(self, value: Any, record: Any) -> Any:
        """A record value as ``read`` gives it: ids and pairs in place of recordsets."""
        return value

    def convert_to_write(self, value: Any, record: Any) -> Any:
        """A record value as ``write`` accepts it."""
        return value

    def convert_to_display(self, value: Any, record: Any) -> str:
        """A record value in words, for messages and the history."""
        return "" if value is False or value is None else str(value)

    def bad_value(self, value: Any, record: Any, why: str) -> ValidationError:
        """The error for a value that this field cannot take."""
        where = record._described() if record else record._description
        shown = repr(value)
        shown = shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}…"
        return ValidationError(f"{where}: {self.string} ({self.name}) cannot be {shown}: {why}", fields=[self.name])

    def convert_to_export(self, value: Any, record: Any) -> Any:
        """A record value as a cell of a sheet, which `load` reads back; "" when unset."""
        return "" if value is False or value is None else value

    # -- reading ---------------------------------------------------------------------------------------------------

    def __get__(self, record: Any, owner: Any = None) -> Any:
        if record is None:
            return self
        env = record.env
        ids = record._ids
        if len(ids) != 1:
            return self.get_many(record)
        id_ = ids[0]
        if self.stored_compute:
            pending = env._tocompute.get(self)
            if pending and id_ in pending and not self.is_protected(env, id_):
                self.recompute(record)
        cache = self.cache_of(env) if self.context_keys else env._data[self]
        try:
            value = cache[id_]
        except KeyError:
            value = self.miss(record, cache)
        if self.plain:
            return self.unset if value is None else value
        return self.convert_to_record(value, record)

    def cached_values(self, records: Any) -> list[Any]:
        """The value of each of `records` in cache format, loaded or computed where it is missing."""
        env = records.env
        cache = self.cache_of(env)
        pending = self.stored_compute and env._tocompute.get(self)
        if not pending:
            try:
                return [cache[id_] for id_ in records._ids]
            except KeyError:
                pass
        for record in records:
            if pending or record._ids[0] not in cache:
                self.__get__(record)
        return [cache.get(id_, self.null) for id_ in records._ids]

    def read_values(self, records: Any) -> list[Any]:
        """The value of each of `records` as ``read`` gives it."""
        to_record, to_read = self.convert_to_record, self.convert_to_read
        return [to_read(to_record(value, records), records) for value in self.cached_values(records)]

    def get_many(self, records: Any) -> Any:
        """The value of no or several records: unset of none; an error of several (relations join them instead)."""
        if not records._ids:
            return self.convert_to_record(self.null, records)
        records.ensure_one()
        raise AssertionError("unreachable")

    def miss(self, record: Any, cache: dict[Any, Any]) -> Any:
        """The value of one record that the cache lacks; loads it for the whole prefetch set."""
        if self.groups and not record.env.su:
            record._check_field_groups([self.name], "read")
        id_ = record._ids[0]
        if not id_:
            return self.miss_new(record, cache)
        if self.computed and not self.store:
            if not self.inverse and self.is_protected(record.env, id_):  # its own compute method asks for it
                return self.null
            self.compute_missing(record, cache)
        elif self.column_backed and id_ not in record.env._new_rows_of(self.model_name):
            record._fetch_prefetched(self)
        else:
            cache[id_] = self.null
        try:
            return cache[id_]
        except KeyError:
            pass
        if self.computed and not self.store:
            raise ValidationError(f"{self}: {self.compute} gave no value for {record._described()}")
        raise record._missing()

    def miss_new(self, record: Any, cache: dict[Any, Any]) -> Any:
        """The value of an unsaved record: computed, taken from the record it stands for, or the null value."""
        id_ = record._ids[0]
        if self.computed:
            if self.is_protected(record.env, id_):  # its own compute method asks for it
                return self.null
            if not self.is_unedited(record):
                self.compute_value(record)
                return cache.setdefault(id_, self.null)
        if isinstance(id_, NewId) and id_.origin:
            value = self.convert_to_cache(self.__get__(origin_of(record, cache)), record, validate=False)
        else:
            value = self.null
        cache[id_] = value
        return value

    # -- writing ---------------------------------------------------------------------------------------------------

    def __set__(self, records: Any, value: Any) -> None:
        env = records.env
        protected = env._protected.get(self)
        if protected is not None:
            ids = records._ids
            if (len(ids) == 1 and ids[0] in protected) or protected.issuperset(ids):
                kept = env._transaction.kept.get(self)
                if kept:
                    records = records._with_ids(id_ for id_ in ids if id_ not in kept)
                self.assign(records, self.convert_to_cache(value, records, validate=False))
                return
        if any(records._ids):
            records.write({self.name: value})
        else:
            self.write_new(records, value)

    def write_new(self, records: Any, value: Any) -> None:
        """Assign on unsaved records: the cache changes and what depends on it is computed anew."""
        value = self.convert_to_cache(value, records)
        records._modified([self], before=True)
        records.env._transaction.edited[self].update(records._ids)
        for record in records:
            self.update_cache(record, value)
        records._modified([self])

    def assign(self, records: Any, value: Any) -> None:
        """Set a computed value (cache format) and note it for the next flush."""
        cache = self.cache_of(records.env)
        if not self.column_backed or self.company_dependent:
            cache.update(dict.fromkeys(records._ids, value))
            if self.company_dependent:
                self.mark_dirty(records, [i for i in records._ids if i])
            return
        changed = []
        for id_ in records._ids:
            old = cache.get(id_, cache)
            if old is cache or old != value:
                if id_:
                    changed.append(id_)
                    if self.tracking:
                        records.env._transaction.track(self, id_, old if old is not cache else None)
                cache[id_] = value
        if changed:
            self.mark_dirty(records, changed)
            if self.filters:
                self.forget_filtered(records.env)

    def forget_filtered(self, env: Any) -> None:
        """Drop the cached lines of one2many fields whose domain this field decides."""
        for lines in self.filters:
            env._data[lines].clear()

    def mark_dirty(self, records: Any, ids: Iterable[int]) -> None:
        """Note that the values of `ids` must be written at the next flush."""
        records.env._transaction.dirty[self].update(ids)

    def write(self, records: Any, value: Any) -> None:
        """Write one value on real records: cache, dirty set and relation tables. Access was checked before."""
        cached = self.convert_to_cache(value, records)
        self.write_cached(records, cached)

    def write_cached(self, records: Any, cached: Any) -> None:
        """`write` with a value in cache format; a value that does not change costs nothing."""
        self.assign(records, cached)

    def update_cache(self, record: Any, value: Any) -> None:
        """Put a cache value for one record, keeping the other side of a relation in step."""
        self.cache_of(record.env)[record._ids[0]] = value

    def not_searchable(self) -> ValidationError:
        """The error for a condition on a field that is neither stored nor has a search method."""
        return ValidationError(
            f"{self}: the field is computed and not stored; it cannot be searched", fields=[self.name]
        )

    # -- description -----------------------------------------------------------------------------------------------

    def default_value(self, model: Any) -> Any:
        """The default in write format."""
        return self.default(model) if callable(self.default) else self.default

    def description(self, env: Any) -> dict[str, Any]:
        """What ``fields_get`` says of the field."""
        result: dict[str, Any] = {
            "type": self.type,
            "name": self.name,
            "string": str(env._(self.string)) if self.string else self.string,
            "required": bool(self.required),
            "readonly": bool(self.readonly),
            "store": bool(self.store),
            "searchable": bool(self.store or self.search),
            "sortable": bool(self.column_backed),
        }
        if self.help:
            result["help"] = str(env._(self.help))
        if self.groups:
            result["groups"] = self.groups
        if self.related:
            result["related"] = ".".join(self.related)
        if self.relational:
            result["relation"] = self.comodel_name
            result["domain"] = self.domain if not callable(self.domain) else []
            result["context"] = self.context or {}
        if self.company_dependent:
            result["company_dependent"] = True
        return result


def origin_of(record: Any, cache: dict[Any, Any]) -> Any:
    """The record that an unsaved one stands for, read together with those of the records beside it."""
    origin = record.browse(record._ids[0].origin)
    if origin._ids[0] in cache:
        return origin
    return origin.with_prefetch([id_.origin for id_ in record._prefetch_ids if getattr(id_, "origin", None)])
