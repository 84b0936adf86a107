"""Invoicing: customer invoices, credit notes and the taxes on them."""
