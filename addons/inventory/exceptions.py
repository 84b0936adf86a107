"""What can go wrong in inventory, each with a stable code.

UserError
    InventoryError          anything below
        InsufficientStock   the place does not hold that much; lists every shortage
        NotReady            a transfer shipped all at once is not complete
        NothingToMove       no quantity to validate
        CannotHold          what is picked, closed or not in stock is not put on hold
        AlreadyDone         the document has been validated before
        LotRequired         a tracked product moves without its lot or serial number
        SerialTaken         a serial number would exist twice
        UnitMismatch        the units measure different things, or the conversion cannot be exact
        NoRule              no rule brings the product to the place that needs it
        NothingMissing      what is wanted is there, on its way or asked for already
        TrackingInUse       lots and serial numbers cannot be hidden while products need them
        LedgerClosed        done lines are history and stay as they are
        OrderLocked         what was agreed is not to be changed any more
        TooManyVariants     the attributes of a product have too many combinations
        VariantInUse        an open document asks for a variant that is to go
"""

from __future__ import annotations

from core.exceptions import UserError


class InventoryError(UserError):
    """Any refusal that inventory gives."""

    code = "inventory.error"


class InsufficientStock(InventoryError):
    """The place does not hold that much."""

    code = "inventory.insufficient_stock"


class NotReady(InventoryError):
    """A transfer that ships all at once lacks products."""

    code = "inventory.not_ready"


class NothingToMove(InventoryError):
    """A transfer was validated without any quantity."""

    code = "inventory.nothing_to_move"


class CannotHold(InventoryError):
    """Less than that can be put on hold; the message names every document, product and quantity."""

    code = "inventory.cannot_hold"


class AlreadyDone(InventoryError):
    """The document was validated or cancelled before."""

    code = "inventory.already_done"


class LotRequired(InventoryError):
    """A tracked product moves without its lot or serial number."""

    code = "inventory.lot_required"


class SerialTaken(InventoryError):
    """A serial number would identify two units."""

    code = "inventory.serial_taken"


class UnitMismatch(InventoryError):
    """Two units cannot be converted into one another, or not without losing a part."""

    code = "inventory.unit_mismatch"


class NoRule(InventoryError):
    """Nothing says how a product gets to the place that needs it."""

    code = "inventory.no_rule"


class NothingMissing(InventoryError):
    """There is nothing to order: stock, what is planned and what is asked for cover all that is wanted."""

    code = "inventory.nothing_missing"


class LedgerClosed(InventoryError):
    """Done lines are history: a correction is a new movement."""

    code = "inventory.ledger_closed"


class OrderLocked(InventoryError):
    """The order was locked; the message names the order."""

    code = "inventory.order_locked"


class TooManyVariants(InventoryError):
    """The attributes of a product have more combinations than a product may have variants."""

    code = "inventory.too_many_variants"


class VariantInUse(InventoryError):
    """An open document asks for a variant that the product is not to be offered in any more."""

    code = "inventory.variant_in_use"


class TrackingInUse(InventoryError):
    """Lots and serial numbers cannot be hidden while products need them."""

    code = "inventory.tracking_in_use"
