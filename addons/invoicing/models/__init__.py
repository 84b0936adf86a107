"""Invoices, their lines, and taxes."""
