"""A question."""

from __future__ import annotations

from core import fields, models


class PaperworkQuestion(models.TransientModel):
    """What becomes of an empty document?"""

    _name = "paperwork.question"
    _description = "Empty Document"

    document_id = fields.Many2one("paperwork.document", required=True)
    reason = fields.Char(required=True, default="because")

    def action_yes(self) -> object:
        """Finish it all the same."""
        self.document_id.name = f"{self.document_id.name} ({self.reason})"
        return self.document_id.action_done(answers={"empty": True})
