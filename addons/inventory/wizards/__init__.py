"""The dialogs of inventory: one file per question asked."""
