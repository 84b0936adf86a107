"""What can go wrong in purchasing.

UserError
  NothingToBuy       an order without lines, or with only zero quantities
  NoVendor           a product is to be bought and has no vendor
  AlreadyReceived    a line cannot shrink below what came in, an order with receipts cannot be cancelled

Codes of errors whose class is a general one (UserError, ValidationError):

    purchasing.discount              a discount is outside 0 to 100 percent
    purchasing.negative_quantity     a negative quantity is ordered
    purchasing.order_confirmed       an order that is neither request nor cancelled is deleted
    purchasing.quantity_of_receipts  the received quantity of goods is written
    purchasing.unit_family           a vendor price is in a unit that measures something else
"""

from core.exceptions import UserError


class NothingToBuy(UserError):
    """The order cannot be confirmed; the message names each order."""

    code = "purchasing.nothing_to_buy"


class NoVendor(UserError):
    """A product is to be bought and has no vendor."""

    code = "purchasing.no_vendor"


class AlreadyReceived(UserError):
    """Goods of the order have come in."""

    code = "purchasing.already_received"
