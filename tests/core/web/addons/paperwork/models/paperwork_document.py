"""A document."""

from __future__ import annotations

from core import api, fields, models
from core.api import _
from core.exceptions import UserError, ValidationError


class PaperworkDocument(models.Model):
    """A document with lines that is confirmed, perhaps after a question."""

    _name = "paperwork.document"
    _description = "Document"
    _order = "id desc"

    STATES = [("draft", "Draft"), ("sent", "Sent"), ("done", "Done"), ("cancel", "Cancelled")]
    TRANSITIONS = {"action_done": ({"draft", "sent"}, "done")}

    name = fields.Char(required=True, tracking=True, size=40)
    state = fields.Selection(STATES, default="draft", tracking=True, readonly=True)
    active = fields.Boolean(default=True)
    partner_id = fields.Many2one("res.partner", string="Customer", tracking=True)
    city = fields.Char(compute="_compute_city", store=True, readonly=False, help="City of the customer")
    deadline = fields.Date()
    moment = fields.Datetime()
    weight = fields.Quantity()
    note = fields.Html()
    secret = fields.Char(groups="base.group_system")
    starred = fields.Boolean()
    kind = fields.Selection([("in", "Incoming"), ("out", "Outgoing")], default="in")
    tag_ids = fields.Many2many("paperwork.tag", string="Tags")
    line_ids = fields.One2many("paperwork.line", "document_id", string="Lines")
    total = fields.Quantity(compute="_compute_total", store=True)
    line_count = fields.Integer(compute="_compute_total", store=True)
    file = fields.Binary()
    file_name = fields.Char()
    photo = fields.Binary()
    sealed = fields.Binary(groups="base.group_system")

    @api.depends("partner_id.city")
    def _compute_city(self) -> None:
        for document in self:
            document.city = document.partner_id.city

    @api.depends("line_ids.quantity")
    def _compute_total(self) -> None:
        for document in self:
            document.total = sum(document.line_ids.mapped("quantity"))
            document.line_count = len(document.line_ids)

    @api.constrains("weight")
    def _check_weight(self) -> None:
        for document in self:
            if document.weight < 0:
                raise ValidationError(_("Nothing weighs less than nothing."), fields=["weight"])

    @api.onchange("kind")
    def _onchange_kind(self) -> dict | None:
        if self.kind == "out":
            self.weight = 7
            return {"warning": {"title": "Out", "message": "It will leave the house."}}
        return None

    @api.transition
    def action_done(self, answers: dict | None = None) -> object:
        """Finish, after asking what becomes of an empty document."""
        for document in self:
            if not document.line_ids and not answers:
                return self.env["paperwork.question"].create({"document_id": document.id})
        self.state = "done"
        return None

    def action_cancel(self) -> None:
        """Cancel."""
        self._settle({"state": "cancel"})

    def action_refuse(self) -> None:
        """Always refuses, and says where the stamp is to be had."""
        raise UserError(_("The stamp is missing."), records=self.partner_id, page="stamps")

    def action_take(self) -> None:
        """Take from the last line more than there is."""
        self.line_ids[-1:].quantity = -1

    def action_copy_out(self) -> None:
        """Copy, and tell of the copies."""
        copies = self.copy()
        self.env.notify(_("Copied out:"), records=copies)

    def action_break(self) -> None:
        """Always fails."""
        raise RuntimeError("boom")

    def action_lines(self) -> object:
        """Show the lines."""
        return self.line_ids

    def action_hidden(self) -> None:
        """Not on any view."""
        self.name = "hidden button pressed"


class PaperworkTag(models.Model):
    """A tag."""

    _name = "paperwork.tag"
    _description = "Tag"

    name = fields.Char(required=True)
