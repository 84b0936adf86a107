"""Currencies, and how amounts in them are rounded and written."""

from __future__ import annotations

from decimal import Decimal

from core import api, fields, models, rounding
from core.api import _
from core.exceptions import UserError


class ResCurrency(models.Model):
    """A currency."""

    _name = "res.currency"
    _kept = True
    _description = "Currency"
    _order = "active desc, name"
    _rec_name = "name"

    name = fields.Char(string="Currency", required=True, help="Code by ISO 4217, such as EUR")
    full_name = fields.Char(string="Name", translate=True)
    symbol = fields.Char(required=True, help="What is printed beside amounts")
    position = fields.Selection(
        [("after", "After Amount"), ("before", "Before Amount")],
        string="Symbol Position",
        required=True,
        default="after",
    )
    rounding = fields.Quantity(string="Rounding Factor", digits=6, required=True, default=Decimal("0.01"))
    decimal_places = fields.Integer(string="Decimal Places", compute="_compute_decimal_places", store=True)
    active = fields.Boolean(default=True)

    _name_unique = models.UniqueIndex("(name)", "There is already a currency with this code.")
    _rounding_positive = models.Constraint("CHECK (rounding > 0)", "The rounding factor must be greater than 0.")

    @api.depends("rounding")
    def _compute_decimal_places(self) -> None:
        for currency in self:
            step = currency.rounding.normalize()
            currency.decimal_places = max(0, -int(step.as_tuple().exponent))

    @api.ondelete()
    def _refuse_deleting_used(self) -> None:
        used = self.env["res.company"].sudo().search([("currency_id", "in", self.ids)], limit=1)
        if used:
            raise UserError(
                _("%(company)s keeps its books in this currency; it cannot be deleted.", company=used.name),
                code="base.currency_in_use",
                data={"company": used.name},
            )

    @api.private
    def round(self, amount: Decimal) -> Decimal:
        """Return `amount` rounded half up to what the currency has coins for."""
        return rounding.round_to(rounding.to_decimal(amount), self._step())

    @api.private
    def compare_amounts(self, amount1: Decimal, amount2: Decimal) -> int:
        """Return -1, 0 or 1 as the first rounded amount is less than, equal to or greater than the second."""
        return rounding.compare(rounding.to_decimal(amount1), rounding.to_decimal(amount2), self._step())

    @api.private
    def is_zero(self, amount: Decimal) -> bool:
        """Return whether `amount` rounds to nothing."""
        return rounding.is_zero(rounding.to_decimal(amount), self._step())

    @api.private
    def format(self, amount: Decimal) -> str:
        """Return the amount as text with its symbol, e.g. "12.50 €"."""
        self.ensure_one()
        number = f"{self.round(amount):,.{self.decimal_places}f}"
        return f"{self.symbol}{number}" if self.position == "before" else f"{number} {self.symbol}"

    def _step(self) -> Decimal:
        self.ensure_one()
        return self.rounding
