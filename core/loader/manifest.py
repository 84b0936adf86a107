"""``__manifest__.py``: one dictionary literal that says what an addon is. It is read, never executed."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from core.exceptions import ManifestError

FILE_NAME: Final = "__manifest__.py"

#: Keys that Odoo's manifests may have and that mean nothing here: accepted in silence.
IGNORED: Final = frozenset(
    {"assets", "cloc_exclude", "countries", "currency", "icon", "images", "live_test_url", "maintainer", "maintainers"}
    | {"price", "support", "test", "web", "development_status", "contributors"}
)
_KEYS: Final = {"name": "title"}
_OPERATORS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}


@dataclass(frozen=True)
class Manifest:
    """What an addon says of itself.

    ``name`` is the technical name (the folder's or entry point's), ``title`` the manifest's ``name``.
    ``after`` names addons that are loaded before this one where both are installed; it does not need them.
    ``auto_install`` is False, True (install with all ``depends``) or the tuple of addons that trigger it.
    ``core_version`` limits the versions of Stillage, e.g. ``">=0.1,<2"``. ``warnings`` are sentences about
    what was found odd.
    """

    name: str
    file: str
    title: str = ""
    version: str = "0.1.0"
    summary: str = ""
    description: str = ""
    author: str = ""
    website: str = ""
    license: str = ""
    category: str = ""
    sequence: int = 100
    depends: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    demo: tuple[str, ...] = ()
    auto_install: bool | tuple[str, ...] = False
    installable: bool = True
    application: bool = False
    core_version: str = ""
    external_dependencies: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def triggers(self) -> tuple[str, ...]:
        """The addons whose presence installs this one; empty when it is not a glue addon."""
        if self.auto_install is True:
            return self.depends
        return self.auto_install or ()

    def accepts_core(self, version: str) -> bool:
        """Whether ``core_version`` allows this version of Stillage."""
        return all(
            _OPERATORS[sign](parse_version(version), parse_version(wanted))
            for sign, wanted in _conditions(self.core_version)
        )


def read_manifest(folder: Path, name: str) -> Manifest:
    """The manifest of the addon in ``folder``.

    Raises:
        ManifestError: when it is missing, does not parse, is no literal dictionary, or a key has the wrong type;
            with file and line.
    """
    path = folder / FILE_NAME
    try:
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source, filename=str(path))
    except OSError as error:
        raise ManifestError(f"the manifest cannot be read: {error.strerror}", addon=name, file=str(path)) from error
    except UnicodeDecodeError as error:
        raise ManifestError(f"the manifest is not UTF-8: {error}", addon=name, file=str(path), line=1) from error
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise ManifestError(f"the manifest does not parse: {error}", addon=name, file=str(path), line=line) from error
    return _Reader(name, path, tree).manifest()


def parse_version(version: str) -> tuple[int, ...]:
    """``"1.2"`` as ``(1, 2)``; trailing zeros do not count, what follows the numbers is ignored."""
    numbers = [int(number) for number in re.findall(r"\d+", re.split(r"[^\d.]", version.strip(), maxsplit=1)[0])]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _conditions(text: str) -> list[tuple[str, str]]:
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = re.fullmatch(r"(>=|<=|==|!=|>|<)\s*(\d+(?:\.\d+)*)", part)
        if not match:
            raise ValueError(f"{part!r} is not a condition such as '>=0.1'")
        found.append((match[1], match[2]))
    return found


class _Reader:
    """Checks the parsed file key by key, so that each complaint has its line."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        self.name, self.path, self.tree = name, path, tree
        self.warnings: list[str] = []

    def manifest(self) -> Manifest:
        known = {spec.name for spec in fields(Manifest)} - {"name", "file", "warnings", "title"}
        values: dict[str, Any] = {}
        for key, node, line in self._entries():
            attribute = _KEYS.get(key, key)
            if attribute in known or attribute == "title":
                values[attribute] = self._value(key, node, line)
            elif key not in IGNORED:
                self.warnings.append(f"{self.path}:{line}: unknown key {key!r} is ignored")
        values.setdefault("title", self.name.replace("_", " ").capitalize())
        if self.name in values.get("depends", ()):
            raise self._wrong("the addon depends on itself")
        if self.name in values.get("after", ()):
            raise self._wrong("'after' names the addon itself")
        return Manifest(name=self.name, file=str(self.path), warnings=tuple(self.warnings), **values)

    def _entries(self) -> list[tuple[str, ast.expr, int]]:
        statements = [
            node
            for node in self.tree.body
            if not (
                isinstance(node, ast.Expr)
                and isinstance(node.value, ast.Constant)
                and isinstance(node.value.value, str)
            )
        ]
        body = statements[0] if statements else None
        if len(statements) != 1 or not isinstance(body, ast.Expr) or not isinstance(body.value, ast.Dict):
            raise self._wrong("the manifest must be one dictionary and nothing else", getattr(body, "lineno", 1))
        entries = []
        for key, node in zip(body.value.keys, body.value.values, strict=True):
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                raise self._wrong("keys must be plain texts", node.lineno)
            entries.append((key.value, node, key.lineno))
        return entries

    def _value(self, key: str, node: ast.expr, line: int) -> Any:
        try:
            value = ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError) as error:
            raise self._wrong(f"{key!r} must be a literal: texts, numbers, lists, dictionaries", line) from error
        return self._checked(key, value, line)

    def _checked(self, key: str, value: Any, line: int) -> Any:
        if key in ("depends", "after", "data", "demo"):
            return self._texts(key, value, line)
        if key == "auto_install":
            return value if isinstance(value, bool) else self._texts(key, value, line)
        if key in ("installable", "application"):
            return self._typed(key, value, bool, "True or False", line)
        if key == "sequence":
            return self._typed(key, value, int, "a whole number", line)
        if key == "external_dependencies":
            return self._texts(key, self._typed(key, value, dict, "a dictionary", line).get("python", []), line)
        if key == "author" and isinstance(value, list | tuple):
            return ", ".join(map(str, value))
        text = self._typed(key, value, str, "a text", line)
        if key == "version" and not parse_version(text) and not re.match(r"\d", text):
            raise self._wrong(f"'version' must be numbers with dots, such as '1.0.2', not {text!r}", line)
        if key == "core_version":
            try:
                _conditions(text)
            except ValueError as error:
                raise self._wrong(f"'core_version': {error}", line) from error
        return text

    def _texts(self, key: str, value: Any, line: int) -> tuple[str, ...]:
        if not isinstance(value, list | tuple | set) or not all(isinstance(item, str) for item in value):
            raise self._wrong(f"{key!r} must be a list of texts", line)
        repeated = sorted({item for item in value if list(value).count(item) > 1})
        if repeated:
            self.warnings.append(f"{self.path}:{line}: {key!r} repeats {', '.join(repeated)}")
        return tuple(dict.fromkeys(value))

    def _typed(self, key: str, value: Any, wanted: type, words: str, line: int) -> Any:
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            raise self._wrong(f"{key!r} must be {words}, not {value!r}", line)
        return value

    def _wrong(self, message: str, line: int | None = 1) -> ManifestError:
        return ManifestError(message, addon=self.name, file=str(self.path), line=line)
