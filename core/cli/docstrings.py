"""Docstrings with sections, as hooks and seams have them, turned into Markdown."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Sequence


def sections(docstring: str | None, names: Sequence[str]) -> dict[str, str]:
    """The parts of a docstring: ``Summary`` and the sections of these names, each without indentation.

    The docstrings of its example are written in single quotes, as they stand within another one.
    """
    text = inspect.cleandoc(docstring or "").replace("'''", '"""')
    parts = re.split(rf"^({'|'.join(names)})::?[ \t]*$", text, flags=re.MULTILINE)
    found = {"Summary": parts[0].strip()}
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        found[name] = textwrap.dedent(body.strip("\n")).rstrip()
    return found


def arguments(text: str) -> str:
    """``name: words`` lines as a list; a plain word such as ``none.`` as it is."""
    items = re.split(r"^(?=[\w, ]+: )", text, flags=re.MULTILINE)
    entries = [re.sub(r"\s*\n\s*", " ", item.strip()) for item in items if item.strip()]
    if not any(": " in entry for entry in entries):
        return text.strip()
    return "\n".join(f"- `{entry.partition(': ')[0]}`: {entry.partition(': ')[2]}" for entry in entries)


def flowing(text: str) -> str:
    """Paragraphs on one line each, lists as they are."""
    if re.search(r"^\* ", text, flags=re.MULTILINE):
        return "\n\n" + text
    return re.sub(r"(?<!\n)\n(?!\n)", " ", text)


def single_backquotes(text: str) -> str:
    """Markdown's way to mark code, of reStructuredText's."""
    return re.sub(r"(?<!`)``(?!`)", "`", text)
