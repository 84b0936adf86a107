"""One field in one place as its widget draws it, and values as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from core.i18n import _
from core.web.field_rules import NUMBERS, Choice, FieldRules
from core.web.forms.files import StoredFile, Upload
from core.web.forms.formats import Formats
from core.web.views.arch import Node


class Section(NamedTuple):
    """A drop-down of a field with several records: its title, the choices and which of them holds (0: none)."""

    title: str
    choices: tuple[Choice, ...]
    chosen: int


# The widgets that show of a point in time only its day.
DAY_ONLY = frozenset({"date", "remaining_days"})


#: Decoration -> tone of a badge.
TONES = {"success": "good", "info": "busy", "warning": "wait", "danger": "bad", "muted": "off"}


@dataclass(slots=True)
class BoundField:
    """One field in one place: what its widget needs to draw it."""

    rules: FieldRules
    node: Node
    name: str
    value: Any
    text: str
    formats: Formats
    error: str = ""
    readonly: bool = False
    required: bool = False
    candidates: tuple[Choice, ...] = ()
    scope: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""
    creatable: bool = False
    # Choices of which one at most holds, by title (see `values.sections_of`).
    sections: tuple[Section, ...] = ()
    # Part of a form that answers to edits; an editable list does not.
    live: bool = True
    autofocus: bool = False
    labelled: bool = False
    # One of many: in a row of a list, or on a card.
    small: bool = False
    currency: Any = None
    space: str = ""
    emptied: bool = False  # of tags: all of them were removed
    # Of a field that stands on the form before: tells the two elements apart.
    occurrence: str = ""
    steps: list[tuple[str, str, str]] = field(default_factory=list)
    # What the view's decorations say of the value: success, info, warning, danger or muted.
    decoration: str = ""
    # A text about this value, shown by a button.
    explanation: str = ""

    @property
    def tone(self) -> str:
        """The tone of its badge, where a decoration sets one."""
        return TONES.get(self.decoration, "")

    @property
    def id(self) -> str:
        """The id of its input element."""
        return f"{self.space}f-{self.name}{self.occurrence}".replace(".", "-")

    @property
    def label(self) -> str:
        """The label of the view, or the model's."""
        return self.node.string or self.rules.label

    @property
    def help(self) -> str:
        """The explanation of the view, or the model's."""
        return self.node.attrs.get("help") or self.rules.help

    @property
    def placeholder(self) -> str:
        """The hint shown in an empty input; one that nothing names beside it says itself what it is for."""
        unnamed = not self.labelled and "." not in self.name and self.rules.type not in ("boolean", "selection")
        return self.node.attrs.get("placeholder", self.label if unnamed else "")

    @property
    def shown(self) -> str:
        """The value as people read it."""
        if self.rules.type == "datetime" and self.node.widget in DAY_ONLY and self.value:
            return self.formats.local_day(self.value)
        text = shown(self.rules, self.value, self.formats, self.node.options)
        return signed(text, self.currency) if self.currency and text else text

    @property
    def empty(self) -> bool:
        """Whether there is nothing to read. Zero is something to read."""
        return not self.value and not (self.rules.type in NUMBERS and self.value is not False)

    @property
    def file(self) -> StoredFile | None:
        """The file to show: the stored one, or the one that was chosen and waits to be saved."""
        return self.value.kept if isinstance(self.value, Upload) else self.value or None

    @property
    def file_name(self) -> str:
        """What the file is called, as far as that is known."""
        if isinstance(self.value, Upload):
            return self.value.name
        return str(self.scope.get(self.node.attrs.get("filename", "")) or "")

    @property
    def download(self) -> str:
        """Where the file is downloaded, under its name."""
        name_field = "name" if isinstance(self.value, Upload) else self.node.attrs.get("filename", "")
        return self.file.download(name_field) if self.file else ""

    @property
    def waiting(self) -> int:
        """The id under which a chosen file is kept; 0 where nothing waits to be saved."""
        return self.value.kept.id if isinstance(self.value, Upload) and self.value.kept else 0

    @property
    def unsectioned(self) -> list[Choice]:
        """The records of the value that are in none of the sections."""
        sectioned = {choice.id for section in self.sections for choice in section.choices}
        return [choice for choice in self.value or () if choice.id not in sectioned]

    @property
    def native(self) -> str:
        """A day or point in time as the browser's own calendar wants it: ISO, local."""
        if not self.value or self.error:
            return ""
        if self.rules.type == "datetime":
            return self.formats.local(self.value).isoformat(timespec="minutes")
        return str(self.value.isoformat())

    @property
    def described_by(self) -> str:
        """The ids of the elements with the error and with the help of the field, for screen readers."""
        ids = [f"{self.id}-error"] if self.error else []
        if self.help and self.labelled:
            ids.append(f"{self.id}-help-why")
        return " ".join(ids)


def signed(text: str, currency: Any) -> str:
    """An amount with the sign of its currency, a `res.currency`, where that one has it."""
    return f"{text} {currency.symbol}" if currency.position == "after" else f"{currency.symbol} {text}"


def shown(rules: FieldRules, value: Any, formats: Formats, options: Mapping[str, Any] | None = None) -> str:
    """`value` as people read it."""
    kind = rules.type
    if kind in NUMBERS:
        if value is False or value is None:
            return ""
        return formats.number(value, 2 if kind == "monetary" else 0)
    if value is False or value is None or value == "":
        return ""
    if isinstance(value, Choice):
        return value.label
    if kind == "selection":
        return rules.label_of(value)
    if kind == "date":
        return formats.day(value)
    if kind == "datetime":
        return formats.moment(value)
    if kind == "boolean":
        return str(_("Yes"))
    if kind == "binary":
        return formats.size(value.size)
    if isinstance(value, tuple | list):
        return ", ".join(item.label if isinstance(item, Choice) else str(item) for item in value)
    return str(value)
