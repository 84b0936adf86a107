"""What the title of a column names."""

from __future__ import annotations

import re

from core.exceptions import ValidationError

Path = tuple[str, ...]

#: The two that name a record rather than a field of it: external id and database id.
IDS = ("id", ".id")

# Older spellings: "partner_id:id", "partner_id.id".
_TAIL = re.compile(r"(?<=\w)(:\.?|\.)id$")


def path_of(title: str) -> Path:
    """The names on the way from a record to what a column holds: "partner_id/id" is ("partner_id", "id").

    ``field:id`` is read as ``field/id``, ``field.id`` as ``field/.id``.

    Raises:
        ValidationError: for a title that is no path.
    """
    text = _TAIL.sub(lambda tail: "/id" if tail[1] == ":" else "/.id", str(title).strip())
    path = tuple(text.split("/"))
    if not all(re.fullmatch(r"\w+", name) or name == ".id" for name in path) or any(name in IDS for name in path[:-1]):
        raise ValidationError(
            f"the column {title!r} is not understood; columns are field, field/id, field/.id or lines/field"
        )
    return path
