"""The question about the backorder carries a note."""

from core import fields, models


class MrpProductionBackorder(models.TransientModel):
    _inherit = "mrp.production.backorder"

    probe_note = fields.Char()
