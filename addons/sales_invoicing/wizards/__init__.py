"""The dialogs of Release Backorders and of Create Invoices."""
