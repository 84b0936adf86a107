"""What can go wrong between sales and invoicing.

UserError
  NothingToInvoice    none of the lines of the orders can be invoiced
"""

from core.exceptions import UserError


class NothingToInvoice(UserError):
    """Nothing can be invoiced now; the message says for each line why."""

    code = "sales_invoicing.nothing_to_invoice"
