"""Companies decide whether production needs a bill of materials."""

from __future__ import annotations

from core import fields, models


class ResCompany(models.Model):
    """Adds the company's rule for orders without a bill of materials."""

    _inherit = "res.company"

    require_bom = fields.Boolean(
        "Require a Bill of Materials",
        default=True,
        help="Confirm manufacturing orders only for products with a bill of materials, or with components",
    )
