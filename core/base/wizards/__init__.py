"""Dialogs of the built-in addon: transient models, one file each."""
