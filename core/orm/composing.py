"""Composing: from the definitions of the installed addons to final classes, fields, relations and triggers.

    definitions in loading order           final class (one per set of addons)

    base:      class Partner  (Model)      res_partner
    sales:     class Partner  (_inherit)     ├── vip.Partner       last extension first: super() runs towards the base
    vip:       class Partner  (_inherit)     ├── sales.Partner
               mail.mixin (AbstractModel)    ├── base.Partner
                                             ├── mail_mixin        final classes of mixins
                                             └── Model ─ BaseModel

There are four steps, each for all models before the next: compose classes; collect and merge fields; resolve
comodels, delegation and related fields; build the trigger graph.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from core.exceptions import AddonError, ValidationError
from core.orm import seams, triggers
from core.orm.environment import Environment
from core.orm.fields import Char, Datetime, Field, Id, Many2one
from core.orm.model import KINDS, MAGIC_FIELDS, BaseModel
from core.orm.sources import misfit
from core.orm.tables import TableObject


def compose(registry: Any) -> None:
    """Compose all models of a registry from its ``definitions``.

    Raises AddonError naming the addon and the model at fault.
    """
    _Composer(registry).run()


class _Composer:
    """One composing of one registry."""

    def __init__(self, registry: Any) -> None:
        self.registry = registry
        self.models: dict[str, Any] = registry.models
        self.definitions: dict[str, list[type]] = registry.definitions
        self.origins: dict[type, str] = registry.origins

    def run(self) -> None:
        """All steps."""
        for name in self._in_order():
            self._compose_class(name)
        self._check_overrides()
        for model_class in self.models.values():
            self._collect_fields(model_class)
        for model_class in self.models.values():
            self._delegate(model_class)
        for model_class in self.models.values():
            self._settle_class(model_class)
        self._setup_relations()
        env = Environment(None, self.registry, su=True)
        self._setup_related(env)
        for model_class in self.models.values():
            self._settle_dependencies(env, model_class)
        self.registry.triggers = triggers.collect(self.registry, self._misfit_of_field)

    def _in_order(self) -> list[str]:
        """Model names, prototypes, mixins and delegation parents before those that use them."""
        done: dict[str, None] = {}
        path: list[str] = []

        def visit(name: str, user: str) -> None:
            if name in done:
                return
            if name in path:
                raise AddonError(f"Models inherit in a circle: {' -> '.join([*path[path.index(name) :], name])}")
            if name not in self.definitions:
                raise self._misfit_of_parent(user, name)
            path.append(name)
            for definition in self.definitions[name]:
                for parent in [*definition._inherit, *definition.__dict__.get("_inherits", {})]:
                    if parent != name:
                        visit(parent, name)
            path.pop()
            done[name] = None

        for name in self.definitions:
            visit(name, name)
        return list(done)

    def _misfit_of_parent(self, user: str, parent: str) -> AddonError:
        """The error for a model that inherits from one that is not defined."""
        found = self.definitions[user]
        naming = (d for d in found if parent in (*d._inherit, *d.__dict__.get("_inherits", {})))  # type: ignore[attr-defined]
        definition = next(naming, found[-1])
        text = f"The model {user!r} inherits {parent!r}, which no installed addon defines; is it in 'depends'?"
        return misfit(text, definition, addon=self.origins[definition])

    def _misfit_of_field(self, message: str, field: Field) -> AddonError:
        """The error for a field that does not fit, told with the line that declares it."""
        mro = self.models[field.model_name].__mro__
        definition = next((c for c in mro if c in self.origins and field.name in vars(c)), None)
        return misfit(message, definition, field.name, addon=field.addon)

    def _compose_class(self, name: str) -> None:
        definitions = self.definitions[name]
        base = definitions[0]
        if name in base._inherit:  # type: ignore[attr-defined]
            text = f"{base.__module__}.{base.__name__} extends {name!r}, which no addon it depends on defines."
            raise misfit(text, base, addon=self.origins[base])
        bases: dict[type, None] = dict.fromkeys(reversed(definitions))
        for definition in reversed(definitions):
            for parent in definition._inherit:  # type: ignore[attr-defined]
                if parent != name:
                    bases[self.models[parent]] = None
        kind = next((k for k in KINDS if issubclass(base, k)), BaseModel)
        inherits: dict[str, str] = {}
        for definition in definitions:
            inherits |= definition.__dict__.get("_inherits", {})
        attrs: dict[str, Any] = {
            "__slots__": (),
            "_name": name,
            "_inherit": [],
            "_inherits": inherits,
            "_auto": base.__dict__.get("_auto", kind._auto),
            "_abstract": kind._abstract,
            "_transient": kind._transient,
            "_definitions": tuple(definitions),
            "_original_addon": self.origins[base],
        }
        for key in ("_table", "_description"):
            value = next((d.__dict__[key] for d in reversed(definitions) if d.__dict__.get(key)), None)
            attrs[key] = value or (name.replace(".", "_") if key == "_table" else name)
        try:
            self.models[name] = type(name.replace(".", "_"), tuple(bases), attrs)
        except TypeError as error:
            text = f"The definitions of {name!r} do not fit together: {error}"
            raise misfit(text, definitions[-1], addon=self.origins[definitions[-1]]) from error

    def _check_overrides(self) -> None:
        """Refuse an override of a seam that does not accept the calls of the services: its action would fail."""
        for seam in seams.seams(self.registry):
            for override in seams.overrides(self.registry, seam):
                problem = seams.signature_error(seam.function, override.function)
                if problem:
                    text = (
                        f"{override.model}.{seam.name} overrides a seam of {seam.addon} with other arguments: "
                        f"{problem}; define it as {seam.signature}"
                    )
                    raise misfit(text, override.definition, seam.name, addon=override.addon)

    def _collect_fields(self, model_class: Any) -> None:
        """Merge the definitions of each field, base first, into a new field of the final class."""
        found: dict[str, list[Field]] = {}
        origins: dict[str, str] = {}
        places: dict[str, type] = {}
        for definition in reversed(model_class.__mro__):
            for name, value in vars(definition).items():
                if isinstance(value, Field):
                    found.setdefault(name, []).append(value)
                    origins[name] = self.origins.get(definition, getattr(definition, "_original_addon", ""))
                    places[name] = definition
        fields: dict[str, Field] = {"id": Id("ID")}
        for name, definitions in found.items():
            if name == "id":
                continue
            if name in BaseModel.__dict__ or name.startswith("_"):
                text = (
                    f"{model_class._name}: a field cannot be called {name!r}; all models have something of that name."
                )
                raise misfit(text, places[name], name, addon=origins[name])
            fields[name] = Field.merged.__func__(type(definitions[-1]), name, definitions)  # type: ignore[attr-defined]
            fields[name].addon = origins[name]
        if "display_name" not in fields:
            fields["display_name"] = Char(
                "Display Name", compute="_compute_display_name", search="_search_display_name", copy=False
            )
        if model_class._auto and model_class._log_access:
            fields["create_uid"] = Many2one(
                "res.users", "Created by", readonly=True, foreign_key=False, copy=False, index=False
            )
            fields["create_date"] = Datetime("Created on", readonly=True, copy=False)
            fields["write_uid"] = Many2one(
                "res.users", "Last Updated by", readonly=True, foreign_key=False, copy=False, index=False
            )
            fields["write_date"] = Datetime("Last Updated on", readonly=True, copy=False)
            if "res.users" not in self.models:
                del fields["create_uid"], fields["write_uid"]
        if model_class._parent_store and "parent_path" not in fields:
            fields["parent_path"] = Char("Parent Path", copy=False, index=True, readonly=True)
        model_class._fields = fields

    def _delegate(self, model_class: Any) -> None:
        """Show the fields of the records that a model delegates to as its own."""
        model_class._delegated = {}
        for parent, link in model_class._inherits.items():
            if link not in model_class._fields:
                text = f"{model_class._name}: _inherits names the field {link!r}, which is missing."
                raise misfit(text, model_class._definitions[0], addon=model_class._original_addon)
            names = []
            for name, field in self.models[parent]._fields.items():
                if name in model_class._fields or name in MAGIC_FIELDS:
                    continue
                args = {"related": f"{link}.{name}", "readonly": field.args.get("readonly", False), "copy": False}
                if field.relational:
                    args["comodel_name"] = field.args.get("comodel_name", field.comodel_name)
                copied = type(field)(**args)
                copied.inherited = True
                copied.addon = field.addon
                model_class._fields[name] = copied
                names.append(name)
            model_class._delegated[parent] = names
        model_class._delegated_names = {name for names in model_class._delegated.values() for name in names}

    def _settle_class(self, model_class: Any) -> None:
        for name, field in model_class._fields.items():
            field.name = name
            setattr(model_class, name, field)
            try:
                field.setup(model_class)
            except ValidationError as error:
                raise self._misfit_of_field(error.message, field) from error
            field.table_name = model_class._table
        fields = model_class._fields.values()
        if not model_class._rec_name or model_class._rec_name not in model_class._fields:
            model_class._rec_name = next((n for n in ("name", "x_name") if n in model_class._fields), None)
        active = model_class._fields.get("active")
        model_class._active_name = "active" if active is not None and (active.store or active.related) else None
        backed = [f for f in fields if f.column_backed and f.name != "id"] if model_class._auto else []
        for field in fields:
            if not model_class._auto:
                field.column_backed = False
        model_class._column_fields = backed
        model_class._prefetch_fields = [f for f in backed if f.prefetch and not f.groups and not f.company_dependent]
        model_class._x2many_fields = [f for f in fields if _stores_commands(f)]
        model_class._default_fields = {
            f.name: f for f in fields if "default" in f.args and f.default is not None and not f.inherited
        }
        model_class._inverse_fields = [f for f in fields if f.inverse and not f.inherited]
        model_class._required_fields = [
            f for f in backed if f.required and not f.computed and f.null is None and not f.company_dependent
        ]
        settled = {name for base in model_class.__mro__ for name in vars(base).get("_settled_fields", ())}
        settled |= {model_class._state_field} if model_class.TRANSITIONS else set()
        model_class._settled = frozenset(settled.intersection(model_class._fields))
        self._collect_methods(model_class)

    def _collect_methods(self, model_class: Any) -> None:
        constrains, onchange, ondelete = [], defaultdict(list), []
        seen: set[str] = set()
        for base in model_class.__mro__:
            for name, member in vars(base).items():
                if name in seen or not callable(member):
                    continue
                if hasattr(member, "_constrains"):
                    constrains.append((name, _constrained(member._constrains, model_class)))
                elif hasattr(member, "_onchange"):
                    for field in member._onchange:
                        onchange[field].append(name)
                elif hasattr(member, "_ondelete"):
                    ondelete.append((name, member._ondelete))
                else:
                    continue
                seen.add(name)
        model_class._extended_methods = self._extended_methods(model_class)
        model_class._constrains_methods = constrains[::-1]
        model_class._onchange_methods = {field: names[::-1] for field, names in onchange.items()}
        model_class._ondelete_methods = ondelete
        objects: dict[str, TableObject] = {}
        for base in reversed(model_class.__mro__):
            objects.update({n: m for n, m in vars(base).items() if isinstance(m, TableObject)})
        model_class._table_objects = list(objects.values())

    def _extended_methods(self, model_class: Any) -> dict[str, tuple[str, ...]]:
        """Method name -> the addons other than the model's own that define it, the outermost first."""
        found: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for definition in model_class.__mro__:
            addon = self.origins.get(definition)
            if addon is not None and addon != model_class._original_addon:
                for name, member in vars(definition).items():
                    if callable(member) or isinstance(member, (classmethod, staticmethod)):
                        found[name][addon] = None
        return {name: tuple(addons) for name, addons in found.items()}

    def _setup_relations(self) -> None:
        self.registry.relations.clear()
        restricting, pointing = defaultdict(list), defaultdict(list)
        for model_class in self.models.values():
            for field in model_class._fields.values():
                if not field.relational or (field.related and not field.args.get("comodel_name")):
                    continue
                try:
                    field.setup_comodel(self.registry)
                except ValidationError as error:
                    raise self._misfit_of_field(error.message, field) from error
        for model_class in self.models.values():
            for field in model_class._fields.values():
                if not field.relational or (field.related and not field.store):
                    continue
                if field.column_backed and field.type == "many2one":
                    if field.ondelete == "restrict" and not model_class._transient:
                        restricting[field.comodel_name].append(field)
                    pointing[field.comodel_name].append(field)
                elif field.type in ("one2many", "many2many") and field.store:
                    pointing[field.comodel_name].append(field)
        self.registry.restricting, self.registry.pointing = dict(restricting), dict(pointing)

    def _setup_related(self, env: Any) -> None:
        """Complete related fields from their targets; a path may lead through other related fields."""
        waiting = [f for m in self.models.values() for f in m._fields.values() if f.related]
        for _ in range(20):
            later = []
            for field in waiting:
                try:
                    field.setup_related(env)
                    if field.relational:
                        field.setup_comodel(self.registry)
                except KeyError as error:
                    later.append((field, error))
                except ValidationError as error:
                    raise self._misfit_of_field(error.message, field) from error
            if not later:
                return
            if len(later) == len(waiting):
                field, error = later[0]
                text = f"{field}: the path {'.'.join(field.related)} leads nowhere ({error})"
                raise self._misfit_of_field(text, field)
            waiting = [field for field, _ in later]

    def _settle_dependencies(self, env: Any, model_class: Any) -> None:
        """Find what computed fields depend on, and which are computed together."""
        groups: dict[Any, list[Field]] = defaultdict(list)
        model = env[model_class._name]
        for field in model_class._fields.values():
            if not field.computed:
                continue
            field.depends_on = self._depends_of(model, model_class, field)
            keys = self._method_tags(model_class, field, "_depends_context")
            field.context_keys = (*field.context_keys, *(key for key in keys if key not in field.context_keys))
            if field.store:
                field.context_keys = ()
            groups[field.compute if isinstance(field.compute, str) else field].append(field)
        model_class._compute_groups = {}
        for members in groups.values():
            for field in members:
                # values that are stored and values that are not have different moments
                model_class._compute_groups[field] = [other for other in members if other.store == field.store]

    def _depends_of(self, model: Any, model_class: Any, field: Field) -> list[str]:
        if field.related:
            return [".".join(field.related)]
        names = dict.fromkeys((field.depends,) if isinstance(field.depends, str) else field.depends)
        for name in self._method_tags(model_class, field, "_depends"):
            if callable(name):
                names.update(dict.fromkeys(name(model)))
            else:
                names[name] = None
        return list(names)

    def _method_tags(self, model_class: Any, field: Field, tag: str) -> list[Any]:
        """The tags of a compute method and of those that it overrides."""
        if not isinstance(field.compute, str):
            return list(getattr(field.compute, tag, ()))
        if not hasattr(model_class, field.compute) and not model_class._abstract:
            raise self._misfit_of_field(f"{field}: the compute method {field.compute!r} is missing", field)
        result: list[Any] = []
        for base in model_class.__mro__:
            method = vars(base).get(field.compute)
            result.extend(getattr(method, tag, ()))
        return result


def _stores_commands(field: Any) -> bool:
    """Whether `create` carries out the commands that are given for a field.

    Lines of a One2many are stored unless they are computed. Links of a Many2many are stored, computed ones too, unless
    an inverse says what to do with what is given.
    """
    if field.type == "one2many":
        return bool(field.store and not field.computed)
    return bool(field.type == "many2many" and field.store and not (field.computed and field.inverse))


def _constrained(names: tuple[Any, ...], model_class: Any) -> frozenset[str]:
    """The fields that a constraint checks on a model; functions are asked for those of models that have records."""
    found: set[str] = set()
    for name in names:
        if not callable(name):
            found.add(name)
        elif not model_class._abstract:
            found.update(name(model_class))
    return frozenset(found)
