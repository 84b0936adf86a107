"""What sales brings: orders and their lines."""
