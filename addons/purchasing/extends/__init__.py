"""What purchasing adds to the models of others."""
