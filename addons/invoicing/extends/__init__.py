"""What invoicing adds to the models of others."""
