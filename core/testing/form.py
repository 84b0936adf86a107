"""A form filled in the way a person does it in the browser, without a browser.

    form = FormDriver(env["sale.order"])          # opens with the defaults
    form["partner_id"] = partner                  # onchange runs, other fields change
    with form.lines("order_line").add() as line:
        line["product_id"] = desk
        line["product_uom_qty"] = 5
    order = form.save()
    wizard = FormDriver(order).press("action_confirm")

What the view hides or locks cannot be typed into, and what it demands must be there before it saves: a test that
passes shows that a person can do the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from core.rpc.public_methods import call_button
from core.web.views.arch import Node, View
from core.web.views.catalogue import WITHOUT_LIST, Views
from core.web.views.expressions import Expression, Fields, scope_of

TABLES = ("one2many", "many2many")
CREATE, UPDATE, DELETE, UNLINK, LINK, SET = 0, 1, 2, 3, 4, 6

_keys = itertools.count(1)


class CannotDo(AssertionError):
    """A person could not do this on the form: the field is hidden or locked, a value is missing, no such button."""


class _Sheet:
    """Typed values of one record and the view that shows them: the common part of a form and of a line in it."""

    def __init__(self, model: Any, view: View, parent: _Sheet | None = None) -> None:
        self.model = model
        self.view = view
        self.parent = parent
        self.values: dict[str, Any] = {}
        self.changed: set[str] = set()
        self.nodes: dict[str, list[Node]] = {}
        self._paths: dict[str, list[list[Expression]]] = {}
        self._collect(view.root, [])
        self.spec = {name: self._spec(name) for name in self.nodes}

    def _collect(self, node: Node, hidden_by: list[Expression]) -> None:
        """Note each field's nodes, and the `invisible` expressions of everything around each of them."""
        if node.invisible is not None:
            hidden_by = [*hidden_by, node.invisible]
        if node.column_invisible is not None:
            hidden_by = [*hidden_by, node.column_invisible]
        if node.kind == "field" and node.name in self.model._fields:
            self.nodes.setdefault(node.name, []).append(node)
            self._paths.setdefault(node.name, []).append(hidden_by)
        for child in node.children:
            self._collect(child, hidden_by)

    def _spec(self, name: str) -> dict[str, Any]:
        if self.model._fields[name].type not in TABLES:
            return {}
        view = self.line_view(name)
        comodel = self.model.env[self.model._fields[name].comodel_name]
        return {"fields": _Sheet(comodel, view, self).spec if view else {"display_name": {}}}

    def line_view(self, name: str) -> View | None:
        """The list that shows the lines of the field `name`; None when it shows no list (tags)."""
        node = self.nodes[name][0]
        if node.widget in WITHOUT_LIST:
            return None
        return node.views.get("list") or node.views.get("form")

    # -- what the view says

    @property
    def scope(self) -> dict[str, Any]:
        """What the view's expressions read."""
        values = {name: _plain(self.model._fields[name], value) for name, value in self.values.items()}
        env = self.model.env
        parent = Fields(self.parent.scope) if self.parent else Fields({})
        return scope_of(values | {"id": self.stored_id()}, parent=parent, uid=env.uid, context=dict(env.context))

    def stored_id(self) -> int | bool:
        """The id of what is shown; False while it is not stored."""
        raise NotImplementedError

    def _holds(self, expression: Expression | None, scope: Mapping[str, Any]) -> bool:
        return expression is not None and expression.holds(scope)

    def is_invisible(self, name: str) -> bool:
        """Whether the field is shown nowhere now."""
        scope = self.scope
        return all(any(self._holds(each, scope) for each in around) for around in self._paths[name])

    def is_readonly(self, name: str) -> bool:
        """Whether the field cannot be edited now: by the view where it says so, else by the model."""
        node = self.nodes[name][0]
        return (
            self._holds(node.readonly, self.scope) if node.readonly is not None else self.model._fields[name].readonly
        )

    def is_required(self, name: str) -> bool:
        """Whether the field must have a value now."""
        node = self.nodes[name][0]
        if node.required is not None:
            return self._holds(node.required, self.scope)
        return bool(self.model._fields[name].required)

    # -- typing

    def __getitem__(self, name: str) -> Any:
        self._known(name)
        field, value = self.model._fields[name], self.values.get(name, False)
        if field.type == "many2one":
            return self.model.env[field.comodel_name].browse(value or ())
        if field.type in TABLES:
            return [dict(line.values) for line in value or ()]
        return value

    def __setitem__(self, name: str, value: Any) -> None:
        self._known(name)
        if self.is_invisible(name):
            raise CannotDo(f"{self.view.name}: {name} is not shown in this state of the form")
        if self.is_readonly(name):
            raise CannotDo(f"{self.view.name}: {name} cannot be edited in this state of the form")
        field = self.model._fields[name]
        if field.type == "one2many":
            raise CannotDo(f"{self.view.name}: {name} is a table; add, edit or remove lines of lines({name!r})")
        if field.type == "selection" and value:
            choices = [key for key, _label in field.options(self.model)]
            if value not in choices:
                raise CannotDo(f"{self.view.name}: {value!r} is not among the choices of {name}: {choices}")
        self.values[name] = self._typed(field, value)
        self.changed.add(name)
        self.edited(name)

    def _typed(self, field: Any, value: Any) -> Any:
        if field.type == "many2one":
            return _id(value)
        if field.type == "many2many":
            sheets = []
            for id_ in _ids(value):
                sheet = Line(self, field.name, id_)
                sheet.load_record(self.model.env[field.comodel_name].browse(id_))
                sheets.append(sheet)
            return sheets
        return value

    def _known(self, name: str) -> None:
        if name not in self.nodes:
            raise CannotDo(f"{self.view.name} does not show {name}; it shows {', '.join(sorted(self.nodes))}")

    def edited(self, name: str) -> None:
        """Let the model react to the new value of `name`."""
        raise NotImplementedError

    # -- taking over and giving

    def load_record(self, record: Any) -> None:
        """Show the values of a stored record."""
        snapshot = record._snapshot(self.spec) if record else {}
        self.merge(snapshot, mark=False)
        self.changed.clear()

    def merge(self, result: Mapping[str, Any], mark: bool = True) -> None:
        """Take over values in the form that `onchange` gives them."""
        for name, value in result.items():
            field = self.model._fields.get(name)
            if field is None or name not in self.nodes:
                continue
            if field.type == "many2one":
                value = value[0] if isinstance(value, list | tuple) and value else value or False
            elif field.type in TABLES:
                value = self._merged_lines(name, value or [])
            self.values[name] = value
            if mark:
                self.changed.add(name)

    def _merged_lines(self, name: str, rows: Iterable[Mapping[str, Any]]) -> list[Line]:
        known = {line.id or line.key: line for line in self.values.get(name) or ()}
        lines = []
        for row in rows:
            line = known.get(row.get("id") or row.get("ref")) or Line(self, name, row.get("id") or 0)
            fresh = (line.id or line.key) not in known
            line.merge(
                {key: value for key, value in row.items() if key not in ("id", "ref")}, mark=fresh or not line.id
            )
            lines.append(line)
        return lines

    def to_save(self, names: Iterable[str]) -> dict[str, Any]:
        """The values of `names` as `create` and `write` take them; lines that did not change are left alone."""
        return {name: self._written(name, draft=False) for name in names}

    def draft(self) -> dict[str, Any]:
        """All values as `onchange` takes them."""
        return {name: self._written(name, draft=True) for name in self.values}

    def _written(self, name: str, *, draft: bool) -> Any:
        field, value = self.model._fields[name], self.values[name]
        if field.type not in TABLES:
            return value
        lines: list[Line] = value or []
        if field.type == "many2many":
            return [(SET, 0, [line.id for line in lines])]
        commands: list[Any] = []
        for line in lines:
            if not line.id:
                values = line.draft() if draft else line.to_save(line.saveable())
                commands.append((CREATE, line.key if draft else 0, values))
            elif line.changed:
                commands.append((UPDATE, line.id, line.to_save(line.changed)))
            elif draft:
                commands.append((LINK, line.id, 0))
        kept = {line.id for line in lines}
        return commands + [(DELETE, id_, 0) for id_ in self.gone(name) if id_ not in kept]

    def gone(self, name: str) -> list[int]:
        """The ids of the stored lines of `name` that may have been taken away."""
        return []

    def saveable(self) -> list[str]:
        """The fields that a browser would send for a new record: those shown or set, unless locked."""
        return [name for name in self.nodes if name in self.values and not self.is_readonly(name)]

    def missing(self) -> list[str]:
        """The visible, required fields that have no value."""
        return [
            name
            for name in self.nodes
            if self.is_required(name)
            and self.values.get(name) in (False, None, "", [])
            and self.model._fields[name].type not in ("boolean", "integer", "float", "quantity", "monetary")
            and not self.is_readonly(name)
        ]


