"""What can go wrong in purchasing.

UserError
  NothingToBuy       an order without lines, or with only zero quantities
  NoVendor           a product is to be bought and nobody sells it
  AlreadyReceived    a line cannot shrink below what came in, an order with receipts cannot be cancelled
"""

from core.exceptions import UserError


class NothingToBuy(UserError):
    """The order cannot be confirmed; the message names each order."""

    code = "purchasing_nothing_to_buy"


class NoVendor(UserError):
    """A product is to be bought and has no vendor."""

    code = "purchasing_no_vendor"


class AlreadyReceived(UserError):
    """Goods of the order have come in."""

    code = "purchasing_already_received"
