"""Units of measure: what a quantity counts, and how units convert into one another, exactly."""

from __future__ import annotations

from decimal import Decimal, localcontext

from addons.inventory.exceptions import UnitMismatch
from core import api, fields, models
from core.exceptions import UserError
from core.rounding import compare, format_number, is_zero, round_to, to_decimal

STORED_STEP = Decimal("0.000001")  # the finest part that a stored quantity can have
FACTOR_STEP = Decimal("0.000000001")


class Uom(models.Model):
    """A unit. It is a multiple of another one (a dozen is 12 units), or the root of its family (units, grams)."""

    _name = "uom.uom"
    _description = "Unit of Measure"
    _kept = True
    _order = "sequence, id"
    _parent_name = "relative_uom_id"
    _parent_store = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=100)
    relative_factor = fields.Quantity(
        "Contains",
        digits=9,
        default=Decimal(1),
        required=True,
        help="How many of the reference unit one of this unit is",
    )
    relative_uom_id = fields.Many2one("uom.uom", "Reference Unit", ondelete="cascade", index=True)
    related_uom_ids = fields.One2many("uom.uom", "relative_uom_id", "Units Based on This One")
    factor = fields.Quantity(
        "Absolute Quantity",
        digits=9,
        compute="_compute_factor",
        store=True,
        recursive=True,
        readonly=True,
        help="How many of the family's smallest reference one of this unit is",
    )
    rounding = fields.Quantity(
        "Rounding Precision",
        digits=6,
        default=Decimal("0.01"),
        required=True,
        help="Quantities in this unit are whole multiples of it; two quantities closer than that are equal",
    )
    parent_path = fields.Char(index=True)

    _factor_positive = models.Constraint(
        "CHECK (relative_factor > 0)", "A unit contains more than nothing of its reference."
    )
    _rounding_positive = models.Constraint(
        "CHECK (rounding > 0)", "The rounding precision of a unit must be above zero."
    )

    @api.depends("relative_factor", "relative_uom_id.factor")
    def _compute_factor(self):
        for unit in self:
            base = unit.relative_uom_id.factor if unit.relative_uom_id else Decimal(1)
            unit.factor = round_to(unit.relative_factor * (base or Decimal(1)), FACTOR_STEP)

    def _root_id(self) -> int:
        """The id of the unit at the head of the family; units convert only within one family."""
        self.ensure_one()
        unit = self
        while unit.relative_uom_id:
            unit = unit.relative_uom_id
        return unit.id

    def _has_common_reference(self, other) -> bool:
        """Whether quantities in this unit can be stated in `other`."""
        return self == other or self._root_id() == other._root_id()

    def _check_same_family(self, other) -> None:
        if not self._has_common_reference(other):
            raise UnitMismatch(
                self.env._(
                    "%(unit)s cannot be converted into %(other)s: they measure different things. "
                    "Use a unit of the same family.",
                    unit=self.name,
                    other=other.name,
                ),
            )

    def _compute_quantity(
        self, qty: Decimal, to_unit, round: bool = True, rounding_method: str = "UP", raise_if_failure: bool = True
    ) -> Decimal:
        """State a quantity of this unit in another one.

        Args:
            qty: how many of this unit.
            to_unit: the unit of the answer; an empty recordset leaves the quantity as it is.
            round: to the rounding precision of `to_unit`; otherwise to what can be stored (six decimals).
            rounding_method: "UP", "HALF-UP" or "DOWN".
            raise_if_failure: whether units of different families are an error, or leave the quantity as it is.

        Raises UnitMismatch.
        """
        if not qty or not self or not to_unit or self == to_unit:
            return round_to(qty, to_unit.rounding, rounding_method) if round and to_unit and qty else Decimal(qty or 0)
        if not raise_if_failure and not self._has_common_reference(to_unit):
            return Decimal(qty)
        self._check_same_family(to_unit)
        with localcontext() as context:
            context.prec = 50
            amount = Decimal(qty) * self.factor / to_unit.factor
            step = to_unit.rounding if round else STORED_STEP
            # Thirds come out of the division as 3.999..9: settle them before a directed rounding sees them.
            return round_to(round_to(amount, Decimal("1e-30")), step, rounding_method if round else "HALF-UP")

    def _convert_exactly(self, qty: Decimal, to_unit) -> Decimal | None:
        """The quantity in `to_unit` if it can be stored there without losing anything, otherwise None."""
        if self == to_unit:
            return Decimal(qty)
        self._check_same_family(to_unit)
        with localcontext() as context:
            context.prec = 50
            converted = round_to(Decimal(qty) * self.factor / to_unit.factor, STORED_STEP)
            return converted if converted * to_unit.factor == Decimal(qty) * self.factor else None

    def _convert(self, qty: Decimal, to_unit) -> Decimal:
        """A quantity that a user stated in this unit, in `to_unit`: what is ordered, planned, moved or scrapped.

        A quantity of `to_unit` as that unit rounds, if it reads the same here (0.583333 dozens are 7 units); else the
        exact one, if it can be stored (5 g are 0.005 kg); else the nearest.
        """
        if self == to_unit or not self or not to_unit:
            return qty
        nearest = self._compute_quantity(qty, to_unit, rounding_method="HALF-UP")
        if to_unit._compute_quantity(nearest, self, round=False) == qty:
            return nearest
        exact = self._convert_exactly(qty, to_unit)
        return nearest if exact is None else exact

    def _require_exact(self, qty: Decimal, to_unit) -> Decimal:
        """Like `_convert_exactly`, but a loss is an error that says which quantity has no exact counterpart."""
        converted = self._convert_exactly(qty, to_unit)
        if converted is None:
            raise UnitMismatch(
                self.env._(
                    "%(quantity)s %(unit)s is no exact number of %(other)s. State the quantity in %(unit)s instead.",
                    quantity=format_number(Decimal(qty)),
                    unit=self.name,
                    other=to_unit.name,
                ),
            )
        return converted

    @api.private
    def round(self, value: Decimal, rounding_method: str = "HALF-UP") -> Decimal:
        """A quantity of this unit as a whole multiple of its rounding precision ("HALF-UP", "UP" or "DOWN")."""
        self.ensure_one()
        return round_to(to_decimal(value), self.rounding, rounding_method)

    @api.private
    def compare(self, value1: Decimal, value2: Decimal) -> int:
        """-1, 0 or 1: how two quantities of this unit compare once both are rounded."""
        self.ensure_one()
        return compare(to_decimal(value1), to_decimal(value2), self.rounding)

    @api.private
    def is_zero(self, value: Decimal) -> bool:
        """Whether a quantity of this unit rounds to nothing."""
        self.ensure_one()
        return is_zero(to_decimal(value), self.rounding)

    def _compute_price(self, price: Decimal, to_unit) -> Decimal:
        """The price of one `to_unit`, given the price of one of this unit."""
        if not price or self == to_unit or not to_unit:
            return Decimal(price or 0)
        self._check_same_family(to_unit)
        with localcontext() as context:
            context.prec = 50
            return Decimal(price) * to_unit.factor / self.factor

    def write(self, vals):
        """A unit that quantities are stated in keeps its size: changing it would change all history."""
        sized = {"relative_factor", "relative_uom_id"} & vals.keys()
        if sized:
            changed = self.filtered(
                lambda unit: (
                    unit.relative_factor != Decimal(str(vals.get("relative_factor", unit.relative_factor)))
                    or unit.relative_uom_id.id != (vals.get("relative_uom_id", unit.relative_uom_id.id) or False)
                )
            )
            used = changed and self.env["stock.move"].sudo().search([("product_uom", "child_of", changed.ids)], limit=1)
            if used:
                raise UserError(
                    self.env._(
                        "%(unit)s is used by %(document)s, so its size can no longer be changed. "
                        "Create a new unit instead.",
                        unit=", ".join(changed.mapped("name")),
                        document=used._document_name(),
                    ),
                    code="inventory.unit_in_use",
                )
        return super().write(vals)
