"""A form between the page and the record: rules, typed text, typed values and errors of every field.

    values from the record      ->  text in the inputs                      `BoundField.text`
    text that comes back        ->  typed values, or an error at the field  `Binding.read`
    what differs from the page  ->  values for create() or write()          `Binding.changes`

A page carries a fingerprint of every text it was drawn with (`_base`). So what the user changed is known exactly,
whatever anyone else changed meanwhile: only that is written, and only that can clash (`stale`).

The last input of a form is `_end`: a form that was sent before all of its page had arrived lacks the inputs that were
still on their way, and must not empty them (`Typed.whole`).
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any, Protocol

from werkzeug.datastructures import FileStorage, MultiDict

from core.bounds import is_integer
from core.i18n import _
from core.web.field_rules import NUMBERS, Choice, FieldRules, Rules, plain
from core.web.forms import quick_create
from core.web.forms.bound_field import BoundField
from core.web.forms.files import Upload, check_upload, upload_of
from core.web.forms.formats import Formats, Unreadable
from core.web.forms.quick_create import NEW
from core.web.views.arch import Node
from core.web.views.expressions import Expression, ExpressionError, Fields, scope_of

BASE = "_base"
END = "_end"


class Resolver(Protocol):
    """Finds the record a typed name means."""

    def __call__(self, rules: FieldRules, text: str, domain: Any, *, create: Mapping[str, Any] | None = None) -> Choice:
        """The one record called `text` among those of `domain` (None: all of the field's model).

        `create` are the ``default_...`` values of a record that may be made instead, None where none may.
        Unreadable says why there is none, or which ones there are.
        """


def fingerprint(text: str) -> str:
    """A short mark by which a text is recognised as unchanged."""
    return f"{zlib.crc32(text.encode()):08x}"


class Typed:
    """What came back from a page: the texts, by name, and the fingerprints they started from."""

    def __init__(
        self,
        form: MultiDict[str, str],
        files: MultiDict[str, FileStorage] | None = None,
        kept: Callable[[int], Upload | None] = lambda id_: None,
    ) -> None:
        self.form = form
        self.files: MultiDict[str, FileStorage] = MultiDict() if files is None else files
        self.kept = kept
        self._uploads: dict[str, Upload | None] = {}
        self.base: dict[str, str] = _read_base(form.get(BASE, ""))

    @property
    def whole(self) -> bool:
        """Whether the page had arrived to its end when it was sent. What was pressed is not to be done otherwise."""
        return BASE not in self.form or END in self.form

    def has(self, name: str) -> bool:
        """Whether the page had an input called `name` (an unticked box sends nothing, yet was there)."""
        return name in self.form or (self.whole and name in self.base)

    def text(self, name: str) -> str:
        """The text typed into `name`; of several inputs with the name, the one that was changed."""
        texts = [text.replace("\r\n", "\n") for text in self.form.getlist(name)] or [""]
        for text in texts:
            if fingerprint(text) != self.base.get(name):
                return text
        return texts[0]

    def list(self, name: str) -> list[str]:
        """All the values sent under `name`, in the order of the page."""
        return self.form.getlist(name)

    def upload(self, name: str) -> Upload | None:
        """The file chosen in the input `name`, now or before the form was given back; None where there is none."""
        if name not in self._uploads:
            self._uploads[name] = self._find_upload(name)
        return self._uploads[name]

    def _find_upload(self, name: str) -> Upload | None:
        sent = self.files.get(name)
        if sent is not None and sent.filename:
            return upload_of(sent)
        number = self.form.get(f"{name}.kept", "")
        return self.kept(int(number)) if is_integer(number) and not self.cleared(name) else None

    def keep_files(self, keep: Callable[[Upload], None]) -> None:
        """Have the files kept that were chosen for fields, so that the form can be sent again without choosing anew."""
        for name in self.files:
            upload = None if name.startswith("_") else self.upload(name)
            if upload is not None:
                keep(upload)

    def cleared(self, name: str) -> bool:
        """Whether the file of the input `name` is to be removed."""
        return bool(self.form.get(f"{name}.clear"))

    def changed(self, name: str, text: str) -> bool:
        """Whether `text` differs from what the page was drawn with."""
        return fingerprint(text) != self.base.get(name)


def _read_base(text: str) -> dict[str, str]:
    try:
        base = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        base = {}
    return {str(key): str(value) for key, value in base.items()} if isinstance(base, dict) else {}


def typed(rules: FieldRules, value: Any, formats: Formats) -> str:
    """`value` as it stands in an input."""
    kind = rules.type
    if kind in NUMBERS:
        if value is False or value is None:
            return ""
        return formats.typed_number(value, 2 if kind == "monetary" else 0)
    if kind == "boolean":
        return "1" if value else ""
    if value is False or value is None:
        return ""
    if kind == "date":
        return formats.typed_day(value)
    if kind == "datetime":
        return formats.typed_moment(value)
    if kind == "many2one":
        return value.label if isinstance(value, Choice) else ""
    if kind in ("many2many", "one2many"):
        return ",".join(sorted(str(item.id or item.label) for item in value))
    if kind == "binary":
        return ""
    return str(value)


def parse(rules: FieldRules, text: str, formats: Formats) -> Any:
    """`text` as a typed value of a field that needs no look-up; Unreadable says what is wrong with it."""
    kind = rules.type
    if kind == "boolean":
        return bool(text)
    if kind in NUMBERS:
        if not text.strip():
            return Decimal(0) if kind != "integer" else 0
        number = formats.read_number(text, rules.scale)
        return int(number) if kind == "integer" else number
    if not text.strip():
        return False
    if kind == "date":
        return formats.read_day(text)
    if kind == "datetime":
        return formats.read_moment(text)
    if kind == "selection":
        return _known(rules, text)
    if rules.size and len(text) > rules.size:
        raise Unreadable(_("At most %(size)s characters fit here.", size=rules.size))
    return text if kind in ("text", "html") else text.strip()


def _known(rules: FieldRules, text: str) -> str:
    if all(key != text for key, _label in rules.selection):
        raise Unreadable(_("“%(text)s” is not one of the choices.", text=text))
    return text


def writable(rules: FieldRules, value: Any) -> Any:
    """A typed value as create() and write() take it."""
    if isinstance(value, Choice):
        return value.id or False
    if isinstance(value, Upload):
        return base64.b64encode(value.read())
    if rules.type in ("many2many", "one2many"):
        return [(6, 0, [item.id for item in value or () if item.id])]
    return value


class Binding:
    """The fields of one record in one place: a form, or one row of a table in it.

    `prefix` goes before every input's name (``order_line.3.``); `parent` are the values of the enclosing form.
    """

    def __init__(
        self,
        nodes: Mapping[str, Node],
        rules: Rules,
        values: dict[str, Any],
        formats: Formats,
        *,
        prefix: str = "",
        parent: Binding | None = None,
        names: Mapping[str, Any] | None = None,
        editable: bool = True,
    ) -> None:
        self.nodes, self.rules, self.values, self.formats = nodes, rules, values, formats
        self.prefix, self.parent, self.names, self.editable = prefix, parent, names or {}, editable
        self.texts: dict[str, str] = {}
        self.errors: dict[str, str] = {}
        self.candidates: dict[str, tuple[Choice, ...]] = {}
        self.changed: set[str] = set()
        self.posted: set[str] = set()

    # -- expressions

    @cached_property
    def scope(self) -> dict[str, Any]:
        """What the expressions of this form may read."""
        values = {name: plain(value) for name, value in self.values.items()}
        parent = Fields(self.parent.scope) if self.parent is not None else Fields({})
        return scope_of(values, parent=parent, **self.names)

    def holds(self, expression: Expression | None) -> bool:
        """Whether `expression` is true for the values as they stand; no expression is false."""
        return expression is not None and expression.holds(self.scope)

    def domain(self, node: Node) -> Any:
        """The domain of a relational field as the view or the model sets it, for the values as they stand, or None.

        Of a link that stays within one company, records of others are left out.
        """
        rules = self.rules.get(node.name)
        within = self._company_domain(rules)
        if node.domain is not None:
            try:
                found = node.domain.evaluate(self.scope)
            except ExpressionError:
                found = None
        else:
            found = rules.domain if rules is not None else None
        domain = list(found) if isinstance(found, list | tuple) and found else []
        return [*domain, *within] or None

    def _company_domain(self, rules: FieldRules | None) -> list[Any]:
        if rules is None or not rules.company_field:
            return []
        company = self.values.get("company_id")
        if company is None and self.parent is not None:
            company = self.parent.values.get("company_id")
        if not isinstance(company, Choice) or not company.id:
            return []
        shared = [False] if rules.company_field == "company_id" else []
        return [(rules.company_field, "in", [company.id, *shared])]

    def context(self, node: Node) -> dict[str, Any]:
        """The ``default_...`` values that the view has for records made in the field of `node`."""
        if node.context is None:
            return {}
        try:
            found = node.context.evaluate(self.scope)
        except ExpressionError:
            return {}
        values = found.items() if isinstance(found, dict) else ()
        return {str(key): value for key, value in values if str(key).startswith("default_")}

    def set(self, name: str, value: Any, *, changed: bool = True) -> None:
        """Give `name` a typed value, as if the user had entered it."""
        self.values[name] = value
        self.texts.pop(name, None)
        self.errors.pop(name, None)
        if changed:
            self.changed.add(name)
        self.__dict__.pop("scope", None)

    # -- drawing

    def bound(self, node: Node) -> BoundField:
        """What the widget of `node` needs."""
        name = node.name
        rules = self.rules[name]
        value = self.value_of(node)
        text = self.texts.get(name)
        return BoundField(
            rules=rules,
            node=node,
            name=self.prefix + name,
            value=value,
            text=self.text_of(node, value) if text is None else text,
            formats=self.formats,
            error=self.errors.get(name, ""),
            readonly=self.is_readonly(node),
            required=self.is_required(node),
            candidates=self.candidates.get(name, ()),
            scope=self.scope,
            emptied=rules.type == "many2many" and name in self.changed,
        )

    def value_of(self, node: Node) -> Any:
        """What the field of `node` shows: its value, or the name of a record to come that another field holds.

        Which field that is, its option says: ``options="{'name_field': 'lot_name'}"``.
        """
        value = self.values.get(node.name, False)
        label = "" if value else self.values.get(node.options.get("name_field", ""))
        return Choice(0, label) if label else value

    def text_of(self, node: Node, value: Any) -> str:
        """`value` as it stands in the input of `node`: a zero that only means "not entered yet" is left blank."""
        return "" if not value and self.holds(node.blank) else typed(self.rules[node.name], value, self.formats)

    def is_readonly(self, node: Node) -> bool:
        """Whether the field of `node` cannot be edited now: by the view if it says so, else by the model."""
        if not self.editable:
            return True
        if node.readonly is not None:
            return self.holds(node.readonly)
        rules = self.rules.get(node.name)
        return rules is None or rules.readonly

    def is_required(self, node: Node) -> bool:
        """Whether the field of `node` must have a value now."""
        rules = self.rules.get(node.name)
        return (rules is not None and rules.required) or self.holds(node.required)

    def is_invisible(self, node: Node) -> bool:
        """Whether `node` is left out now."""
        return self.holds(node.invisible)

    def base(self) -> Iterator[tuple[str, str]]:
        """Name and fingerprint of every input that a page of this form has."""
        for name, node in self.nodes.items():
            rules = self.rules.get(name)
            if rules is not None and rules.type != "binary" and not self.is_readonly(node):
                yield self.prefix + name, fingerprint(self.text_of(node, self.value_of(node)))

    # -- reading

    def read(self, page: Typed, resolve: Resolver) -> None:
        """Take over what was typed: `changed`, `texts` and `errors` tell what came of it."""
        for name in self.nodes:
            rules = self.rules.get(name)
            if rules is None or rules.type in ("one2many", "binary") or not page.has(self.prefix + name):
                continue
            self.posted.add(name)
            if rules.type == "many2many":
                self._read_many(rules, page, resolve)
            else:
                self._read_one(rules, page, resolve)
        self.__dict__.pop("scope", None)
        for name, node in self.nodes.items():
            rules = self.rules.get(name)
            if rules is not None and rules.type == "binary" and not self.is_readonly(node):
                self._read_file(node, rules, page)

    def drop_closed(self) -> list[str]:
        """Take no change of fields that the view closes for the values as they stand; returns their names."""
        closed = [name for name in self.changed if self.is_readonly(self.nodes[name])]
        self.changed.difference_update(closed)
        return closed

    def reopen(self, names: Iterable[str]) -> None:
        """Take the changes of those of `names` after all that are not closed for the values as they stand now."""
        self.changed.update(name for name in names if not self.is_readonly(self.nodes[name]))

    def _read_one(self, rules: FieldRules, page: Typed, resolve: Resolver) -> None:
        name = rules.name
        text = page.text(self.prefix + name)
        if not text and rules.type == "selection" and self.nodes[name].widget == "priority" and rules.selection:
            # Drawn as a star that is lit or not; an unlit one sends nothing and stands for the first choice.
            text = rules.selection[0][0]
        if not page.changed(self.prefix + name, text):
            return
        self.texts[name] = text
        self.changed.add(name)
        try:
            if rules.type == "many2one":
                self.values[name] = self._read_choice(rules, page, text, resolve)
                self.texts.pop(name)
                beside = str(self.nodes[name].options.get("name_field", ""))
                if beside in self.nodes:
                    self.set(beside, False)
            else:
                self.values[name] = parse(rules, text, self.formats)
                if rules.type in ("date", "datetime"):
                    # However it was typed, it is shown as dates are shown.
                    self.texts.pop(name)
        except Unreadable as error:
            self.errors[name] = str(error)
            self.candidates[name] = tuple(getattr(error, "candidates", ()))

    def _read_choice(self, rules: FieldRules, page: Typed, text: str, resolve: Resolver) -> Choice | bool:
        if not text.strip():
            return False
        picked = page.form.get(f"{self.prefix}{rules.name}.id", "")
        key, _bar, label = picked.partition("|")
        if label == text and (is_integer(key) or key == NEW):
            return Choice(0 if key == NEW else int(key), label)
        return self._find(rules, text, resolve)

    def _find(self, rules: FieldRules, text: str, resolve: Resolver) -> Choice:
        """What a typed name means among what is offered for the values as they stand, those read just now included."""
        self.__dict__.pop("scope", None)
        node = self.nodes[rules.name]
        create = self.context(node) if quick_create.is_offered(node) else None
        return resolve(rules, text, self.domain(node), create=create)

    def _read_many(self, rules: FieldRules, page: Typed, resolve: Resolver) -> None:
        key = self.prefix + rules.name
        added = page.form.get(f"{key}.add", "").strip()
        labels = {item.id: item.label for item in self.values.get(rules.name) or () if isinstance(item, Choice)}
        choices = []
        for text in dict.fromkeys(page.list(key)):
            id_, _bar, label = text.partition("|")
            if id_ == NEW and label:
                choices.append(Choice(0, label))
            elif is_integer(id_) and int(id_) not in {choice.id for choice in choices}:
                choices.append(Choice(int(id_), labels.get(int(id_), label or id_)))
        if added:
            try:
                choice = self._find(rules, added, resolve)
                choices = [item for item in choices if item != choice] + [choice]
            except Unreadable as error:
                self.errors[rules.name] = str(error)
                self.candidates[rules.name] = tuple(getattr(error, "candidates", ()))
                self.texts[rules.name] = added
        # What the model filled in after the page was first drawn has no fingerprint: that there were tags is noted.
        emptied = not choices and bool(page.form.get(f"{key}.was"))
        if emptied or page.changed(key, typed(rules, tuple(choices), self.formats)):
            self.values[rules.name] = tuple(choices)
            self.changed.add(rules.name)

    def _read_file(self, node: Node, rules: FieldRules, page: Typed) -> None:
        name, key = rules.name, self.prefix + rules.name
        upload = page.upload(key)
        if upload is not None:
            try:
                check_upload(upload, self.formats, picture=node.widget == "image")
            except Unreadable as error:
                self.errors[name] = str(error)
                return
            self.set(name, upload)
            self._name_file(node.attrs.get("filename", ""), upload)
        elif page.cleared(key):
            self.set(name, False)

    def _name_file(self, name: str, upload: Upload) -> None:
        """Call the file in the field for its name what it was called where it comes from, unless a name was typed."""
        if name in self.nodes and name not in self.changed and not self.is_readonly(self.nodes[name]):
            self.set(name, upload.name)

    def check_required(self) -> None:
        """Note an error at every visible field that must have a value and has none."""
        for name, node in self.nodes.items():
            rules = self.rules.get(name)
            if rules is None or name in self.errors or rules.type in NUMBERS or rules.type == "boolean":
                continue
            if rules.computed and name not in self.changed:
                # Left alone, so the model works it out when the record is saved.
                continue
            if (
                not self.values.get(name)
                and self.is_required(node)
                and not self.is_readonly(node)
                and not self.is_invisible(node)
            ):
                self.errors[name] = str(_("Please fill this in."))

    def changes(self, names: Iterable[str] | None = None) -> dict[str, Any]:
        """The changed values (or those of `names`), as create() and write() take them."""
        wanted = self.changed if names is None else names
        return {name: writable(self.rules[name], self.values.get(name, False)) for name in wanted if name in self.rules}