class Line(_Sheet):
    """One line of a table: set its fields like a form's. `id` is 0 while it is not stored."""

    def __init__(self, parent: _Sheet, name: str, id_: int) -> None:
        view = parent.line_view(name)
        model = parent.model.env[parent.model._fields[name].comodel_name]
        super().__init__(model, view or View("list", model._name, f"{name}", Node("list", "n0", {})), parent)
        self.name = name
        self.id = id_
        self.key = f"new{next(_keys)}"

    def stored_id(self) -> int | bool:
        """See _Sheet."""
        return self.id or False

    def edited(self, name: str) -> None:
        """See _Sheet. The line's own onchange first, then that of the document around it."""
        if self.model._onchange_methods.get(name):
            field = self.parent.model._fields[self.name]  # type: ignore[union-attr]
            values = self.draft()
            if field.type == "one2many" and self.parent.record:  # type: ignore[union-attr]
                values[field.inverse_name] = self.parent.record.id  # type: ignore[union-attr]
            result = self.model.browse(self.id or ()).onchange(values, [name], self.spec)
            self.merge(result["value"])
            self.parent.warned(result)  # type: ignore[union-attr]
        self.parent.changed.add(self.name)  # type: ignore[union-attr]
        self.parent.edited(self.name)  # type: ignore[union-attr]


