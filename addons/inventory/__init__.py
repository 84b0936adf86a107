"""Inventory: products, places, an exact ledger of stock, reservations that are rows, and transfers with backorders."""
