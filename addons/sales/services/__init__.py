"""How orders are confirmed, and how far they are delivered."""
