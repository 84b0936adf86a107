"""The algorithms of manufacturing, over whole recordsets: explode, plan, split, produce, procure."""
