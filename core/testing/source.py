"""What can be told from source text alone: sizes, imports, and whether context steers.

Each function takes a folder and returns one readable line per finding, so that a test is `nothing(oversized(folder))`.
Used by the tests of Stillage itself and, through AddonContract, by those of any addon.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

FILE_LINES: Final = 600
CLASS_LINES: Final = 400
FUNCTION_LINES: Final = 60

#: For what keeps to the lengths everywhere.
NO_REASONS: Final[Mapping[str, str]] = MappingProxyType({})

#: A name that says nothing of what is in it.
VAGUE_NAMES: Final = frozenset({"utils", "util", "helpers", "helper", "common", "misc", "tools"})

#: What addons may import of core, tests aside.
FACADE: Final = frozenset({"core.api", "core.doctor", "core.fields", "core.models", "core.exceptions", "core.rounding"})

#: What a context is for: language, place, companies, what was selected, and defaults. Anything else would steer.
CONTEXT_KEYS: Final = frozenset(
    {"lang", "tz", "uid", "allowed_company_ids", "active_test", "active_model", "active_id", "active_ids"}
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def nothing(findings: Iterable[Any]) -> None:
    """Fail with one line per finding, if there are any."""
    lines = sorted(map(str, findings))
    assert not lines, f"{len(lines)} found:\n" + "\n".join(lines)


def python_files(folder: Path) -> Iterator[Path]:
    """The Python files in `folder`, at any depth, in order of their path; scaffolds and caches left out."""
    for path in sorted(folder.rglob("*.py")):
        relative = path.relative_to(folder).parts
        if not any(part.startswith(".") or part == "__pycache__" for part in relative):
            yield path


@lru_cache(maxsize=2048)
def tree_of(path: Path) -> ast.Module:
    """The parsed file. Cached: a run looks at every file several times."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def oversized(folder: Path, reasons: Mapping[str, str] = NO_REASONS) -> list[str]:
    """Files, classes and functions that are longer than allowed. Docstrings of functions do not count.

    Args:
        reasons: why some may be longer, one sentence each. The key is a path in `folder` for a file and the classes in
            it ("models/stock_move.py"), or path and name for a function ("services/posting.py:post"). An entry that
            gives no reason, or that is not needed, is a finding.
    """
    findings = []
    used = set()
    for key, finding in _lengths(folder):
        if reasons.get(key):
            used.add(key)
        else:
            findings.append(finding)
    return findings + [f"{folder / key}: listed without need or reason" for key in reasons if key not in used]


def vague_names(folder: Path) -> list[str]:
    """Modules and packages whose name does not say what is in them."""
    return [
        str(path)
        for path in python_files(folder)
        if path.stem in VAGUE_NAMES or (path.name == "__init__.py" and path.parent.name in VAGUE_NAMES)
    ]


def late_imports(folder: Path) -> list[str]:
    """Imports inside functions: they hide a cycle, or a dependency."""
    return [
        f"{path}:{inner.lineno}: import inside {node.name}()"
        for path in python_files(folder)
        for node in ast.walk(tree_of(path))
        if isinstance(node, Function)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]


def context_steering(folder: Path) -> list[str]:
    """Reads of context keys that are not what a context is for; `translate_context` implementations are exempt."""
    findings = []
    for path in python_files(folder):
        exempt = {id(node) for function in _translators(tree_of(path)) for node in ast.walk(function)}
        for node in ast.walk(tree_of(path)):
            key = _context_key(node)
            if key is not None and id(node) not in exempt and not _allowed_key(key):
                findings.append(f"{path}:{node.lineno}: reads {key or 'a computed key'!r} from the context")  # type: ignore[attr-defined]
    return findings


def undocumented(folder: Path) -> list[str]:
    """Modules, public classes and public functions at module level without a docstring."""
    findings = []
    for path in python_files(folder):
        tree = tree_of(path)
        if path.name in ("__manifest__.py", "__init__.py", "__main__.py"):
            continue
        if tree.body and not ast.get_docstring(tree):
            findings.append(f"{path}: no docstring")
        for node in tree.body:
            named = isinstance(node, ast.ClassDef | Function)
            if named and not node.name.startswith("_") and not ast.get_docstring(node):  # type: ignore[attr-defined, arg-type]
                findings.append(f"{path}:{node.lineno}: {node.name} has no docstring")  # type: ignore[attr-defined]
    return findings


