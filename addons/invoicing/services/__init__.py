"""The algorithms of invoicing over whole recordsets."""
