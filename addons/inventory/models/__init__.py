"""The models that inventory brings: one file per model, named after it."""
