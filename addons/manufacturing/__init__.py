"""Manufacturing: bills of materials, manufacturing orders, work orders, and the backorders of production."""
