"""The models that manufacturing brings: one file per model, named after it."""
