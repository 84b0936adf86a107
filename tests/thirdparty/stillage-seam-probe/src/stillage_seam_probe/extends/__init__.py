"""What the addon adds to models of others: one file per model."""
