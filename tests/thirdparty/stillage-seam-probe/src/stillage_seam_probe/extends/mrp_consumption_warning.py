"""The question about the consumption carries a note."""

from core import fields, models


class MrpConsumptionWarning(models.TransientModel):
    _inherit = "mrp.consumption.warning"

    probe_note = fields.Char()
