"""What a form needs of a model: descriptions of its fields, defaults, and onchange on an unsaved record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core.exceptions import ValidationError
from core.orm.argument_types import FieldNames, Name, Specification, Values
from core.orm.commands import Command
from core.orm.decorators import model as model_method
from core.orm.decorators import public, readonly
from core.orm.domain import Domain
from core.orm.types import NewId


class Forms:
    """Form support; a part of every model."""

    __slots__ = ()

    @public(any_user=True)
    @readonly
    @model_method
    def fields_get(
        self, allfields: FieldNames | None = None, attributes: FieldNames | None = None
    ) -> dict[str, dict[str, Any]]:
        """Descriptions of the fields (all that the user may see, or `allfields`), limited to `attributes` if given.

        Raises AccessError for a model on which the user has no right at all.
        """
        self._check_any_right()
        keep = set(attributes) if attributes else None
        result = {}
        may_write = self.env.su or self.env.registry.access.allowed(self.env, self._name, "write")
        for name in allfields or self._fields:
            field = self._fields.get(name)
            if field is None or not self._field_allowed(field):
                continue
            description = field.description(self.env)
            if not may_write:
                description["readonly"] = True
            result[name] = {k: v for k, v in description.items() if keep is None or k in keep}
        return result

    @public(access="create")
    @model_method
    def default_get(self, fields_list: FieldNames) -> dict[str, Any]:
        """The defaults (write format) of the named fields; the context's ``default_...`` come before the model's."""
        result: dict[str, Any] = {}
        context = self.env.context
        user_defaults = self._user_defaults()
        for name in fields_list:
            field = self._fields.get(name)
            if field is None or not self._field_allowed(field):
                continue
            if f"default_{name}" in context:
                value = context[f"default_{name}"]
            elif name in user_defaults:
                value = user_defaults[name]
            elif field.inherited:
                parent = self.env[self._fields[field.related[0]].comodel_name]
                found = parent.default_get([field.related[1]])
                if field.related[1] not in found:
                    continue
                value = found[field.related[1]]
            elif "default" in field.args:
                value = field.default_value(self)
            else:
                continue
            if hasattr(value, "_ids"):
                value = field.convert_to_write(value, self)
            result[name] = value
        return result

    @public(any_user=True)
    def onchange(
        self, values: Values, field_names: Name | FieldNames, fields_spec: Specification | None = None
    ) -> dict[str, Any]:
        """What the form shows after an edit; nothing is saved.

        Args:
            values: all values of the form, x2many fields as commands.
            field_names: the fields just edited; empty for a new form, which gets its defaults.
            fields_spec: the fields that the form shows; for x2many ``{"fields": {...}}`` of their lines. With
                ``"only"``, a list of ids beside it, other stored lines are answered by their ids alone; with
                ``"changed": True`` those that the edit changes in full.

        Returns:
            ``value``: the fields whose values changed (`read` format; x2many as a list of line dictionaries with
            ``id``); ``warning``: ``{"title", "message"}`` when a method warns; ``domain``: {field: domain}. Fields and
            lines that the user may not read are left out.

        Raises AccessError when the record may not be read.
        """
        self._check_access_of("read")
        kept = [id_ for cache in self.env._transaction.caches() for id_ in cache if not id_]
        try:
            return self._onchange(values, field_names, fields_spec)
        finally:  # another edit of the same record starts afresh
            self._forget_unsaved({id(id_) for id_ in kept})

    def _forget_unsaved(self, kept: set[int]) -> None:
        """Drop cached values of unsaved records, except of those (by identity of their ids) in `kept`."""
        for cache in self.env._transaction.caches():
            for id_ in [id_ for id_ in cache if not id_ and id(id_) not in kept]:
                del cache[id_]
        edited = self.env._transaction.edited
        for field, ids in list(edited.items()):
            edited[field] = {id_ for id_ in ids if id(id_) in kept}
            if not edited[field]:
                del edited[field]

    def _onchange(
        self, values: Mapping[str, Any], field_names: str | Iterable[str], fields_spec: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        field_names = [field_names] if isinstance(field_names, str) else list(field_names)
        spec = dict(fields_spec) if fields_spec else dict.fromkeys(values)
        values = {name: value for name, value in values.items() if name in self._fields and name != "id"}
        first = not field_names
        if first:
            defaults = self.default_get([name for name in spec if name not in values])
            values = defaults | values
            field_names = list(values)
        origin = self[:1]._origin
        origin._check_form_links(values)
        record = self.new({k: v for k, v in values.items() if k not in field_names}, origin=origin)
        changing = spec if first else self._within_reach(spec, field_names, values)
        before = {} if first else record._snapshot(changing)
        record._update_cache({name: values[name] for name in field_names if name in values})
        result: dict[str, Any] = {"value": {}}
        problems = record._run_onchange(field_names)
        after = record._snapshot(changing)
        typed = {} if first else {name: after.get(name) for name in field_names}
        for name, value in after.items():
            if first or before.get(name) != value:
                if name not in typed or self._fields[name].type in ("one2many", "many2many") or record._onchanged(name):
                    result["value"][name] = _without_unchanged(spec[name], before.get(name), value)
        result.update(problems)
        return result

    def _within_reach(
        self, spec: Mapping[str, Any], names: Iterable[str], values: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """The part of `spec` that an edit of the fields `names` can change; all of it where onchange methods run."""
        if any(self._onchange_methods.get(name) for name in names):
            return spec
        reached: set[Any] = set()
        for name in names:
            field = self._fields.get(name)
            if field is None:
                continue
            edited = [field, *field.inverses]
            if field.type in ("one2many", "many2many"):
                lines, value = self.env[field.comodel_name]._fields, values.get(name)
                commands = value if isinstance(value, list | tuple) else ()
                typed = [c[2] for c in commands if isinstance(c, list | tuple) and isinstance(c[-1], Mapping)]
                edited += [lines[key] for line in typed for key in line if key in lines]
            for each in dict.fromkeys(edited):
                reached.update(self.env.registry.triggers.reach(each))
        return {name: sub for name, sub in spec.items() if self._is_reached(name, sub, reached)}

    def _is_reached(self, name: str, sub: Any, reached: set[Any]) -> bool:
        field = self._fields.get(name)
        if field is None or field in reached:
            return True
        if field.type not in ("one2many", "many2many"):
            return False
        lines = self.env[field.comodel_name]._fields
        shown = (sub.get("fields") if isinstance(sub, Mapping) else None) or {"display_name": {}}
        return any(lines.get(each) in reached for each in shown)

    def _check_form_links(self, values: Mapping[str, Any]) -> None:
        """Refuse hidden records in a form, its lines included: what is computed of a link would tell of them."""
        if self.env.su:
            return
        self._check_links([{name: self._stored_link(name, value) for name, value in values.items()}])
        for name, value in values.items():
            field = self._fields[name]
            if field.inherited:
                self.env[self._fields[field.related[0]].comodel_name]._check_form_links({field.related[1]: value})
            elif field.type == "one2many" and isinstance(value, list | tuple):
                lines = self.env[field.comodel_name]
                self._check_form_lines(field, value, lines)
                for command in value:
                    if isinstance(command, list | tuple) and len(command) == 3 and isinstance(command[2], Mapping):
                        known = lines.browse([command[1]] if command[0] == Command.UPDATE else [])
                        known._check_form_links({k: v for k, v in command[2].items() if k in lines._fields})

    def _stored_link(self, name: str, value: Any) -> Any:
        """A value as its links are checked: of an unsaved document, that of a line, the stored one that it stands for.

        A document that is given as a dictionary is checked itself.
        """
        field = self._fields[name]
        if field.type != "many2one":
            return value
        if isinstance(value, Mapping):
            documents = self.env[field.comodel_name]
            typed = {each: given for each, given in value.items() if each in documents._fields and each != "id"}
            id_ = value.get("id") or False
            documents.browse(id_ or [])._check_form_links(typed)
            return id_
        ids = getattr(value, "_ids", (value,))
        return ids[0].origin or False if len(ids) == 1 and isinstance(ids[0], NewId) else value

    def _check_form_lines(self, field: Any, commands: Iterable[Any], lines: Any) -> None:
        """Refuse stored lines that rules hide, unless they are this record's: its totals would tell of them."""
        if lines._rule_domain("read") == Domain.TRUE:
            return
        ids: dict[Any, None] = {}
        for kind, id_, values in field.normalise(commands, self):
            ids |= dict.fromkeys(values if kind == Command.SET else [id_])
        named = lines.browse([id_ for id_ in ids if isinstance(id_, int) and id_]).exists()
        hidden = named - named._filtered_by_rules("read")
        if hidden and self:
            hidden -= self.sudo().with_context(active_test=False).mapped(field.name)
        if hidden:
            raise self.env.registry.access.refuse_records(hidden, "read")

    def _onchanged(self, name: str) -> bool:
        return name in self._onchange_methods

    def _run_onchange(self, names: Iterable[str]) -> dict[str, Any]:
        """Call the onchange methods of the edited fields, and of fields that they edit in turn."""
        messages, domains = [], {}
        title = ""
        done: set[str] = set()
        for name in names:
            for method in self._onchange_methods.get(name, ()):
                if method in done:
                    continue
                done.add(method)
                answer = getattr(self, method)() or {}
                if answer.get("warning"):
                    title = title or answer["warning"].get("title", "")
                    messages.append(answer["warning"].get("message", ""))
                domains.update(answer.get("domain") or {})
        result: dict[str, Any] = {}
        if messages:
            result["warning"] = {"title": title or self.env._("Please note"), "message": "\n\n".join(messages)}
        if domains:
            result["domain"] = domains
        return result

    def _snapshot(self, spec: Mapping[str, Any]) -> dict[str, Any]:
        """The values of an unsaved record that a form shows."""
        result: dict[str, Any] = {}
        for name, sub in spec.items():
            field = self._fields.get(name)
            if field is None or name == "id" or not self._field_allowed(field):
                continue
            value = self[name]
            if field.type in ("one2many", "many2many"):
                fields = (sub or {}).get("fields") if isinstance(sub, Mapping) else None
                only = sub.get("only") if isinstance(sub, Mapping) and not sub.get("changed") else None
                result[name] = value._readable_lines()._line_snapshots(fields, None if only is None else set(only))
            elif field.type == "many2one":
                id_ = value._ids[0] if value._ids else None
                real = id_.origin if isinstance(id_, NewId) else id_
                result[name] = (real, value.sudo().display_name) if real else False
            else:
                result[name] = field.convert_to_read(value, self)
        return result

    def _readable_lines(self) -> Any:
        """Those of these lines that the user may read; unsaved ones are the user's own."""
        if self.env.su:
            return self
        allowed = set(self._origin._filtered_access("read")._ids)
        return self._keep(line for line in self if not (real := line._origin._ids) or real[0] in allowed)

    def _line_snapshots(self, fields: Mapping[str, Any] | None, only: set[int] | None) -> list[dict[str, Any]]:
        """What a form shows of each of these lines; of stored ones that are not in `only` their ids."""
        shown = self if only is None else self._keep(x for x in self if not x._origin._ids or x._origin._ids[0] in only)
        shown._load_names(fields or ())
        return [
            line._line_snapshot(fields)
            if only is None or not line._origin._ids or line._origin._ids[0] in only
            else {"id": line._origin._ids[0], "ref": None}
            for line in self
        ]

    def _load_names(self, names: Iterable[str]) -> None:
        """Read the records that these lines link to together; line by line it would be one query for each."""
        for name in names:
            field = self._fields.get(name)
            if field is not None and field.type == "many2one" and self._field_allowed(field):
                self.mapped(name).sudo().mapped("display_name")

    def _line_snapshot(self, fields: Mapping[str, Any] | None) -> dict[str, Any]:
        id_ = self._ids[0]
        origin = id_.origin if isinstance(id_, NewId) else id_
        ref = id_.ref if isinstance(id_, NewId) else None
        return {"id": origin or False, "ref": ref, **self._snapshot(fields or {"display_name": {}})}

    def _convert_to_write(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Record values in write format."""
        return {name: self._fields[name].convert_to_write(value, self) for name, value in values.items()}

    def _values_to_save(self, names: Iterable[str]) -> dict[str, Any]:
        """The values of an unsaved record as `create` or `write` take them; lines as commands."""
        result: dict[str, Any] = {}
        for name in names:
            field = self._fields[name]
            if field.type not in ("one2many", "many2many"):
                result[name] = field.convert_to_write(self[name], self)
                continue
            commands: list[Any] = []
            for line in self[name]:
                id_ = line._ids[0]
                if not isinstance(id_, NewId):
                    commands.append(Command.link(id_))
                elif id_.origin:
                    commands.append(Command.link(id_.origin))
                elif field.type == "one2many":
                    skipped = (*line._magic_fields, field.inverse_name)
                    line_names = [
                        name for name, f in line._fields.items()
                        if f.store and not (f.computed and f.readonly) and name not in skipped
                    ]  # fmt: skip
                    commands.append(Command.create(line._values_to_save(line_names)))
                else:
                    raise ValidationError(f"{field}: save the new {line._description} first")
            result[name] = commands
        return result


def _without_unchanged(sub: Any, before: Any, after: Any) -> Any:
    """Of the lines of an answer those that the form shows or the edit changed; of all others their ids."""
    if not isinstance(sub, Mapping) or not sub.get("changed"):
        return after
    only, known = set(sub.get("only") or ()), {line["id"]: line for line in before or ()}
    return [
        {"id": line["id"], "ref": None} if line["id"] not in only and line == known.get(line["id"]) else line
        for line in after
    ]
