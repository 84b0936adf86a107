"""What can go wrong in sales.

UserError
  NothingToSell      a quotation without lines, or with a line that cannot be sold
  AlreadyDelivered   a line cannot shrink below what the customer has
  OrderLocked        what was agreed is not to be changed any more
  NothingToRelease   no backorder of the order can be shipped yet
"""

from core.exceptions import UserError


class NothingToSell(UserError):
    """The quotation cannot be confirmed; the message names each order and line."""

    code = "sales_nothing_to_sell"


class AlreadyDelivered(UserError):
    """The ordered quantity is below what was delivered."""

    code = "sales_already_delivered"


class OrderLocked(UserError):
    """The order was locked; the message names the order."""

    code = "sales_order_locked"


class NothingToRelease(UserError):
    """Nothing that the order waits for has become available."""

    code = "sales_nothing_to_release"
