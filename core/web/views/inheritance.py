"""Views that extend other views: ``inherit_id`` with ``<xpath expr= position=>`` and the element shorthand.

    <field name="partner_id" position="after"><field name="carrier"/></field>
    <xpath expr="//group[@name='dates']/field[1]" position="attributes"><attribute name="readonly">1</attribute></xpath>

Positions: ``inside`` (at the end of the anchor), ``before``, ``after``, ``replace`` (``$0`` in the new part stands
for the old one, ``mode="inner"`` keeps the anchor itself), ``attributes`` (an empty ``<attribute>`` removes;
``add``/``remove`` with ``separator`` edit a list) and ``move`` (a part that is moved to where it stands).

An extension whose anchor is missing never takes the page down: that one instruction is left out, and the problem says
which addon's view looked for what, and which other addon took the anchor away if one did.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from core.xml_source import parse_xml

# Set on every part that an extension put in, so that a later mistake in it is reported under the right addon's name.
ADDON_MARK = "__addon"
POSITIONS = ("inside", "before", "after", "replace", "attributes", "move")


@dataclass(frozen=True, slots=True)
class Extension:
    """One extending view: its external id or name, the addon it belongs to, and its architecture as XML text."""

    view: str
    addon: str
    arch: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in an extension that could not be done; the rest of it was."""

    addon: str
    view: str
    base: str
    message: str

    def __str__(self) -> str:
        return f"{self.addon}: view {self.view} extends {self.base}: {self.message}"


@dataclass(frozen=True, slots=True)
class ReplacedPart:
    """A part of a base view that an extension took away or changed. `part` reads like ``field[@name='partner_id']``."""

    addon: str
    view: str
    base: str
    part: str
    change: str


@dataclass(slots=True)
class Combined:
    """A base view with all its extensions applied, and what happened on the way."""

    root: etree._Element
    problems: list[Problem] = field(default_factory=list)
    replaced: list[ReplacedPart] = field(default_factory=list)

    def replaced_parts(self) -> list[ReplacedPart]:
        """Every part that some extension replaced, removed, moved or whose attributes it changed, in order."""
        return list(self.replaced)

    def conflicts(self) -> list[list[ReplacedPart]]:
        """The parts that two or more addons changed: the last one won."""
        by_part: dict[tuple[str, str], list[ReplacedPart]] = defaultdict(list)
        for change in self.replaced:
            kind = change.change if change.change.startswith("attribute") else "content"
            by_part[change.part, kind].append(change)
        return [changes for changes in by_part.values() if len({change.addon for change in changes}) > 1]


def combine(base: str, arch: str, extensions: Iterable[Extension]) -> Combined:
    """The architecture `arch` of the view called `base`, extended by `extensions` in the order given.

    Raises ``lxml.etree.XMLSyntaxError`` when `arch` itself cannot be parsed; a broken extension is a problem in the
    result.
    """
    combined = Combined(_parse(arch))
    original = copy.deepcopy(combined.root)
    for extension in extensions:
        try:
            root = _parse(extension.arch)
        except etree.XMLSyntaxError as error:
            combined.problems.append(Problem(extension.addon, extension.view, base, f"its XML cannot be read: {error}"))
            continue
        _Application(base, combined, original, extension).run(root)
    return combined


def _parse(arch: str) -> etree._Element:
    return parse_xml(arch.strip())


def describe(element: etree._Element) -> str:
    """The shortest name a person recognises `element` by: ``field[@name='partner_id']``."""
    for key in ("name", "id", "string", "class"):
        if element.get(key):
            return f"{element.tag}[@{key}='{element.get(key)}']"
    return str(element.tag)


def _hasclass(context: Any, *classes: str) -> bool:
    have = (context.context_node.get("class") or "").split()
    return all(name in have for name in classes)


