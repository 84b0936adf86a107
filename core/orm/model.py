"""The base class of all models: a recordset with the behaviours of the modules beside this one.

    part          provides                                            needs
    Recordset     identity, iteration, set algebra, mapped...         _fields
    Crud          create write new                                    Rights, Validation, Hierarchy
    Copying       copy copy_data                                      Crud
    Deletion      unlink                                              Rights, Search, Crud
    Search        search search_read search_count name_search         Rights, Reading
    Reading       fetch read exists lock_for_update                   Rights
    Grouping      _read_group                                         Search
    GroupShapes   formatted_read_group read_group                     Grouping
    Specified     web_read web_search_read web_save                   Search, Reading, Crud
    Spreadsheets  load export_data                                     Search, Crud
    Rights        access checks                                       registry.access
    Validation    required fields, constraints                        -
    Hierarchy     parent_path                                         Search
    States        transitions                                         -
    Forms         fields_get default_get onchange                     Crud

An author's class is a *definition*. It is never instantiated: the registry of each database composes the definitions of
the installed addons into one final class per model (see `registry`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from core.exceptions import UserError
from core.orm import decorators
from core.orm.companies import Companies
from core.orm.copying import Copying
from core.orm.crud import Crud
from core.orm.defaults import Defaults
from core.orm.deletion import Deletion
from core.orm.fields import Field
from core.orm.fields.temporal import Datetime
from core.orm.forms import Forms
from core.orm.group_shapes import GroupShapes
from core.orm.grouping import Grouping
from core.orm.hierarchy import Hierarchy
from core.orm.reading import Reading
from core.orm.recordset import Recordset
from core.orm.rights import Rights
from core.orm.search import Search
from core.orm.specified import Specified
from core.orm.spreadsheets import Spreadsheets
from core.orm.states import States
from core.orm.validation import Validation

MAGIC_FIELDS = frozenset({"id", "display_name", "create_uid", "create_date", "write_uid", "write_date", "parent_path"})


class MetaModel(type):
    """Gives definitions empty slots and derives ``_name`` from ``_inherit``."""

    def __new__(mcs, name: str, bases: tuple[type, ...], attrs: dict[str, Any]) -> MetaModel:
        attrs.setdefault("__slots__", ())
        inherit = attrs.get("_inherit")
        if isinstance(inherit, str):
            attrs["_inherit"] = [inherit]
            attrs.setdefault("_name", inherit)
        elif isinstance(inherit, list | tuple) and "_name" not in attrs:
            if len(inherit) != 1:
                raise TypeError(f"{attrs.get('__module__')}.{name}: _inherit lists several models, so _name is needed")
            attrs["_name"] = inherit[0]
        return super().__new__(mcs, name, bases, attrs)


class BaseModel(
    Recordset,
    Crud,
    Defaults,
    Copying,
    Deletion,
    Search,
    Reading,
    Grouping,
    GroupShapes,
    Specified,
    Spreadsheets,
    Rights,
    Validation,
    Hierarchy,
    States,
    Companies,
    Forms,
    metaclass=MetaModel,
):
    """Behaviour of all models; see the module."""

    __slots__ = ()

    _name: ClassVar[str] = ""
    _description: ClassVar[str] = ""
    _inherit: ClassVar[list[str] | str] = ()
    _inherits: ClassVar[dict[str, str]] = {}
    _table: ClassVar[str] = ""
    _order: ClassVar[str] = "id"
    _rec_name: ClassVar[str | None] = None
    _rec_names_search: ClassVar[list[str] | None] = None
    _active_name: ClassVar[str | None] = None
    _parent_name: ClassVar[str] = "parent_id"
    _parent_store: ClassVar[bool] = False
    _state_field: ClassVar[str] = "state"
    _log_access: ClassVar[bool] = True
    _eager: ClassVar[bool] = False  # a search loads the records found in the same statement
    _kept: ClassVar[bool] = False  # rows rarely change: read once, shared by the transactions (see keeping)
    _auto: ClassVar[bool] = False
    _abstract: ClassVar[bool] = True
    _transient: ClassVar[bool] = False
    _transient_max_hours: ClassVar[float] = 4.0
    _only_shows: ClassVar[bool] = False  # a dialog that asks nothing and may be shown again after its buttons
    STATES: ClassVar[list[tuple[str, Any]]] = []
    TRANSITIONS: ClassVar[dict[str, tuple[set[str], str | None]]] = {}
    STATE_REFUSALS: ClassVar[dict[str | tuple[str, str], str]] = {}  # (see states)
    _settled_fields: ClassVar[frozenset[str]] = frozenset()  # written by services only, as states are (see states)
    _settled_strictly: ClassVar[bool] = False  # by superuser code neither, unless a service of the model lets it
    _check_company_auto: ClassVar[bool] = False  # links marked check_company are checked (see companies)
    _company_field: ClassVar[str] = "company_id"  # of a linked record: the company or companies it belongs to
    _first_states: ClassVar[frozenset[str]] = frozenset()  # what new records may have besides the default
    _settled: ClassVar[frozenset[str]] = frozenset()  # the state of a model with transitions, and _settled_fields

    _fields: ClassVar[dict[str, Field]] = {}
    _extended_methods: ClassVar[dict[str, tuple[str, ...]]] = {}  # name -> the addons that extend it
    _magic_fields = MAGIC_FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise TypeError(f"{type(self).__name__} is a definition; records come from env[{self._name!r}]")

    @decorators.depends(lambda self: (self._rec_name,) if self._rec_name in self._fields else ())
    def _compute_display_name(self) -> None:
        """The name that lists and links show; override together with its ``@api.depends``."""
        name = self._rec_name
        field = self._fields.get(name) if name else None
        for record in self:
            if field is not None:
                record.display_name = field.convert_to_display(record[name], record)
            else:
                record.display_name = f"{record._description} {record.id or ''}".strip()

    def _search_display_name(self, operator: str, value: Any) -> Any:
        return self._name_search_domain(value, operator)

    @decorators.private
    @decorators.autovacuum
    def _transient_vacuum(self) -> None:
        """Delete transient records older than ``_transient_max_hours``."""
        if self._transient:
            limit = Datetime.now() - timedelta(hours=self._transient_max_hours)
            self.sudo().search([("create_date", "<", limit)]).unlink()

    # -- archiving -------------------------------------------------------------------------------------------------

    @decorators.public(access="write")
    def action_archive(self) -> None:
        """Archive those of the records that are not: searches leave them out from now on."""
        self._set_active(False)

    @decorators.public(access="write")
    def action_unarchive(self) -> None:
        """Bring archived records back."""
        self._set_active(True)

    def _set_active(self, active: bool) -> None:
        name = self._active_name
        if name is None:
            raise UserError(self.env._("%(model)s records cannot be archived.", model=self._description))
        self.filtered(lambda record: record[name] != active).write({name: active})

    # -- extensions ------------------------------------------------------------------------------------------------

    @classmethod
    def _is_extended(cls, method: str) -> bool:
        """Whether an addon other than the model's own defines `method` (decided when the models are composed).

        The only reason for which a service may take a shorter way past a method that addons can override.
        """
        return method in cls._extended_methods

    # -- where records come from -----------------------------------------------------------------------------------

    def get_external_id(self) -> dict[int, str]:
        """The external id (``addon.name``) of each record, "" for those without one."""
        found = self.env["ir.model.data"]._xmlids_of(self._name, self.ids) if "ir.model.data" in self.env else {}
        return {id_: found.get(id_, "") for id_ in self.ids}

    @decorators.public(access="read")
    @decorators.readonly
    def get_metadata(self) -> list[dict[str, Any]]:
        """Who created and changed the records, and their external ids (``xmlid``, False for those without one)."""
        names = ["create_uid", "create_date", "write_uid", "write_date"] if self._log_access else ["display_name"]
        xmlids = self.get_external_id()
        return [values | {"xmlid": xmlids.get(values["id"]) or False} for values in self.read(names)]


class AbstractModel(BaseModel):
    """A model without table: behaviour to inherit from."""

    _auto = False
    _abstract = True


class Model(BaseModel):
    """A model with a table."""

    _auto = True
    _abstract = False


class TransientModel(BaseModel):
    """A model for dialogs: its records are seen by their creator only and go after some hours."""

    _auto = True
    _abstract = False
    _transient = True

    @decorators.model
    def _active_ids(self, model: str) -> list[int]:
        """The ids of the records of `model` from which a client opened the dialog; none where they are of another.

        Clients say so by `active_model` with `active_ids`, or `active_id`, in the context.
        """
        context = self.env.context
        if context.get("active_model") != model:
            return []
        return list(context.get("active_ids") or filter(None, [context.get("active_id")]))


KINDS = (AbstractModel, Model, TransientModel)
