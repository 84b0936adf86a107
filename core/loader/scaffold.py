"""`stillage addons new`: a small addon that installs, has a model, a view, rights and a hook, and tests that pass.

Its files are the templates in ``scaffold_template``; ``$name`` and the like are replaced.
"""

from __future__ import annotations

import keyword
import re
from pathlib import Path
from string import Template
from typing import Final

from core.exceptions import UserError

TEMPLATES: Final = Path(__file__).parent / "scaffold_template"
_SUFFIX: Final = ".tmpl"


def create_addon(folder: Path, name: str) -> list[Path]:
    """Write a new addon below ``folder``.

    Args:
        folder: a folder of the addons path; created when it does not exist.
        name: the technical name: lower-case letters, digits and underscores.

    Returns:
        the files written.

    Raises:
        UserError: when the name cannot be used or the folder exists already.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise UserError(f"{name!r} cannot be an addon's name: use lower-case letters, digits and underscores")
    target = folder / name
    if target.exists():
        raise UserError(f"{target} exists already")
    words = words_for(name)
    written = []
    for template in sorted(TEMPLATES.rglob(f"*{_SUFFIX}")):
        relative = template.relative_to(TEMPLATES)
        path = target / relative.parent / _file_name(relative.name.removesuffix(_SUFFIX), words)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(Template(template.read_text(encoding="utf-8")).substitute(words), encoding="utf-8")
        written.append(path)
    return written


def words_for(name: str) -> dict[str, str]:
    """The names that the templates use: for ``route_notes`` the model ``route.notes``, the class ``RouteNotes``..."""
    parts = [part for part in name.split("_") if part]
    if len(parts) == 1:
        parts.append("record")  # the models of an addon share its prefix
    spoken = " ".join(parts)
    return {
        "name": name,
        "title": " ".join(part for part in name.split("_") if part).capitalize(),
        "label": spoken.capitalize(),
        "noun": spoken,
        "model": ".".join(parts),
        "file": "_".join(parts),
        "class_name": "".join(part.capitalize() for part in parts),
    }


def _file_name(name: str, words: dict[str, str]) -> str:
    if name.startswith("model."):
        return words["file"] + Path(name).suffix
    if name == "test_addon.py":
        return f"test_{words['name']}.py"
    return name
