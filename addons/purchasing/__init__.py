"""Purchasing: requests for quotation become orders to vendors, orders become receipts; it answers needs by buying."""
