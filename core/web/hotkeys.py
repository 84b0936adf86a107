"""Keys of a form's buttons: alt and a letter, the same one in every state of the document."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_lowercase

from core.web.views.arch import Node

#: Letters with one meaning on all pages: add a line, new, edit, apps, discard, next, previous, search, save, save and
#: close.
RESERVED = frozenset("acehjnpqsw")


def is_primary(node: Node) -> bool:
    """Whether a button is what one most likely wants to do."""
    return "oe_highlight" in node.classes or "btn-primary" in node.classes


def assign(buttons: Sequence[Node]) -> dict[str, str]:
    """Letters by the id of their button.

    ``data-hotkey`` of the view comes first; the others get the first free letter of their label, primary ones before.
    """
    keys = {node.id: key for node in buttons if (key := node.attrs.get("data-hotkey", "").lower())}
    free = [letter for letter in ascii_lowercase if letter not in RESERVED and letter not in keys.values()]
    for node in sorted(buttons, key=lambda node: not is_primary(node)):
        if node.id not in keys and free:
            label = (node.string or node.name).lower()
            keys[node.id] = next((letter for letter in label if letter in free), free[0])
            free.remove(keys[node.id])
    return keys
