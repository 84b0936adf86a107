"""How many kits a delivery of components comes to."""
