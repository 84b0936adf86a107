"""What manufacturing adds to the models of inventory: one file per model."""
