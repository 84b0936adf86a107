"""Changes of what open move lines hold: collected while they are worked out, then written together.

changes = LineChanges(env)
changes.grow(line, part)        a line may change several times
changes.reduce(lines, part)     the lines in this order, until `part` is given back
changes.write()                 one write for all lines, one deletion of those that hold nothing
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

ZERO = Decimal(0)


class LineChanges:
    """What open lines are to hold, in the product's unit. Nothing is written before `write`."""

    def __init__(self, env: Any) -> None:
        self._model = env["stock.move.line"].sudo()
        self._totals: dict[int, Decimal] = {}

    def total(self, line: Any) -> Decimal:
        """What the line holds, with the changes that are not written yet."""
        held: Decimal = line.quantity_product_uom
        return self._totals.get(line.id, held)

    def grow(self, line: Any, part: Decimal) -> None:
        """Let a line hold `part` more, or less where it is negative."""
        self._totals[line.id] = self.total(line) + part

    def reduce(self, lines: Iterable[Any], part: Decimal) -> Decimal:
        """Take `part` from the lines, in their order; returns what they hold too little for."""
        for line in lines:
            if part <= 0:
                break
            less = min(part, self.total(line))
            self.grow(line, -less)
            part -= less
        return part

    def write(self) -> None:
        """Write the lines that hold something, and delete the others."""
        lines = self._model.browse(self._totals)
        changed = lines.filtered(lambda line: self._totals[line.id])
        if changed:
            changed._settle_multi([_values(line, self._totals[line.id]) for line in changed])
        emptied = lines - changed
        if emptied:
            emptied._settle_unlink()
        self._totals.clear()


def _values(line: Any, total: Decimal) -> dict[str, Any]:
    """The values of a line that holds `total`: in its unit where that is exact, otherwise in the product's."""
    own = line.product_id.uom_id
    exact = own._convert_exactly(total, line.product_uom_id)
    if exact is None:
        return {"product_uom_id": own.id, "quantity": total, "quantity_product_uom": total}
    return {"quantity": exact, "quantity_product_uom": total}
