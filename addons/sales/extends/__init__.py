"""What sales adds to the models of others."""
