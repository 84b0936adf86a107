"""Customer invoices and credit notes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from addons.invoicing.services import amounts, closed_invoices, posting, reversal
from core import api, fields, models
from core.api import _, ngettext

ZERO = Decimal(0)


class AccountMove(models.Model):
    """An invoice or a credit note: lines, taxes and a number. It makes no ledger entries and knows no payments."""

    _name = "account.move"
    _description = "Invoice"
    _check_company_auto = True
    _inherit = ["document.mixin"]
    _order = "invoice_date desc, name desc, id desc"

    _settled_fields = frozenset({"name"})  # numbers have no gaps
    _settled_strictly = True
    STATES = [("draft", "Draft"), ("posted", "Posted"), ("cancel", "Cancelled")]
    TRANSITIONS = {
        "action_post": ({"draft"}, "posted"),
        "button_draft": ({"posted", "cancel"}, "draft"),
        "button_cancel": ({"draft"}, "cancel"),
    }
    STATE_REFUSALS = {
        "draft": _("%(record)s is already a draft."),
        "posted": _("%(record)s is already posted."),
        ("posted", "button_cancel"): _("%(record)s is posted. Create a credit note, or reset it to draft first."),
        "cancel": _("%(record)s is cancelled. Reset it to draft first."),
        ("cancel", "button_cancel"): _("%(record)s is already cancelled."),
    }

    name = fields.Char("Number", required=True, copy=False, readonly=True, default=closed_invoices.NO_NUMBER)
    move_type = fields.Selection(
        [("out_invoice", "Customer Invoice"), ("out_refund", "Customer Credit Note")],
        "Type",
        required=True,
        default="out_invoice",
        index=True,
    )
    state = fields.Selection(
        STATES, "Status", required=True, readonly=True, copy=False, default="draft", tracking=True, index=True
    )
    ref = fields.Char("Reference", copy=False)
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="restrict", tracking=True, check_company=True
    )
    invoice_date = fields.Date("Invoice Date", copy=False, index=True, help="Today, if empty when it is posted")
    invoice_date_due = fields.Date("Due Date", copy=False, help="The invoice date, if empty when it is posted")
    invoice_origin = fields.Char("Source Document", copy=False)
    invoice_user_id = fields.Many2one("res.users", "Salesperson", default=lambda self: self.env.user, index=False)
    narration = fields.Text("Terms and Conditions")
    company_id = fields.Many2one(
        "res.company", "Company", required=True, default=lambda self: self.env.company, index=True
    )
    currency_id = fields.Many2one("res.currency", related="company_id.currency_id")
    invoice_line_ids = fields.One2many("account.move.line", "move_id", "Invoice Lines", copy=True)
    amount_untaxed = fields.Monetary("Untaxed Amount", compute="_compute_amounts", store=True)
    amount_tax = fields.Monetary("Taxes", compute="_compute_amounts", store=True)
    amount_total = fields.Monetary("Total", compute="_compute_amounts", store=True, tracking=True)
    amount_total_signed = fields.Monetary(
        "Total Signed", compute="_compute_amounts", store=True, help="Credit notes count negative"
    )
    tax_summary = fields.Text("Tax Summary", compute="_compute_tax_summary")
    reversed_entry_id = fields.Many2one(
        "account.move", "Reversal of", copy=False, readonly=True, index=True, ondelete="restrict", check_company=True
    )
    reversal_move_ids = fields.One2many("account.move", "reversed_entry_id", "Credit Notes", copy=False)
    reversal_count = fields.Integer("Number of Credit Notes", compute="_compute_reversal_count")

    _number_unique = models.UniqueIndex("(company_id, name) WHERE name <> '/'", "This number is taken.")

    @api.depends("name", "state", "move_type")
    def _compute_display_name(self) -> None:
        for move in self:
            if move.name and move.name != closed_invoices.NO_NUMBER:
                move.display_name = move.name
            else:
                kind = (
                    self.env._("Draft Credit Note") if move.move_type == "out_refund" else self.env._("Draft Invoice")
                )
                move.display_name = f"{kind} ({move.id})" if move.id else kind

    @api.depends("invoice_line_ids.price_subtotal", "invoice_line_ids.price_total", "move_type")
    def _compute_amounts(self) -> None:
        for move in self:
            lines = move.invoice_line_ids
            untaxed = sum((line.price_subtotal for line in lines), ZERO)
            total = sum((line.price_total for line in lines), ZERO)
            move.amount_untaxed, move.amount_tax, move.amount_total = untaxed, total - untaxed, total
            move.amount_total_signed = -total if move.move_type == "out_refund" else total

    @api.depends("invoice_line_ids.tax_details")
    def _compute_tax_summary(self) -> None:
        for move in self:
            rows = move._tax_totals()
            move.tax_summary = "\n".join(
                self.env._(
                    "%(tax)s on %(base)s: %(amount)s",
                    tax=row.name,
                    base=move.currency_id.format(row.base),
                    amount=move.currency_id.format(row.amount),
                )
                for row in rows
            )

    @api.depends("reversal_move_ids")
    def _compute_reversal_count(self) -> None:
        for move in self:
            move.reversal_count = len(move.reversal_move_ids)

    def _tax_totals(self) -> list[amounts.TaxTotal]:
        """What the document charges of each tax."""
        return amounts.tax_totals(row for line in self.invoice_line_ids for row in line.tax_details or ())

    # -- writing

    def write(self, vals: dict[str, Any]) -> bool:
        """Write; drafts only."""
        if self._is_settling():
            return super().write(vals)
        closed_invoices.check_values(self, vals)
        if "invoice_date" in vals:
            closed_invoices.check_year(self, vals["invoice_date"])
        if {"move_type", "company_id"} & vals.keys():
            closed_invoices.check_series(self, vals)
        return super().write(vals)

    @api.ondelete()
    def _refuse_numbered(self) -> None:
        closed_invoices.check_deletable(self)

    def _counted(self) -> str:
        if len(self) <= 100 and all(move.move_type == "out_refund" for move in self):
            return self.env._(ngettext("credit note", "%(number)s credit notes", len(self)))
        return self.env._(ngettext("invoice", "%(number)s invoices", len(self)))

    # -- actions

    @api.public(access="write")
    @api.transition
    def action_post(self, answers: Mapping[str, Any] | None = None) -> Any:
        """Post drafts: they get their numbers and are not changed after that.

        Raises AccessError without the group Invoicing, and NotPostable naming every invoice that cannot be posted.
        """
        return posting.post(self, answers or {})

    @api.public(access="write")
    @api.transition
    def button_draft(self) -> None:
        """Make drafts of posted or cancelled invoices again; the numbers stay.

        Raises InvoiceClosed for invoices with credit notes: what those refer to stays as it is.
        """
        posting.reset(self)

    @api.public(access="write")
    @api.transition
    def button_cancel(self) -> None:
        """Cancel drafts: what they charge is open again. A number stays taken."""
        posting.cancel(self)

    @api.public(access="read")
    def action_reverse(self) -> Any:
        """Ask for the reason and date of a credit note over these invoices."""
        reversal.check(self)
        return self.env["account.move.reversal"].create({"move_ids": [(6, 0, self.ids)]})

    @api.public(access="read")
    def action_view_reversals(self) -> Any:
        """The credit notes over these invoices."""
        return self.reversal_move_ids

    @api.public(access="read")
    def action_view_reversed_entry(self) -> Any:
        """The invoices that these credit notes reverse."""
        return self.reversed_entry_id

    @api.model
    def _provide_sequences(self, companies: Any = None) -> None:
        """Give companies (all by default) their sequences for invoices and credit notes."""
        posting.provide_sequences(self.env, companies)
