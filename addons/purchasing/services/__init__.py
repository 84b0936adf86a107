"""Answering needs by buying, confirming orders, and how far they are received."""
