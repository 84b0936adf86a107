"""The dialogs of invoicing."""
