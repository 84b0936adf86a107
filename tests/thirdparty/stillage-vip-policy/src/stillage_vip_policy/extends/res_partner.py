from core import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    vip_level = fields.Selection([("silver", "Silver"), ("gold", "Gold")], string="VIP Level", tracking=True)

    @api.depends("vip_level")
    def _compute_display_name(self):
        super()._compute_display_name()
        for partner in self:
            if partner.vip_level:
                partner.display_name = f"{partner.display_name} *{partner.vip_level}*"
