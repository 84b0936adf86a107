"""What a field demands of its value, as far as a form needs to know: taken once from the model, then plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

NUMBERS = frozenset({"integer", "float", "quantity", "monetary"})
RELATIONS = frozenset({"many2one", "one2many", "many2many"})
TABLES = frozenset({"one2many", "many2many"})
_FLOAT_SCALE = 10


class Choice(NamedTuple):
    """A record as a form sees it: its id (0 when not stored yet) and its name."""

    id: int
    label: str


@dataclass(frozen=True, slots=True)
class FieldRules:
    """One field's rules. `scale` is the number of decimals kept, `selection` the pairs (value, label)."""

    name: str
    type: str
    label: str = ""
    help: str = ""
    required: bool = False
    readonly: bool = False
    scale: int = 0
    size: int = 0
    selection: tuple[tuple[str, str], ...] = ()
    comodel: str = ""
    inverse: str = ""
    currency_field: str = ""
    store: bool = True
    computed: bool = False
    searchable: bool = True
    sortable: bool = True
    groups: str = ""
    domain: Any = None
    company_field: str = ""  # of a link within one company: the linked model's field of its company

    @property
    def numeric(self) -> bool:
        """Whether it is shown right-aligned, as a number."""
        return self.type in NUMBERS

    def label_of(self, value: Any) -> str:
        """The label of a selection value; the value itself when the selection does not know it."""
        for key, label in self.selection:
            if key == value:
                return str(label)
        return str(value) if value else ""


def rules_of(model: Any, name: str) -> FieldRules:
    """The rules of the field `name` of `model` (an empty recordset of the request's environment)."""
    spec = model._fields[name]
    store = bool(getattr(spec, "store", True))
    return FieldRules(
        name=name,
        type=spec.type,
        label=str(model.env._(spec.string) if spec.string else name),
        help=str(model.env._(spec.help) if spec.help else ""),
        required=bool(spec.required),
        readonly=bool(spec.readonly)
        or spec.type == "id"
        or name in ("create_uid", "create_date", "write_uid", "write_date"),
        scale=_scale(spec),
        size=int(getattr(spec, "size", 0) or 0),
        selection=_selection(model, spec),
        comodel=getattr(spec, "comodel_name", "") or "",
        inverse=getattr(spec, "inverse_name", "") or "",
        currency_field=_text(getattr(spec, "currency_field", "")),
        store=store,
        computed=bool(getattr(spec, "compute", None)),
        searchable=_searchable(model, spec),
        sortable=store and spec.type not in TABLES and spec.type not in ("binary", "json"),
        groups=_text(getattr(spec, "groups", "")),
        domain=getattr(spec, "domain", None),
        company_field=_company_field(model, spec),
    )


def _searchable(model: Any, spec: Any) -> bool:
    """Whether the database finds records by the field: a related one as that at the end of its path."""
    if getattr(spec, "store", True):
        return True
    if not getattr(spec, "related", None):
        return bool(getattr(spec, "search", None))
    for name in spec.related[:-1]:
        if not _searchable(model, model._fields[name]):
            return False
        model = model.env[model._fields[name].comodel_name]
    return _searchable(model, model._fields[spec.related[-1]])


def _company_field(model: Any, spec: Any) -> str:
    if not (spec.check_company and model._check_company_auto and spec.comodel_name):
        return ""
    comodel = model.env[spec.comodel_name]
    return comodel._company_field if comodel._company_field in comodel._fields else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _scale(spec: Any) -> int:
    if spec.type in ("quantity", "monetary", "float"):
        digits = getattr(spec, "digits", None)
        if isinstance(digits, Sequence) and not isinstance(digits, str) and len(digits) == 2:
            return int(digits[1])
        return int(digits) if isinstance(digits, int) else _FLOAT_SCALE
    return 0


def _selection(model: Any, spec: Any) -> tuple[tuple[str, str], ...]:
    if spec.type != "selection":
        return ()
    return tuple((str(key), str(label)) for key, label in spec.options(model) or ())


def plain(value: Any) -> Any:
    """A typed value as an expression sees it: a Choice is its id, a list of Choices the list of ids."""
    if isinstance(value, Choice):
        return value.id or False
    if isinstance(value, tuple | list) and value and isinstance(value[0], Choice):
        return [item.id for item in value]
    if isinstance(value, tuple):
        return list(value)
    return value


def exact(value: Any) -> Decimal:
    """A number of any kind as a Decimal; unset is zero."""
    if isinstance(value, Decimal):
        return value
    return Decimal(repr(value)) if value else Decimal(0)


def same(rules: FieldRules, left: Any, right: Any) -> bool:
    """Whether two typed values of a field are the same to a person."""
    if rules.type in NUMBERS:
        return exact(left) == exact(right)
    return (plain(left) or False) == (plain(right) or False)


Rules = Mapping[str, FieldRules]
