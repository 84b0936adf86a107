"""What can go wrong in manufacturing, each with a stable code.

UserError
    ManufacturingError          anything below
        NoBillOfMaterials       nothing says what the product is made of
        BillOfMaterialsLoop     a product would be made of itself
        StrictConsumption       the bill of materials allows no deviation
        SerialNumberTaken       a serial number exists twice

Codes of errors whose class is a general one (UserError, ValidationError, ManufacturingError):

    manufacturing.bom_not_needed              the order has a bill of materials, or nothing to put into one
    manufacturing.bom_of_other_product        the bill of materials of an order makes another product
    manufacturing.bom_of_variant              a bill for one variant has parts that apply on some variants
    manufacturing.byproduct_is_product        a by-product is the product itself
    manufacturing.cost_share                  by-products have cost shares below 0 or above 100 % in all
    manufacturing.field_closed                a field of a confirmed or closed order changes that cannot
    manufacturing.first_number_missing        numbers are generated without a first one
    manufacturing.lot_missing                 a tracked product is unbuilt without its lot
    manufacturing.lot_unknown                 a component is consumed from a lot that does not exist
    manufacturing.lots_without_quantities     an order lists several lots without their quantities
    manufacturing.merge_of_different          orders that differ in a field are merged
    manufacturing.merge_of_one                fewer than two orders are merged
    manufacturing.not_a_quantity              a quantity beside a lot is no number
    manufacturing.nothing_to_produce          an order is validated without a quantity
    manufacturing.nothing_to_transfer         no component is left to transfer
    manufacturing.nothing_to_unbuild          the order has made nothing yet
    manufacturing.number_count                fewer than one number is to be generated
    manufacturing.numbers_missing             no serial numbers are listed
    manufacturing.operation_loop              an operation would wait for itself
    manufacturing.operation_type_missing      the company has no operation type for manufacturing
    manufacturing.order_closed                a quantity is produced of a done or cancelled order
    manufacturing.order_confirmed             an order that is neither draft nor cancelled is deleted
    manufacturing.order_draft                 work begins on a draft
    manufacturing.order_started               an order under way is merged, or changes its bill
    manufacturing.parts_differ_from_order     the parts of a split do not add up to the order
    manufacturing.parts_exceed_order          the parts of a split are more than what remains
    manufacturing.plan_closed                 a production plan that is done is changed or deleted
    manufacturing.plan_quantity_negative      less than nothing is to be ordered by a production plan
    manufacturing.product_untracked           numbers for a product that is not tracked
    manufacturing.quantity_below_produced     the quantity of an order falls below what is produced
    manufacturing.quantity_not_positive       a quantity to make, register, split or unbuild is not above zero
    manufacturing.sequence_missing            an operation type has no sequence to number orders from
    manufacturing.serial_numbers_needed       several serial-numbered units are produced without their numbers
    manufacturing.serial_numbers_of_fraction  a fraction of a unit would have a serial number
    manufacturing.too_many_numbers            more numbers are listed than units are to be made
    manufacturing.unbuild_quantity            more is unbuilt than was made
    manufacturing.unbuild_without_bom         a product without bill of materials is unbuilt
    manufacturing.unbuild_without_order       tracked components come back from no order
    manufacturing.unit_family                 units do not convert into one another
    manufacturing.value_in_use                an attribute value is deleted that a bill applies on
    manufacturing.value_without_variants      a part applies on a value that makes no variants
    manufacturing.variant_of_other_product    the variant of a bill is one of another product
    manufacturing.wip_location_missing        the warehouse has no work-in-progress location
    manufacturing.workorder_blocked           a work order starts before those that block it
    manufacturing.workorder_closed            a step of a finished or cancelled work order is ticked
    manufacturing.workorder_started           an order leaves the calendar after its work began
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


class StrictConsumption(ManufacturingError):
    """Consumption differs from a bill of materials that must be followed exactly."""

    code = "manufacturing.strict_consumption"


class SerialNumberTaken(ManufacturingError):
    """A serial number identifies another unit already, or is given twice."""

    code = "manufacturing.serial_taken"
