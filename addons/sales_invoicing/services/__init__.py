"""From orders to invoices."""
