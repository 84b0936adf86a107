"""The question about the transfer carries a note."""

from core import fields, models


class MrpTransferConfirmation(models.TransientModel):
    _inherit = "mrp.transfer.confirmation"

    probe_note = fields.Char()
