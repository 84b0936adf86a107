"""When a transfer is due: its dates follow its moves, and a date given to it is theirs."""

from __future__ import annotations

from addons.inventory.services import scheduling
from core import api, fields, models


class StockPickingDates(models.Model):
    """The dates of a transfer; a part of `stock.picking`."""

    _inherit = "stock.picking"

    scheduled_date = fields.Datetime(
        "Scheduled Date",
        compute="_compute_scheduled_date",
        inverse="_inverse_scheduled_date",
        store=True,
        index=True,
        required=True,
        help="When the first product is to be moved; the last one where all are shipped at once. "
        "A date entered here is that of all products.",
    )
    date_deadline = fields.Datetime(
        "Deadline", compute="_compute_date_deadline", store=True, help="What was promised, by the same rule"
    )
    has_deadline_issue = fields.Boolean(
        "Is Late", compute="_compute_has_deadline_issue", store=True, help="Scheduled for later than promised"
    )

    @api.depends("move_ids.state", "move_ids.date", "move_type")
    def _compute_scheduled_date(self):
        """What is done or cancelled counts no more; a transfer without open moves keeps its date."""
        for picking in self:
            due = scheduling.due(scheduling.open_dates(picking), picking.move_type)
            picking.scheduled_date = due or picking.scheduled_date or fields.Datetime.now()

    def _inverse_scheduled_date(self):
        scheduling.pass_on(self)

    @api.depends("move_ids.date_deadline", "move_type")
    def _compute_date_deadline(self):
        for picking in self:
            dates = [move.date_deadline for move in picking.move_ids]
            picking.date_deadline = scheduling.due(dates, picking.move_type) or False

    @api.depends("date_deadline", "scheduled_date")
    def _compute_has_deadline_issue(self):
        for picking in self:
            promised, due = picking.date_deadline, picking.scheduled_date
            picking.has_deadline_issue = bool(promised and due and promised < due)

    @api.model_create_multi
    def create(self, vals_list):
        """See the base. Without a date, it follows from the moves."""
        undated = ({k: v for k, v in vals.items() if v or k != "scheduled_date"} for vals in vals_list)
        return super().create(list(undated))

    def write(self, vals):
        """See the base. A date holds for all open moves, but for those whose lines come with one of their own."""
        vals = scheduling.checked(self, vals)
        if "scheduled_date" in vals and "move_ids" in vals:
            super().write({"scheduled_date": vals.pop("scheduled_date")})
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec=None):
        """See the base. A date that the form shows stays while its lines are edited: saved, it is that of them all."""
        answer = super().onchange(values, field_names, fields_spec)
        if field_names and "scheduled_date" in values:
            answer["value"].pop("scheduled_date", None)
        return answer
