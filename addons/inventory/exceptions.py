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
        TrackingInUse       lots and serial numbers cannot be hidden while products need them
        LedgerClosed        done lines are history and stay as they are
        OrderLocked         what was agreed can no longer be changed
        TooManyVariants     the attributes of a product have too many combinations
        VariantInUse        an open document asks for a variant that is to go

Codes of errors whose class is a general one (UserError, ValidationError, InventoryError):

    inventory.attribute_fixed            a line of a product's attributes is exchanged for another attribute
    inventory.attribute_without_values   an attribute of a product has no values
    inventory.count_incomplete           a count names no product or no location
    inventory.date_missing               a transfer loses its scheduled date
    inventory.line_confirmed             a line of a confirmed order is deleted, or gets another product or unit
    inventory.line_kind_fixed            a line with a product becomes a text, or the reverse
    inventory.line_without_move          a detailed line belongs to no move
    inventory.line_without_product       an order line has neither product nor text
    inventory.location_holds_stock       a location with stock is archived or changed
    inventory.location_without_stock     stock is counted where none can be kept
    inventory.lot_moved                  a lot that has moved changes its product
    inventory.lot_not_reserved           a part of a move is to take a lot that the move has not reserved
    inventory.lot_of_other_product       a lot of another product is scrapped
    inventory.maximum_below_minimum      a reordering rule has its maximum below its minimum
    inventory.move_closed                a done or cancelled move is changed
    inventory.move_planned               a planned move changes its product
    inventory.negative_count             a counted quantity is negative
    inventory.negative_quantity          a demand or a moved quantity is negative
    inventory.not_goods                  stock settings on a product that is no goods
    inventory.nothing_counted            a count is applied and nothing is counted
    inventory.nothing_to_return          a return of nothing, or of a transfer that is not done
    inventory.operation_type_missing     a transfer has no operation type
    inventory.package_at_two_places      a package would be at two locations
    inventory.product_moved              the unit or the tracking of a product with movements changes
    inventory.product_not_storable       a product without stock is counted
    inventory.quantity_of_ledger         the quantity on hand is written instead of counted
    inventory.resupply_across_companies  a warehouse is resupplied from another company
    inventory.resupply_from_itself       a warehouse is resupplied from itself
    inventory.return_of_other_product    a return of a product that was not delivered
    inventory.return_quantity            more is returned than was delivered
    inventory.scrap_without_lot          a tracked product is scrapped without its lot
    inventory.split_quantity             a move is split into a part below zero, or into more than its demand
    inventory.stock_change_lost          an addon does not pass on a change of stock that it received
    inventory.stock_fixed                a stock row changes its product, location, lot, package or owner
    inventory.stock_on_hand              a stock row with stock is deleted
    inventory.text_line                  a section or note of an order has a product, quantity or price
    inventory.transfer_moved             a transfer that is under way or done is deleted
    inventory.transfer_under_way         the operation type of a confirmed transfer changes
    inventory.underdelivery_tolerance    an underdelivery tolerance is not within 0 and 100 %
    inventory.unit_family                a product is ordered in a unit that measures something else
    inventory.unit_in_use                the size of a unit changes that documents use
    inventory.unknown_removal_strategy   a removal strategy that no addon registers is set or answered
    inventory.value_of_other_attribute   a value belongs to another attribute
    inventory.variant_creation_fixed     the variant creation of an attribute in use changes
    inventory.variant_values             a variant lacks a value of one of its attributes
    inventory.view_location              goods move into a location that only groups others
    inventory.warehouse_moved            a warehouse with movements is deleted
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
    """An open document asks for a variant that the product is no longer to be offered in."""

    code = "inventory.variant_in_use"


class TrackingInUse(InventoryError):
    """Lots and serial numbers cannot be hidden while products need them."""

    code = "inventory.tracking_in_use"
