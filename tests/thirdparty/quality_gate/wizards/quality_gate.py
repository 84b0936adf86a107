"""Was the quality checked?"""

from core import api, fields, models


class QualityGate(models.TransientModel):
    """The finding of a check, entered before documents are done."""

    _name = "quality.gate"
    _inherit = ["question.mixin"]
    _description = "Quality Check"
    _question = "quality"

    finding = fields.Char("Finding", required=True, default="ok")

    @api.public(access="write")
    def action_pass(self):
        """Pass: go on with the documents."""
        return self._answer(self.finding)
