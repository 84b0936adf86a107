from core import fields, models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    backorder_without_question = fields.Boolean(related="partner_id.commercial_partner_id.backorder_without_question")
