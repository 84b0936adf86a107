"""What purchasing brings: orders to vendors, their lines, and vendor price lists."""
