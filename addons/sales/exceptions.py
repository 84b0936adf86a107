"""What can go wrong in sales.

UserError
  NothingToSell      a quotation without lines, or with a line that cannot be sold
  AlreadyDelivered   a line cannot shrink below what the customer has
  NothingToRelease   no backorder of the order can be shipped yet
  BackorderRefused   so much of a line cannot be put on backorder by hand, or not so little
"""

from core.exceptions import UserError, ValidationError


class NothingToSell(UserError):
    """The quotation cannot be confirmed; the message names each order and line."""

    code = "sales_nothing_to_sell"


class AlreadyDelivered(UserError):
    """The ordered quantity is below what was delivered."""

    code = "sales_already_delivered"


class NothingToRelease(UserError):
    """Nothing that the order waits for has become available."""

    code = "sales_nothing_to_release"


class BackorderRefused(ValidationError):
    """So much of a line cannot be on backorder, or not so little; the message names products and quantities."""

    code = "sales_backorder_refused"
