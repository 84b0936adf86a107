"""The dialog of the gate."""
