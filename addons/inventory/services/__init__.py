"""The algorithms of inventory, over whole recordsets.

Reading order, bottom up: `quants` (the only writer of stock on hand), `removal` (which stock first), `reservation`
(who gets it), `moves` (confirm, merge, cancel), `backorder` (split), `posting` (done), `transfers` (a whole document:
who ships now, what becomes of the rest), `procurement` (a need becomes a move), `forecast`, `promise`, `why`,
`counting`, `returns`, `doctor`. `variants` stands beside them: what a product comes in.
"""
