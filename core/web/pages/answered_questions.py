"""Questions that are answered: a dialog that was carried out is not shown again, it leads to what it did.

Browsers go back to a dialog by its address. Where its button did the work, its record is noted with the place that the
answer led to; opening or sending it again leads there. An answer that led to a further question is open to change until
that one is answered.
"""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from core.bounds import is_integer
from core.i18n import _
from core.web.visit import Visit

#: The notes of answers are apart from those of forms.
INTERFACE = "question"


class AlreadyAnswered(Exception):
    """The question was answered meanwhile, perhaps by the same person in another tab."""


def answered(visit: Visit, model: str, id_: int) -> Response | None:
    """The way to the result of a question that is answered; None for questions that are open, and for documents."""
    location = _result_of(visit, model, id_)
    if not location:
        return None
    visit.tell(_("This question is already answered. Here is the result."), "info")
    return visit.redirect(location)


def note_answer(visit: Visit, question: Any, location: str) -> None:
    """Note that `question` was carried out, in the transaction of its work.

    Args:
        question: the record of the dialog; a document is left alone.
        location: where the answer leads; the dialog itself (a button that fills it in) is no answer.

    Raises:
        AlreadyAnswered: another transaction did so.
    """
    if not question._transient or question._only_shows or _own(location) == (question._name, question.id):
        return
    if not question.exists():
        return  # it went with the work, and so did its address
    notes = visit.env["web.once"]
    key = _key(question)
    if not notes._claim(key, visit.uid, INTERFACE) and _result_of(visit, question._name, question.id):
        raise AlreadyAnswered
    notes._note(key, visit.uid, location, interface=INTERFACE)


def _result_of(visit: Visit, model: str, id_: int) -> str:
    """Where the answer led, over further questions; an empty text while one of them is open."""
    if not id_ or not visit.env[model]._transient:
        return ""
    question = visit.env[model].browse(id_).exists()
    location = visit.env["web.once"]._result(_key(question), visit.uid, INTERFACE).location if question else ""
    following = _own(location or "")
    if following and following[0] in visit.env.registry.models and visit.env[following[0]]._transient:
        return _result_of(visit, *following)
    return location or ""


def _key(question: Any) -> str:
    """The key of its note. Ids begin anew where an addon is installed again, so the date belongs to it."""
    return f"{question._name}:{question.id}:{question.create_date}"


def _own(location: str) -> tuple[str, int] | None:
    """The model and id that an address of a form names."""
    parts = location.partition("?")[0].strip("/").split("/")
    return (parts[1], int(parts[2])) if len(parts) == 3 and parts[0] == "app" and is_integer(parts[2]) else None