class Lines:
    """The table of one field on a form."""

    def __init__(self, form: FormDriver, name: str) -> None:
        form._known(name)
        self.form, self.name = form, name

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[Line]:
        return iter(list(self._lines))

    def __getitem__(self, position: int) -> Line:
        return self._lines[position]

    @property
    def _lines(self) -> list[Line]:
        return self.form.values.get(self.name) or []

    @contextmanager
    def add(self) -> Iterator[Line]:
        """A new line with its defaults; complete when the block ends. Raises CannotDo when no line can be added."""
        self._check("create", "added to")
        line = Line(self.form, self.name, 0)
        result = line.model.onchange(self._context_of_parent(line), [], line.spec)
        line.merge(result["value"])
        self.form.values[self.name] = [*self._lines, line]
        self.form.changed.add(self.name)
        yield line
        self._complete(line)

    @contextmanager
    def edit(self, position: int) -> Iterator[Line]:
        """The line at `position`; complete when the block ends."""
        self._check("edit", "changed in")
        line = self._lines[position]
        yield line
        self._complete(line)

    def remove(self, position: int) -> None:
        """Take the line at `position` away."""
        self._check("delete", "removed from")
        lines = list(self._lines)
        lines.pop(position)
        self.form.values[self.name] = lines
        self.form.changed.add(self.name)
        self.form.edited(self.name)

    def _context_of_parent(self, line: Line) -> dict[str, Any]:
        field, record = self.form.model._fields[self.name], self.form.record
        return {field.inverse_name: record.id} if field.type == "one2many" and record else {}

    def _complete(self, line: Line) -> None:
        self.form.edited(self.name)
        missing = line.missing()
        if missing:
            raise CannotDo(f"{self.form.view.name}: the line in {self.name} lacks {', '.join(missing)}")

    def _check(self, flag: str, words: str) -> None:
        view = self.form.line_view(self.name)
        if self.form.is_invisible(self.name) or self.form.is_readonly(self.name) or (view and not view.flag(flag)):
            raise CannotDo(f"{self.form.view.name}: lines cannot be {words} {self.name} in this state of the form")


