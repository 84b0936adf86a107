"""Sales and invoicing together: taxes on orders, what is to be invoiced of them, and the invoices over them."""
