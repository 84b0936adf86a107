"""Who competes for the same stock gets the same part of what is missing; whole units stay whole."""

from collections import defaultdict
from decimal import Decimal

from core.api import hookimpl
from core.rounding import split


@hookimpl
def limit_reservation(env, moves, missing, free):
    groups = defaultdict(list)
    for move in moves:
        if not move.move_orig_ids:  # what the moves before it brought is its own
            groups[move.product_id, move.location_id].append(move)
    limits = {}
    for source, group in groups.items():
        wanted = [missing[move] for move in group]
        if sum(wanted) > free[source]:
            whole = all(quantity == quantity.to_integral_value() for quantity in (free[source], *wanted))
            step = Decimal(1) if whole else source[0].uom_id.rounding
            limits.update(zip(group, split(free[source], wanted, step), strict=True))
    return limits
