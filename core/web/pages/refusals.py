"""The title over what a button was refused for: what could not be done, to which document, or why nothing was."""

from __future__ import annotations

from typing import Any

from core.i18n import _
from core.web.forms.values import noun


def title(label: str, name: str) -> str:
    """ "Could not validate WH/OUT/00001." from the button's label and the document's name.

    A label of several words is quoted: only a single word is sure to be a verb.
    """
    is_verb = len(label.split()) == 1 and label.isalpha()
    if not name:
        return str(_("Could not %(verb)s.", verb=noun(label)) if is_verb else _("“%(label)s” failed.", label=label))
    if is_verb:
        return str(_("Could not %(verb)s %(name)s.", verb=noun(label), name=name))
    return str(_("“%(label)s” failed for %(name)s.", label=label, name=name))


def cut_short() -> str:
    """What is said of a form that was sent before all of its page had arrived."""
    return str(
        _("The page had not arrived completely when you pressed the button. Nothing was done: check it and repeat.")
    )


def name_of(record: Any) -> str:
    """What a document is called in that title; a new one by its kind, the answers to a dialog not at all."""
    if record._transient:
        return ""
    if record.id:
        return str(record.display_name)
    return str(_("the new %(kind)s", kind=noun(record.env._(record._description or record._name))))
