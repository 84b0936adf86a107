"""What can go wrong in sales.

UserError
  NothingToSell      a quotation without lines, or with a line that cannot be sold
  AlreadyDelivered   a line cannot shrink below what the customer has
  NothingToRelease   no backorder of the order can be shipped yet
  BackorderRefused   so much of a line cannot be put on backorder by hand, or not so little

Codes of errors whose class is a general one (UserError, ValidationError):

    sales.backorder_refused      more is to be put on backorder than is ordered
    sales.discount               a discount is outside 0 to 100 percent
    sales.negative_quantity      a negative quantity is ordered
    sales.order_confirmed        an order that is neither draft nor cancelled is deleted
    sales.quantity_of_transfers  the delivered quantity of goods is written
"""

from core.exceptions import UserError, ValidationError


class NothingToSell(UserError):
    """The quotation cannot be confirmed; the message names each order and line."""

    code = "sales.nothing_to_sell"


class AlreadyDelivered(UserError):
    """The ordered quantity is below what was delivered."""

    code = "sales.already_delivered"


class NothingToRelease(UserError):
    """Nothing that the order waits for has become available."""

    code = "sales.nothing_to_release"


class BackorderRefused(ValidationError):
    """So much of a line cannot be on backorder, or not so little; the message names products and quantities."""

    code = "sales.backorder_refused"