class _Application:
    """Applies one extension to the tree; every instruction that fails becomes a Problem."""

    def __init__(self, base: str, combined: Combined, original: etree._Element, extension: Extension) -> None:
        self.base, self.combined, self.original, self.extension = base, combined, original, extension

    def run(self, root: etree._Element) -> None:
        for instruction in self._instructions(root):
            try:
                self._apply(instruction)
            except (ValueError, etree.XPathError) as error:
                self._problem(str(error))

    def _instructions(self, root: etree._Element) -> Sequence[etree._Element]:
        if root.tag == "data" or (root.tag != "xpath" and root.get("position") is None):
            return list(root)
        return [root]

    def _problem(self, message: str) -> None:
        self.combined.problems.append(Problem(self.extension.addon, self.extension.view, self.base, message))

    def _note(self, anchor: etree._Element, change: str) -> None:
        # A part that this addon itself put in is its own business.
        if anchor.get(ADDON_MARK) != self.extension.addon:
            part = ReplacedPart(self.extension.addon, self.extension.view, self.base, describe(anchor), change)
            self.combined.replaced.append(part)

    def _apply(self, instruction: etree._Element) -> None:
        position = instruction.get("position", "inside")
        if position not in POSITIONS:
            raise ValueError(f"there is no position {position!r}; use one of {', '.join(POSITIONS)}")
        anchor = self._find(self.combined.root, instruction)
        if anchor is None:
            self._problem(self._missing(instruction))
        elif position == "attributes":
            self._attributes(anchor, instruction)
        elif position == "replace":
            self._replace(anchor, instruction)
        elif position == "move":
            raise ValueError("'move' belongs inside another instruction, which says where to")
        else:
            self._insert(anchor, position, self._content(instruction))

    def _find(self, root: etree._Element, instruction: etree._Element) -> etree._Element | None:
        if instruction.tag == "xpath":
            expression = instruction.get("expr")
            if not expression:
                raise ValueError("an <xpath> needs an expr")
            try:
                found = etree.XPath(expression, extensions={(None, "hasclass"): _hasclass})(root)
            except etree.XPathError as error:
                raise ValueError(f"the XPath {expression} cannot be read: {error}") from None
            elements = [item for item in found if isinstance(item, etree._Element)] if isinstance(found, list) else []
            return elements[0] if elements else None
        for candidate in root.iter(instruction.tag):
            if self._matches(candidate, instruction):
                return candidate
        return None

    @staticmethod
    def _matches(candidate: etree._Element, instruction: etree._Element) -> bool:
        if instruction.tag == "field":
            return candidate.get("name") == instruction.get("name")
        return all(
            candidate.get(key) == value
            for key, value in instruction.attrib.items()
            if key not in ("position", "mode", ADDON_MARK)
        )

    def _missing(self, instruction: etree._Element) -> str:
        what = instruction.get("expr") or describe(instruction)
        if self._find(self.original, instruction) is not None:
            for change in reversed(self.combined.replaced):
                if change.part in (what, describe(instruction)) or change.change in ("replaced", "removed"):
                    return f"its anchor {what} was {change.change} by {change.addon} ({change.view})"
        return f"its anchor {what} is not there"

    def _content(self, instruction: etree._Element) -> list[etree._Element]:
        """The parts an instruction brings: copies of its children, and the parts its 'move' children fetch."""
        content = []
        for child in instruction:
            if child.get("position") == "move":
                moved = self._find(self.combined.root, child)
                if moved is None:
                    self._problem(self._missing(child))
                    continue
                self._note(moved, "moved")
                _detach(moved)
                content.append(moved)
            else:
                part = copy.deepcopy(child)
                part.tail = None
                part.set(ADDON_MARK, self.extension.addon)
                content.append(part)
        return content

    def _insert(self, anchor: etree._Element, position: str, content: list[etree._Element]) -> None:
        if position == "inside":
            anchor.extend(content)
            return
        parent = anchor.getparent()
        if parent is None:
            raise ValueError(f"nothing can stand {position} the view itself")
        start = parent.index(anchor) + (position == "after")
        for offset, part in enumerate(content):
            parent.insert(start + offset, part)

    def _replace(self, anchor: etree._Element, instruction: etree._Element) -> None:
        content = self._content(instruction)
        self._note(anchor, "replaced" if content else "removed")
        if instruction.get("mode") == "inner":
            for child in list(anchor):
                anchor.remove(child)
            anchor.text = None
            anchor.extend(content)
            return
        for part in content:
            for slot in [element for element in part.iter() if (element.text or "").strip() == "$0"]:
                slot.text = None
                slot.append(copy.deepcopy(anchor))
        parent = anchor.getparent()
        if parent is None:
            if len(content) != 1:
                raise ValueError("the view itself can only be replaced by one element")
            self.combined.root = content[0]
            return
        self._insert(anchor, "before", content)
        _detach(anchor)

    def _attributes(self, anchor: etree._Element, instruction: etree._Element) -> None:
        for child in instruction.iter("attribute"):
            name = child.get("name") or ""
            if not name:
                raise ValueError("an <attribute> needs a name")
            self._note(anchor, f"attribute {name}")
            value = self._attribute_value(anchor.get(name, ""), child)
            if value:
                anchor.set(name, value)
            else:
                anchor.attrib.pop(name, "")

    @staticmethod
    def _attribute_value(current: str, change: etree._Element) -> str:
        added, removed = change.get("add"), change.get("remove")
        if added is None and removed is None:
            return (change.text or "").strip()
        separator = change.get("separator", ",")
        glue = separator if separator.strip() in ("", ",") else f" {separator.strip()} "
        parts = [part.strip() for part in current.split(glue if glue.strip() else None) if part.strip()]
        drop = {part.strip() for part in (removed or "").split(separator)}
        parts = [part for part in parts if part not in drop]
        wrap = glue.strip() in ("or", "and")
        if added:
            parts.append(added.strip())
        return glue.join(
            f"({part})" if wrap and len(parts) > 1 and not part.startswith("(") else part for part in parts
        )


def _detach(element: etree._Element) -> None:
    """Take `element` out of its parent without losing the text that follows it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail and element.tail.strip():
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    element.tail = None
    parent.remove(element)
