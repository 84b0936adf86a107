"""The questions manufacturing asks before it does something: one file per dialog."""
