"""Sales and manufacturing together: kits on orders, and the way from an order to what is made for it and back."""
