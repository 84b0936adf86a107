"""Where in its source a definition stands, for errors that name the file and line at fault."""

from __future__ import annotations

import inspect
import re
from typing import Any

from core.exceptions import AddonError


def misfit(message: str, definition: type | None, name: str = "", *, addon: str = "") -> AddonError:
    """The error for a definition that does not fit.

    Args:
        message: what is wrong.
        definition: the author's class; None when it is not known.
        name: the attribute of the class that is at fault; the line of the class itself is told without it.
        addon: the addon that the class belongs to.
    """
    file, line = _place(definition, name) if definition is not None else (None, None)
    return AddonError(message, addon=addon or None, file=file, line=line)


def _place(definition: Any, name: str) -> tuple[str | None, int | None]:
    try:
        file = inspect.getsourcefile(definition)
        lines, first = inspect.getsourcelines(definition)
    except (OSError, TypeError):  # made at run time, or its source is gone
        return None, None
    if name:
        declared = re.compile(rf"\s+(?:def\s+)?{re.escape(name)}\s*[:=(]")
        for offset, text in enumerate(lines):
            if declared.match(text):
                return file, first + offset
    return file, first
