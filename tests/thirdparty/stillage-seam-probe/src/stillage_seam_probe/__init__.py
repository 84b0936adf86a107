"""Seam probe: overrides every seam that the bundled addons document, counts the calls, changes something by each."""
