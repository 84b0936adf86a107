"""What a recordset is: an ordered set of record identities of one model, seen through an environment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar, Self

from core.exceptions import MissingError, SingletonError, ValidationError
from core.i18n import _, ngettext
from core.orm.domain import Domain, to_predicate
from core.orm.fields.base import PREFETCH_MAX, Field
from core.orm.types import NewId, real_ids


class Recordset:
    """Identity, iteration, set algebra and functional tools; knows nothing of SQL."""

    __slots__ = ("_ids", "_prefetch_ids", "env")

    env: Any
    _ids: tuple[Any, ...]
    _name: ClassVar[str]
    _description: ClassVar[str]
    _fields: dict[str, Field]

    @classmethod
    def _browse(cls, env: Any, ids: tuple[Any, ...], prefetch_ids: Iterable[Any]) -> Self:
        self = object.__new__(cls)
        self.env = env
        self._ids = ids
        self._prefetch_ids = prefetch_ids
        return self

    def browse(self, ids: Any = ()) -> Self:
        """The records with these ids (one id, or several); whether they exist is not checked."""
        if not ids and not isinstance(ids, NewId):
            ids = ()
        elif isinstance(ids, int | NewId):
            ids = (ids,)
        else:
            ids = tuple(ids)
        return self._browse(self.env, ids, ids)

    def _with_ids(self, ids: Iterable[Any]) -> Self:
        ids = tuple(ids)
        return self._browse(self.env, ids, ids)

    # -- identity --------------------------------------------------------------------------------------------------

    @property
    def ids(self) -> list[int]:
        """The ids of the stored records behind this recordset."""
        return real_ids(self._ids)

    @property
    def _origin(self) -> Self:
        """The stored records behind unsaved ones."""
        ids = tuple(real_ids(self._ids))
        return self if ids == self._ids else self._with_ids(ids)

    def __bool__(self) -> bool:
        return bool(self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[Self]:
        cls, env, prefetch = self.__class__, self.env, self._prefetch_ids
        new = object.__new__
        for id_ in self._ids:
            record = new(cls)
            record.env = env
            record._ids = (id_,)
            record._prefetch_ids = prefetch
            yield record

    def __reversed__(self) -> Iterator[Self]:
        return iter(self._browse(self.env, self._ids[::-1], self._prefetch_ids))

    def __contains__(self, item: object) -> bool:
        if isinstance(item, str):
            return item in self._fields
        self._check_same_model(item)
        return len(item._ids) == 1 and item._ids[0] in self._ids  # type: ignore[attr-defined]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Recordset):
            return NotImplemented
        return self._name == other._name and (self._ids == other._ids or set(self._ids) == set(other._ids))

    def __hash__(self) -> int:
        return hash((self._name, frozenset(self._ids)))

    def __repr__(self) -> str:
        return f"{self._name}{self._ids!r}"

    def __int__(self) -> int:
        return self.id or 0

    def __getitem__(self, key: Any) -> Any:
        """``record["field"]``, ``records[3]`` and ``records[:5]``."""
        if isinstance(key, str):
            return self._fields[key].__get__(self, self.__class__)
        if isinstance(key, slice):
            return self._browse(self.env, self._ids[key], self._prefetch_ids)
        return self._browse(self.env, (self._ids[key],), self._prefetch_ids)

    def __setitem__(self, key: str, value: Any) -> None:
        self._fields[key].__set__(self, value)

    def ensure_one(self) -> Self:
        """This recordset, which must hold exactly one record. Raises SingletonError otherwise."""
        if len(self._ids) != 1:
            raise SingletonError(f"One record of {self._name} is expected, these are {len(self._ids)}: {self!r}", self)
        return self

    def _described(self) -> str:
        """The records in words, for messages: kind and names, never a bare id where a name is known."""
        if not self._ids:
            return self._description
        records = self.sudo()
        try:
            names = [record.display_name or "new" for record in records[:5]]
        except (MissingError, ValueError):
            names = [str(id_) for id_ in self._ids[:5]]
        more = ", ..." if len(self._ids) > 5 else ""
        return f"{self._description} {', '.join(names)}{more}"

    def _counted(self) -> str:
        """What these records are, with their number if there are several: "delivery", "3 deliveries".

        Models override it with words of their own; of thousands they read no values.
        """
        text = ngettext("%(model)s", "%(number)s records of %(model)s", len(self._ids), model=_(self._description))
        return self.env._(text)

    # -- environment -----------------------------------------------------------------------------------------------

    def with_env(self, env: Any) -> Self:
        """These records in another environment."""
        return self._browse(env, self._ids, self._prefetch_ids)

    def sudo(self, flag: bool = True) -> Self:
        """These records without access checks (or with them again)."""
        env = self.env
        return self if env.su == flag else self._browse(env(su=flag), self._ids, self._prefetch_ids)

    def with_user(self, user: Any) -> Self:
        """These records as `user` (a record or id) sees them, access checks included."""
        uid = user if isinstance(user, int) else user.id
        return self._browse(self.env(uid=uid, su=False), self._ids, self._prefetch_ids)

    def with_company(self, company: Any) -> Self:
        """These records with `company` (record or id) as the company worked for."""
        company_id = company if isinstance(company, int) else company.id
        if not company_id:
            return self
        others = [id_ for id_ in self.env.context.get("allowed_company_ids") or [] if id_ != company_id]
        return self.with_context(allowed_company_ids=[company_id, *others])

    def with_context(self, *args: Any, **overrides: Any) -> Self:
        """These records with a changed context: a whole new one, or single keys."""
        context = dict(args[0] if args else self.env.context)
        context.update(overrides)
        return self._browse(self.env(context=context), self._ids, self._prefetch_ids)

    def with_prefetch(self, prefetch_ids: Iterable[Any] | None = None) -> Self:
        """These records, loaded together with `prefetch_ids` (their own ids when None)."""
        return self._browse(self.env, self._ids, self._ids if prefetch_ids is None else prefetch_ids)

    # -- prefetch --------------------------------------------------------------------------------------------------

    def _prefetch_missing(self, cache: dict[Any, Any], skip: Any = ()) -> list[Any]:
        """Ids to load together with this one record: itself and what the cache lacks of its prefetch set."""
        found = {self._ids[0]: None}
        for id_ in self._prefetch_ids:
            if id_ and id_ not in cache and id_ not in skip:
                found[id_] = None
                if len(found) >= PREFETCH_MAX:
                    break
        return list(found)

    # -- set algebra -----------------------------------------------------------------------------------------------

    def _check_same_model(self, other: Any) -> None:
        if not isinstance(other, Recordset) or other._name != self._name:
            raise TypeError(f"{self!r} and {other!r} are not recordsets of the same model")

    def __add__(self, other: Any) -> Self:
        return self.concat(other)

    def concat(self, *others: Any) -> Self:
        """All records one after the other, repetitions kept."""
        ids = list(self._ids)
        for other in others:
            self._check_same_model(other)
            ids.extend(other._ids)
        return self._with_ids(ids)

    def __or__(self, other: Any) -> Self:
        return self.union(other)

    def union(self, *others: Any) -> Self:
        """All records, each once, in order of first appearance."""
        ids = dict.fromkeys(self._ids)
        for other in others:
            self._check_same_model(other)
            ids.update(dict.fromkeys(other._ids))
        return self._with_ids(ids)

    def __and__(self, other: Any) -> Self:
        self._check_same_model(other)
        keep = set(other._ids)
        return self._with_ids(dict.fromkeys(id_ for id_ in self._ids if id_ in keep))

    def __sub__(self, other: Any) -> Self:
        self._check_same_model(other)
        drop = set(other._ids)
        return self._with_ids(id_ for id_ in self._ids if id_ not in drop)

    def __le__(self, other: Any) -> bool:
        self._check_same_model(other)
        return set(self._ids) <= set(other._ids)

    def __lt__(self, other: Any) -> bool:
        self._check_same_model(other)
        return set(self._ids) < set(other._ids)

    def __ge__(self, other: Any) -> bool:
        self._check_same_model(other)
        return set(self._ids) >= set(other._ids)

    def __gt__(self, other: Any) -> bool:
        self._check_same_model(other)
        return set(self._ids) > set(other._ids)

    # -- functional tools ------------------------------------------------------------------------------------------

    def mapped(self, func: str | Callable[[Self], Any]) -> Any:
        """`func` of each record, or the values along a dotted path; recordsets are joined, other values listed."""
        if isinstance(func, str):
            result: Any = self
            for name in func.split("."):
                if not isinstance(result, Recordset):
                    raise TypeError(f"{name!r} in {func!r} is asked of values that are not records")
                field = result._fields[name]
                if field.relational:
                    result = field.get_many(result) if len(result._ids) != 1 else result[name]
                else:
                    result = [field.__get__(record) for record in result]
            return result
        values = [func(record) for record in self]
        if values and isinstance(values[0], Recordset):
            return values[0].union(*values[1:])
        return values

    def filtered(self, func: str | Callable[[Self], Any] | list[Any] | Domain) -> Self:
        """The records for which `func` is true; a dotted path means that its value is set; a domain is matched."""
        if isinstance(func, str):
            if "." in func:
                return self._keep(record for record in self if any(record.mapped(func)))
            field = self._fields[func]
            return self._keep(record for record in self if field.__get__(record))
        if isinstance(func, list | Domain):
            return self.filtered_domain(func)
        return self._keep(record for record in self if func(record))

    def _keep(self, records: Iterable[Self]) -> Self:
        return self._browse(self.env, tuple(record._ids[0] for record in records), self._prefetch_ids)

    def filtered_domain(self, domain: Any) -> Self:
        """The records that match `domain`, in the same order, judged in Python (pending values count)."""
        if not domain or not self:
            return self
        matches = to_predicate(Domain(domain), self.browse())
        return self._keep(record for record in self if matches(record))

    def sorted(self, key: str | Callable[[Self], Any] | None = None, reverse: bool = False) -> Self:
        """The records ordered by a function, by ``"field desc, field"``, or by the model's own order (None)."""
        if key is None or isinstance(key, str):
            records = list(self)
            for name, descending in reversed(parse_order(key or self._order)):
                records.sort(key=_sort_key(self._fields[name]), reverse=descending)
            if reverse:
                records.reverse()
        else:
            records = sorted(self, key=key, reverse=reverse)
        return self._browse(self.env, tuple(record._ids[0] for record in records), self._prefetch_ids)

    def grouped(self, key: str | Callable[[Self], Any]) -> dict[Any, Self]:
        """The records by the value of `key`, in order of first appearance."""
        get = key if callable(key) else (lambda record: record[key])
        groups: dict[Any, list[Any]] = defaultdict(list)
        for record in self:
            groups[get(record)].append(record._ids[0])
        return {value: self._browse(self.env, tuple(ids), self._prefetch_ids) for value, ids in groups.items()}


def parse_order(order: str) -> list[tuple[str, bool]]:
    """``"priority desc, id"`` as [("priority", True), ("id", False)]. Raises ValidationError for anything else."""
    result = []
    for part in order.split(","):
        name, *direction = part.split() or ("",)
        if direction and (len(direction) > 1 or direction[0].lower() not in ("asc", "desc")):
            raise ValidationError(f"Cannot order by {part.strip()!r}: a field name, asc or desc after it, is expected")
        if name:
            result.append((name, bool(direction) and direction[0].lower() == "desc"))
    return result


def _sort_key(field: Field) -> Callable[[Any], Any]:
    def key(record: Any) -> Any:
        value = field.__get__(record)
        if field.relational:
            value = tuple(value.mapped("display_name"))
            return (not value, value)
        if field.type == "boolean":
            return (False, value)
        unset = value is False or value is None or isinstance(value, NewId)
        return (True, 0) if unset else (False, value)

    return key
