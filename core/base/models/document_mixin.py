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
        return question or None

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
