"""Route notes: on which delivery route a contact lies, and what the driver should know."""
