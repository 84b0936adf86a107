"""What documents have in common: the ask/refuse/continue protocol, lifecycle notifications, history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core import api, models
from core.exceptions import HookError


class DocumentMixin(models.AbstractModel):
    """Inherit this in transfers, orders and the like.

    A method that may have to ask before it acts::

        def button_validate(self, answers=None):
            question = self._run_validate(answers or {})
            if question:
                return question          # a wizard; its buttons call button_validate again with answers
            ...do the work...
            self._notify("on_done")
    """

    _name = "document.mixin"
    _description = "Document"

    #: The public method that validates documents of the model, and takes the answers to what it asks.
    _validate_method = "button_validate"

    def _run_validate(self, answers: Mapping[str, Any] | None = None) -> Any:
        """Let every implementation of `on_validate` speak.

        Args:
            answers: what has been decided already, by the name of the question, e.g.
                ``{"backorder": {document id: True or False}}``.

        Returns:
            a wizard record that asks for what is still open; None when nothing stands in the way.

        Raises:
            UserError: an implementation refuses.
            HookError: an implementation returned something that is no record.
        """
        question = self.env.hooks.on_validate(env=self.env, documents=self, answers=dict(answers or {}))
        if question is None or question is True:
            return None
        if not isinstance(question, models.BaseModel):
            raise HookError(
                f"an implementation of on_validate for {self._name} returned {question!r};"
                " it must return a wizard record or None, or raise"
            )
        self._check_question(question)
        return question or None

    def _check_question(self, question: Any) -> None:
        """Raise HookError where a question would lose some of the documents that are validated together."""
        if not question or not hasattr(question, "_documents"):
            return
        lost = self - question._documents()
        if lost:
            raise HookError(
                f"{question._name} keeps {len(self) - len(lost)} of the {len(self)} records of {self._name} that are"
                " validated together; give _ask all documents, and those it is about as about="
            )

    def _answers_to(self, question: str, answers: Mapping[str, Any]) -> dict[Any, Any]:
        """The answers given to a question: document -> answer. Documents without an answer are left out.

        Args:
            question: its name, such as "backorder".
            answers: `{question: {document id: answer}}`. Clients may send the ids as text; `"*"` answers for all
                documents that are not named, and so does an answer that is no mapping.
        """
        given = answers.get(question)
        if given is None:
            return {}
        if not isinstance(given, Mapping):
            return dict.fromkeys(self, given)
        by_id = {str(key): value for key, value in given.items()}
        others = by_id.get("*")
        found = {document: by_id.get(str(document.id), others) for document in self}
        return {document: answer for document, answer in found.items() if answer is not None}

    def _unanswered(self, question: str, answers: Mapping[str, Any]) -> Any:
        """Those of the documents for which a question has no answer yet; see `_answers_to`."""
        given = self._answers_to(question, answers)
        return self.filtered(lambda document: document not in given) if given else self

    def _notify(self, hook: str, **arguments: Any) -> None:
        """Call a lifecycle hook (`on_confirm`, `on_done`, `on_cancel`, `on_backorder`) for these documents, if any."""
        if self:
            getattr(self.env.hooks, hook)(env=self.env, documents=self, **arguments)

    @api.private
    def history(self) -> Any:
        """Return the changes of tracked fields of these documents, newest first."""
        self.check_access("read")
        return self.env["ir.tracking"].sudo().search([("model", "=", self._name), ("res_id", "in", self.ids)])

    @api.public(access="read")
    @api.readonly
    def get_history(self) -> list[dict[str, Any]]:
        """Return the history for clients: dictionaries with date, user, field, label, old and new, newest first."""
        return [
            {
                "id": row.id,
                "res_id": row.res_id,
                "date": row.date.isoformat(sep=" "),
                "user": row.user_id.name or "",
                "field": row.field,
                "label": str(row.field_label),
                "old": row.old_display or "",
                "new": row.new_display or "",
            }
            for row in self.history()
        ]
