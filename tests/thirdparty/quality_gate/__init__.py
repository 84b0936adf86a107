"""Quality gate: urgent documents are done only after a check."""
