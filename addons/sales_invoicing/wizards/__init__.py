"""The dialog of Release Backorders."""
