"""VIP backorder: customers who are never asked about; what cannot go now always becomes a backorder."""
