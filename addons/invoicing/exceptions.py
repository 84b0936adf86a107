"""What can go wrong in invoicing.

UserError
  InvoiceClosed      a posted invoice is changed or deleted, or one with a number is deleted
  NotPostable        an invoice cannot be posted: no lines, or a negative total

Codes of errors whose class is a general one (UserError, ValidationError, AccessError):

    invoicing.discount            a discount is outside 0 to 100 percent
    invoicing.group_required      posting, cancelling or resetting without the group Invoicing
    invoicing.nothing_to_credit   a credit note is asked for something that is not a posted invoice
    invoicing.number_year         the date of a numbered invoice is moved to another year
    invoicing.rounding            a rounding difference is more than a few of the smallest coins
    invoicing.tax_in_use          the rate of a tax that is on an invoice is changed
"""

from core.exceptions import UserError


class InvoiceClosed(UserError):
    """The invoice is part of the books; the message says how to correct it."""

    code = "invoicing.closed"


class NotPostable(UserError):
    """The invoice cannot be posted; the message names each invoice and the reason."""

    code = "invoicing.not_postable"
