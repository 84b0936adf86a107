"""What can go wrong in manufacturing, each with a stable code.

UserError
    ManufacturingError          anything below
        NoBillOfMaterials       nothing says what the product is made of
        BillOfMaterialsLoop     a product would be made of itself
        MissingComponents       the stock does not hold what the order must consume
        StrictConsumption       the bill of materials allows no deviation
        SerialNumberTaken       a serial number exists twice
"""

from __future__ import annotations

from core.exceptions import UserError


class ManufacturingError(UserError):
    """Any refusal that manufacturing gives."""

    code = "manufacturing.error"


class NoBillOfMaterials(ManufacturingError):
    """An order has neither a bill of materials nor components."""

    code = "manufacturing.no_bom"


class BillOfMaterialsLoop(ManufacturingError):
    """Following bills of materials down leads back to the product they make."""

    code = "manufacturing.bom_loop"


class MissingComponents(ManufacturingError):
    """Production would consume more than there is."""

    code = "manufacturing.missing_components"


class StrictConsumption(ManufacturingError):
    """Consumption differs from a bill of materials that must be followed exactly."""

    code = "manufacturing.strict_consumption"


class SerialNumberTaken(ManufacturingError):
    """A serial number identifies another unit already, or is given twice."""

    code = "manufacturing.serial_taken"
