"""Stillage: an addon server for stock, sales and manufacturing.

Only the version lives here, so that importing one submodule never drags in the rest.
"""

__version__ = "0.1.0"