def imported_names(path: Path, package: str) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything `path` imports; `package` is the one it lies in, for relative imports.

    ``from a import b`` gives ``a.b``: whether b is a module or a name in one is for the caller to judge. Imports for
    type checking only are left out.
    """
    tree = tree_of(path)
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")
                base = ".".join([*parents[: len(parents) - node.level + 1], *([base] if base else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def foreign_imports(folder: Path, package: str, allowed: Callable[[str], bool]) -> list[str]:
    """Imports of core or of another addon in the addon at `folder` for which `allowed` says no.

    Args:
        package: the dotted name under which the addon is imported.
        allowed: told a dotted name that is not the addon's own.
    """
    findings = []
    for path in python_files(folder):
        parts = path.relative_to(folder).with_suffix("").parts
        if parts[0] in ("tests", "testing"):
            continue  # tests may import more
        inside = ".".join([package, *parts[:-1]])
        for line, name in imported_names(path, inside):
            own = name == package or name.startswith(f"{package}.")
            if not own and not allowed(name):
                findings.append(f"{path}:{line}: imports {name}")
    return findings


def in_facade(name: str) -> bool:
    """Whether a dotted name of core is part of what addons may import."""
    return any(name == module or name.startswith(f"{module}.") for module in FACADE)


# ---------------------------------------------------------------------------- reading trees


def _lengths(folder: Path) -> Iterator[tuple[str, str]]:
    """(key of a reason, finding) of what is longer than allowed."""
    for path in python_files(folder):
        file = path.relative_to(folder).as_posix()
        lines = len(path.read_text(encoding="utf-8").splitlines()) - _docstrings(tree_of(path))
        if lines > FILE_LINES:
            yield file, f"{path}: {lines} lines, at most {FILE_LINES} are allowed"
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.ClassDef | Function):
                continue
            length = _length(node) - _docstrings(node)
            if isinstance(node, ast.ClassDef) and length > CLASS_LINES:
                yield file, f"{path}:{node.lineno}: class {node.name} has {length} lines, not {CLASS_LINES}"
            elif isinstance(node, Function) and length > FUNCTION_LINES:
                yield (
                    f"{file}:{node.name}",
                    f"{path}:{node.lineno}: {node.name}() has {length} lines, not {FUNCTION_LINES}",
                )


def _length(node: ast.ClassDef | Function) -> int:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return (node.end_lineno or node.lineno) - first + 1


def _docstrings(tree: ast.AST) -> int:
    """The lines of the docstrings of functions: a described seam is no reason to cut a model in two."""
    statements = (
        node.body[0]
        for node in ast.walk(tree)
        if isinstance(node, Function) and ast.get_docstring(node, clean=False) is not None
    )
    return sum((statement.end_lineno or statement.lineno) - statement.lineno + 1 for statement in statements)


def _translators(tree: ast.Module) -> Iterator[Function]:
    for node in tree.body:
        if isinstance(node, Function) and (
            node.name == "translate_context" or any("translate_context" in ast.dump(d) for d in node.decorator_list)
        ):
            yield node


def _context_key(node: ast.AST) -> str | None:
    """The key that `node` reads from a context: empty when it is computed, None when it is no such read."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        source, arguments = node.func.value, node.args
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        source, arguments = node.value, [node.slice]
    else:
        return None
    if not (isinstance(source, ast.Attribute) and source.attr == "context"):
        return None
    key = arguments[0] if arguments else None
    return str(key.value) if isinstance(key, ast.Constant) else ""


def _allowed_key(key: str) -> bool:
    return key in CONTEXT_KEYS or key.startswith("default_")


def unmarked_functions(path: Path, decorator: str) -> list[str]:
    """The names of the public functions at module level that do not have `decorator`, in order."""
    return [
        node.name
        for node in tree_of(path).body
        if isinstance(node, Function)
        and not node.name.startswith("_")
        and not any(decorator in ast.dump(mark) for mark in node.decorator_list)
    ]
