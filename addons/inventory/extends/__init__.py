"""What inventory adds to the models of other addons: one file per model."""
