"""What the addon adds to models of others."""
