from core import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    backorder_without_question = fields.Boolean(help="What cannot be delivered now becomes a backorder at once.")