class FormDriver(_Sheet):
    """A form over one record, or over a new one.

    Args:
        records: an empty recordset for a new record, or the one record to edit; its environment's user fills in.
        view: external id of the form view; the model's own when left out.

    ``warnings`` collects what onchange methods warned of.
    """

    def __init__(self, records: Any, view: str | None = None) -> None:
        env = records.env
        view_id = env.ref(view).id if view else 0
        super().__init__(records.browse(), Views().get(env, records._name, "form", view_id))
        self.record = records
        self.warnings: list[str] = []
        self._stored: dict[str, list[int]] = {}
        if records:
            records.ensure_one()
            self._open()
        else:
            result = self.model.onchange({}, [], self.spec)
            self.warned(result)
            self.merge(result["value"])

    def lines(self, name: str) -> Lines:
        """The table of the one2many or many2many field `name`."""
        return Lines(self, name)

    def stored_id(self) -> int | bool:
        """See _Sheet."""
        return self.record.id or False

    def edited(self, name: str) -> None:
        """See _Sheet."""
        result = self.record.onchange(self.draft(), [name], self.spec)
        self.warned(result)
        self.merge(result["value"])

    def warned(self, result: Mapping[str, Any]) -> None:
        """Keep the warning of an onchange."""
        if result.get("warning"):
            self.warnings.append(str(result["warning"].get("message", "")))

    def save(self) -> Any:
        """Create or change the record, and return it. Raises CannotDo when a required value is missing."""
        missing = [name for name in self.missing() if not self.is_invisible(name)]
        if missing:
            raise CannotDo(f"{self.view.name}: these fields need a value: {', '.join(missing)}")
        if self.record:
            names = [name for name in self.changed if not self.is_readonly(name)]
            if names:
                self.record.write(self.to_save(names))
        else:
            self.record = self.model.create(self.to_save(self.saveable()))
        self.record.env.flush_all()
        self._open()
        return self.record

    def press(self, button: str) -> Any:
        """Save, then press the button with this method's name; return what the method returns.

        Raises:
            CannotDo: the form has no such button, or does not show it now.
        """
        found = [node for node in self.view.root.find("button") if node.name == button]
        if not found:
            raise CannotDo(f"{self.view.name} has no button {button}")
        if self.changed or not self.record:
            self.save()
        scope = self.scope
        if all(self._holds(node.invisible, scope) for node in found):
            raise CannotDo(f"{self.view.name} does not show the button {button} in this state of the form")
        context = next((dict(node.context.evaluate(scope)) for node in found if node.context), {})
        result = call_button(self.record.with_context(**context), button)
        self.record.env.flush_all()
        if self.record.exists():
            self._open()
        return result

    def gone(self, name: str) -> list[int]:
        """See _Sheet."""
        return self._stored.get(name, [])

    def _open(self) -> None:
        self.values.clear()
        self.load_record(self.record)
        tables = [name for name in self.nodes if self.model._fields[name].type in TABLES]
        self._stored = {name: self.record[name].ids for name in tables}


def _id(value: Any) -> int | bool:
    if hasattr(value, "_ids"):
        return value.id or False
    return value or False


def _ids(value: Any) -> list[int]:
    return list(value.ids) if hasattr(value, "_ids") else list(value or ())


def _plain(field: Any, value: Any) -> Any:
    if field.type in TABLES:
        return [line.id for line in value or ()]
    return value
