from core import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    delivery_route = fields.Char(help="Route on which the contact is visited")
    route_note = fields.Text(help="What the driver should know")

    @api.depends("delivery_route")
    def _compute_display_name(self):
        super()._compute_display_name()
        for partner in self:
            if partner.delivery_route:
                partner.display_name = f"{partner.display_name} [{partner.delivery_route}]"
